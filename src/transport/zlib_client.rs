//! The client's side of a connection that is one zlib stream each way, with nothing between the messages inside, or a length.

use crate::wire::{Codec, ErrorKind, Output};

use super::banner::Banner;
use super::error::Error;
use super::frame::{Arrival, Phase, Split};
use super::inflate;
use super::limits::Limits;
use super::memo::Memo;
use super::sniff::begins_zlib;
use super::zlib::Zlib;

/// Bytes that tell a zlib stream.
const HEAD_BYTES: usize = 2;

/// The client side of one connection. It owns what inflating and deflating take: 350 KiB.
#[derive(Debug)]
pub struct ZlibClient {
    zlib: Zlib,
    memo: Memo,
    /// The stream has begun, and is one.
    has_begun: bool,
    /// Some of a reply has come, though perhaps nothing yet that could be inflated.
    has_part: bool,
}

impl ZlibClient {
    /// A connection on which nothing has arrived.
    pub fn new(codec: Codec) -> Self {
        Self::around(Zlib::unframed(codec))
    }

    /// The same, where each message comes in a frame.
    pub fn framed() -> Self {
        Self::around(Zlib::framed())
    }

    fn around(zlib: Zlib) -> Self {
        Self { zlib, memo: Memo::new(), has_begun: false, has_part: false }
    }

    /// Deflates the message that `write` writes.
    ///
    /// # Errors
    /// That of `write`: what was written is then to be taken back.
    pub fn wrap(&mut self, out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
        let start = out.mark();
        write(out)?;
        self.zlib.deflate(start, out, &mut self.memo);
        Ok(())
    }

    /// Looks for the next reply, inflating as much of `input` as that takes.
    ///
    /// # Errors
    /// Where the stream is none, cannot be inflated within the limits, or holds no message.
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        if !self.has_begun {
            let Some(head) = input.first_chunk::<HEAD_BYTES>() else {
                return Ok(Arrival::Need { consumed: 0, need: if input.is_empty() { 1 } else { HEAD_BYTES } });
            };
            if !begins_zlib(*head) {
                return Err(Banner::of(input).map_or(Error::Inflate(inflate::Fault::Malformed), Error::Speaks));
            }
            self.has_begun = true;
        }
        match self.zlib.split(input, limits)? {
            Split::Need { consumed, need } => {
                self.has_part |= consumed > 0;
                Ok(Arrival::Need { consumed, need })
            }
            Split::Message { consumed, payload, .. } => {
                self.has_part = false;
                Ok(Arrival::Message { consumed, payload })
            }
            // Messages without frames are all that is inside.
            Split::Answer { consumed, .. } | Split::End { consumed } => Ok(Arrival::Empty { consumed }),
        }
    }

    /// Where in a reply the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        match self.zlib.phase() {
            Phase::Idle if self.has_part || !input.is_empty() => Phase::Head,
            phase => phase,
        }
    }
}

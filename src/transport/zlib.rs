//! A connection that is one zlib stream each way (TZlibTransport): what is inflated is a stream of frames, or of messages with
//! nothing between them, and is taken apart like any other.
//!
//! Way in: bytes are inflated a step at a time, and only while no whole message is there. Way out: all that a turn wrote is
//! deflated at once and ends with a flush, so that it leaves in one piece.

use bytes::Bytes;

use crate::wire::{Codec, Mark, Output, room};

use super::error::Error;
use super::exchange::{Exchange, LENGTH_BYTES};
use super::foreign::Foreign;
use super::frame::{Payload, Phase, Split};
use super::framed::Framed;
use super::header;
use super::inflate::{Fault, Inflater};
use super::limits::Limits;
use super::memo::Memo;
use super::sniff::{Sniff, Spoken, sniff};
use super::unframed::Unframed;

/// The header of our own stream (RFC 1950 2.2): a window of 32 KiB, compressed fast.
const HEADER: [u8; 2] = [0x78, 0x01];
/// From this size on a message takes the buffer with it that it fills half of, instead of being copied.
const TAKE_MIN: usize = 16 * 1024;
/// More than the head of any message takes.
const HEAD_MAX: usize = 256 * 1024;

/// One connection's zlib streams, and what is inside of them.
///
/// Between messages it owns what inflating needs, a window above all: 48 KiB. Deflating needs nothing of its own.
#[derive(Debug)]
pub struct Zlib {
    inflater: Inflater,
    inner: Option<Inner>,
    plain: Plain,
    /// How much there must be of it before another look makes sense.
    need: usize,
    /// The last step was too small, or met a fault: there may be more without more input.
    held_back: bool,
    has_written: bool,
}

/// What delimits the messages inside.
#[derive(Debug)]
enum Inner {
    Framed(Framed),
    Unframed(Unframed),
}

/// What is inflated and not yet taken apart. Owns no memory while it is empty.
#[derive(Debug, Default)]
struct Plain {
    bytes: Vec<u8>,
    start: usize,
}

impl Default for Zlib {
    fn default() -> Self {
        Self::new()
    }
}

impl Zlib {
    /// A connection on which nothing has arrived.
    pub fn new() -> Self {
        let (inflater, plain) = (Inflater::new(), Plain::default());
        Self { inflater, inner: None, plain, need: 1, held_back: false, has_written: false }
    }

    /// The same, where messages of this codec with nothing between them are what is inside.
    pub fn unframed(codec: Codec) -> Self {
        Self { inner: Some(Inner::Unframed(Unframed::new(codec))), ..Self::new() }
    }

    /// The same, where frames are what is inside.
    pub fn framed() -> Self {
        Self { inner: Some(Inner::Framed(Framed::default())), ..Self::new() }
    }

    /// Looks for the next message, inflating as much of `input` as that takes.
    ///
    /// # Errors
    /// Where the stream cannot be inflated within the limits, or is not what its inner transport asks for.
    #[inline(never)] // keeps the way of the others short
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        let mut consumed = 0;
        loop {
            if self.plain.rest().len() >= self.need
                && let Some((payload, exchange)) = self.look(limits)?
            {
                return Ok(Split::Message { consumed, payload, exchange });
            }
            if consumed == input.len() && !self.held_back {
                // Room that nothing came into goes back.
                self.plain.consume(0);
                return Ok(Split::Need { consumed, need: 1 });
            }
            consumed += self.inflate(&input[consumed..], limits).map_err(Error::Inflate)?;
        }
    }

    fn inflate(&mut self, input: &[u8], limits: &Limits) -> Result<usize, Fault> {
        self.plain.compact();
        let taken = self.inflater.inflate(input, &mut self.plain.bytes, limits)?;
        self.held_back = self.plain.bytes.len() == self.plain.bytes.capacity() || self.inflater.has_failed();
        Ok(taken)
    }

    /// Takes the first message off what is inflated, if it is whole.
    fn look(&mut self, limits: &Limits) -> Result<Option<(Payload, Exchange)>, Error> {
        let inner = match &mut self.inner {
            Some(inner) => inner,
            None => match sniff(self.plain.rest(), limits) {
                Sniff::Need(need) => {
                    self.need = need;
                    return Ok(None);
                }
                Sniff::Spoken(Spoken::Framed) => self.inner.insert(Inner::Framed(Framed::default())),
                Sniff::Spoken(Spoken::Unframed(codec)) => self.inner.insert(Inner::Unframed(Unframed::new(codec))),
                Sniff::Spoken(Spoken::Http | Spoken::Zlib) => return Err(Error::Foreign(Foreign::Unknown)),
                Sniff::Foreign(foreign) => return Err(Error::Foreign(foreign)),
            },
        };
        let split = inner.split(self.plain.rest(), limits)?;
        if inner.size(&split) > limits.wire.message_max {
            return Err(Error::Inflate(Fault::TooLarge));
        }
        match split {
            Split::Need { consumed, need } => {
                self.plain.consume(consumed);
                self.need = need;
                Ok(None)
            }
            Split::Message { consumed, payload: Payload::Input(range), exchange } => {
                let message = self.plain.take(consumed).slice(range);
                self.need = 1;
                if self.plain.is_empty() {
                    self.inflater.settle();
                }
                Ok(Some((Payload::Own(message), exchange)))
            }
            // Neither of the two inside answers by itself, and both say where a message is.
            Split::Message { .. } | Split::Answer { .. } | Split::End { .. } => Err(Error::Foreign(Foreign::Unknown)),
        }
    }

    /// Whether there may be a whole message without more input.
    pub fn holds_more(&self) -> bool {
        self.held_back || self.plain.rest().len() >= self.need
    }

    /// Bytes inflated and not used up.
    pub fn held(&self) -> usize {
        self.plain.bytes.len()
    }

    /// Where the stream is.
    #[inline(never)]
    pub fn phase(&self) -> Phase {
        let rest = self.plain.rest();
        match &self.inner {
            _ if rest.is_empty() => Phase::Idle,
            None => Phase::Head,
            Some(Inner::Framed(framed)) => framed.phase(rest),
            Some(Inner::Unframed(_)) => Phase::Body(Some(rest.len())),
        }
    }

    /// Whether only the contents of a message say where it ends.
    pub fn is_unframed(&self) -> bool {
        matches!(self.inner, Some(Inner::Unframed(_)))
    }

    /// The beginning of what is inflated, as much as the head of a message may take.
    pub fn front(&self) -> &[u8] {
        let rest = self.plain.rest();
        &rest[..rest.len().min(HEAD_MAX)]
    }

    /// How the peer is answered when its message cannot be read: in what it is wrapped, and in which codec if that is known.
    pub fn way_back(&self, limits: &Limits) -> (Exchange, Option<Codec>) {
        let rest = self.plain.rest();
        match &self.inner {
            None => (Exchange::UNFRAMED, None),
            Some(Inner::Framed(_)) => framed_way_back(rest.get(LENGTH_BYTES..).unwrap_or_default(), limits),
            Some(Inner::Unframed(unframed)) => (Exchange::UNFRAMED, Some(unframed.codec())),
        }
    }

    /// Deflates all that was written since `mark`, and flushes.
    #[inline(never)]
    pub fn deflate(&mut self, mark: Mark, out: &mut Output, memo: &mut Memo) {
        if out.written_since(mark) == 0 {
            return;
        }
        let begins = !std::mem::replace(&mut self.has_written, true);
        out.refill(mark, |pieces, out| {
            if begins {
                out.extend_from_slice(&HEADER);
            }
            memo.deflate(pieces, out);
        });
    }
}

/// The beginning of a frame may show that the reply goes into an envelope.
fn framed_way_back(frame: &[u8], limits: &Limits) -> (Exchange, Option<Codec>) {
    match header::open(frame, limits) {
        Ok(opened) if header::is_header(frame) => {
            (Exchange::FRAMED.within(header::Return { seqid: 0, ..opened.reply }), Some(opened.reply.codec()))
        }
        _ => (Exchange::FRAMED, frame.get(..2).and_then(Codec::sniff)),
    }
}

impl Inner {
    fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        match self {
            Self::Framed(framed) => framed.split(input, limits),
            Self::Unframed(unframed) => unframed.split_scanned(input, limits),
        }
    }

    /// Bytes in the message that was found, or that is to come: frames have a limit of their own, which may be wider than the one of
    /// what was inflated.
    fn size(&self, split: &Split) -> usize {
        match (self, split) {
            (Self::Framed(_), Split::Need { consumed: _, need }) => need.saturating_sub(LENGTH_BYTES),
            (Self::Framed(_), Split::Message { payload: Payload::Input(range), .. }) => range.len(),
            _ => 0,
        }
    }
}

impl Plain {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    fn consume(&mut self, n: usize) {
        self.start += n;
        if self.is_empty() {
            *self = Self::default();
        }
    }

    /// Takes the first `n` bytes.
    fn take(&mut self, n: usize) -> Bytes {
        let end = self.start + n;
        if n < TAKE_MIN || n < self.bytes.len() / 2 {
            let taken = Bytes::from(room::copy_of(&self.bytes[self.start..end]));
            self.consume(n);
            return taken;
        }
        let rest = room::copy_of(&self.bytes[end..]);
        let start = std::mem::take(&mut self.start);
        let mut taken = std::mem::replace(&mut self.bytes, rest);
        taken.truncate(end);
        Bytes::from(taken).slice(start..)
    }

    /// Moves the rest to the front, before more comes behind it. That happens once a step, and a step is seldom smaller.
    fn compact(&mut self) {
        self.bytes.drain(..std::mem::take(&mut self.start));
    }
}

//! The client's side of a transport with something inside of it: a frame or an envelope around each message, and the transport
//! around that. What the transport finds is whole, so that what is inside needs no memory.

use bytes::Bytes;

use crate::wire::{ErrorKind, Output};

use super::client::Client;
use super::error::Error;
use super::exchange::LENGTH_BYTES;
use super::frame::{Arrival, Payload};
use super::header;
use super::limits::Limits;

/// A transport, and what is inside.
#[derive(Debug)]
pub struct Layered {
    pub(super) outer: Client,
    pub(super) inner: Inner,
}

/// What is inside.
#[derive(Debug)]
pub(super) enum Inner {
    /// A length before each message. The transports that carry frames take it off by themselves.
    Framed,
    Header(header::Client),
}

impl Layered {
    /// As [`Client::wrap`].
    ///
    /// # Errors
    /// That of `write`.
    pub fn wrap(&mut self, out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
        let Self { outer, inner } = self;
        let mut write = Some(write);
        let mut wrapped = |out: &mut Output| match (write.take(), &mut *inner) {
            (None, _) => Ok(()),
            (Some(write), Inner::Framed) => frame(out, write),
            (Some(write), Inner::Header(header)) => header.wrap(out, write),
        };
        // By reference: what is generic in the function must end somewhere.
        let wrapped: &mut dyn FnMut(&mut Output) -> Result<(), ErrorKind> = &mut wrapped;
        outer.wrap(out, wrapped)
    }

    /// As [`Client::split`].
    ///
    /// # Errors
    /// Where the stream is not what the transport asks for, or there is not inside what should be.
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        let (consumed, payload) = match (self.outer.split(input, limits)?, &self.inner) {
            (Arrival::Message { consumed, payload }, Inner::Header(_)) => (consumed, payload),
            (other, _) => return Ok(other),
        };
        let Inner::Header(header) = &mut self.inner else { return Ok(Arrival::Message { consumed, payload }) };
        let payload = match payload {
            Payload::Input(range) => header.open(input, range, limits)?,
            Payload::Own(bytes) => match header.open(&bytes, 0..bytes.len(), limits)? {
                Payload::Input(range) => Payload::Own(Bytes::slice(&bytes, range)),
                other => other,
            },
            // Nothing that has a layer inside leaves the end of a message open.
            Payload::Open => header.open(input, 0..input.len(), limits)?,
        };
        Ok(Arrival::Message { consumed, payload })
    }
}

/// Puts a length before what `write` writes.
pub(super) fn frame(out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
    let start = out.mark();
    out.push(&[0; LENGTH_BYTES]);
    write(out)?;
    let length = out.written_since(start) - LENGTH_BYTES;
    out.patch(start, (length as u32).to_be_bytes());
    Ok(())
}

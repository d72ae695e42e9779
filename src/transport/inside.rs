//! What a client puts around each message inside of a transport: a frame or an envelope. What the transport finds is whole, so that
//! what is inside needs no memory.

use bytes::Bytes;

use crate::wire::{Codec, ErrorKind, Output};

use super::error::Error;
use super::exchange::LENGTH_BYTES;
use super::frame::{Arrival, Payload};
use super::header;
use super::limits::Limits;
use super::stack::Layer;

/// A layer, with what it remembers.
#[derive(Debug)]
pub(super) enum Inside {
    /// A length before each message. The transports that carry frames take it off by themselves.
    Framed,
    Header(header::Client),
}

impl Inside {
    pub(super) fn new(layer: Layer, codec: Codec) -> Self {
        match layer {
            Layer::Framed => Self::Framed,
            Layer::Header => Self::Header(header::Client::new(codec)),
        }
    }

    /// Puts the layer around the message that `write` writes.
    pub(super) fn wrap(
        &mut self,
        out: &mut Output,
        write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>,
    ) -> Result<(), ErrorKind> {
        match self {
            Self::Framed => frame(out, write),
            Self::Header(header) => header.wrap(out, write),
        }
    }

    /// Takes the layer off what the transport found at the front of `input`.
    pub(super) fn open(&mut self, arrival: Arrival, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        let (Arrival::Message { consumed, payload }, Self::Header(header)) = (&arrival, self) else { return Ok(arrival) };
        let payload = match payload {
            Payload::Input(range) => header.open(input, range.clone(), limits)?,
            Payload::Own(bytes) => match header.open(bytes, 0..bytes.len(), limits)? {
                Payload::Input(range) => Payload::Own(Bytes::slice(bytes, range)),
                other => other,
            },
            // Nothing that has a layer inside leaves the end of a message open.
            Payload::Open => header.open(input, 0..input.len(), limits)?,
        };
        Ok(Arrival::Message { consumed: *consumed, payload })
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

//! The way back: what the reply to a message must know of it, and how it is put around the reply.

use crate::wire::{Mark, Output};

use super::framed::LENGTH_BYTES;

/// What the reply must know of the message it answers. Small and `Copy`: one is kept for every call in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Answered in a frame.
    Framed,
    /// Answered as it is.
    Unframed,
}

/// A reply that is being written: begun before its first byte, ended or dropped after its last.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Envelope {
    exchange: Exchange,
    start: Mark,
}

impl Exchange {
    /// Leaves room at the end of `out` for what comes before the reply.
    #[inline]
    pub fn begin(self, out: &mut Output) -> Envelope {
        let start = out.mark();
        match self {
            Self::Framed => out.push(&[0; LENGTH_BYTES]),
            Self::Unframed => {}
        }
        Envelope { exchange: self, start }
    }

    /// Whether nothing more may follow the reply on this connection.
    #[inline]
    pub fn closes(self) -> bool {
        match self {
            Self::Framed | Self::Unframed => false,
        }
    }
}

impl Envelope {
    /// Bytes of the reply so far.
    #[inline]
    pub fn len(&self, out: &Output) -> usize {
        let before = match self.exchange {
            Exchange::Framed => LENGTH_BYTES,
            Exchange::Unframed => 0,
        };
        out.written_since(self.start) - before
    }

    /// Puts what comes before the reply into its place.
    #[inline]
    pub fn end(self, out: &mut Output) {
        match self.exchange {
            Exchange::Framed => out.patch(self.start, (self.len(out) as u32).to_be_bytes()),
            Exchange::Unframed => {}
        }
    }

    /// Takes the reply back, and the room before it.
    #[inline]
    pub fn drop(self, out: &mut Output) {
        out.rollback(self.start);
    }
}

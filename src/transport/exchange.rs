//! The way back: what the reply to a message must know of it, and how it is put around the reply.

use crate::wire::{Mark, Output};

use super::http;
use super::limits::Limits;

/// Bytes of the length before a frame.
pub(super) const LENGTH_BYTES: usize = 4;
/// Room for the usual head of an HTTP reply: another length costs moving the body.
const HTTP_HEAD_ROOM: usize = 80;

/// What the reply must know of the message it answers. Small and `Copy`: one is kept for every call in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Answered in a frame.
    Framed,
    /// Answered as it is.
    Unframed,
    /// Answered in the body of an HTTP response.
    Http(http::Exchange),
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
        out.push(&[0; HTTP_HEAD_ROOM][..self.room()]);
        Envelope { exchange: self, start }
    }

    #[inline]
    fn room(self) -> usize {
        match self {
            Self::Framed => LENGTH_BYTES,
            Self::Unframed => 0,
            Self::Http(_) => HTTP_HEAD_ROOM,
        }
    }

    /// Whether nothing more may follow the reply on this connection.
    #[inline]
    pub fn closes(self) -> bool {
        matches!(self, Self::Http(http::Exchange { close: true, .. }))
    }

    /// Whether even a oneway message is answered, by an empty reply and before it is carried out.
    #[inline]
    pub fn acknowledges(self) -> bool {
        matches!(self, Self::Http(_))
    }

    /// Answers a oneway message, where its transport wants that.
    pub fn acknowledge(self, out: &mut Output, limits: &Limits) {
        if matches!(self, Self::Http(http::Exchange { silent_oneway: false, .. })) {
            self.begin(out).end(out, limits);
        }
    }

    /// The same, as the last one on its connection where the transport can say so.
    #[must_use]
    pub fn closing(self) -> Self {
        match self {
            Self::Http(exchange) => Self::Http(http::Exchange { close: true, ..exchange }),
            other => other,
        }
    }

    /// The same, for an answer that says that there is too much to do.
    #[must_use]
    pub fn overloaded(self) -> Self {
        match self {
            Self::Http(exchange) => Self::Http(http::Exchange { overloaded: true, ..exchange }),
            other => other,
        }
    }
}

impl Envelope {
    /// Puts what comes before the reply into its place.
    #[inline]
    pub fn end(self, out: &mut Output, limits: &Limits) {
        let length = out.written_since(self.start) - self.exchange.room();
        match self.exchange {
            Exchange::Framed => out.patch(self.start, (length as u32).to_be_bytes()),
            Exchange::Unframed => {}
            Exchange::Http(exchange) => out.put_before(self.start, HTTP_HEAD_ROOM, |head| {
                http::write_head(head, exchange, length, &limits.http);
            }),
        }
    }

    /// Takes the reply back, and the room before it.
    #[inline]
    pub fn drop(self, out: &mut Output) {
        out.rollback(self.start);
    }
}

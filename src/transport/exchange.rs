//! The way back: what the reply to a message must know of it, and how it is put around the reply.

use crate::wire::{Mark, Output};

use super::header::{InfoHeaders, Return};
use super::http;
use super::limits::Limits;
use super::websocket::frame;

/// Bytes of the length before a frame.
pub(super) const LENGTH_BYTES: usize = 4;

/// What the reply must know of the message it answers. Small and `Copy`: one is kept for every call in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    stream: Stream,
    inside: Option<Inside>,
}

/// What is around a reply within what delimits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Header(Return),
    Frame,
}

impl Inside {
    fn room(self) -> usize {
        match self {
            Inside::Header(header) => header.room(),
            Inside::Frame => LENGTH_BYTES,
        }
    }
}

/// What delimits a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Framed,
    Unframed,
    Http(http::Exchange),
    WebSocket(frame::Kind),
}

/// A reply that is being written: begun before its first byte, ended or dropped after its last.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Envelope {
    exchange: Exchange,
    start: Mark,
}

impl Exchange {
    /// Answered in a frame.
    pub const FRAMED: Self = Self { stream: Stream::Framed, inside: None };
    /// Answered as it is.
    pub const UNFRAMED: Self = Self { stream: Stream::Unframed, inside: None };

    /// Answered in the body of an HTTP response.
    pub const fn http(exchange: http::Exchange) -> Self {
        Self { stream: Stream::Http(exchange), inside: None }
    }

    /// Answered in a WebSocket message.
    pub(super) const fn websocket(kind: frame::Kind) -> Self {
        Self { stream: Stream::WebSocket(kind), inside: None }
    }

    /// The same, with an envelope around the reply.
    #[must_use]
    pub fn within(self, header: Return) -> Self {
        Self { inside: Some(Inside::Header(header)), ..self }
    }

    /// The same, with a frame around the reply, for a client that puts one into HTTP bodies; `None` where there is no body or
    /// something else is in it.
    #[must_use]
    pub fn framed(self) -> Option<Self> {
        let bare = matches!(self, Self { stream: Stream::Http(_), inside: None });
        bare.then_some(Self { inside: Some(Inside::Frame), ..self })
    }

    /// Leaves room at the end of `out` for what comes before the reply.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a length, a constant or nothing
    pub fn begin(self, out: &mut Output) -> Envelope {
        let start = out.mark();
        match self {
            Self { stream: Stream::Framed, inside: None } => out.push(&[0; LENGTH_BYTES]),
            Self { stream: Stream::Unframed, inside: None } => {}
            Self { stream: Stream::Http(_), inside: None } => out.push(http::DRAFT),
            _ => out.tail().resize(start.position() + self.room(), 0),
        }
        Envelope { exchange: self, start }
    }

    fn room(self) -> usize {
        let stream = match self.stream {
            Stream::Framed => LENGTH_BYTES,
            Stream::Unframed => 0,
            Stream::Http(_) => http::DRAFT.len(),
            Stream::WebSocket(_) => frame::HEAD_ROOM,
        };
        stream + self.inside.map_or(0, Inside::room)
    }

    /// Whether something other than the message itself says where it ends, so that it may be an envelope.
    #[inline]
    pub fn delimits(self) -> bool {
        !matches!(self.stream, Stream::Unframed)
    }

    /// Whether nothing more may follow the reply on this connection.
    #[inline]
    pub fn closes(self) -> bool {
        matches!(self.stream, Stream::Http(http::Exchange { close: true, .. }))
    }

    /// Whether even a oneway message is answered, by an empty reply and before it is carried out.
    #[inline]
    pub fn acknowledges(self) -> bool {
        matches!(self.stream, Stream::Http(_))
    }

    /// Answers a oneway message, where its transport wants that.
    pub fn acknowledge(self, out: &mut Output, limits: &Limits) {
        if matches!(self.stream, Stream::Http(http::Exchange { silent_oneway: false, .. })) {
            Self { inside: None, ..self }.begin(out).end(out, limits, None);
        }
    }

    /// The same, as the last one on its connection where the transport can say so.
    #[must_use]
    pub fn closing(self) -> Self {
        self.with_http(|exchange| exchange.close = true)
    }

    /// The same, for an answer that says that there is too much to do.
    #[must_use]
    pub fn overloaded(self) -> Self {
        self.with_http(|exchange| exchange.overloaded = true)
    }

    fn with_http(mut self, change: impl FnOnce(&mut http::Exchange)) -> Self {
        if let Stream::Http(exchange) = &mut self.stream {
            change(exchange);
        }
        self
    }
}

impl Envelope {
    /// Puts what comes before the reply into its place. `headers` leave with it where it can carry any.
    #[inline(always)]
    #[allow(clippy::inline_always)] // the same
    pub fn end(self, out: &mut Output, limits: &Limits, headers: Option<&InfoHeaders>) {
        match self.exchange {
            Exchange { stream: Stream::Framed, inside: None } => {
                let length = out.written_since(self.start) - LENGTH_BYTES;
                out.patch(self.start, (length as u32).to_be_bytes());
            }
            Exchange { stream: Stream::Unframed, inside: None } => {}
            Exchange { stream: Stream::Http(exchange), inside: None } => {
                http::complete_head(out, self.start, exchange, &limits.http);
            }
            _ => self.end_nested(out, limits, headers),
        }
    }

    /// The head of what delimits the reply, and within it the reply's own envelope.
    #[inline(never)] // most replies have none
    fn end_nested(self, out: &mut Output, limits: &Limits, headers: Option<&InfoHeaders>) {
        let Exchange { stream, inside } = self.exchange;
        let room = self.exchange.room();
        let reply = out.written_since(self.start) - room;
        let mut inner = Vec::new();
        match inside {
            Some(Inside::Header(header)) => header.write(&mut inner, reply, headers),
            Some(Inside::Frame) => inner.extend_from_slice(&(reply as u32).to_be_bytes()),
            None => {}
        }
        let length = inner.len() + reply;
        out.put_before(self.start, room, |head| {
            match stream {
                Stream::Framed => head.extend_from_slice(&(length as u32).to_be_bytes()),
                Stream::Unframed => {}
                Stream::Http(exchange) => http::write_head(head, exchange, length, &limits.http),
                Stream::WebSocket(kind) => frame::write_reply_head(head, kind, length),
            }
            head.extend_from_slice(&inner);
        });
    }

    /// Takes the reply back, and the room before it.
    #[inline]
    pub fn drop(self, out: &mut Output) {
        out.rollback(self.start);
    }
}

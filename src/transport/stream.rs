//! The closed set of transports, chosen once per connection.

use std::borrow::Cow;

use bytes::Bytes;

use crate::wire::{Codec, Mark, Output};

use super::error::Error;
use super::exchange::Exchange;
use super::frame::{Payload, Phase, Split};
use super::framed::Framed;
use super::http::{self, Http};
use super::limits::Limits;
use super::memo::Memo;
use super::sniff::Spoken;
use super::unframed::Unframed;
use super::websocket::{Close, WebSocket, frame};
use super::zlib::Zlib;

/// How the messages of a connection are delimited.
#[derive(Debug)]
pub enum Transport {
    /// By a length before each.
    Framed(Framed),
    /// By their contents.
    Unframed(Unframed),
    /// By HTTP/1.1.
    Http(Http),
    /// By WebSocket, which a request of HTTP turned the connection into.
    WebSocket(Box<WebSocket>),
    /// By one of the first two, inside a zlib stream.
    Zlib(Box<Zlib>),
}

impl Transport {
    /// The transport that was found to be spoken.
    pub fn new(spoken: Spoken) -> Self {
        match spoken {
            Spoken::Framed => Self::Framed(Framed::default()),
            Spoken::Unframed(codec) => Self::Unframed(Unframed::new(codec)),
            Spoken::Http => Self::Http(Http::new()),
            Spoken::Zlib => Self::Zlib(Box::default()),
        }
    }

    /// Looks for the next message at the front of `input`, which holds all that was not consumed yet. `memo` belongs to the
    /// thread, and remembers the heads that HTTP clients repeat.
    ///
    /// # Errors
    /// Where the stream is not what the transport asks for; the connection must end.
    #[inline]
    pub fn split(&mut self, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Error> {
        match self {
            Self::Framed(framed) => framed.split(input, limits),
            Self::Unframed(unframed) => unframed.split(input, limits),
            _ => self.split_apart(input, limits, memo),
        }
    }

    /// The same for those that need more than a few instructions.
    #[inline(never)]
    fn split_apart(&mut self, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Error> {
        match self {
            Self::Framed(framed) => framed.split(input, limits),
            Self::Unframed(unframed) => unframed.split(input, limits),
            Self::Http(http) => {
                let split = match http.repeated(input, &limits.http, &memo.http) {
                    Some(http::Split::Message { consumed, payload: http::Payload::Input(body), exchange }) => {
                        let (payload, exchange) = (Payload::Input(body), Exchange::http(exchange));
                        return Ok(Split::Message { consumed, payload, exchange });
                    }
                    Some(split) => return Ok(carried(http, split, limits)),
                    None => http.parse(input, &limits.http, &mut memo.http).map_err(Error::Http)?,
                };
                if let http::Split::Upgrade { consumed } = split {
                    let bytes = http.take_body().into();
                    *self = Self::WebSocket(Box::default());
                    return Ok(Split::Answer { consumed, bytes });
                }
                Ok(carried(http, split, limits))
            }
            Self::WebSocket(websocket) => websocket.split(input, limits),
            Self::Zlib(zlib) => zlib.split(input, limits),
        }
    }

    /// Where the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        match self {
            Self::Framed(framed) => framed.phase(input),
            Self::Unframed(unframed) => unframed.phase(input),
            Self::Http(http) => match http.phase() {
                http::Phase::Idle => Phase::Idle,
                http::Phase::Head => Phase::Head,
                http::Phase::Body { declared } => Phase::Body(declared.or_else(|| Some(http.unchunked()))),
            },
            Self::WebSocket(websocket) => websocket.phase(input),
            Self::Zlib(zlib) => zlib.phase(),
        }
    }

    /// Bytes of messages that it keeps, apart from the input.
    #[inline]
    pub fn held(&self) -> usize {
        match self {
            Self::Framed(_) | Self::Unframed(_) => 0,
            Self::Http(http) => http.unchunked(),
            Self::WebSocket(websocket) => websocket.held(),
            Self::Zlib(zlib) => zlib.held(),
        }
    }

    /// Whether between two messages all that there may be of the next one is in the input.
    #[inline]
    pub fn rests_on_input(&self) -> bool {
        matches!(self, Self::Framed(_) | Self::Unframed(_) | Self::Http(_))
    }

    /// Whether messages come over HTTP.
    #[inline]
    pub fn is_http(&self) -> bool {
        matches!(self, Self::Http(_))
    }

    /// Whether only the contents of a message say where it ends.
    pub fn is_unframed(&self) -> bool {
        match self {
            Self::Unframed(_) => true,
            Self::Zlib(zlib) => zlib.is_unframed(),
            _ => false,
        }
    }

    /// Whether there may be a whole message without more input.
    pub fn holds_more(&self) -> bool {
        matches!(self, Self::Zlib(zlib) if zlib.holds_more())
    }

    /// How the peer is answered when its message cannot be read: in what it is wrapped, and in which codec if that is known.
    pub fn way_back(&self, limits: &Limits) -> (Exchange, Option<Codec>) {
        match self {
            Self::Framed(_) => (Exchange::FRAMED, None),
            Self::Unframed(unframed) => (Exchange::UNFRAMED, Some(unframed.codec())),
            Self::Http(_) => (Exchange::http(http::Exchange::default()), None),
            Self::WebSocket(_) => (Exchange::websocket(frame::Kind::Bytes), None),
            Self::Zlib(zlib) => zlib.way_back(limits),
        }
    }

    /// The message that has no end to be found, or as much of it as its head may take.
    pub fn front<'i>(&self, input: &'i [u8]) -> Cow<'i, [u8]> {
        match self {
            Self::Zlib(zlib) => Cow::Owned(zlib.front().to_vec()),
            _ => Cow::Borrowed(input),
        }
    }

    /// Whether what is written must pass through [`deflate`](Self::deflate), or end with [`close`](Self::close).
    #[inline]
    pub fn minds_output(&self) -> bool {
        matches!(self, Self::WebSocket(_) | Self::Zlib(_))
    }

    /// Whether the peer is told in its own words that the connection ends.
    pub fn says_goodbye(&self) -> bool {
        matches!(self, Self::WebSocket(_))
    }

    /// Says so, once.
    pub fn close(&mut self, code: Close, out: &mut Output) {
        if let Self::WebSocket(websocket) = self {
            websocket.close(code, out);
        }
    }

    /// Deflates what was written since `mark`, where the transport asks for it.
    pub fn deflate(&mut self, mark: Mark, out: &mut Output, memo: &mut Memo) {
        if let Self::Zlib(zlib) = self {
            zlib.deflate(mark, out, memo);
        }
    }

    /// The open message proved longer than its input, or must be cut out whole: scan for its end at the next look.
    pub fn scan_first(&mut self) {
        if let Self::Unframed(unframed) = self {
            unframed.scan_first();
        }
    }

    /// The name of the transport, as Apache's cross-test spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Framed(_) => "framed",
            Self::Unframed(_) => "buffered",
            Self::Http(_) => "http",
            Self::WebSocket(_) => "websocket",
            Self::Zlib(_) => "zlib",
        }
    }
}

/// The answers that HTTP gives by itself are made here; what carries a message goes on.
#[inline(never)]
fn carried(http: &mut Http, split: http::Split, limits: &Limits) -> Split {
    match split {
        http::Split::Need { consumed, need } => Split::Need { consumed, need },
        http::Split::Continue { consumed } => Split::Answer { consumed, bytes: Bytes::from_static(http::CONTINUE) },
        http::Split::Preflight { consumed, exchange } => {
            let mut bytes = Vec::new();
            http::write_preflight(&mut bytes, exchange, &limits.http);
            Split::Answer { consumed, bytes: bytes.into() }
        }
        http::Split::Upgrade { consumed } => Split::Answer { consumed, bytes: http.take_body().into() },
        http::Split::Message { consumed, payload, exchange } => {
            let payload = match payload {
                http::Payload::Input(range) => Payload::Input(range),
                http::Payload::Own => Payload::Own(http.take_body().into()),
            };
            Split::Message { consumed, payload, exchange: Exchange::http(exchange) }
        }
    }
}

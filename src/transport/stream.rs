//! The closed set of transports, chosen once per connection.

use bytes::Bytes;

use crate::wire::Codec;

use super::error::Error;
use super::exchange::Exchange;
use super::frame::{Payload, Phase, Split};
use super::framed::Framed;
use super::http::{self, Http, Memo};
use super::limits::Limits;
use super::unframed::Unframed;

/// How the messages of a connection are delimited.
#[derive(Debug)]
pub enum Transport {
    /// By a length before each.
    Framed(Framed),
    /// By their contents.
    Unframed(Unframed),
    /// By HTTP/1.1.
    Http(Http),
}

impl Transport {
    /// The framed transport.
    pub fn framed() -> Self {
        Self::Framed(Framed::default())
    }

    /// No transport at all.
    pub fn unframed(codec: Codec) -> Self {
        Self::Unframed(Unframed::new(codec))
    }

    /// HTTP/1.1.
    pub fn http() -> Self {
        Self::Http(Http::new())
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
            Self::Http(http) => split_http(http, input, limits, memo),
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
        }
    }

    /// Whether messages come over HTTP.
    #[inline]
    pub fn is_http(&self) -> bool {
        matches!(self, Self::Http(_))
    }

    /// Whether only the contents of a message say where it ends.
    pub fn is_unframed(&self) -> bool {
        matches!(self, Self::Unframed(_))
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
        }
    }
}

/// The answers that HTTP gives by itself are made here; what carries a message goes on.
#[inline]
fn split_http(http: &mut Http, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Error> {
    Ok(match http.split_with(input, &limits.http, memo).map_err(Error::Http)? {
        http::Split::Need { consumed, need } => Split::Need { consumed, need },
        http::Split::Continue { consumed } => Split::Answer { consumed, bytes: Bytes::from_static(http::CONTINUE) },
        http::Split::Preflight { consumed, exchange } => {
            let mut bytes = Vec::new();
            http::write_preflight(&mut bytes, exchange, &limits.http);
            Split::Answer { consumed, bytes: bytes.into() }
        }
        http::Split::Message { consumed, payload, exchange } => {
            let payload = match payload {
                http::Payload::Input(range) => Payload::Input(range),
                http::Payload::Own => Payload::Own(http.take_body().into()),
            };
            Split::Message { consumed, payload, exchange: Exchange::Http(exchange) }
        }
    })
}

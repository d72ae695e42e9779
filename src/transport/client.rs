//! The client's side of the transports: requests are wrapped, and what the server sends is taken apart into replies.

use crate::wire::{Codec, ErrorKind, Output};

use super::banner::Banner;
use super::error::Error;
use super::frame::{Arrival, Phase, Split};
use super::framed::Framed;
use super::header::{self, HeaderError, Headers, InfoHeaders};
use super::http;
use super::inside::{Inside, frame};
use super::kind::Kind;
use super::limits::Limits;
use super::stack::Layer;
use super::unframed::Unframed;
use super::websocket;
use super::zlib_client::ZlibClient;

/// The client side of one connection: how its messages are delimited.
#[derive(Debug)]
pub enum Client {
    /// By a length before each.
    Framed(Framed),
    /// By their contents.
    Unframed(Unframed),
    /// By HTTP/1.1.
    Http(http::Client),
    /// By an envelope around each.
    Header(header::Client),
    /// By their contents, in a zlib stream.
    Zlib(Box<ZlibClient>),
    /// By WebSocket frames.
    WebSocket(Box<websocket::Client>),
    /// By one of these, with something inside of it.
    Layered(Box<Layered>),
}

/// A transport, and what stands around each message inside of it.
#[derive(Debug)]
pub struct Layered {
    outer: Client,
    inside: Inside,
}

impl Client {
    /// The framed transport.
    pub fn framed() -> Self {
        Self::Framed(Framed::default())
    }

    /// No transport at all.
    pub fn unframed(codec: Codec) -> Self {
        Self::Unframed(Unframed::new(codec))
    }

    /// HTTP/1.1.
    pub fn http(client: http::Client) -> Self {
        Self::Http(client)
    }

    /// THeader, around the binary or the compact protocol.
    pub fn header(codec: Codec) -> Self {
        Self::Header(header::Client::new(codec))
    }

    /// A zlib stream.
    pub fn zlib(codec: Codec) -> Self {
        Self::Zlib(Box::new(ZlibClient::new(codec)))
    }

    /// WebSocket.
    pub fn websocket(destination: &http::Destination, codec: Codec) -> Self {
        Self::WebSocket(Box::new(websocket::Client::new(destination, codec == Codec::Json)))
    }

    /// One of these with `layer` around each message of this codec inside of it.
    #[must_use]
    pub fn with(self, layer: Layer, codec: Codec) -> Self {
        let outer = match self {
            Self::Zlib(_) => Self::Zlib(Box::new(ZlibClient::framed())),
            Self::WebSocket(socket) => Self::WebSocket(Box::new(socket.binary())),
            other => other,
        };
        Self::Layered(Box::new(Layered { outer, inside: Inside::new(layer, codec) }))
    }

    /// Deflates the messages in envelopes from now on; nothing else is changed.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        self.envelope().into_iter().for_each(header::Client::compress);
        self
    }

    fn envelope(&mut self) -> Option<&mut header::Client> {
        match self {
            Self::Header(client) => Some(client),
            Self::Layered(layered) => match &mut layered.inside {
                Inside::Header(client) => Some(client),
                Inside::Framed => None,
            },
            _ => None,
        }
    }

    /// Writes what the server must answer before the first call, where there is such a thing.
    pub fn greet(&mut self, out: &mut Output) -> bool {
        match self {
            Self::WebSocket(client) => {
                client.greet(out);
                true
            }
            Self::Layered(layered) => layered.outer.greet(out),
            _ => false,
        }
    }

    /// Looks whether the server has answered what [`greet`](Self::greet) wrote: says how many bytes that took, once they are
    /// there.
    ///
    /// # Errors
    /// Where the answer is a refusal, or none.
    pub fn greeted(&mut self, input: &[u8]) -> Result<Option<usize>, Error> {
        match self {
            Self::WebSocket(client) => client.greeted(input),
            Self::Layered(layered) => layered.outer.greeted(input),
            _ => Ok(Some(0)),
        }
    }

    /// Which transport this is, whatever is inside of it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Framed(_) => Kind::Framed,
            Self::Unframed(_) => Kind::Unframed,
            Self::Http(_) => Kind::Http,
            Self::Header(_) => Kind::Header,
            Self::Zlib(_) => Kind::Zlib,
            Self::WebSocket(_) => Kind::WebSocket,
            Self::Layered(layered) => layered.outer.kind(),
        }
    }

    /// Sets the info headers of all requests from now on.
    ///
    /// # Errors
    /// `NotCarried`, but for THeader.
    pub fn set_headers(&mut self, headers: InfoHeaders) -> Result<(), HeaderError> {
        let client = self.envelope().ok_or(HeaderError::NotCarried)?;
        client.set_headers(headers);
        Ok(())
    }

    /// The info headers that came with the last reply: none but for THeader.
    pub fn reply_headers(&self) -> Headers<'_> {
        match self {
            Self::Header(client) => client.reply_headers(),
            Self::Layered(layered) => match &layered.inside {
                Inside::Header(client) => client.reply_headers(),
                Inside::Framed => Headers::default(),
            },
            _ => Headers::default(),
        }
    }

    /// What the last reply is written in, where an envelope said so.
    #[inline]
    pub fn reply_codec(&self) -> Option<Codec> {
        match self {
            Self::Header(client) => Some(client.reply_codec()),
            Self::Layered(layered) => match &layered.inside {
                Inside::Header(client) => Some(client.reply_codec()),
                Inside::Framed => None,
            },
            _ => None,
        }
    }

    /// Wraps the message that `write` writes.
    ///
    /// # Errors
    /// That of `write`: what was written is then to be taken back.
    #[inline]
    pub fn wrap(&mut self, out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
        match self {
            Self::Framed(_) => frame(out, write),
            Self::Unframed(_) => write(out),
            Self::Http(http) => http.wrap(out, write),
            Self::Header(header) => header.wrap(out, write),
            Self::Zlib(zlib) => zlib.wrap(out, write),
            Self::WebSocket(socket) => socket.wrap(out, write),
            Self::Layered(layered) => {
                let Layered { outer, inside } = &mut **layered;
                let mut write = Some(write);
                let mut wrapped = |out: &mut Output| write.take().map_or(Ok(()), |write| inside.wrap(out, write));
                // By reference: what is generic in the function must end somewhere.
                let wrapped: &mut dyn FnMut(&mut Output) -> Result<(), ErrorKind> = &mut wrapped;
                outer.wrap(out, wrapped)
            }
        }
    }

    /// Looks for the next reply at the front of `input`, which holds all that was not consumed yet.
    ///
    /// # Errors
    /// Where the stream is not what the transport asks for; the connection must end.
    #[inline]
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        let split = match self {
            Self::Framed(framed) => framed.split(input, limits).map_err(|error| explain(error, input, None))?,
            Self::Unframed(unframed) => {
                let codec = Some(unframed.codec());
                unframed.split(input, limits).map_err(|error| explain(error, input, codec))?
            }
            Self::Http(http) => return http.split(input, &limits.http),
            Self::Header(header) => return header.split(input, limits).map_err(|error| explain(error, input, None)),
            Self::Zlib(zlib) => return zlib.split(input, limits),
            Self::WebSocket(socket) => return socket.split(input, limits),
            Self::Layered(layered) => {
                let arrival = layered.outer.split(input, limits)?;
                return layered.inside.open(arrival, input, limits);
            }
        };
        match split {
            Split::Need { consumed, need } => match self {
                Self::Unframed(_) => wait_unframed(input, consumed, need),
                _ => Ok(Arrival::Need { consumed, need }),
            },
            Split::Message { consumed, payload, .. } => Ok(Arrival::Message { consumed, payload }),
            Split::Answer { consumed, .. } | Split::End { consumed } => Ok(Arrival::Empty { consumed }),
        }
    }

    /// The open message proved longer than its input: scan for its end at the next look.
    pub fn scan_first(&mut self) {
        if let Self::Unframed(unframed) = self {
            unframed.scan_first();
        }
    }

    /// The server has closed, and `input` is what it left: says whether another look finds a whole reply there.
    pub fn finish(&mut self, input: &[u8]) -> bool {
        match self {
            Self::Http(http) => http.finish(input),
            Self::Layered(layered) => layered.outer.finish(input),
            _ => false,
        }
    }

    /// Whether the server answers a oneway message too, by an empty reply.
    #[inline]
    pub fn acknowledges(&self) -> bool {
        self.kind() == Kind::Http
    }

    /// Whether bytes may come that belong to no reply: what ends a block of a zlib stream, a ping of WebSocket.
    #[inline]
    pub fn pads(&self) -> bool {
        matches!(self.kind(), Kind::Zlib | Kind::WebSocket)
    }

    /// Whether the server closes behind the reply that came last.
    #[inline]
    pub fn closes(&self) -> bool {
        match self {
            Self::Http(http) => http.closes(),
            Self::Layered(layered) => layered.outer.closes(),
            _ => false,
        }
    }

    /// Where in a reply the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        match self {
            Self::Framed(framed) => framed.phase(input),
            Self::Unframed(unframed) => unframed.phase(input),
            Self::Http(http) => http.phase(input),
            Self::Header(header) => header.phase(input),
            Self::Zlib(zlib) => zlib.phase(input),
            Self::WebSocket(socket) => socket.phase(input),
            Self::Layered(layered) => layered.outer.phase(input),
        }
    }
}

/// A frame looks like an old message without a version, which would be waited for in vain.
#[cold]
fn wait_unframed(input: &[u8], consumed: usize, need: usize) -> Result<Arrival, Error> {
    match Banner::of(input) {
        Some(banner @ Banner::Framed(_)) => Err(Error::Speaks(banner)),
        _ => Ok(Arrival::Need { consumed, need }),
    }
}

/// The first bytes may tell what the server speaks instead; messages of this codec without frames it should.
#[cold]
fn explain(error: Error, input: &[u8], unframed: Option<Codec>) -> Error {
    let banner = match error {
        Error::FrameSize(_) | Error::Wire(_) => Banner::of(input),
        _ => None,
    };
    banner.filter(|banner| unframed.map(Banner::Unframed) != Some(*banner)).map_or(error, Error::Speaks)
}

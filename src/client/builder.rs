//! How to speak to a server: address, protocol, transport, service, and how long a call may take.

use std::sync::Arc;
use std::time::Duration;

use crate::transport::header::InfoHeaders;
use crate::transport::http::{self, Destination};
use crate::transport::{self, Kind};
use crate::wire::Codec;

use super::address::{Address, Url};
use super::connect::Names;
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::error::{Cause, Error, Place};
use super::target::{Dress, Target};
use super::tls::{Options, Security};

/// How long a call may take in all, unless something else is said.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long connecting may take of it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection, or a pool of them, that is being described. Mistakes are reported when it is built.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    address: String,
    codec: Codec,
    is_old: bool,
    transport: Option<Kind>,
    service: String,
    timeout: Duration,
    connect_timeout: Duration,
    limits: transport::Limits,
    fields: Vec<(String, String)>,
    pub(super) tls: Option<Options>,
}

impl Connection {
    /// A connection to `address`: `host:port`, `unix:/path`, `unix:@name` (an abstract name, on Linux),
    /// `http://host:port/path`, or `ws://host:port/path` for WebSocket; `https://` and `wss://` through TLS. It speaks the binary
    /// protocol, framed or over HTTP.
    pub fn builder(address: impl Into<String>) -> Builder {
        Builder {
            address: address.into(),
            codec: Codec::Binary,
            is_old: false,
            transport: None,
            service: String::new(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            limits: transport::Limits::default(),
            fields: Vec::new(),
            tls: None,
        }
    }
}

impl Builder {
    /// Sets the protocol. Default binary.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Writes requests of the binary protocol with its old head, without a version, for servers of before 2010. Default false.
    pub fn old_binary(mut self, is_old: bool) -> Self {
        self.is_old = is_old;
        self
    }

    /// Sets the transport. Default HTTP for an address that begins with `http://` or `https://`, WebSocket for `ws://` or `wss://`,
    /// else framed.
    pub fn transport(mut self, transport: Kind) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Calls the methods of this service at a server that offers several (TMultiplexedProtocol).
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// Sets how long a call may take in all, connecting included. Default 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long connecting may take of it. Default 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets what a server may send.
    pub fn limits(mut self, limits: transport::Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a header to every call: a field of HTTP requests and of the handshake of WebSocket, such as `Authorization`, or an info header of THeader messages.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Connects.
    ///
    /// # Errors
    /// Where something that was asked for cannot be had, or no connection comes about in time.
    pub fn connect(self) -> Result<Connection, Error> {
        Connection::open(Arc::new(self.target()?))
    }

    /// The server as it is described, for those who have an event loop of their own.
    ///
    /// # Errors
    /// Where something that was asked for cannot be had.
    pub fn endpoint(self) -> Result<Endpoint, Error> {
        self.target().map(Endpoint::new)
    }

    pub(super) fn target(self) -> Result<Target, Error> {
        let Self { address: text, codec, is_old, transport, service, timeout, connect_timeout, limits, fields, tls } = self;
        let scheme = match text.split_once("://") {
            Some(("http" | "https", _)) => Kind::Http,
            Some(("ws" | "wss", _)) => Kind::WebSocket,
            _ => Kind::Framed,
        };
        let transport = transport.unwrap_or(scheme);
        let place = Place { peer: text, service, method: "".into(), codec, transport, is_mute: false };
        let (address, url) = match Address::parse(&place.peer) {
            Ok(parsed) => parsed,
            Err(error) => return Err(Error::new(place, error.into())),
        };
        let settings = security(&address, url.as_ref(), tls)
            .and_then(|security| Ok((security, settings(&place, &address, url, scheme, fields)?)));
        match settings {
            Ok((security, dress)) => {
                let names = Names::default();
                Ok(Target { address, names, dress, security, is_old, place, timeout, connect_timeout, limits })
            }
            Err(mistake) => Err(Error::new(place, Cause::Setting(mistake))),
        }
    }
}

/// How connections are secured, where they are.
fn security(address: &Address, url: Option<&Url>, tls: Option<Options>) -> Result<Option<Security>, String> {
    let options = match (url, tls) {
        (Some(url), Some(_)) if !url.is_secure => {
            return Err("an http:// or ws:// address is one without TLS: write https:// or wss://".to_owned());
        }
        (Some(url), None) if url.is_secure => Options::default(),
        (_, None) => return Ok(None),
        (_, Some(options)) => options,
    };
    let host = if let Address::Tcp(host, _) = address { Some(&**host) } else { None };
    Security::new(&options, host).map(Some)
}

/// Checks what does not fit together, and prepares what HTTP needs.
fn settings(
    place: &Place,
    address: &Address,
    url: Option<Url>,
    scheme: Kind,
    fields: Vec<(String, String)>,
) -> Result<Dress, String> {
    if place.service.contains(':') {
        return Err(format!("{:?} is no name of a service: it has a colon", place.service));
    }
    let (codec, kind) = (place.codec, place.transport);
    if !kind.carries(codec) {
        return Err(format!("the transport {kind} does not carry the {} protocol", codec.name()));
    }
    let fits = match scheme {
        Kind::Http => matches!(kind, Kind::Http | Kind::WebSocket),
        Kind::WebSocket => kind == Kind::WebSocket,
        _ => true,
    };
    if !fits {
        return Err(format!("an address with :// cannot have the transport {kind}"));
    }
    match kind {
        Kind::Http | Kind::WebSocket => {
            let Url { host, path, .. } = url.unwrap_or_else(|| {
                let host = if matches!(address, Address::Unix(_) | Address::Abstract(_)) {
                    "localhost".to_owned()
                } else {
                    place.peer.clone()
                };
                Url { host, path: "/".to_owned(), is_secure: false }
            });
            let mut destination = Destination::new(&host, &path).map_err(|error| format!("{host}{path}: {error}"))?;
            for (name, value) in fields {
                destination = destination.field(&name, &value).map_err(|error| format!("{name:?}: {error}"))?;
            }
            Ok(if kind == Kind::Http { Dress::Http(http::Client::at(&destination)) } else { Dress::WebSocket(destination) })
        }
        Kind::Header => {
            let mut headers = InfoHeaders::default();
            for (name, value) in fields {
                headers.add(name.as_bytes(), value.as_bytes()).map_err(|error| format!("{name:?}: {error}"))?;
            }
            Ok(Dress::Header(headers))
        }
        _ if fields.is_empty() => Ok(Dress::Plain),
        _ => Err(format!("headers are for http, websocket and header: the transport {kind} has none")),
    }
}

//! How to speak to a server: address, protocol, transport, service, and how long a call may take.

use std::sync::Arc;
use std::time::Duration;

use crate::transport::header::InfoHeaders;
use crate::transport::http::{self, Destination};
use crate::transport::{self, Kind, Stack};
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
/// How long a oneway call over HTTP waits for an answer that may never come. Apache's clients wait as long, or less.
const ONEWAY_TIMEOUT: Duration = Duration::from_secs(1);
/// How long connecting may take of it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection, or a pool of them, that is being described. Mistakes are reported when it is built.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    address: String,
    codec: Codec,
    is_old: bool,
    transport: Option<Stack>,
    is_compressed: bool,
    is_recorded: bool,
    service: String,
    timeout: Duration,
    connect_timeout: Duration,
    oneway_timeout: Duration,
    limits: transport::Limits,
    fields: Vec<(String, String)>,
    info: Vec<(String, String)>,
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
            is_compressed: false,
            is_recorded: false,
            service: String::new(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            oneway_timeout: ONEWAY_TIMEOUT,
            limits: transport::Limits::default(),
            fields: Vec::new(),
            info: Vec::new(),
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

    /// Sets the transport: a [`Kind`], or a [`Stack`] of one with something inside of it. Default HTTP for an address that begins
    /// with `http://` or `https://`, WebSocket for `ws://` or `wss://`, else framed.
    pub fn transport(mut self, transport: impl Into<Stack>) -> Self {
        self.transport = Some(transport.into());
        self
    }

    /// Deflates requests, where the transport is THeader or has it inside. Default false. Deflated replies are read in any case.
    pub fn compressed(mut self, is_compressed: bool) -> Self {
        self.is_compressed = is_compressed;
        self
    }

    /// Keeps a copy of all bytes, sent and received, from the first on: those of a handshake of WebSocket too, and of TLS what is
    /// inside. [`Connection::recording`] has it.
    pub fn recorded(mut self, is_recorded: bool) -> Self {
        self.is_recorded = is_recorded;
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

    /// Sets how long a oneway call over HTTP waits for the server's acknowledgement. Default 1 s, and never longer than the call may
    /// take. Where none comes in that time, the call counts as sent, and the next one has a new connection: a late answer must not
    /// be taken for its own.
    pub fn oneway_timeout(mut self, timeout: Duration) -> Self {
        self.oneway_timeout = timeout;
        self
    }

    /// Sets what a server may send.
    pub fn limits(mut self, limits: transport::Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a header to every call: a field of HTTP requests and of the handshake of WebSocket, such as `Authorization`; without
    /// either, an info header of THeader messages.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Adds an info header to every call, whatever the envelope of THeader is in.
    pub fn info_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.info.push((name.into(), value.into()));
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
        let Self { address: text, codec, is_old, transport, service, timeout, connect_timeout, limits, tls, .. } = self;
        let (is_compressed, is_recorded, oneway_timeout) = (self.is_compressed, self.is_recorded, self.oneway_timeout);
        let scheme = match text.split_once("://") {
            Some(("http" | "https", _)) => Kind::Http,
            Some(("ws" | "wss", _)) => Kind::WebSocket,
            _ => Kind::Framed,
        };
        let transport = transport.unwrap_or(scheme.into());
        let place = Place { peer: text, service, method: "".into(), codec, transport, is_mute: false };
        let (address, url) = match Address::parse(&place.peer) {
            Ok(parsed) => parsed,
            Err(error) => return Err(Error::new(place, error.into())),
        };
        let settings = security(&address, url.as_ref(), tls)
            .and_then(|security| Ok((security, settings(&place, &address, url, scheme, (self.fields, self.info))?)))
            .and_then(|settings| match settings {
                (_, (_, None)) if is_compressed => Err(format!("requests are deflated in envelopes, and {transport} has none")),
                settings => Ok(settings),
            });
        match settings {
            Ok((security, (dress, headers))) => Ok(Target {
                address,
                names: Names::default(),
                dress,
                headers,
                is_compressed,
                is_recorded,
                security,
                is_old,
                place,
                timeout,
                connect_timeout,
                oneway_timeout,
                limits,
            }),
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

/// Names with their values.
type Pairs = Vec<(String, String)>;

/// Checks what does not fit together, and prepares what goes around the messages: what HTTP needs, and the info headers where there
/// are envelopes.
fn settings(
    place: &Place,
    address: &Address,
    url: Option<Url>,
    scheme: Kind,
    (mut fields, mut info): (Pairs, Pairs),
) -> Result<(Dress, Option<InfoHeaders>), String> {
    if place.service.contains(':') {
        return Err(format!("{:?} is no name of a service: it has a colon", place.service));
    }
    let (codec, stack) = (place.codec, place.transport);
    if !stack.is_known() {
        return Err(format!("there is no transport {stack}"));
    }
    if !stack.carries(codec) {
        return Err(format!("the transport {stack} does not carry the {} protocol", codec.name()));
    }
    let fits = match scheme {
        Kind::Http => matches!(stack.outer, Kind::Http | Kind::WebSocket),
        Kind::WebSocket => stack.outer == Kind::WebSocket,
        _ => true,
    };
    if !fits {
        return Err(format!("an address with :// cannot have the transport {stack}"));
    }
    let has_fields = matches!(stack.outer, Kind::Http | Kind::WebSocket);
    if !has_fields && stack.has_envelope() {
        info.append(&mut fields);
    }
    if !has_fields && !fields.is_empty() {
        return Err(format!("headers are for http, websocket and header: the transport {stack} has none"));
    }
    let headers = if stack.has_envelope() {
        Some(info_headers(&info)?)
    } else if info.is_empty() {
        None
    } else {
        return Err(format!("info headers are for header, by itself or inside of another transport: {stack} has none"));
    };
    let dress = if has_fields { web(place, address, url, fields)? } else { Dress::Plain };
    Ok((dress, headers))
}

fn info_headers(pairs: &Pairs) -> Result<InfoHeaders, String> {
    let mut headers = InfoHeaders::default();
    for (name, value) in pairs {
        headers.add(name.as_bytes(), value.as_bytes()).map_err(|error| format!("{name:?}: {error}"))?;
    }
    Ok(headers)
}

fn web(place: &Place, address: &Address, url: Option<Url>, fields: Pairs) -> Result<Dress, String> {
    let Url { host, path, .. } = url.unwrap_or_else(|| {
        let host =
            if matches!(address, Address::Unix(_) | Address::Abstract(_)) { "localhost".to_owned() } else { place.peer.clone() };
        Url { host, path: "/".to_owned(), is_secure: false }
    });
    let mut destination = Destination::new(&host, &path).map_err(|error| format!("{host}{path}: {error}"))?;
    for (name, value) in fields {
        destination = destination.field(&name, &value).map_err(|error| format!("{name:?}: {error}"))?;
    }
    Ok(match place.transport.outer {
        Kind::Http => Dress::Http(http::Client::at(&destination)),
        _ => Dress::WebSocket(destination),
    })
}

//! A server, and how to speak to it: what a described connection comes to once it is checked.

use std::borrow::Cow;
use std::time::Duration;

use crate::rpc::Requester;
use crate::transport::header::InfoHeaders;
use crate::transport::http::{self, Destination};
use crate::transport::{self, Client, Kind};

use super::address::Address;
use super::connect::{self, Names};
use super::deadline::Deadline;
use super::error::{Cause, Error, Place};
use super::link::Link;
use super::socket::Socket;
use super::tls::Security;

/// What goes around the messages of every connection.
#[derive(Debug)]
pub(super) enum Dress {
    Plain,
    Http(http::Client),
    WebSocket(Destination),
}

/// A server, and how to speak to it.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) address: Address,
    pub(super) names: Names,
    pub(super) dress: Dress,
    /// The info headers that every call has; `None` where there are no envelopes.
    pub(super) headers: Option<InfoHeaders>,
    pub(super) is_compressed: bool,
    pub(super) is_recorded: bool,
    pub(super) security: Option<Security>,
    pub(super) is_old: bool,
    pub(super) place: Place,
    pub(super) timeout: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) oneway_timeout: Duration,
    pub(super) limits: transport::Limits,
}

impl Target {
    pub(super) fn resolve(&self, deadline: Deadline) -> Result<Vec<Socket>, Cause> {
        connect::resolve(&self.address, &self.names, deadline.or_after(self.connect_timeout))
    }

    pub(super) fn connect(&self, deadline: Deadline) -> Result<Link, Cause> {
        let deadline = deadline.or_after(self.connect_timeout);
        let mut timed = connect::connect(&self.address, &self.names, deadline)?;
        match &self.security {
            None => Ok(Link::plain(timed)),
            Some(security) => {
                let session = security.secure(&mut timed, deadline)?;
                Ok(Link::secure(timed, session))
            }
        }
    }

    /// The info headers that every call has.
    pub(super) fn headers(&self) -> InfoHeaders {
        self.headers.clone().unwrap_or_default()
    }

    /// The client side of a new connection.
    pub(super) fn requester(&self) -> Requester {
        let Place { codec, transport, service, .. } = &self.place;
        let client = match (transport.outer, &self.dress) {
            (_, Dress::Http(http)) => Client::http(http.clone()),
            (_, Dress::WebSocket(destination)) => Client::websocket(destination, *codec),
            (Kind::Header, _) => Client::header(*codec),
            (Kind::Unframed, _) => Client::unframed(*codec),
            (Kind::Zlib, _) => Client::zlib(*codec),
            _ => Client::framed(),
        };
        let client = match transport.inner {
            Some(layer) => client.with(layer, *codec),
            None => client,
        };
        let client = if self.is_compressed { client.compressed() } else { client };
        Requester::new(*codec, client).old_binary(self.is_old).service(service)
    }

    pub(super) fn error(&self, method: impl Into<Cow<'static, str>>, is_mute: bool, cause: Cause) -> Error {
        Error::new(Place { method: method.into(), is_mute, ..self.place.clone() }, cause)
    }
}

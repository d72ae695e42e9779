//! A server for those who have an event loop of their own: where its sockets are, and the client side of each connection. It opens
//! none.

use crate::rpc::Requester;

use super::deadline::Deadline;
use super::error::Error;
use super::socket::Socket;
use super::target::Target;

/// A server, and how to speak to it.
#[derive(Debug)]
pub struct Endpoint(pub(super) Target);

impl Endpoint {
    pub(super) fn new(target: Target) -> Self {
        Self(target)
    }

    /// Looks the host up. At least one.
    ///
    /// # Errors
    /// Where it has no address, or there is no answer in time.
    pub fn sockets(&self) -> Result<Vec<Socket>, Error> {
        let sockets = self.0.resolve(Deadline::after(self.0.timeout));
        sockets.map_err(|cause| self.0.error("", false, cause))
    }

    /// The client side of a new connection.
    pub fn requester(&self) -> Requester {
        self.0.requester()
    }

    /// The name of the protocol.
    pub fn protocol(&self) -> &'static str {
        self.0.place.codec.name()
    }

    /// The name of the transport.
    pub fn transport(&self) -> String {
        self.0.place.transport.to_string()
    }
}

//! The way to a server: where its socket is, and what secures what goes there. It resolves no names.

use super::address::Address;
use super::tls::TlsClient;

/// The way to a server.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where its socket is.
    pub address: Address,
    /// How the connection is secured; `None` for plain text.
    pub tls: Option<TlsClient>,
}

impl From<Address> for Route {
    fn from(address: Address) -> Self {
        Self { address, tls: None }
    }
}

//! Who is at the other end. It resolves no names, and lets nobody in or out.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::owner::Owner;

/// The far end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Peer {
    /// A TCP peer; an IPv4-mapped IPv6 address is stored as plain IPv4.
    Tcp(SocketAddr),
    /// A peer on a Unix socket, which has no useful address; and who it is, where somebody wants to know and the system says.
    Unix(Option<Owner>),
}

impl Peer {
    /// A TCP peer, its address in canonical form.
    pub fn tcp(address: SocketAddr) -> Self {
        Peer::Tcp(SocketAddr::new(address.ip().to_canonical(), address.port()))
    }

    /// The peer's IP address, if it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Peer::Tcp(address) => Some(address.ip()),
            Peer::Unix(_) => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Tcp(address) => address.fmt(f),
            Peer::Unix(None) => f.write_str("unix"),
            Peer::Unix(Some(owner)) => write!(f, "unix ({owner})"),
        }
    }
}

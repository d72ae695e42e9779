//! Where a socket of a server is, once its host was looked up.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where a socket of a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// A TCP address.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// The name of a Unix socket that is in no file system.
    Abstract(String),
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Abstract(name) => write!(f, "unix:@{name}"),
        }
    }
}

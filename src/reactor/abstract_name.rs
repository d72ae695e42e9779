//! Unix sockets with a name that stands in no file system: they end with the last descriptor, so that none is ever stale, and
//! have no permissions, so that whoever shares the network namespace may connect. Linux only.

use std::io;
use std::os::unix::net::{SocketAddr, UnixListener};

use socket2::Socket;

/// The socket address of this name.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn address(name: &str) -> io::Result<SocketAddr> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

/// The socket address of this name.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn address(_: &str) -> io::Result<SocketAddr> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "abstract names of Unix sockets exist on Linux only: take unix:/path"))
}

/// Binds a socket to this name. The standard library makes it listen at once; listening again sets the length of its queue.
pub(super) fn bind(name: &str) -> io::Result<Socket> {
    let listener = UnixListener::bind_addr(&address(name)?)?;
    listener.set_nonblocking(true)?;
    Ok(Socket::from(listener))
}

//! Who runs the process at the other end of a Unix socket, as the kernel noted it when that process connected. Linux only: it
//! judges nobody.

use std::fmt;
use std::io;
use std::os::fd::AsFd;

/// The user and the group of a process. One that the user namespace of this process has no number for is shown as 65534.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Owner {
    /// The number of its user.
    pub uid: u32,
    /// The number of its first group; other groups that its user is in are not told.
    pub gid: u32,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uid, gid } = self;
        write!(f, "uid {uid}, gid {gid}")
    }
}

/// Who opened the other end.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn of(socket: &impl AsFd) -> io::Result<Owner> {
    // Not rustix: its process ids are never 0, which is what a peer of another namespace has.
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    let credentials = getsockopt(&socket.as_fd(), PeerCredentials)?;
    Ok(Owner { uid: credentials.uid(), gid: credentials.gid() })
}

/// Who opened the other end.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn of(_: &impl AsFd) -> io::Result<Owner> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux tells who is at the other end of a Unix socket"))
}

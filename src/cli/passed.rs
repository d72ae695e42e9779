//! Sockets that a supervisor passes to this process, as systemd does (sd_listen_fds(3)). What they are for, their addresses say.

use std::os::fd::OwnedFd;

use listenfd::ListenFd;

/// All of them.
///
/// # Errors
/// Where one of them is no socket that can listen; says which.
pub(super) fn sockets() -> Result<Vec<OwnedFd>, String> {
    let mut passed = ListenFd::from_env();
    (0..passed.len()).map(|index| take(&mut passed, index)).collect()
}

fn take(passed: &mut ListenFd, index: usize) -> Result<OwnedFd, String> {
    let tcp = passed.take_tcp_listener(index).ok().flatten().map(OwnedFd::from);
    let unix = || passed.take_unix_listener(index).ok().flatten().map(OwnedFd::from);
    tcp.or_else(unix).ok_or_else(|| format!("file {index} of LISTEN_FDS is neither a TCP nor a Unix socket that listens"))
}

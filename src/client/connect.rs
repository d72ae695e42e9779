//! From an address to a connected socket, within a deadline. Looking a name up cannot be interrupted, so it runs on a thread of
//! its own; what it found is good for a while.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use super::address::Address;
use super::deadline::Deadline;
use super::error::{Cause, Step};
use super::socket::Socket;
use super::stream::{Stream, Timed};

/// How long the addresses of a host are used before it is looked up again.
const NAMES_KEPT: Duration = Duration::from_secs(30);

/// The addresses that a host had lately.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<Option<(Instant, Vec<SocketAddr>)>>);

/// Connects. A host with several addresses is tried at one after the other.
pub(super) fn connect(address: &Address, names: &Names, deadline: Deadline) -> Result<Timed, Cause> {
    let stream = match address {
        Address::Unix(path) => Stream::Unix(connect_unix(SocketAddrUnix::new(path), deadline)?),
        Address::Abstract(name) => Stream::Unix(connect_unix(abstract_name(name), deadline)?),
        Address::Tcp(host, port) => {
            let stream = connect_tcp(&names.find(host, *port, deadline)?, deadline);
            Stream::Tcp(stream.inspect_err(|_| names.forget())?)
        }
    };
    Ok(Timed::new(stream))
}

/// Where a server's sockets may be.
pub(super) fn resolve(address: &Address, names: &Names, deadline: Deadline) -> Result<Vec<Socket>, Cause> {
    Ok(match address {
        Address::Unix(path) => vec![Socket::Unix(path.clone())],
        Address::Abstract(name) => vec![Socket::Abstract(name.clone())],
        Address::Tcp(host, port) => names.find(host, *port, deadline)?.into_iter().map(Socket::Tcp).collect(),
    })
}

fn connect_tcp(addresses: &[SocketAddr], deadline: Deadline) -> Result<TcpStream, Cause> {
    let mut last = Cause::Connect(io::ErrorKind::NotFound.into());
    for (tried, address) in addresses.iter().enumerate() {
        // An address that does not answer must leave time for the next one.
        let share = deadline.left() / (addresses.len() - tried) as u32;
        if share.is_zero() {
            return Err(timed_out(Step::Connecting, deadline));
        }
        let connected = TcpStream::connect_timeout(address, share).and_then(|stream| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => last = timed_out(Step::Connecting, deadline),
            Err(error) => last = Cause::Connect(error),
        }
    }
    Err(last)
}

/// The time-out for sending also bounds the wait for room in the listener's queue (unix(7)); it must stand before.
fn connect_unix(address: Result<SocketAddrUnix, Errno>, deadline: Deadline) -> Result<UnixStream, Cause> {
    let left = deadline.left();
    if left.is_zero() {
        return Err(timed_out(Step::Connecting, deadline));
    }
    let socket = || {
        let address = address?;
        let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(left))?;
        rustix::net::connect(&socket, &address)?;
        Ok(UnixStream::from(socket))
    };
    socket().map_err(|errno: Errno| match errno {
        Errno::AGAIN => timed_out(Step::Connecting, deadline),
        errno => Cause::Connect(errno.into()),
    })
}

/// The address of a name that is in no file system (unix(7)).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_name(name: &str) -> Result<SocketAddrUnix, Errno> {
    SocketAddrUnix::new_abstract_name(name.as_bytes())
}

/// Only Linux has such names.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_name(_: &str) -> Result<SocketAddrUnix, Errno> {
    Err(Errno::AFNOSUPPORT)
}

impl Names {
    fn find(&self, host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>, Cause> {
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, addresses)) = &*known
            && since.elapsed() < NAMES_KEPT
        {
            return Ok(addresses.clone());
        }
        *known = None;
        drop(known);
        let addresses = look_up(host, port, deadline)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), addresses.clone()));
        Ok(addresses)
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn look_up(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>, Cause> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let host = host.to_owned();
    let look_up = move || {
        let found = (&*host, port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // Nobody listens any more where the time was up.
        _ = sender.send(found);
    };
    thread::Builder::new().name("farthing-lookup".into()).spawn(look_up).map_err(Cause::Resolve)?;
    match receiver.recv_timeout(deadline.left()) {
        Ok(Ok(addresses)) if addresses.is_empty() => Err(Cause::Resolve(io::ErrorKind::NotFound.into())),
        Ok(found) => found.map_err(Cause::Resolve),
        Err(RecvTimeoutError::Timeout) => Err(timed_out(Step::Resolving, deadline)),
        Err(RecvTimeoutError::Disconnected) => Err(Cause::Resolve(io::Error::other("the look-up panicked"))),
    }
}

fn timed_out(step: Step, deadline: Deadline) -> Cause {
    Cause::Timeout { step, after: deadline.timeout() }
}

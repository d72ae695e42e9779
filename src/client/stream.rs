//! A socket of either kind, plain, with a deadline for every read and write together instead of a time-out for each.

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{RecvFlags, SendFlags};

use super::deadline::Deadline;

/// A connected socket.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A socket, and the time-outs that stand on it.
#[derive(Debug)]
pub(super) struct Timed {
    stream: Stream,
    read_timeout: Duration,
    write_timeout: Duration,
}

/// Why a read or a write came to nothing.
pub(super) enum Stop {
    TimedOut,
    Failed(io::Error),
    /// TLS found a reason not to go on.
    #[allow(dead_code)] // a build without TLS finds none
    Insecure(String),
}

/// A standing time-out may be longer than what is left by this part: it saves a system call per read.
const SLACK: u32 = 64;

impl Timed {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, read_timeout: Duration::ZERO, write_timeout: Duration::ZERO }
    }

    /// Reads once.
    pub(super) fn read(&mut self, into: &mut [u8], deadline: Deadline) -> Result<usize, Stop> {
        loop {
            if let Some(timeout) = renewed(self.read_timeout, deadline)? {
                self.stream.set_read_timeout(timeout).map_err(Stop::Failed)?;
                self.read_timeout = timeout;
            }
            let outcome = match &mut self.stream {
                Stream::Tcp(stream) => stream.read(into),
                Stream::Unix(stream) => stream.read(into),
            };
            match outcome {
                Err(error) if is_early(&error) => {}
                outcome => return outcome.map_err(Stop::Failed),
            }
        }
    }

    /// Writes once.
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>], deadline: Deadline) -> Result<usize, Stop> {
        loop {
            if let Some(timeout) = renewed(self.write_timeout, deadline)? {
                self.stream.set_write_timeout(timeout).map_err(Stop::Failed)?;
                self.write_timeout = timeout;
            }
            let outcome = match &mut self.stream {
                Stream::Tcp(stream) => stream.write_vectored(slices),
                Stream::Unix(stream) => stream.write_vectored(slices),
            };
            match outcome {
                Err(error) if is_early(&error) => {}
                outcome => return outcome.map_err(Stop::Failed),
            }
        }
    }

    /// Sends what there is room for, without waiting.
    pub(super) fn try_send(&self, bytes: &[u8]) {
        _ = rustix::net::send(&self.stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
    }

    /// Whether the peer has neither sent nor ended anything: between two calls it has nothing to say.
    pub(super) fn is_quiet(&self) -> bool {
        let outcome = rustix::net::recv(&self.stream, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
        matches!(outcome, Err(rustix::io::Errno::AGAIN))
    }
}

/// The time-out to set, where the standing one is of no use for this deadline.
fn renewed(standing: Duration, deadline: Deadline) -> Result<Option<Duration>, Stop> {
    let left = deadline.left();
    if left.is_zero() {
        return Err(Stop::TimedOut);
    }
    // Zero stands for none.
    let fits = !standing.is_zero() && standing <= left.saturating_add(left / SLACK) && standing >= left / 2;
    Ok(if fits { None } else { Some(left) })
}

/// The standing time-out was up, or a signal came: the deadline tells.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

impl Stream {
    fn set_read_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(Some(timeout)),
            Self::Unix(stream) => stream.set_read_timeout(Some(timeout)),
        }
    }

    fn set_write_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_write_timeout(Some(timeout)),
            Self::Unix(stream) => stream.set_write_timeout(Some(timeout)),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }
}

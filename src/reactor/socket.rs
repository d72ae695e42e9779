//! The streams of the operating system, as one enum so that the hot path has no `dyn`. It never loops and never waits.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown};
use socket2::SockRef;

use super::platform::Stream;

/// A connected socket.
#[derive(Debug)]
pub enum Socket {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a Unix socket.
    Unix(UnixStream),
}

impl Socket {
    /// What the selector registers.
    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Socket::Tcp(stream) => stream,
            Socket::Unix(stream) => stream,
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Socket::Tcp(stream) => stream.as_fd(),
            Socket::Unix(stream) => stream.as_fd(),
        }
    }
}

impl Stream for Socket {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        debug_assert!(into.capacity() > into.len(), "a read needs room");
        let (_, n) = rustix::net::recv(&*self, spare_capacity(into), RecvFlags::empty())?;
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::net::send(&*self, bytes, SendFlags::NOSIGNAL)?)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(rustix::net::sendmsg(&*self, slices, &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL)?)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&*self, Shutdown::Write)?)
    }

    fn reset(self) {
        // A socket that the peer has reset already refuses the option; closing it is all that is left to do.
        let _ = SockRef::from(&self).set_linger(Some(std::time::Duration::ZERO));
    }
}

//! The streams of the operating system, as one enum so that the hot path has no `dyn`. It never loops and never waits.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown};
use socket2::SockRef;

use super::abstract_name;
use super::address::Address;
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
    /// Begins to connect.
    pub(super) fn connect(address: &Address) -> io::Result<Self> {
        Ok(match address {
            Address::Tcp(address) => {
                let stream = TcpStream::connect(*address)?;
                stream.set_nodelay(true)?;
                Socket::Tcp(stream)
            }
            Address::Unix(path) => Socket::Unix(UnixStream::connect(path)?),
            Address::Abstract(name) => Socket::Unix(UnixStream::connect_addr(&abstract_name::address(name)?)?),
        })
    }

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

    fn connected(&self) -> io::Result<bool> {
        let Socket::Tcp(stream) = self else { return Ok(true) };
        match stream.peer_addr() {
            Ok(_) => Ok(true),
            // Not connected: not yet, or never.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => stream.take_error()?.map_or(Ok(false), Err),
            Err(error) => Err(error),
        }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&*self, Shutdown::Write)?)
    }

    fn reset(self) {
        // A socket that the peer has reset already refuses the option; closing it is all that is left to do.
        let _ = SockRef::from(&self).set_linger(Some(std::time::Duration::ZERO));
    }
}

//! A stream that may turn out to be TLS: its first bytes tell. Above it there is plain text either way; what TLS is made of stands
//! in [`tls`](super::tls), which is empty in a build without it.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::platform::Stream;
use super::tls::{Guard, Tls, TlsClient};

/// A stream, and what secures it.
#[derive(Debug)]
pub struct MaybeTls<S> {
    stream: S,
    /// `None` where the stream is plain text, or known to be by now.
    guard: Option<Box<Guard>>,
}

impl<S: Stream> MaybeTls<S> {
    /// A stream without TLS.
    pub fn plain(stream: S) -> Self {
        MaybeTls { stream, guard: None }
    }

    /// An accepted stream whose peer may begin with TLS, or must.
    pub fn guarded(stream: S, tls: &Tls) -> Self {
        MaybeTls { stream, guard: Some(Box::new(Guard::new(tls))) }
    }

    /// A stream of our own that begins with TLS.
    pub(super) fn securing(stream: S, tls: &TlsClient) -> io::Result<Self> {
        Ok(MaybeTls { stream, guard: Some(Box::new(Guard::client(tls)?)) })
    }

    /// The stream below.
    pub(super) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    #[inline(never)]
    fn read_guarded(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let Some(guard) = &mut self.guard else { return self.stream.read(into) };
        let outcome = guard.read(&mut self.stream, into);
        if guard.is_needless() {
            self.guard = None;
        }
        outcome
    }
}

impl<S: AsFd> AsFd for MaybeTls<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl<S: Stream> Stream for MaybeTls<S> {
    #[inline]
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        if self.guard.is_some() { self.read_guarded(into) } else { self.stream.read(into) }
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.guard {
            None => self.stream.write(bytes),
            Some(guard) => guard.write(&mut self.stream, &[IoSlice::new(bytes)]),
        }
    }

    #[inline]
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match &mut self.guard {
            None => self.stream.write_vectored(slices),
            Some(guard) => guard.write(&mut self.stream, slices),
        }
    }

    fn connected(&self) -> io::Result<bool> {
        self.stream.connected()
    }

    fn secured(&mut self) -> io::Result<bool> {
        self.guard.as_mut().map_or(Ok(true), |guard| guard.shake_hands(&mut self.stream))
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        if let Some(guard) = &mut self.guard {
            guard.say_goodbye();
            guard.flush(&mut self.stream)?;
        }
        self.stream.shutdown_write()
    }

    fn reset(self) {
        self.stream.reset();
    }

    fn close(mut self) {
        if let Some(guard) = &mut self.guard {
            guard.say_goodbye();
            // The end of the connection speaks for itself where there is no room for a last word.
            _ = guard.flush(&mut self.stream);
        }
        self.stream.close();
    }

    #[inline]
    fn held(&self) -> usize {
        self.guard.as_ref().map_or(0, |guard| guard.held())
    }

    #[inline]
    fn buffered(&self) -> usize {
        self.guard.as_ref().map_or(0, |guard| guard.buffered())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.guard.as_mut().map_or(Ok(()), |guard| guard.flush(&mut self.stream))
    }

    #[inline]
    fn paused(&self) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.paused())
    }

    #[inline]
    fn is_costly(&self) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.is_costly())
    }

    #[inline]
    fn is_guarded(&self) -> bool {
        self.guard.is_some()
    }

    #[inline]
    fn handshake_since(&mut self, now: Instant) -> Option<Instant> {
        self.guard.as_mut()?.handshake_since(now)
    }

    #[inline]
    fn record_since(&mut self, now: Instant, waits: bool) -> Option<Instant> {
        self.guard.as_mut()?.record_since(now, waits)
    }
}

//! What the loop stands on: a selector, streams, listeners, a clock. Two implement it: the operating system through mio, and a
//! simulator with a virtual clock. The traits hold no policy; retries, budgets and limits are the loop's.

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::peer::Peer;
use super::route::Route;
use super::token::Token;

/// A selector with its clock, and the kinds of stream and listener that it watches. Edge-triggered.
pub trait Platform {
    /// A connected byte stream.
    type Stream: Stream;
    /// A source of streams.
    type Listener: Listener<Stream = Self::Stream>;

    /// The monotonic clock.
    fn now(&self) -> Instant;

    /// Waits until something is ready or `timeout` has passed (`None`: for ever), then replaces `events` by what is ready.
    fn poll(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()>;

    /// Begins to connect; [`Stream::connected`] and then [`Stream::secured`] say when it is done. A platform that only listens has
    /// no such way.
    fn connect(&mut self, route: &Route) -> io::Result<Self::Stream> {
        let _ = route;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Begins to report a stream's readable edges. What is ready already counts as an edge.
    fn watch(&mut self, stream: &mut Self::Stream, token: Token) -> io::Result<()>;

    /// From now on reports a watched stream's writable edges too. What is ready already counts as an edge.
    fn watch_writes(&mut self, stream: &mut Self::Stream, token: Token) -> io::Result<()>;

    /// Begins to report a listener's readable edges.
    fn watch_listener(&mut self, listener: &mut Self::Listener, token: Token) -> io::Result<()>;

    /// Reports nothing of a listener any more, which is about to be closed.
    fn unwatch_listener(&mut self, listener: &mut Self::Listener) {
        let _ = listener;
    }

    /// Something that makes [`Platform::poll`] report `token` from any thread. Called once.
    fn waker(&mut self, token: Token) -> io::Result<Arc<dyn Wake>>;
}

/// What a selector reports about one source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(clippy::struct_excessive_bools)] // the selector's own independent flags
pub struct Event {
    /// Whom it concerns.
    pub token: Token,
    /// There may be bytes, or connections, or an end of the stream.
    pub readable: bool,
    /// There may be room to write.
    pub writable: bool,
    /// The peer ended its side: read on to the end even after a short read.
    pub ended: bool,
    /// The connection is broken in both directions.
    pub broken: bool,
}

/// A non-blocking byte stream.
pub trait Stream {
    /// Appends to `into` what is there, within its spare capacity (never empty) and without growing it; 0 is the end.
    ///
    /// INVARIANT: less than the spare capacity means drained: whatever comes later makes an edge.
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize>;

    /// Writes some of `bytes`. Less than all of them means full: room makes an edge.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Like [`Stream::write`], for several pieces.
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Whether the peer has answered the connection attempt; an error where it refused.
    fn connected(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Goes on with what secures a connection of our own, reading and writing as far as that goes; whether it is done. While it is
    /// not, and nothing is [held](Stream::held) or [paused](Stream::paused), it waits for an edge.
    fn secured(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    /// Ends our side; what was written still arrives.
    fn shutdown_write(&mut self) -> io::Result<()>;

    /// Closes so that the peer sees a reset.
    fn reset(self);

    /// Closes in order, without waiting for anything.
    fn close(self)
    where
        Self: Sized,
    {
    }

    /// Bytes that the stream itself holds back, because there was no room or because it has something of its own to say. Until
    /// [`Stream::flush`] or a write has sent them, the loop minds them as it minds unsent replies.
    fn held(&self) -> usize {
        0
    }

    /// Bytes that the stream itself keeps in memory, those that are held and those that were received.
    #[inline]
    fn buffered(&self) -> usize {
        self.held()
    }

    /// Sends what is held; an error of the kind `WouldBlock` where there is not room for all of it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Whether the last read or write came short only because it had its share of the turn: the next one needs no edge.
    fn paused(&self) -> bool {
        false
    }

    /// Whether the next read may take as long as hundreds of others: the arithmetic of a handshake.
    #[inline]
    fn is_costly(&self) -> bool {
        false
    }

    /// Whether anything stands between its bytes and the app's, that has times of its own: else the next two have no answer.
    fn is_guarded(&self) -> bool {
        false
    }

    /// Since when a handshake is under way that decides whom the stream leads to; `now` where it has only begun.
    fn handshake_since(&mut self, now: Instant) -> Option<Instant> {
        let _ = now;
        None
    }

    /// Since when the peer owes the rest of a record, which tells nothing before its end; `now` where that is new. `waits`: what the
    /// socket had was read, and more would be.
    fn record_since(&mut self, now: Instant, waits: bool) -> Option<Instant> {
        let _ = (now, waits);
        None
    }
}

/// A non-blocking source of streams.
pub trait Listener {
    /// What it accepts.
    type Stream: Stream;

    /// Takes one waiting connection.
    fn accept(&mut self) -> io::Result<(Self::Stream, Peer)>;

    /// Takes one waiting connection with the file descriptor kept in reserve, and closes it.
    fn refuse(&mut self) -> io::Result<()>;
}

/// Wakes a platform's poll from another thread.
pub trait Wake: Debug + Send + Sync {
    /// Makes the current or the next poll return.
    fn wake(&self);
}

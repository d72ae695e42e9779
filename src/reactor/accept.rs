//! Listeners as the loop sees them: which are ready, which must rest, and what an accept error means. It opens no connection
//! by itself.

use std::io;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::peer::Peer;
use super::platform::Listener;

/// One listener and its state.
#[derive(Debug)]
pub(super) struct Door<L> {
    pub(super) listener: L,
    /// Connections may be waiting.
    pub(super) ready: bool,
    /// When to try again after an error. INVARIANT: no accept before that, so that an error cannot make the loop spin.
    pub(super) rests_until: Option<Instant>,
}

/// What came of one look.
#[derive(Debug)]
pub(super) enum Knock<S> {
    /// A connection.
    Guest(S, Peer),
    /// A connection that ended while it waited, or a signal: look again.
    Gone,
    /// None waits.
    Nobody,
    /// It failed and rests; so many waiting ones were turned away.
    Failed(io::Error, usize),
}

impl<L: Listener> Door<L> {
    pub(super) fn new(listener: L) -> Self {
        Door { listener, ready: false, rests_until: None }
    }

    /// Whether to look now.
    pub(super) fn is_open(&mut self, now: Instant) -> bool {
        if self.rests_until.is_some_and(|until| until <= now) {
            self.rests_until = None;
        }
        self.ready && self.rests_until.is_none()
    }

    /// Takes a waiting connection, if there is one.
    pub(super) fn knock(&mut self, now: Instant, pause: Duration, refuse_most: usize) -> Knock<L::Stream> {
        let error = match self.listener.accept() {
            Ok((stream, peer)) => return Knock::Guest(stream, peer),
            Err(error) => error,
        };
        match error.kind() {
            io::ErrorKind::WouldBlock => {
                self.ready = false;
                Knock::Nobody
            }
            io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => Knock::Gone,
            _ => {
                self.rests_until = Some(now + pause);
                let refused = if lacks_descriptors(&error) { self.turn_away(refuse_most) } else { 0 };
                Knock::Failed(error, refused)
            }
        }
    }

    /// Closes waiting connections rather than leave them hanging while there is no descriptor to serve them.
    fn turn_away(&mut self, most: usize) -> usize {
        (0..most).take_while(|_| self.listener.refuse().is_ok()).count()
    }
}

fn lacks_descriptors(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

//! A connection's bytes, plain or through TLS; above it nobody knows which.

use std::io::IoSlice;

use super::deadline::Deadline;
use super::stream::{Stop, Timed};
use super::tls::Session;

/// A connected socket, and what secures it.
#[derive(Debug)]
pub(super) struct Link {
    timed: Timed,
    session: Option<Box<Session>>,
}

impl Link {
    pub(super) fn plain(timed: Timed) -> Self {
        Self { timed, session: None }
    }

    /// `session` is set up over that socket already.
    pub(super) fn secure(timed: Timed, session: Box<Session>) -> Self {
        Self { timed, session: Some(session) }
    }

    /// Reads once. Zero bytes are the end.
    pub(super) fn read(&mut self, into: &mut [u8], deadline: Deadline) -> Result<usize, Stop> {
        match &mut self.session {
            None => self.timed.read(into, deadline),
            Some(session) => session.read(&mut self.timed, into, deadline),
        }
    }

    /// Writes once.
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>], deadline: Deadline) -> Result<usize, Stop> {
        match &mut self.session {
            None => self.timed.write(slices, deadline),
            Some(session) => session.write(&mut self.timed, slices, deadline),
        }
    }

    /// Whether the peer has neither said nor ended anything: between two calls it has nothing to say.
    pub(super) fn is_quiet(&mut self) -> bool {
        match &mut self.session {
            None => self.timed.is_quiet(),
            Some(session) => session.is_quiet(&mut self.timed),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(session) = &mut self.session {
            // Where there is no room for it at once, the end speaks for itself.
            self.timed.try_send(&session.goodbye());
        }
    }
}

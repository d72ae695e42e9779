//! A connection that belongs to a pool, while somebody uses it.

use std::sync::Arc;
use std::time::Duration;

use crate::rpc::{ApplicationException, CallError, Caller, Success, Throws};
use crate::transport::header::{HeaderError, Headers};
use crate::wire::Encode;

use super::connection::{Connection, Outcome, returned};
use super::deadline::Deadline;
use super::error::{Cause, Error};
use super::queue::Queue;
use super::target::Target;

/// A connection of a pool. Dropped, it goes back; one that failed is closed instead, and makes room for a new one.
#[derive(Debug)]
pub struct Pooled {
    shared: Arc<Shared>,
    /// INVARIANT: there until the drop.
    connection: Option<Connection>,
    timeout: Duration,
}

/// What the users of a pool share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) target: Arc<Target>,
    pub(super) queue: Queue<Connection>,
    pub(super) retry: bool,
}

impl Pooled {
    pub(super) fn new(shared: Arc<Shared>, connection: Connection) -> Self {
        let timeout = shared.target.timeout;
        Self { shared, connection: Some(connection), timeout }
    }

    /// Sets how long each of the next calls over it may take in all, in place of what the builder said.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Adds an info header to the next call, and to no other; see [`Connection::add_header`].
    ///
    /// # Errors
    /// `NotCarried` where the transport is not THeader; `TextTooLong`, `TooMany`.
    pub fn add_header(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        self.connection.as_mut().map_or(Err(HeaderError::TooLate), |connection| connection.add_header(key, value))
    }

    /// The info headers that came with the last reply; none where the transport is not THeader.
    pub fn reply_headers(&self) -> Headers<'_> {
        self.connection.as_ref().map_or_else(Headers::default, Connection::reply_headers)
    }

    fn reset_headers(&mut self) {
        self.connection.iter_mut().for_each(Connection::reset_headers);
    }

    pub(super) fn try_call<A: Encode, T: Success, E: Throws>(
        &mut self,
        method: &'static str,
        arguments: &A,
        deadline: Deadline,
    ) -> Outcome<T, E> {
        self.with_retry(deadline, |connection| connection.try_call(method, arguments, deadline))
    }

    pub(super) fn try_send<A: Encode>(&mut self, method: &'static str, arguments: &A, deadline: Deadline) -> Result<(), Error> {
        self.with_retry(deadline, |connection| connection.try_send(method, arguments, deadline))
    }

    /// A connection that has carried calls and ends without an answer to this one was most likely closed while it was idle.
    fn with_retry<T>(
        &mut self,
        deadline: Deadline,
        mut call: impl FnMut(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Self { shared, connection, .. } = self;
        let Some(connection) = connection else { return Err(shared.target.error("", false, Cause::Broken)) };
        let outcome = call(connection);
        match &outcome {
            Err(error) if shared.retry && connection.is_used() && error.is_unanswered() => {
                connection.reconnect_by(deadline)?;
                call(connection)
            }
            _ => outcome,
        }
    }
}

impl Caller for Pooled {
    fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>> {
        let outcome = self.try_call(method, arguments, Deadline::after(self.timeout));
        self.reset_headers();
        returned(outcome)
    }

    fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>> {
        let outcome = self.try_send(method, arguments, Deadline::after(self.timeout));
        self.reset_headers();
        returned(outcome.map(Ok))
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        match self.connection.take() {
            Some(connection) if connection.is_reusable() => self.shared.queue.give(connection),
            _ => self.shared.queue.lose(),
        }
    }
}

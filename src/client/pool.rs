//! Connections that threads share.

use std::sync::Arc;
use std::time::Duration;

use crate::rpc::{ApplicationException, CallError, Caller, Success, Throws};
use crate::wire::Encode;

use super::builder::Builder;
use super::connection::{Connection, returned};
use super::deadline::Deadline;
use super::error::{Cause, Error, Step};
use super::pooled::{Pooled, Shared};
use super::queue::{Grant, Queue};

/// Connections that are open at once, unless something else is said.
const CONNECTIONS_MAX: usize = 16;
/// How long a connection may wait for its next call. Servers wait longer, so that it is rarely they who close.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A pool that is being described.
#[derive(Clone, Debug)]
#[must_use]
pub struct PoolBuilder {
    connection: Builder,
    connections_max: usize,
    idle_timeout: Duration,
    retry: bool,
}

/// Connections to one server that threads share. Clones are the same pool.
///
/// A pool is a [`Caller`]: each call takes a connection for itself. [`get`](Self::get) keeps one for several calls. Where all are
/// in use, threads wait their turn in the order they came, as long as a call may take.
///
/// A connection is looked at before it is used again: one that the server has closed is replaced. Where the server closes just
/// then, before any byte of an answer, the call is sent once more over a new connection, unless
/// [`PoolBuilder::retry`] forbids it.
#[derive(Clone, Debug)]
pub struct Pool(pub(super) Arc<Shared>);

impl Builder {
    /// A pool of such connections.
    pub fn pool(self) -> PoolBuilder {
        PoolBuilder::new(self)
    }
}

impl PoolBuilder {
    pub(super) fn new(connection: Builder) -> Self {
        Self { connection, connections_max: CONNECTIONS_MAX, idle_timeout: IDLE_TIMEOUT, retry: true }
    }

    /// Sets how many connections are open at once. Default 16, at least 1.
    pub fn connections_max(mut self, max: usize) -> Self {
        self.connections_max = max;
        self
    }

    /// Sets how long a connection may wait for its next call before it is closed instead of used. Default 60 s.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets whether a call is sent once more, over a new connection, where its connection had carried calls before and ended
    /// without a byte of an answer to this one. Default true.
    ///
    /// Servers of farthing and most others carry nothing out that they received after they had closed. But one that crashed
    /// while it carried out the call looks the same: set false where a call must never be carried out twice.
    pub fn retry(mut self, retry: bool) -> Self {
        self.retry = retry;
        self
    }

    /// Makes the pool. It connects when the first call comes.
    ///
    /// # Errors
    /// Where something was asked for that cannot be had.
    pub fn build(self) -> Result<Pool, Error> {
        let Self { connection, connections_max, idle_timeout, retry } = self;
        let target = Arc::new(connection.target()?);
        Ok(Pool(Arc::new(Shared { target, queue: Queue::new(connections_max, idle_timeout), retry })))
    }
}

impl Pool {
    /// A connection for several calls. It goes back when it is dropped.
    ///
    /// # Errors
    /// Where none is free in time, or no connection comes about.
    pub fn get(&self) -> Result<Pooled, Error> {
        self.get_by("", Deadline::after(self.0.target.timeout))
    }

    /// How many connections there are, and how many of them are idle.
    pub fn counts(&self) -> (usize, usize) {
        self.0.queue.counts()
    }

    /// How many threads wait for a connection.
    pub fn waiting(&self) -> usize {
        self.0.queue.waiting()
    }

    fn get_by(&self, method: &'static str, deadline: Deadline) -> Result<Pooled, Error> {
        let Self(shared) = self;
        let grant = shared.queue.take(deadline).ok_or_else(|| {
            shared.target.error(method, false, Cause::Timeout { step: Step::Queueing, after: deadline.timeout() })
        })?;
        if let Grant::Used(mut connection) = grant
            && connection.is_alive()
        {
            return Ok(Pooled::new(Arc::clone(shared), connection));
        }
        match Connection::open_by(Arc::clone(&shared.target), deadline) {
            Ok(connection) => Ok(Pooled::new(Arc::clone(shared), connection)),
            Err(error) => {
                shared.queue.lose();
                Err(error)
            }
        }
    }
}

impl Caller for Pool {
    fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>> {
        let deadline = Deadline::after(self.0.target.timeout);
        returned(self.get_by(method, deadline).and_then(|mut pooled| pooled.try_call(method, arguments, deadline)))
    }

    fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>> {
        let deadline = Deadline::after(self.0.target.timeout);
        returned(self.get_by(method, deadline).and_then(|mut pooled| pooled.try_send(method, arguments, deadline).map(Ok)))
    }
}

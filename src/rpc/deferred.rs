//! Answers that come later, from another thread.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::transport::header::HeaderError;

use super::exception::ApplicationException;
use super::outcome::{Success, Throws};
use super::reply::{Deferral, Reply, State};
use super::ticket::{Completer, Ticket};

/// A promise to answer one request, from any thread and at any later time. Dropped without an answer, it answers with an
/// INTERNAL_ERROR that says so.
pub struct Deferred<T: Success, E: Throws = ApplicationException> {
    ticket: Option<Ticket>,
    completer: Arc<dyn Completer>,
    result: PhantomData<fn(T, E)>,
}

impl Reply<'_> {
    /// Promises an answer from elsewhere.
    pub fn defer<T: Success, E: Throws>(&mut self) -> Deferred<T, E> {
        self.state = State::Deferred;
        let Deferral { completer, connection, slot } = &self.deferral;
        let mut ticket = Ticket::new(self.call, *connection, *slot);
        ticket.headers = self.headers.take();
        Deferred::new(ticket, Arc::clone(completer))
    }
}

impl<T: Success, E: Throws> Deferred<T, E> {
    pub(super) fn new(ticket: Ticket, completer: Arc<dyn Completer>) -> Self {
        Self { ticket: Some(ticket), completer, result: PhantomData }
    }

    /// Sends an info header with the answer, as [`Reply::set_header`] does.
    ///
    /// # Errors
    /// [`HeaderError`], with nothing changed.
    pub fn set_header(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        let ticket = self.ticket.as_mut().ok_or(HeaderError::TooLate)?;
        ticket.headers.get_or_insert_default().add(key.as_ref(), value.as_ref())
    }

    /// Answers.
    #[allow(clippy::needless_pass_by_value)] // the result is given away
    pub fn complete(mut self, result: Result<T, E>) {
        self.answer(|reply| reply.result(&result));
    }

    fn answer(&mut self, write: impl FnOnce(&mut Reply<'_>)) {
        if let Some(ticket) = self.ticket.take() {
            self.completer.complete(ticket.complete(&self.completer, write));
        }
    }
}

impl<T: Success, E: Throws> Drop for Deferred<T, E> {
    fn drop(&mut self) {
        self.answer(|reply| reply.application(&ApplicationException::internal("the handler never answered")));
    }
}

impl<T: Success, E: Throws> fmt::Debug for Deferred<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

//! Answers that come later, from another thread.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

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
        Deferred::new(Ticket::new(self.call, *connection, *slot), Arc::clone(completer))
    }
}

impl<T: Success, E: Throws> Deferred<T, E> {
    pub(super) fn new(ticket: Ticket, completer: Arc<dyn Completer>) -> Self {
        Self { ticket: Some(ticket), completer, result: PhantomData }
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

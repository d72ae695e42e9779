//! Answers that come later, from another thread.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::wire::{Codec, Output};

use super::exception::ApplicationException;
use super::outcome::{Success, Throws};
use super::reply::{Deferral, Reply, ReplyHead, State};

/// The right to answer one request. Neither `Copy` nor `Clone`: a request is answered at most once.
#[derive(Debug)]
pub struct Ticket {
    codec: Codec,
    method: Box<str>,
    seqid: i32,
    depth_max: usize,
    message_max: usize,
    connection: u64,
    slot: u64,
}

impl Ticket {
    pub(super) fn new(call: ReplyHead<'_>, connection: u64, slot: u64) -> Self {
        let ReplyHead { codec, method, seqid, depth_max, message_max } = call;
        Self { codec, method: method.into(), seqid, depth_max, message_max, connection, slot }
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    fn head(&self) -> ReplyHead<'_> {
        let Self { codec, method, seqid, depth_max, message_max, .. } = self;
        ReplyHead { codec: *codec, method, seqid: *seqid, depth_max: *depth_max, message_max: *message_max }
    }

    /// The connection that the request came on, as its context named it.
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// Uses the ticket up: `write` writes the answer.
    pub(super) fn complete(self, completer: &Arc<dyn Completer>, write: impl FnOnce(&mut Reply<'_>)) -> Completed {
        let mut out = Output::new();
        let deferral = Deferral { completer, connection: self.connection, slot: self.slot };
        let mut reply = Reply { out: &mut out, call: self.head(), state: State::Open, deferral };
        write(&mut reply);
        Completed { connection: self.connection, slot: self.slot, message: out, overloaded: false }
    }
}

/// An answer on its way back to the connection that waits for it.
#[derive(Debug)]
pub struct Completed {
    pub(super) connection: u64,
    pub(super) slot: u64,
    pub(super) message: Output,
    /// The answer says that there is too much to do.
    pub(super) overloaded: bool,
}

impl Completed {
    /// An answer that the connection gives by itself.
    pub(super) fn late(slot: u64, message: Output) -> Self {
        Self { connection: 0, slot, message, overloaded: false }
    }

    /// The connection that it belongs to, as its context named it.
    pub fn connection(&self) -> u64 {
        self.connection
    }
}

/// Takes answers back to where their connections live.
pub trait Completer: Send + Sync {
    /// Hands over an answer, from any thread.
    fn complete(&self, completed: Completed);
}

/// A promise to answer one request, from any thread and at any later time. Dropped without an answer, it answers with an
/// INTERNAL_ERROR that says so.
pub struct Deferred<T: Success, E: Throws = ApplicationException> {
    ticket: Option<Ticket>,
    completer: Arc<dyn Completer>,
    result: PhantomData<fn(T, E)>,
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

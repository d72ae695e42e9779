//! A call that runs on another thread: it owns its message, decodes there, and sends the answer back.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::transport::header::Headers;
use crate::wire::{Input, MessageKind};

use super::dispatch;
use super::exception::ApplicationException;
use super::limits::Limits;
use super::reply::State;
use super::request::Request;
use super::service::Service;
use super::stats::Stats;
use super::ticket::{Completed, Completer, Fault, Ticket};

/// The info header in which a client says for how many milliseconds it waits, as those of fbthrift do.
const CLIENT_TIMEOUT: &str = "client_timeout";

/// A call for the worker pool.
pub struct Job {
    /// When its client stops to wait, where it said so.
    pub(super) until: Option<Instant>,
    pub(super) service: Arc<dyn Service>,
    pub(super) message: Bytes,
    pub(super) headers: Bytes,
    pub(super) kind: MessageKind,
    pub(super) ticket: Ticket,
    pub(super) limits: Arc<Limits>,
    pub(super) completer: Arc<dyn Completer>,
}

impl Job {
    /// Calls the handler, and sends the answer to where the connection lives.
    pub fn run(self) {
        let Self { service, message, headers, kind, ticket, limits, completer, .. } = self;
        let method = ticket.method().to_owned();
        let codec = ticket.codec();
        let (mut deferred, mut fault) = (false, None);
        let stats = Stats::default();
        let completed = ticket.complete(&completer, |reply| {
            // The head was read before: the message was routed by it.
            let mut input = Input::shared(&message, &limits.transport.wire);
            let Ok(head) = codec.head(&mut input) else { return };
            let headers = Headers::new(&headers);
            let mut request =
                Request { method: &method, kind, seqid: head.seqid, codec, input, headers, delimited: true, is_read: false };
            if let Err(error) = dispatch::answer(Some(&service), &mut request, reply, &stats) {
                reply.application(&ApplicationException::protocol(error));
                fault = Some(Fault::Arguments(error));
            } else if stats.panics.get() > 0 {
                fault = Some(Fault::Panic);
            } else if stats.no_memory.get() > 0 {
                fault = Some(Fault::NoMemory);
            }
            deferred = reply.state == State::Deferred;
        });
        if kind != MessageKind::ONEWAY && !deferred {
            completer.complete(Completed { fault: completed.fault.or(fault), ..completed });
        }
    }

    /// Bytes of the request, which are in memory for as long as the job is.
    pub fn held(&self) -> usize {
        self.message.len() + self.headers.len()
    }

    /// Whether its client has stopped to wait: then its answer is of no use, and others wait for theirs.
    pub fn is_late(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether nobody waits for an answer.
    pub fn is_oneway(&self) -> bool {
        self.kind == MessageKind::ONEWAY
    }

    /// Answers without calling the handler: there is too much to do.
    pub fn shed(self, why: &'static str) {
        if self.kind != MessageKind::ONEWAY {
            let exception = ApplicationException::internal(format!("LOADSHEDDING: {why}"));
            let completed = self.ticket.complete(&self.completer, |reply| reply.application(&exception));
            self.completer.complete(Completed { overloaded: true, ..completed });
        }
    }
}

/// When the client of a request that came just now stops to wait for its answer, where it says so and means it.
pub(super) fn waits_until(headers: Headers<'_>, now: Instant) -> Option<Instant> {
    let millis = std::str::from_utf8(headers.get(CLIENT_TIMEOUT)?).ok()?.parse().ok().filter(|millis| *millis > 0)?;
    now.checked_add(Duration::from_millis(millis))
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("ticket", &self.ticket).field("kind", &self.kind).finish_non_exhaustive()
    }
}

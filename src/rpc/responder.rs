//! The server side of one connection. Sans-IO: bytes and a time go in, replies and the next deadline come out.
//!
//! It owns no socket, no clock and no thread: the calls that belong on other threads are handed out as [`Job`]s, and their
//! answers are handed back in as [`Completed`].

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use crate::transport::http::{Refusal, Status, write_refusal};
use crate::transport::{self, Exchange, Memo, Phase, Sniff, Split, Transport, sniff};
use crate::wire::{Codec, Mark, MessageKind, Output};

use super::exception::{ApplicationException, ExceptionKind};
use super::incoming::Incoming;
use super::job::Job;
use super::limits::Limits;
use super::reason::Reason;
use super::service::Services;
use super::slots::Slots;
use super::stats::Stats;
use super::strain::Strain;
use super::ticket::{Completed, Completer, Fault};
use super::watch::Watch;

/// The answer over HTTP where a body cannot be answered in kind.
const NO_MESSAGE: Refusal = Refusal::new(Status::BadRequest, "the body is no Thrift message of this connection's protocol");

/// What a responder works with, apart from its own state.
#[allow(missing_debug_implementations)] // lives for one call
pub struct Context<'c> {
    /// What is offered here.
    pub services: &'c Services,
    /// What a peer may ask.
    pub limits: &'c Arc<Limits>,
    /// The time.
    pub now: Instant,
    /// The name of the connection, for answers that come back from elsewhere.
    pub connection: u64,
    /// Where those answers go.
    pub completer: &'c Arc<dyn Completer>,
    /// What the connections of this thread share.
    pub memo: &'c mut Memo,
    /// What must be done without.
    pub strain: Strain,
    /// Takes the calls that are to run on the worker pool.
    pub jobs: &'c mut Vec<Job>,
    /// Counts.
    pub stats: &'c Stats,
}

/// What a responder wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// More input: at least `need` bytes in all.
    Read {
        /// Bytes that must be there, counted with those that are.
        need: usize,
    },
    /// Another turn, after the other connections: there may be more whole messages.
    Again,
    /// The output sent now, and then another call: a oneway call over HTTP is answered before it is carried out.
    Flush,
    /// Nothing, until an answer comes or the deadline passes.
    Pause,
    /// The output sent, and then the end.
    Finish(Reason),
    /// The end, at once.
    Close(Reason),
}

/// The server side of one connection.
#[derive(Debug)]
pub struct Responder {
    pub(super) transport: Option<Transport>,
    /// The codec of the first message, which all others must share.
    pub(super) codec: Option<Codec>,
    pub(super) slots: Slots,
    watch: Watch,
    /// A oneway message over HTTP: acknowledged, and carried out once that is sent.
    pub(super) held: Option<Box<Held>>,
    pub(super) protocol_errors: u8,
    draining: bool,
    /// There is input that rests because too many calls are under way, or too many answers unsent: the peer is not what is waited for.
    paused: bool,
    /// Nothing more is read; the connection ends for this reason once all is answered. Boxed, for most connections are not ending.
    pub(super) ending: Option<Box<Reason>>,
}

/// A message that waits for its turn, and what came with it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) message: Bytes,
    pub(super) headers: Bytes,
}

/// What became of the front of the input.
enum Step {
    Need(usize),
    Done,
    /// The transport answered something by itself, between two messages or within one.
    Answered {
        between: bool,
    },
}

impl Responder {
    /// The server side of a connection that was opened now.
    pub fn new(now: Instant, limits: &Limits) -> Self {
        Self {
            transport: None,
            codec: None,
            slots: Slots::default(),
            watch: Watch::first_byte(now, limits),
            held: None,
            protocol_errors: 0,
            draining: false,
            paused: false,
            ending: None,
        }
    }

    /// Deals with the whole messages at the front of `incoming`, up to a turn's worth, and writes their answers to `out`.
    pub fn receive(&mut self, incoming: &mut impl Incoming, out: &mut Output, context: &mut Context<'_>) -> Next {
        let mark = out.mark();
        let mut left = context.limits.turn_messages;
        let mut fresh = std::mem::take(&mut self.paused);
        if let Some(held) = self.held.take() {
            self.carry_out_held(*held, out, context);
            fresh = true;
        }
        let mut next = loop {
            if self.held.is_some() {
                break Next::Flush;
            }
            if self.ending.is_some() || self.slots.is_full(context.limits) {
                break self.rest();
            }
            let spent = left == 0 || out.len() >= context.limits.output_soft;
            if spent && (!incoming.bytes().is_empty() || self.holds_more()) {
                break Next::Again;
            }
            match self.step(incoming, out, context) {
                Ok(Step::Done) if incoming.bytes().is_empty() && self.is_at_rest() => {
                    self.watch.restart(context.now);
                    return Next::Read { need: 1 };
                }
                Ok(Step::Done) => (left, fresh) = (left.saturating_sub(1), true),
                Ok(Step::Answered { between }) => (left, fresh) = (left.saturating_sub(1), fresh || between),
                Ok(Step::Need(need)) => break Next::Read { need },
                Err(reason) => break self.fail(reason, out, context),
            }
        };
        self.note(incoming.bytes(), fresh, context);
        self.paused = matches!(next, Next::Pause | Next::Again) && !incoming.bytes().is_empty();
        // A peer that never pauses is never between messages: what it had sent is answered, and that is the boundary.
        let at_boundary = fresh || self.watch.is_between_messages();
        if self.draining && self.ending.is_none() && matches!(next, Next::Read { .. }) && at_boundary {
            self.ending = Some(Box::new(Reason::Drained));
            next = self.rest();
        }
        self.leave(&next, mark, out, context);
        next
    }

    /// The peer has said all that it will say: `incoming` holds what it left unfinished.
    pub fn finished(&mut self, incoming: &impl Incoming) -> Next {
        let phase = self.phase(incoming.bytes());
        let reason = if phase == Phase::Idle { Reason::Done } else { Reason::Truncated };
        self.end(reason);
        self.rest()
    }

    /// Takes an answer from elsewhere, and writes all that can leave now.
    pub fn complete(&mut self, completed: Completed, out: &mut Output, context: &mut Context<'_>) -> Next {
        let (overloaded, fault) = (completed.overloaded, completed.fault);
        if !self.slots.fill(completed) {
            context.stats.late_answers.add_one();
        } else if overloaded {
            context.stats.shed.add_one();
        } else if let Some(Fault::Arguments(error)) = fault {
            self.count_protocol_error(error, true, context);
        }
        match fault {
            Some(Fault::Panic) => context.stats.panics.add_one(),
            Some(Fault::NoMemory) => context.stats.no_memory.add_one(),
            Some(Fault::Arguments(_)) | None => {}
        }
        let mark = out.mark();
        self.slots.release(out, &context.limits.transport);
        if self.slots.is_empty() && self.watch.is_between_messages() {
            self.watch.restart(context.now);
        }
        let next = self.resume();
        self.leave(&next, mark, out, context);
        next
    }

    /// When [`expired`](Self::expired) must be called at the latest, as long as the strain stays.
    #[inline]
    pub fn deadline(&self, strain: Strain) -> Instant {
        match self.slots.deadline() {
            Some(answer) if !self.waits_for_peer() => answer,
            Some(answer) => answer.min(self.watch.deadline(strain)),
            None => self.watch.deadline(strain),
        }
    }

    /// Answers for handlers whose time is up, and ends the connection where it is the peer's.
    pub fn expired(&mut self, out: &mut Output, context: &mut Context<'_>) -> Next {
        self.answer_overdue(context);
        let mark = out.mark();
        self.slots.release(out, &context.limits.transport);
        let next = if self.waits_for_peer() && self.watch.deadline(context.strain) <= context.now {
            self.fail(self.watch.reason(), out, context)
        } else {
            if self.paused {
                self.watch.restart(context.now);
            }
            self.resume()
        };
        self.leave(&next, mark, out, context);
        next
    }

    /// Whether it is the peer that is to do something next: not while its calls are under way, unless it has begun a message
    /// and is free to go on with it.
    fn waits_for_peer(&self) -> bool {
        let owes_nothing = self.slots.is_empty() || !self.watch.is_between_messages();
        self.ending.is_none() && !self.paused && owes_nothing
    }

    /// The server is shutting down: the connection ends at the next boundary between messages.
    pub fn drain(&mut self) -> Next {
        self.draining = true;
        if self.watch.is_between_messages() {
            self.end(Reason::Drained);
        }
        match self.resume() {
            // Another turn, to say goodbye in.
            Next::Finish(_) if self.transport.as_ref().is_some_and(Transport::says_goodbye) => Next::Again,
            next => next,
        }
    }

    /// Reads nothing more, for this reason unless there is one already.
    #[cold]
    pub(super) fn end(&mut self, reason: Reason) {
        self.ending.get_or_insert_with(|| Box::new(reason));
    }

    /// What to wait for where no more input is to be read.
    #[cold]
    fn rest(&self) -> Next {
        match &self.ending {
            Some(reason) if self.slots.is_empty() => Next::Finish(**reason),
            _ => Next::Pause,
        }
    }

    /// What to do where answers have left: end, or go on with the input.
    fn resume(&self) -> Next {
        match self.ending {
            Some(_) => self.rest(),
            None if self.holds_more() => Next::Again,
            None => Next::Read { need: 1 },
        }
    }

    /// The input is of no more use. What was asked before is still answered, and over HTTP the peer is told why.
    #[cold]
    fn fail(&mut self, reason: Reason, out: &mut Output, context: &Context<'_>) -> Next {
        let is_http = self.is_http();
        let says_goodbye = self.transport.as_ref().is_some_and(Transport::says_goodbye);
        let refusal = match reason {
            Reason::Transport(transport::Error::Http(refusal)) => Some(refusal),
            Reason::HeaderTimeout | Reason::BodyTimeout if is_http => Some(Refusal::TIMED_OUT),
            Reason::MessageHead(_) | Reason::CodecChanged if is_http => Some(NO_MESSAGE),
            _ => None,
        };
        if let Some(refusal) = refusal {
            let mut bytes = Vec::new();
            write_refusal(&mut bytes, &refusal);
            self.send_raw(&bytes, out);
        } else if let Reason::Transport(transport::Error::Inflate(fault)) = reason {
            let exception = ApplicationException::new(ExceptionKind::INVALID_TRANSFORM, fault.to_string());
            let limits = &context.limits.transport;
            let way_back = self.transport.as_ref().map(|transport| transport.way_back(limits));
            let (exchange, codec) = way_back.unwrap_or((Exchange::UNFRAMED, None));
            self.refuse(exchange, codec, 0, &exception, out, context);
        } else if self.slots.is_empty() && out.is_empty() && !says_goodbye {
            return Next::Close(reason);
        }
        self.ending = Some(Box::new(reason));
        self.rest()
    }

    /// Bytes that are kept here: of messages whose transport unpacks them, of one that waits to be carried out, and of answers
    /// that wait for an earlier one.
    #[inline]
    pub fn held(&self) -> usize {
        let waiting = self.held.as_ref().map_or(0, |held| held.message.len());
        self.transport.as_ref().map_or(0, Transport::held) + self.slots.ready_bytes() + waiting
    }

    pub(super) fn is_http(&self) -> bool {
        self.transport.as_ref().is_some_and(Transport::is_http)
    }

    /// Whether nothing is left to do, and nothing to note but the time, where a message was the last of the input: so ends nearly
    /// every turn of a connection.
    #[inline]
    fn is_at_rest(&self) -> bool {
        self.watch.is_idle()
            && self.slots.is_empty()
            && self.held.is_none()
            && self.ending.is_none()
            && !self.draining
            && self.transport.as_ref().is_some_and(Transport::rests_on_input)
    }

    fn holds_more(&self) -> bool {
        self.transport.as_ref().is_some_and(Transport::holds_more)
    }

    /// Sees what is written on its way, once a turn: everything that came since `mark`.
    #[inline]
    fn leave(&mut self, next: &Next, mark: Mark, out: &mut Output, context: &mut Context<'_>) {
        if let Some(transport) = &mut self.transport
            && transport.minds_output()
        {
            see_off(transport, next, mark, out, context.memo);
        }
    }

    fn phase(&self, bytes: &[u8]) -> Phase {
        match &self.transport {
            Some(transport) => transport.phase(bytes),
            None if bytes.is_empty() => Phase::Idle,
            None => Phase::Head,
        }
    }

    fn note(&mut self, bytes: &[u8], fresh: bool, context: &Context<'_>) {
        let is_http = self.is_http();
        self.watch.note(self.phase(bytes), bytes.len(), fresh, is_http, context.now, context.limits);
    }

    /// Deals with the message at the front of the input, if it is whole.
    fn step(&mut self, incoming: &mut impl Incoming, out: &mut Output, context: &mut Context<'_>) -> Result<Step, Reason> {
        let limits = &context.limits.transport;
        let transport = match &mut self.transport {
            Some(transport) => transport,
            None => match sniff(incoming.bytes(), limits) {
                Sniff::Need(need) => return Ok(Step::Need(need)),
                Sniff::Spoken(spoken) => self.transport.insert(Transport::new(spoken)),
                Sniff::Foreign(foreign) => return Err(Reason::Transport(transport::Error::Foreign(foreign))),
            },
        };
        let split = match transport.split(incoming.bytes(), limits, context.memo) {
            Ok(split) => split,
            Err(transport::Error::Wire(error)) => {
                let front = transport.front(incoming.bytes());
                self.refuse_undelimited(error, &front, out, context)?;
                return Ok(Step::Done);
            }
            Err(error) => return Err(Reason::Transport(error)),
        };
        match split {
            Split::Need { consumed, need } => {
                incoming.consume(consumed);
                Ok(Step::Need(need))
            }
            Split::Answer { consumed, bytes } => {
                incoming.consume(consumed);
                self.send_raw(&bytes, out);
                let between = self.phase(incoming.bytes()) == Phase::Idle;
                Ok(Step::Answered { between })
            }
            Split::End { consumed } => {
                incoming.consume(consumed);
                self.end(Reason::Asked);
                Ok(Step::Done)
            }
            Split::Message { consumed, payload, exchange } => {
                let exchange = if self.draining { exchange.closing() } else { exchange };
                self.message(incoming, consumed, payload, exchange, out, context)?;
                Ok(Step::Done)
            }
        }
    }

    /// Sends bytes that are no message, behind the answers that come before them.
    #[cold]
    fn send_raw(&mut self, bytes: &[u8], out: &mut Output) {
        if self.slots.is_empty() {
            return out.push(bytes);
        }
        let mut raw = Output::new();
        raw.push(bytes);
        self.slots.ready(Exchange::UNFRAMED, raw, None);
    }

    fn answer_overdue(&mut self, context: &mut Context<'_>) {
        let limits = context.limits;
        let late = ApplicationException::internal("deadline: the handler took longer than `handler_timeout`");
        let answers: Vec<_> = self
            .slots
            .overdue(context.now)
            .into_iter()
            .map(|(slot, waiting)| {
                let mut out = Output::new();
                let head = (&*waiting.method, MessageKind::EXCEPTION, waiting.seqid);
                waiting.codec.write(&mut out, limits.transport.wire.depth_max, head, &late);
                (slot, out)
            })
            .collect();
        for (slot, out) in answers {
            context.stats.deadlines.add_one();
            self.slots.fill(Completed::late(slot, out));
        }
    }
}

#[inline(never)] // most transports have nothing to do
fn see_off(transport: &mut Transport, next: &Next, mark: Mark, out: &mut Output, memo: &mut Memo) {
    if let Next::Finish(reason) = next {
        transport.close(reason.close(), out);
    }
    transport.deflate(mark, out, memo);
}

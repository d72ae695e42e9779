//! What becomes of one message of a connection: it is routed, answered here or handed out, and its answer is put where its
//! turn is.

use std::sync::Arc;

use bytes::Bytes;

use crate::transport::header::{Headers, InfoHeaders, is_header};
use crate::transport::{Exchange, Payload, Transport};
use crate::wire::{self, Codec, ErrorKind, Input, MessageKind, Output, room};

use super::dispatch;
use super::exception::ApplicationException;
use super::incoming::{Incoming, SHARE_MIN};
use super::job::{self, Job};
use super::reason::Reason;
use super::reply::{Deferral, Reply, State};
use super::request::Request;
use super::responder::{Context, Held, Responder};
use super::service::{Route, Service};
use super::slots::Waiting;
use super::ticket::ReplyHead;
use super::ticket::Ticket;

/// What became of one message.
pub(super) enum Outcome {
    /// It is dealt with, and took this many bytes.
    Done { used: usize },
    /// Its end is not known, and must be before it can be dealt with.
    Uncut,
}

/// A message and what is known of how it came.
pub(super) struct Message<'m> {
    pub(super) bytes: &'m [u8],
    pub(super) owner: Option<&'m Bytes>,
    pub(super) delimited: bool,
    pub(super) exchange: Exchange,
    pub(super) headers: Headers<'m>,
}

impl Responder {
    /// Deals with the message that a transport found.
    pub(super) fn message(
        &mut self,
        incoming: &mut impl Incoming,
        consumed: usize,
        payload: Payload,
        exchange: Exchange,
        out: &mut Output,
        context: &mut Context<'_>,
    ) -> Result<(), Reason> {
        let whole = |bytes, owner| Message { bytes, owner, delimited: true, exchange, headers: Headers::default() };
        match payload {
            Payload::Input(range) if range.len() >= SHARE_MIN && incoming.takes_free() => {
                let owned = incoming.take(consumed).slice(range);
                self.dispatch(&whole(&owned, Some(&owned)), out, context)?;
            }
            Payload::Input(range) => {
                self.dispatch(&whole(&incoming.bytes()[range], None), out, context)?;
                incoming.consume(consumed);
            }
            Payload::Own(owned) => {
                incoming.consume(consumed);
                self.dispatch(&whole(&owned, Some(&owned)), out, context)?;
            }
            Payload::Open => {
                // What is beyond the limit is not looked at: the scanner finds out whether the message goes on there.
                let bytes = incoming.bytes();
                let bytes = &bytes[..bytes.len().min(context.limits.transport.wire.message_max)];
                let open = Message { bytes, owner: None, delimited: false, exchange, headers: Headers::default() };
                match self.dispatch(&open, out, context)? {
                    Outcome::Done { used } => incoming.consume(used),
                    Outcome::Uncut => self.transport.iter_mut().for_each(Transport::scan_first),
                }
            }
        }
        Ok(())
    }

    /// Deals with one message, or with the one inside it.
    #[inline]
    fn dispatch(&mut self, message: &Message<'_>, out: &mut Output, context: &mut Context<'_>) -> Result<Outcome, Reason> {
        if is_header(message.bytes) && message.exchange.delimits() {
            return self.open(message, out, context);
        }
        self.route(message, out, context)
    }

    /// Deals with one message: answers it, or hands it out.
    #[inline]
    pub(super) fn route(
        &mut self,
        message: &Message<'_>,
        out: &mut Output,
        context: &mut Context<'_>,
    ) -> Result<Outcome, Reason> {
        let wire = &context.limits.transport.wire;
        let mut input = message.owner.map_or_else(|| Input::new(message.bytes, wire), |owner| Input::shared(owner, wire));
        let codec = self.codec(message.bytes, &input)?;
        let head = match codec.raw_head(&mut input) {
            Ok(head) => head,
            Err(error) if !message.delimited && error.kind == ErrorKind::UnexpectedEnd => return Ok(Outcome::Uncut),
            Err(error) => return self.unframe(message, error, out, context),
        };
        let Some(Route { service, method }) = context.services.route(&head.name) else {
            return Err(Reason::MessageHead(input.error(ErrorKind::InvalidMethod)));
        };
        if is_too_long(method, wire.method_max) {
            return Err(Reason::MessageHead(input.error(ErrorKind::MethodTooLong)));
        }
        let Message { headers, delimited, .. } = *message;
        if head.kind == MessageKind::ONEWAY && message.exchange.acknowledges() && !context.strain.sheds {
            return Ok(self.hold(message, out, context));
        }
        let mut request =
            Request { method, kind: head.kind, seqid: head.seqid, codec, input, headers, delimited, is_read: false };
        if context.strain.sheds {
            return Ok(self.shed(message, &mut request, out, context));
        }
        if let Some(service) = service {
            // Who did not ask for another order than that of the requests must not get one.
            let alone = !context.services.is_offloaded(service, method);
            if !alone || message.bytes.len() >= context.limits.offload_above {
                return Ok(self.offload(message, &request, (service, alone), context));
            }
        }
        if !self.slots.is_empty() {
            return Ok(self.answer_aside(message, &mut request, service, context));
        }
        Ok(self.answer(message, &mut request, service, out, context))
    }

    /// The codec of a message, which is that of the first one; but over HTTP each request stands for itself, and clients share
    /// the connections of a pool or of a proxy.
    #[inline]
    fn codec(&mut self, bytes: &[u8], input: &Input<'_>) -> Result<Codec, Reason> {
        match (Codec::sniff(bytes), self.codec) {
            (Some(codec), None) => Ok(*self.codec.insert(codec)),
            (Some(codec), Some(first)) if codec == first || self.is_http() => Ok(codec),
            (Some(_), Some(_)) => Err(Reason::CodecChanged),
            (None, _) => Err(Reason::MessageHead(input.error(ErrorKind::BadVersion))),
        }
    }

    /// The message at the front of the input has no end that could be found. Its sender is told, where its head says whom to
    /// tell, and the connection ends: where the next message begins cannot be known.
    ///
    /// # Errors
    /// Where not even the head can be read.
    #[cold]
    pub(super) fn refuse_undelimited(
        &mut self,
        error: wire::Error,
        bytes: &[u8],
        out: &mut Output,
        context: &Context<'_>,
    ) -> Result<(), Reason> {
        let wire = &context.limits.transport.wire;
        let mut input = Input::new(bytes, wire);
        let codec = self.codec(bytes, &input)?;
        let Ok(head) = codec.raw_head(&mut input) else { return Err(Reason::MessageHead(error)) };
        let Some(Route { method, .. }) = context.services.route(&head.name) else { return Err(Reason::MessageHead(error)) };
        if is_too_long(method, wire.method_max) {
            return Err(Reason::MessageHead(error));
        }
        context.stats.requests.add_one();
        context.stats.protocol_errors.add_one();
        if head.kind != MessageKind::ONEWAY {
            let mut answer = Output::new();
            let exception = ApplicationException::protocol(error);
            codec.write(&mut answer, wire.depth_max, (method, MessageKind::EXCEPTION, head.seqid), &exception);
            if self.slots.is_empty() {
                out.append(&mut answer);
            } else {
                self.slots.ready(Exchange::UNFRAMED, answer, None);
            }
        }
        self.ending = Some(Box::new(Reason::Undelimited(error)));
        Ok(())
    }

    /// Calls the service on this thread, and writes its answer to where it is sent from.
    #[inline]
    fn answer(
        &mut self,
        message: &Message<'_>,
        request: &mut Request<'_>,
        service: Option<&Arc<dyn Service>>,
        out: &mut Output,
        context: &mut Context<'_>,
    ) -> Outcome {
        let slot = self.slots.number();
        let envelope = message.exchange.begin(out);
        let Some((state, headers)) = self.carry_out(message, request, service, slot, out, context) else {
            envelope.drop(out);
            return Outcome::Uncut;
        };
        match state {
            State::Answered | State::Open => envelope.end(out, &context.limits.transport, headers.as_deref()),
            State::Oneway => {
                envelope.drop(out);
                self.acknowledge(message.exchange, out, context);
            }
            State::Deferred => {
                envelope.drop(out);
                self.slots.wait(slot, message.exchange, waiting(reply_head(request, context), context));
            }
        }
        self.finish(message, request, context)
    }

    /// The same while earlier answers are still to come: this one waits behind them.
    #[inline(never)]
    fn answer_aside(
        &mut self,
        message: &Message<'_>,
        request: &mut Request<'_>,
        service: Option<&Arc<dyn Service>>,
        context: &mut Context<'_>,
    ) -> Outcome {
        let slot = self.slots.number();
        let mut aside = Output::new();
        let Some((state, headers)) = self.carry_out(message, request, service, slot, &mut aside, context) else {
            return Outcome::Uncut;
        };
        match state {
            State::Answered | State::Open => self.slots.ready(message.exchange, aside, headers),
            State::Oneway => self.acknowledge(message.exchange, &mut aside, context),
            State::Deferred => self.slots.wait(slot, message.exchange, waiting(reply_head(request, context), context)),
        }
        self.finish(message, request, context)
    }

    /// Calls the service, and has what comes of it written to `out`. Nothing is returned, and `out` is of no use, where the end
    /// of the message must be found first.
    #[inline(always)]
    #[allow(clippy::inline_always)] // the call of nearly every message, and a second place for those that wait
    fn carry_out(
        &mut self,
        message: &Message<'_>,
        request: &mut Request<'_>,
        service: Option<&Arc<dyn Service>>,
        slot: u64,
        out: &mut Output,
        context: &mut Context<'_>,
    ) -> Option<(State, Option<Box<InfoHeaders>>)> {
        let deferral = Deferral { completer: context.completer, connection: context.connection, slot };
        let mut reply = Reply { out, call: reply_head(request, context), state: State::Open, headers: None, deferral };
        if let Err(error) = dispatch::answer(service, request, &mut reply, context.stats) {
            if !message.delimited && error.kind == ErrorKind::UnexpectedEnd {
                return None;
            }
            reply.application(&ApplicationException::protocol(error));
            self.count_protocol_error(error, message.delimited, context);
        }
        context.stats.requests.add_one();
        Some((if request.is_oneway() { State::Oneway } else { reply.state }, reply.headers))
    }

    /// Answers that memory is short, and calls nobody. A oneway call is dropped, and over HTTP its sender is told.
    #[cold]
    fn shed(&mut self, message: &Message<'_>, request: &mut Request<'_>, out: &mut Output, context: &mut Context<'_>) -> Outcome {
        if !message.delimited
            && let Err(error) = request.skip_arguments()
        {
            if error.kind == ErrorKind::UnexpectedEnd {
                return Outcome::Uncut;
            }
            self.count_protocol_error(error, false, context);
        }
        context.stats.requests.add_one();
        context.stats.shed.add_one();
        let exchange = message.exchange.overloaded();
        if request.is_oneway() {
            self.acknowledge(exchange, out, context);
        } else {
            let mut answer = Output::new();
            let head = (request.method, MessageKind::EXCEPTION, request.seqid);
            let exception = ApplicationException::internal("LOADSHEDDING: memory is short");
            request.codec.write(&mut answer, context.limits.transport.wire.depth_max, head, &exception);
            self.slots.ready(exchange, answer, None);
            self.slots.release(out, &context.limits.transport);
        }
        if exchange.closes() {
            self.end(Reason::Asked);
        }
        Outcome::Done { used: if message.delimited { message.bytes.len() } else { request.input.position() } }
    }

    /// What is left to do once a request is answered, or will be.
    #[inline]
    fn finish(&mut self, message: &Message<'_>, request: &Request<'_>, context: &Context<'_>) -> Outcome {
        if message.exchange.closes() {
            self.end(Reason::Asked);
        }
        if message.delimited && request.input.remaining() > 0 {
            context.stats.trailing_bytes.add_one();
        }
        Outcome::Done { used: request.input.position() }
    }

    /// Answers a oneway message over HTTP at once, and keeps it until that answer is sent: a client of THttpClient waits for
    /// the answer, and need not wait for the handler.
    #[cold]
    fn hold(&mut self, message: &Message<'_>, out: &mut Output, context: &Context<'_>) -> Outcome {
        self.acknowledge(message.exchange, out, context);
        let owned = message.owner.map_or_else(|| room::copy_of(message.bytes).into(), Bytes::clone);
        self.held = Some(Box::new(Held { message: owned, headers: room::copy_of(message.headers.blocks()).into() }));
        if message.exchange.closes() {
            self.end(Reason::Asked);
        }
        Outcome::Done { used: message.bytes.len() }
    }

    #[inline(never)] // most calls have an answer
    fn acknowledge(&mut self, exchange: Exchange, out: &mut Output, context: &Context<'_>) {
        let limits = &context.limits.transport;
        if self.slots.is_empty() {
            return exchange.acknowledge(out, limits);
        }
        let mut aside = Output::new();
        exchange.acknowledge(&mut aside, limits);
        self.slots.ready(Exchange::UNFRAMED, aside, None);
    }

    /// Carries out a oneway message that was acknowledged before.
    #[cold]
    pub(super) fn carry_out_held(&mut self, held: Held, out: &mut Output, context: &mut Context<'_>) {
        let Held { message: bytes, headers } = held;
        let (owner, exchange, headers) = (Some(&bytes), Exchange::UNFRAMED, Headers::new(&headers));
        let message = Message { bytes: &bytes, owner, delimited: true, exchange, headers };
        // Its head was read before; what is wrong with its arguments nobody waits to hear.
        _ = self.route(&message, out, context);
    }

    /// Some protocol errors are survived where the next message can be found, and none where it cannot.
    #[cold]
    pub(super) fn count_protocol_error(&mut self, error: wire::Error, delimited: bool, context: &Context<'_>) {
        context.stats.protocol_errors.add_one();
        self.protocol_errors += 1;
        if !delimited || self.transport.as_ref().is_some_and(Transport::is_unframed) {
            self.ending = Some(Box::new(Reason::Undelimited(error)));
        } else if self.protocol_errors >= context.limits.protocol_errors_max {
            self.ending = Some(Box::new(Reason::ProtocolErrors(error)));
        }
    }

    /// Hands the call to the worker pool, and keeps a place for its answer.
    #[inline(never)] // what is offloaded is slow
    fn offload(
        &mut self,
        message: &Message<'_>,
        request: &Request<'_>,
        (service, alone): (&Arc<dyn Service>, bool),
        context: &mut Context<'_>,
    ) -> Outcome {
        if !message.delimited {
            return Outcome::Uncut;
        }
        let call = reply_head(request, context);
        let slot = self.slots.number();
        context.stats.requests.add_one();
        context.stats.offloaded.add_one();
        context.jobs.push(Job {
            until: job::waits_until(message.headers, context.now),
            service: Arc::clone(service),
            message: message.owner.map_or_else(|| room::copy_of(message.bytes).into(), Bytes::clone),
            headers: room::copy_of(message.headers.blocks()).into(),
            kind: request.kind,
            ticket: Ticket::new(call, context.connection, slot),
            limits: Arc::clone(context.limits),
            completer: Arc::clone(context.completer),
        });
        if request.kind != MessageKind::ONEWAY {
            self.slots.wait(slot, message.exchange, Waiting { alone, ..waiting(call, context) });
        }
        if message.exchange.closes() {
            self.end(Reason::Asked);
        }
        Outcome::Done { used: message.bytes.len() }
    }
}

/// Whether a method has too long a name, without the service that may stand before it, be that known or not.
fn is_too_long(method: &str, max: usize) -> bool {
    method.len() > max && method.split_once(':').map_or(method, |(_, bare)| bare).len() > max
}

fn reply_head<'r>(request: &Request<'r>, context: &Context<'_>) -> ReplyHead<'r> {
    let wire = &context.limits.transport.wire;
    let Request { codec, method, seqid, .. } = *request;
    ReplyHead { codec, method, seqid, depth_max: wire.depth_max, message_max: wire.message_max }
}

#[inline(never)] // as above
fn waiting(call: ReplyHead<'_>, context: &Context<'_>) -> Waiting {
    let deadline = context.now + context.limits.handler_timeout;
    Waiting { deadline, codec: call.codec, method: call.method.into(), seqid: call.seqid, alone: false }
}

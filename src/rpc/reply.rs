//! Answering a request: with a result, with one of the exceptions that the method declares, or with any other.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use crate::transport::header::{HeaderError, InfoHeaders};
use crate::wire::{Encode, ErrorKind, MessageKind, Output, Typed, WireType, Writer};

use super::dispatch::Unwound;
use super::exception::ApplicationException;
use super::ticket::{Completed, Completer, Fault, ReplyHead, Ticket};

/// Where the answer to one request is written. Handlers do not see it: generated code answers for them.
pub struct Reply<'o> {
    pub(super) out: &'o mut Output,
    pub(super) call: ReplyHead<'o>,
    pub(super) state: State,
    pub(super) headers: Option<Box<InfoHeaders>>,
    pub(super) deferral: Deferral<'o>,
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The service said nothing yet.
    Open,
    /// The answer is written.
    Answered,
    /// The answer comes later, from elsewhere.
    Deferred,
    /// There is no answer: the method is oneway.
    Oneway,
}

/// What a deferred answer needs to find its way back.
pub(super) struct Deferral<'o> {
    pub(super) completer: &'o Arc<dyn Completer>,
    pub(super) connection: u64,
    pub(super) slot: u64,
}

impl Reply<'_> {
    /// Answers with field `id` of the result struct: 0 for a value, the number in the throws clause for an exception.
    #[inline]
    pub fn field<T: Encode>(&mut self, id: i16, value: &T) {
        self.message(MessageKind::REPLY, &OneField { id, value });
    }

    /// Answers that the method is done and returns nothing.
    #[inline]
    pub fn void(&mut self) {
        self.message(MessageKind::REPLY, &NoField);
    }

    /// Answers with an exception that the method does not declare.
    pub fn application(&mut self, exception: &ApplicationException) {
        self.message(MessageKind::EXCEPTION, exception);
    }

    /// Sends an info header with the reply, whatever the reply will be. Only THeader clients get to see it; where a key is set
    /// twice, they keep the last value. Like a key and a value, the number of headers is limited: 4 KiB, 128, and 16 KiB in all.
    ///
    /// # Errors
    /// [`HeaderError`], with nothing changed. `TooLate` once the request is deferred: from then on the
    /// [`Deferred`](super::Deferred) has them.
    pub fn set_header(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        if self.state == State::Deferred {
            return Err(HeaderError::TooLate);
        }
        self.headers.get_or_insert_default().add(key.as_ref(), value.as_ref())
    }

    /// Says that the method is oneway: there is no answer, whatever the client expects.
    #[inline]
    pub fn oneway(&mut self) {
        self.state = State::Oneway;
    }

    /// Writes a whole message. One that cannot be encoded, or is too large for any client's limits, is taken back and answered
    /// with an INTERNAL_ERROR: never half an answer. Of several the first holds: a request is answered at most once.
    #[inline]
    fn message<T: Encode + ?Sized>(&mut self, kind: MessageKind, body: &T) {
        if self.state == State::Answered {
            return;
        }
        self.state = State::Answered;
        let call = self.call;
        let start = self.out.mark();
        call.codec.write(self.out, call.depth_max, (call.method, kind, call.seqid), body);
        let too_large = self.out.written_since(start) > call.message_max;
        if let Some(error) = self.out.error().or(too_large.then_some(ErrorKind::MessageTooLarge)) {
            self.out.rollback(start);
            let exception = ApplicationException::internal(format!("the answer cannot be sent: {error}"));
            call.codec.write(self.out, call.depth_max, (call.method, MessageKind::EXCEPTION, call.seqid), &exception);
        }
    }
}

impl Ticket {
    /// Uses the ticket up: `write` writes the answer.
    pub(super) fn complete(mut self, completer: &Arc<dyn Completer>, write: impl FnOnce(&mut Reply<'_>)) -> Completed {
        let mut out = Output::new();
        let deferral = Deferral { completer, connection: self.connection, slot: self.slot };
        let headers = self.headers.take();
        let mut reply = Reply { out: &mut out, call: self.head(), state: State::Open, headers, deferral };
        let mut fault = None;
        // Whoever answers from elsewhere is not to be told by a panic.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| write(&mut reply))) {
            if Unwound::of(&*payload) == Unwound::Panicked {
                resume_unwind(payload);
            }
            fault = Some(Fault::NoMemory);
            *reply.out = Output::new();
            reply.state = State::Open;
            reply.application(&ApplicationException::no_memory());
        }
        let headers = reply.headers;
        Completed { connection: self.connection, slot: self.slot, message: out, headers, overloaded: false, fault }
    }
}

/// A result struct with its one field.
struct OneField<'v, T> {
    id: i16,
    value: &'v T,
}

impl<T> Typed for OneField<'_, T> {
    const TYPE: WireType = WireType::Struct;
}

impl<T: Encode> Encode for OneField<'_, T> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(self.id, self.value);
        writer.struct_end();
    }
}

/// A result struct with none: the method returns nothing.
struct NoField;

impl Typed for NoField {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for NoField {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.struct_end();
    }
}

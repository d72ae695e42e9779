//! One connection to a server, which carries one call at a time.

use std::borrow::Cow;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

use crate::rpc::{ApplicationException, CallError, Caller, Failure, Received, Requester, Response, Success, Throws};
use crate::transport::header::{HeaderError, Headers, InfoHeaders};
use crate::transport::{Limits, Stack};
use crate::wire::{self, Encode, Output};

use super::deadline::Deadline;
use super::error::{Cause, Error, Step};
use super::inbound::Inbound;
use super::link::Link;
use super::recording::Recording;
use super::stream::Stop;
use super::target::Target;

/// Parts of a request that are sent with one system call.
const SLICES: usize = 16;

/// A connection to a server. After a failed call it is of no more use, because the answer to that call might still come; over
/// HTTP, where a server may close behind any answer, it connects again by itself.
#[derive(Debug)]
pub struct Connection {
    target: Arc<Target>,
    requester: Requester,
    inbound: Inbound,
    out: Output,
    state: State,
    /// Whether a call over this connection has been answered.
    is_used: bool,
    /// Whether any call was answered, over this connection or one before it.
    is_proven: bool,
    timeout: Duration,
    /// The info headers of the next call.
    headers: InfoHeaders,
    recording: Option<Box<Recording>>,
}

#[derive(Debug)]
enum State {
    Open(Link),
    /// The server closed behind its last answer, as it had said that it would, or owes one that nobody needs.
    Ended,
    /// A call is under way, was left in the middle, or failed.
    Broken,
}

/// What became of a call: the exception is the server's, the failure is not.
pub(super) type Outcome<T, E> = Result<Result<T, E>, Error>;

impl Caller for Connection {
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

/// The two kinds of failure as generated clients return them.
pub(super) fn returned<T, E>(outcome: Outcome<T, E>) -> Result<T, CallError<E>> {
    match outcome {
        Ok(result) => result.map_err(CallError::Exception),
        Err(error) => Err(CallError::Failed(Box::new(error))),
    }
}

impl Connection {
    pub(super) fn open(target: Arc<Target>) -> Result<Self, Error> {
        let deadline = Deadline::after(target.timeout);
        Self::open_by(target, deadline)
    }

    pub(super) fn open_by(target: Arc<Target>, deadline: Deadline) -> Result<Self, Error> {
        let requester = target.requester();
        let (inbound, out, timeout, headers) = (Inbound::default(), Output::new(), target.timeout, target.headers());
        let recording = target.is_recorded.then(Box::default);
        let (state, is_used, is_proven) = (State::Broken, false, false);
        let mut new = Self { target, requester, inbound, out, state, is_used, is_proven, timeout, headers, recording };
        new.reconnect_by(deadline)?;
        Ok(new)
    }

    /// How messages are delimited.
    pub fn transport(&self) -> Stack {
        self.target.place.transport
    }

    /// Sets how long each of the next calls may take in all, in place of what the builder said.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Adds an info header to the next call, and to no other, behind those that the builder has for all.
    ///
    /// # Errors
    /// `NotCarried` where messages have no envelope of THeader; `TextTooLong`, `TooMany`.
    pub fn add_header(&mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), HeaderError> {
        if !self.target.place.transport.has_envelope() {
            return Err(HeaderError::NotCarried);
        }
        self.headers.add(key.as_ref(), value.as_ref())
    }

    /// The info headers that came with the last reply; none where messages have no envelope of THeader.
    pub fn reply_headers(&self) -> Headers<'_> {
        self.requester.reply_headers()
    }

    /// Those of the next call are not those of the last one.
    pub(super) fn reset_headers(&mut self) {
        if !self.headers.is_empty() {
            self.headers = self.target.headers();
        }
    }

    /// Keeps a copy of all bytes from now on, sent and received.
    pub fn record(&mut self) {
        self.recording = Some(Box::default());
    }

    /// The bytes since [`record`](Self::record), empty without it.
    pub fn recording(&self) -> Option<&Recording> {
        self.recording.as_deref()
    }

    /// Calls a method whose types are known only at run time: `read` makes of the reply what it likes, and
    /// [`Response::is_exception`] tells it whether that is a TApplicationException.
    ///
    /// # Errors
    /// Where no reply comes, or `read` cannot read it.
    pub fn call_by<A: Encode + ?Sized, R>(
        &mut self,
        method: impl Into<Cow<'static, str>>,
        arguments: &A,
        read: impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
    ) -> Result<R, Error> {
        let outcome = self.ask(method.into(), arguments, read, Deadline::after(self.timeout));
        self.reset_headers();
        outcome
    }

    /// Sends a oneway message to a method whose types are known only at run time. Over HTTP, which
    /// has an answer to everything, this waits for it, though no longer than [`Builder::oneway_timeout`](super::Builder::oneway_timeout):
    /// the servers of some libraries send none.
    ///
    /// # Errors
    /// Where it cannot be sent.
    pub fn send_by<A: Encode + ?Sized>(&mut self, method: impl Into<Cow<'static, str>>, arguments: &A) -> Result<(), Error> {
        let outcome = self.tell(method.into(), arguments, Deadline::after(self.timeout));
        self.reset_headers();
        outcome
    }

    /// Connects again, whatever became of the old connection.
    ///
    /// # Errors
    /// Where no connection comes about in time.
    pub fn reconnect(&mut self) -> Result<(), Error> {
        self.reconnect_by(Deadline::after(self.timeout))
    }

    /// Whether an earlier call failed, so that the connection is of no more use.
    pub fn is_broken(&self) -> bool {
        matches!(self.state, State::Broken)
    }

    /// Whether a call over it has been answered.
    pub(super) fn is_used(&self) -> bool {
        self.is_used
    }

    /// Whether it is open and could carry another call, as far as this side knows.
    pub(super) fn is_reusable(&self) -> bool {
        let is_between = self.requester.waiting() == 0 && !self.requester.has_part(&self.inbound);
        matches!(self.state, State::Open(_)) && is_between
    }

    /// Whether the server is there still: between calls it has nothing to say but that it closes.
    pub(super) fn is_alive(&mut self) -> bool {
        if let State::Open(stream) = &mut self.state { stream.is_quiet() } else { false }
    }

    pub(super) fn try_call<A: Encode, T: Success, E: Throws>(
        &mut self,
        method: &'static str,
        arguments: &A,
        deadline: Deadline,
    ) -> Outcome<T, E> {
        self.ask(method.into(), arguments, |response: &mut Response<'_>| response.result::<T, E>(), deadline)
    }

    fn ask<A: Encode + ?Sized, R>(
        &mut self,
        method: Cow<'static, str>,
        arguments: &A,
        read: impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
        deadline: Deadline,
    ) -> Result<R, Error> {
        let name = method.clone();
        let request = |requester: &mut Requester, out: &mut Output, limits: &Limits| requester.call(name, arguments, out, limits);
        match self.exchange(request, read, Some(deadline), deadline) {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(self.error(method, Cause::Call(Failure::Empty))),
            Err(cause) => Err(self.error(method, cause)),
        }
    }

    pub(super) fn try_send<A: Encode>(&mut self, method: &'static str, arguments: &A, deadline: Deadline) -> Result<(), Error> {
        self.tell(method.into(), arguments, deadline)
    }

    fn tell<A: Encode + ?Sized>(&mut self, method: Cow<'static, str>, arguments: &A, deadline: Deadline) -> Result<(), Error> {
        let name = method.clone();
        let request = |requester: &mut Requester, out: &mut Output, limits: &Limits| requester.send(name, arguments, out, limits);
        let awaits = self.requester.acknowledges().then(|| deadline.or_after(self.target.oneway_timeout));
        match self.exchange(request, |_| Ok(()), awaits, deadline) {
            Ok(_) => Ok(()),
            // Some servers answer no oneway call. What they might still say must not be taken for the next answer.
            Err(Cause::Timeout { step: Step::Waiting, .. }) if !self.requester.has_part(&self.inbound) => {
                self.state = State::Ended;
                Ok(())
            }
            Err(cause) => Err(self.error(method, cause)),
        }
    }

    #[cold]
    fn error(&self, method: impl Into<Cow<'static, str>>, cause: Cause) -> Error {
        self.target.error(method, !self.is_proven && !self.requester.has_part(&self.inbound), cause)
    }

    pub(super) fn reconnect_by(&mut self, deadline: Deadline) -> Result<(), Error> {
        self.open_again(deadline).map_err(|cause| self.error("", cause))
    }

    fn open_again(&mut self, deadline: Deadline) -> Result<(), Cause> {
        self.state = State::Broken;
        self.inbound.clear();
        let mut stream = self.target.connect(deadline)?;
        self.requester = self.target.requester();
        self.is_used = false;
        self.out.clear();
        if self.requester.greet(&mut self.out) {
            self.send_all(&mut stream, deadline)?;
            while !self.requester.greeted(&mut self.inbound).map_err(Cause::Call)? {
                if self.read(&mut stream, 1, deadline)? == 0 {
                    return Err(Cause::Call(Failure::Closed { partial: self.requester.has_part(&self.inbound) }));
                }
            }
        }
        self.state = State::Open(stream);
        Ok(())
    }

    /// One request, and its answer where there is one, which `awaits` says how long to wait for. The connection counts as broken until all went well: a panic in between
    /// must not leave half a conversation behind.
    fn exchange<R>(
        &mut self,
        request: impl FnOnce(&mut Requester, &mut Output, &Limits) -> Result<i32, Failure>,
        read: impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
        awaits: Option<Deadline>,
        deadline: Deadline,
    ) -> Result<Option<R>, Cause> {
        if matches!(self.state, State::Ended) {
            self.open_again(deadline)?;
        }
        let State::Open(mut stream) = std::mem::replace(&mut self.state, State::Broken) else { return Err(Cause::Broken) };
        self.out.clear();
        if self.target.place.transport.has_envelope() {
            // Kept for a second try, too.
            _ = self.requester.set_headers(self.headers.clone());
        }
        if let Err(failure) = request(&mut self.requester, &mut self.out, &self.target.limits) {
            self.state = State::Open(stream);
            return Err(Cause::Call(failure));
        }
        let sent = self.send_all(&mut stream, deadline);
        if matches!(sent, Err(Cause::Timeout { .. })) || (sent.is_err() && awaits.is_none()) {
            return sent.map(|()| None);
        }
        let Some(patience) = awaits else {
            self.state = State::Open(stream);
            return Ok(None);
        };
        // Where the request could not be sent to its end, the server may have said why before it closed.
        let answer = self.answer(&mut stream, read, patience);
        let value = match (answer, sent) {
            (Err(cause), Err(unsent)) if cause.is_unanswered() => return Err(unsent),
            (answer, _) => answer?,
        };
        (self.is_used, self.is_proven) = (true, true);
        self.state = if self.requester.is_ended() { State::Ended } else { State::Open(stream) };
        Ok(value)
    }

    fn send_all(&mut self, stream: &mut Link, deadline: Deadline) -> Result<(), Cause> {
        while !self.out.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = self.out.slices(&mut slices);
            let sent = stream.write(&slices[..filled], deadline).map_err(|stop| cause(stop, Step::Sending, deadline))?;
            self.recording.iter_mut().for_each(|recording| recording.sent(&slices[..filled], sent));
            self.out.advance(sent);
        }
        Ok(())
    }

    fn answer<R>(
        &mut self,
        stream: &mut Link,
        mut read: impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
        deadline: Deadline,
    ) -> Result<Option<R>, Cause> {
        let mut need = 1;
        loop {
            if self.read(stream, need, deadline)? == 0 {
                self.requester.finished(&self.inbound).map_err(Cause::Call)?;
            }
            match self.requester.receive(&mut self.inbound, &self.target.limits, &mut read).map_err(Cause::Call)? {
                Received::Need(more) => need = more,
                Received::Reply(value) => return Ok(Some(value)),
                Received::Acknowledged => return Ok(None),
            }
        }
    }

    /// Reads once; `need` bytes are wanted in all. Zero bytes are the end.
    fn read(&mut self, stream: &mut Link, need: usize, deadline: Deadline) -> Result<usize, Cause> {
        let recording = &mut self.recording;
        let filled = self.inbound.fill(need, |into| {
            let count = stream.read(into, deadline)?;
            recording.iter_mut().for_each(|recording| recording.received(&into[..count]));
            Ok(count)
        });
        filled.map_err(|stop| self.ended(stop, deadline))
    }

    /// A reset is a close, and says as little about how far the server came.
    #[cold]
    fn ended(&self, stop: Stop, deadline: Deadline) -> Cause {
        match stop {
            Stop::Failed(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                Cause::Call(Failure::Closed { partial: self.requester.has_part(&self.inbound) })
            }
            stop => cause(stop, Step::Waiting, deadline),
        }
    }
}

#[cold]
fn cause(why: Stop, step: Step, deadline: Deadline) -> Cause {
    match why {
        Stop::TimedOut => Cause::Timeout { step, after: deadline.timeout() },
        Stop::Failed(error) => Cause::Io { step, error },
        Stop::Insecure(why) => Cause::Tls(why),
    }
}

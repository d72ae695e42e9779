//! The client side of one connection. Sans-IO: calls go in and requests come out, bytes go in and replies come out.
//!
//! It owns no socket and no clock. Calls may be pipelined: replies come in the order of their requests, and one that does not is
//! an error. Deliberately absent: deadlines and reconnecting.

use std::borrow::Cow;
use std::collections::VecDeque;

use bytes::Bytes;

use crate::transport::header::{HeaderError, Headers, InfoHeaders};
use crate::transport::{Arrival, Banner, Client, Error, Limits, Payload, Phase};
use crate::wire::{self, Codec, Encode, ErrorKind, Input, MessageHead, MessageKind, Output};

use super::failure::Failure;
use super::incoming::{Incoming, SHARE_MIN};
use super::response::Response;

/// Oneway calls that are remembered, in case the server answers one of them after all.
const ONEWAY_KEPT: usize = 16;
/// Characters of a wrong name that an error shows.
const NAME_SHOWN: usize = 64;

/// What the front of the input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<R> {
    /// No whole reply yet: at least this many bytes must be there in all.
    Need(usize),
    /// The reply to the oldest call that was not answered.
    Reply(R),
    /// The oldest oneway call has arrived. Only some transports tell.
    Acknowledged,
}

/// The client side of one connection.
///
/// ```
/// use farthing::rpc::Requester;
/// use farthing::transport::{Client, Limits};
/// use farthing::wire::{Codec, Output};
/// # struct Ping;
/// # impl farthing::wire::Typed for Ping { const TYPE: farthing::wire::WireType = farthing::wire::WireType::Struct; }
/// # impl farthing::wire::Encode for Ping {
/// #     fn encode<W: farthing::wire::Writer>(&self, writer: &mut W) { writer.struct_begin(); writer.struct_end(); }
/// # }
///
/// let mut requester = Requester::new(Codec::Binary, Client::framed());
/// let mut out = Output::new();
/// let seqid = requester.call("ping", &Ping, &mut out, &Limits::default())?;
/// assert_eq!(out.to_vec(), b"\0\0\0\x11\x80\x01\0\x01\0\0\0\x04ping\0\0\0\x01\0");
/// assert_eq!((seqid, requester.waiting()), (1, 1));
/// # Ok::<(), farthing::rpc::Failure>(())
/// ```
#[derive(Debug)]
pub struct Requester {
    client: Client,
    codec: Codec,
    /// Requests have the head of the binary protocol that has no version.
    is_old: bool,
    /// The name that is written: that of the service and a colon where it is multiplexed, and behind it the method of the last
    /// call.
    name: String,
    prefix: usize,
    seqid: i32,
    /// INVARIANT: in the order of their requests.
    calls: VecDeque<Call>,
    ended: bool,
}

/// A call that is not answered yet.
#[derive(Debug)]
struct Call {
    method: Cow<'static, str>,
    seqid: i32,
    oneway: bool,
}

/// A message and what is known of how it came.
struct Message<'m> {
    bytes: &'m [u8],
    owner: Option<&'m Bytes>,
    delimited: bool,
}

/// What became of one message.
enum Outcome<R> {
    /// It is dealt with and took this many bytes. There is no value in the answer to a oneway call, which nobody waits for.
    Done { used: usize, value: Option<R> },
    /// Its end is not known, and must be before it can be dealt with.
    Uncut,
}

impl Requester {
    /// The client side of a new connection.
    pub fn new(codec: Codec, client: Client) -> Self {
        Self { client, codec, is_old: false, name: String::new(), prefix: 0, seqid: 0, calls: VecDeque::new(), ended: false }
    }

    /// Writes requests with the old head of the binary protocol, without a version, for servers of before 2010. No other protocol
    /// has one.
    #[must_use]
    pub fn old_binary(self, is_old: bool) -> Self {
        Self { is_old: is_old && self.codec == Codec::Binary, ..self }
    }

    /// Calls the methods of one service among several at the server (TMultiplexedProtocol). The name is empty or has no colon.
    #[must_use]
    pub fn service(mut self, name: &str) -> Self {
        self.name = if name.is_empty() { String::new() } else { format!("{name}:") };
        self.prefix = self.name.len();
        self
    }

    /// Writes what the server must answer before the first call. False where there is no such thing, as with all transports but
    /// WebSocket.
    pub fn greet(&mut self, out: &mut Output) -> bool {
        self.client.greet(out)
    }

    /// Looks whether the server has answered what [`greet`](Self::greet) wrote; false while more of `incoming` is needed.
    ///
    /// # Errors
    /// Where the answer is a refusal, or none.
    pub fn greeted(&mut self, incoming: &mut impl Incoming) -> Result<bool, Failure> {
        match self.client.greeted(incoming.bytes()).map_err(Failure::Transport)? {
            Some(consumed) => {
                incoming.consume(consumed);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Writes a request, and says which number its reply will have.
    ///
    /// # Errors
    /// `Unsendable`; nothing is written then, and the connection is as good as before.
    #[inline]
    pub fn call<A: Encode + ?Sized>(
        &mut self,
        method: impl Into<Cow<'static, str>>,
        arguments: &A,
        out: &mut Output,
        limits: &Limits,
    ) -> Result<i32, Failure> {
        self.request(method.into(), MessageKind::CALL, arguments, out, limits)
    }

    /// Writes a request that is not answered.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn send<A: Encode + ?Sized>(
        &mut self,
        method: impl Into<Cow<'static, str>>,
        arguments: &A,
        out: &mut Output,
        limits: &Limits,
    ) -> Result<i32, Failure> {
        let seqid = self.request(method.into(), MessageKind::ONEWAY, arguments, out, limits)?;
        if !self.acknowledges() && self.calls.len() > ONEWAY_KEPT && self.calls.front().is_some_and(|call| call.oneway) {
            self.calls.pop_front();
        }
        Ok(seqid)
    }

    #[inline]
    fn request<A: Encode + ?Sized>(
        &mut self,
        method: Cow<'static, str>,
        kind: MessageKind,
        arguments: &A,
        out: &mut Output,
        limits: &Limits,
    ) -> Result<i32, Failure> {
        let seqid = self.seqid.wrapping_add(1);
        let name = if self.prefix == 0 {
            &*method
        } else {
            self.name.truncate(self.prefix);
            self.name.push_str(&method);
            &self.name
        };
        let (start, codec, is_old, depth_max) = (out.mark(), self.codec, self.is_old, limits.wire.depth_max);
        let wrapped = self.client.wrap(out, |out| {
            let start = out.mark();
            let head = (name, kind, seqid);
            if is_old {
                Codec::write_old(out, depth_max, head, arguments);
            } else {
                codec.write(out, depth_max, head, arguments);
            }
            let too_large = out.written_since(start) > limits.wire.message_max;
            out.error().or(too_large.then_some(ErrorKind::MessageTooLarge)).map_or(Ok(()), Err)
        });
        if let Err(error) = wrapped {
            out.rollback(start);
            return Err(Failure::Unsendable(error));
        }
        self.seqid = seqid;
        self.calls.push_back(Call { method, seqid, oneway: kind == MessageKind::ONEWAY });
        Ok(seqid)
    }

    /// Numbers the calls from here on: the next one gets `seqid`.
    #[must_use]
    pub fn numbered_from(mut self, seqid: i32) -> Self {
        self.seqid = seqid.wrapping_sub(1);
        self
    }

    /// Waits for the reply to a call that was written elsewhere, by a requester of the same kind.
    pub fn expect(&mut self, method: impl Into<Cow<'static, str>>, seqid: i32, oneway: bool) {
        self.calls.push_back(Call { method: method.into(), seqid, oneway });
    }

    /// Deals with the reply at the front of `incoming`, if it is whole, and hands it to `read`. Where the end of a reply is only
    /// found by reading it, `read` may fail for want of bytes, and is called again when all are there.
    ///
    /// # Errors
    /// Where the bytes are not the reply that is next. The connection must end.
    #[inline]
    pub fn receive<R>(
        &mut self,
        incoming: &mut impl Incoming,
        limits: &Limits,
        mut read: impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
    ) -> Result<Received<R>, Failure> {
        loop {
            if self.ended {
                return Err(Failure::Closed { partial: false });
            }
            if self.calls.is_empty() && !incoming.bytes().is_empty() && !self.client.pads() {
                return Err(Failure::Unasked);
            }
            match self.client.split(incoming.bytes(), limits).map_err(Failure::Transport)? {
                Arrival::Need { consumed, need } => {
                    incoming.consume(consumed);
                    return Ok(Received::Need(need));
                }
                Arrival::Empty { consumed } => {
                    incoming.consume(consumed);
                    self.ended = self.client.closes();
                    return match self.calls.pop_front() {
                        Some(Call { oneway: true, .. }) => Ok(Received::Acknowledged),
                        _ => Err(Failure::Empty),
                    };
                }
                Arrival::Message { consumed, payload } => {
                    if let Some(value) = self.message(incoming, (consumed, payload), limits, &mut read)? {
                        return Ok(Received::Reply(value));
                    }
                }
            }
        }
    }

    /// The server has said all that it will say, and `incoming` is what was not received yet. Where this is no error, another
    /// [`receive`](Self::receive) finds a reply.
    ///
    /// # Errors
    /// `Closed`.
    pub fn finished(&mut self, incoming: &impl Incoming) -> Result<(), Failure> {
        let partial = self.has_part(incoming);
        if self.client.finish(incoming.bytes()) { Ok(()) } else { Err(Failure::Closed { partial }) }
    }

    /// Whether a part of a reply has come.
    pub fn has_part(&self, incoming: &impl Incoming) -> bool {
        self.client.phase(incoming.bytes()) != Phase::Idle
    }

    /// How many calls are not answered yet. Oneway calls count where the transport acknowledges them.
    pub fn waiting(&self) -> usize {
        self.calls.iter().filter(|call| !call.oneway || self.acknowledges()).count()
    }

    /// Whether oneway calls are acknowledged.
    pub fn acknowledges(&self) -> bool {
        self.client.acknowledges()
    }

    /// Whether the connection carries no more calls: the server closes it behind the reply that came last.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Sets the info headers of all requests from now on.
    ///
    /// # Errors
    /// `NotCarried`, but for THeader.
    pub fn set_headers(&mut self, headers: InfoHeaders) -> Result<(), HeaderError> {
        self.client.set_headers(headers)
    }

    /// The info headers that came with the last reply: none but for THeader.
    pub fn reply_headers(&self) -> Headers<'_> {
        self.client.reply_headers()
    }

    /// The protocol.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Deals with the message that the transport found.
    #[inline]
    fn message<R>(
        &mut self,
        incoming: &mut impl Incoming,
        (consumed, payload): (usize, Payload),
        limits: &Limits,
        read: &mut impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
    ) -> Result<Option<R>, Failure> {
        let whole = |bytes, owner| Message { bytes, owner, delimited: true };
        let (consumed, outcome) = match payload {
            Payload::Input(range) if range.len() >= SHARE_MIN && incoming.takes_free() => {
                let owned = incoming.take(consumed).slice(range);
                (0, self.reply(&whole(&owned, Some(&owned)), limits, read)?)
            }
            Payload::Input(range) => (consumed, self.reply(&whole(&incoming.bytes()[range], None), limits, read)?),
            Payload::Own(owned) => (consumed, self.reply(&whole(&owned, Some(&owned)), limits, read)?),
            Payload::Open => {
                let open = Message { bytes: incoming.bytes(), owner: None, delimited: false };
                match self.reply(&open, limits, read)? {
                    Outcome::Done { used, value } => (used, Outcome::Done { used, value }),
                    Outcome::Uncut => (0, Outcome::Uncut),
                }
            }
        };
        incoming.consume(consumed);
        match outcome {
            Outcome::Done { value, .. } => {
                self.ended = self.client.closes();
                Ok(value)
            }
            Outcome::Uncut => {
                self.client.scan_first();
                Ok(None)
            }
        }
    }

    /// Reads one message: checks its head against the call that is next, and has its result read.
    #[inline]
    fn reply<R>(
        &mut self,
        message: &Message<'_>,
        limits: &Limits,
        read: &mut impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
    ) -> Result<Outcome<R>, Failure> {
        let mut input =
            message.owner.map_or_else(|| Input::new(message.bytes, &limits.wire), |own| Input::shared(own, &limits.wire));
        let codec = self.client.reply_codec().unwrap_or(self.codec);
        let head = match codec.head(&mut input) {
            Ok(head) => head,
            Err(error) => return self.no_head(error, message).map_or(Ok(Outcome::Uncut), Err),
        };
        let is_awaited = self.check(&head)?;
        let MessageHead { ref name, kind, seqid } = head;
        let delimited = message.delimited;
        let mut response = Response { method: name, seqid, kind, codec, input, delimited, is_read: false };
        let value = if is_awaited { read(&mut response).map(Some) } else { Ok(None) };
        match value.and_then(|value| response.finish().map(|()| value)) {
            Ok(value) => {
                self.calls.pop_front();
                Ok(Outcome::Done { used: response.input.position(), value })
            }
            Err(error) if !delimited && error.kind == ErrorKind::UnexpectedEnd => Ok(Outcome::Uncut),
            Err(error) => Err(Failure::Body(error)),
        }
    }

    /// Whether the head is that of the reply that is next; false where it is that of an answer to a oneway call, which servers
    /// give where they have no such method.
    #[inline]
    fn check(&mut self, head: &MessageHead<'_>) -> Result<bool, Failure> {
        if head.kind != MessageKind::REPLY && head.kind != MessageKind::EXCEPTION {
            return Err(Failure::Kind(head.kind.0));
        }
        while let Some(call) = self.calls.front() {
            if call.seqid == head.seqid && (head.name == call.method || self.is_full_name(&head.name, &call.method)) {
                return Ok(!call.oneway);
            }
            if !call.oneway {
                break;
            }
            self.calls.pop_front();
        }
        self.calls.front().map_or(Err(Failure::Unasked), |call| mismatch(head, call))
    }

    /// Most servers take the service from the name before they answer; some do not.
    #[cold]
    fn is_full_name(&self, name: &str, method: &str) -> bool {
        name.strip_prefix(&self.name[..self.prefix]) == Some(method)
    }

    /// A message whose head cannot be read: because it is not whole (`None`), or because the server speaks something else.
    #[cold]
    fn no_head(&self, error: wire::Error, message: &Message<'_>) -> Option<Failure> {
        if error.kind == ErrorKind::UnexpectedEnd && !message.delimited {
            return None;
        }
        Some(match Banner::of(message.bytes) {
            Some(Banner::Unframed(codec)) if codec != self.codec => Failure::Codec(codec),
            Some(Banner::Unframed(_)) | None => Failure::Head(error),
            Some(banner) => Failure::Transport(Error::Speaks(banner)),
        })
    }
}

/// The head is not that of the call: says why, unless it is the exception of a server that could not read the call's head and
/// knows neither its name nor its number.
#[cold]
fn mismatch(head: &MessageHead<'_>, call: &Call) -> Result<bool, Failure> {
    if head.kind == MessageKind::EXCEPTION && head.name.is_empty() && head.seqid == 0 {
        return Ok(true);
    }
    if head.seqid != call.seqid {
        return Err(Failure::WrongSeqid { expected: call.seqid, got: head.seqid });
    }
    let got = head.name.chars().take(NAME_SHOWN).collect::<String>().into();
    Err(Failure::WrongMethod { expected: call.method.clone(), got })
}

//! Messages that come in an envelope of their own, and messages that cannot be read though their peer can be told so.

use std::borrow::Cow;

use bytes::Bytes;

use crate::transport::header::{self, Content, Denial, Opened};
use crate::transport::{self, Exchange};
use crate::wire::{self, Codec, ErrorKind, Input, MessageKind, Output};

use super::exception::{ApplicationException, ExceptionKind};
use super::message::{Message, Outcome};
use super::reason::Reason;
use super::responder::{Context, Responder};

impl Responder {
    /// Opens the envelope that a message is, and deals with what is inside.
    #[inline(never)] // most connections have none
    pub(super) fn open(&mut self, message: &Message<'_>, out: &mut Output, context: &mut Context<'_>) -> Result<Outcome, Reason> {
        let limits = &context.limits.transport;
        let whole = Outcome::Done { used: message.bytes.len() };
        let opened = header::open(message.bytes, limits).map_err(|fault| Reason::Transport(fault.into()))?;
        let Opened { content, headers, reply } = opened;
        let codec = reply.codec();
        // Nobody knows the name and number of a message that cannot be read; its envelope has a number, too.
        let (refused, number) = (message.exchange.within(reply), reply.seqid);
        let (bytes, owner) = match content {
            Ok(Content::Plain(bytes)) => (Cow::Borrowed(bytes), message.owner.map(|owner| owner.slice_ref(bytes))),
            Ok(Content::Inflated(bytes)) => (Cow::Borrowed(&[][..]), Some(Bytes::from(bytes))),
            Err(denial) => {
                self.refuse(refused, Some(codec), number, &exception(denial), out, context);
                self.count_denial(denial, context);
                return Ok(whole);
            }
        };
        let bytes = owner.as_deref().unwrap_or(&bytes);
        if bytes.is_empty() {
            let error = Input::new(bytes, &limits.wire).error(ErrorKind::UnexpectedEnd);
            self.refuse(refused, Some(codec), number, &ApplicationException::protocol(error), out, context);
            self.count_protocol_error(error, true, context);
            return Ok(whole);
        }
        // The envelope of the reply has the number of the message, which not all clients write into that of the request.
        let mut input = Input::new(bytes, &limits.wire);
        if Codec::sniff(bytes) != Some(codec) {
            return Err(Reason::MessageHead(input.error(ErrorKind::BadVersion)));
        }
        let head = codec.head(&mut input).map_err(Reason::MessageHead)?;
        let exchange = message.exchange.within(header::Return { seqid: head.seqid, ..reply });
        let inner = Message { bytes, owner: owner.as_ref(), delimited: true, exchange, headers };
        self.route(&inner, out, context)?;
        Ok(whole)
    }

    /// What cannot be read may be a frame in an HTTP body, where none is needed. Its length is not the length of an old header's
    /// name, for there is more in a header than the name.
    #[cold]
    pub(super) fn unframe(
        &mut self,
        message: &Message<'_>,
        error: wire::Error,
        out: &mut Output,
        context: &mut Context<'_>,
    ) -> Result<Outcome, Reason> {
        let content =
            message.bytes.split_first_chunk().filter(|(length, rest)| u32::from_be_bytes(**length) as usize == rest.len());
        let (Some((_, bytes)), Some(exchange)) = (content, message.exchange.framed()) else {
            return Err(Reason::MessageHead(error));
        };
        let owner = message.owner.map(|owner| owner.slice_ref(bytes));
        let inner = Message { bytes, owner: owner.as_ref(), delimited: true, exchange, headers: message.headers };
        self.route(&inner, out, context)?;
        Ok(Outcome::Done { used: message.bytes.len() })
    }

    /// What is behind a header that can be read is delimited, so it is survived like any protocol error. Not so what inflates
    /// past a limit, for that is no mistake.
    fn count_denial(&mut self, denial: Denial, context: &Context<'_>) {
        context.stats.protocol_errors.add_one();
        self.protocol_errors += 1;
        let hostile = matches!(denial, Denial::Inflate(fault) if fault.is_over_limit());
        if hostile || self.protocol_errors >= context.limits.protocol_errors_max {
            self.end(Reason::Transport(transport::Error::Denied(denial)));
        }
    }

    /// Answers a message that cannot be read, so that nobody knows its name, nor its number unless something around it has one.
    pub(super) fn refuse(
        &mut self,
        exchange: Exchange,
        codec: Option<Codec>,
        number: i32,
        exception: &ApplicationException,
        out: &mut Output,
        context: &Context<'_>,
    ) {
        let codec = codec.or(self.codec).unwrap_or(Codec::Binary);
        let limits = &context.limits.transport;
        let head = ("", MessageKind::EXCEPTION, number);
        if self.slots.is_empty() {
            let envelope = exchange.begin(out);
            codec.write(out, limits.wire.depth_max, head, exception);
            envelope.end(out, limits, None);
        } else {
            let mut aside = Output::new();
            codec.write(&mut aside, limits.wire.depth_max, head, exception);
            self.slots.ready(exchange, aside, None);
        }
    }
}

fn exception(denial: Denial) -> ApplicationException {
    let kind = match denial {
        Denial::Protocol(_) => ExceptionKind::INVALID_PROTOCOL,
        _ => ExceptionKind::INVALID_TRANSFORM,
    };
    ApplicationException::new(kind, denial.to_string())
}

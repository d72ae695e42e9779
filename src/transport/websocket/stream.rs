//! One connection's messages, put together from its frames.
//!
//! Payload is taken as it comes, so that every byte is unmasked once; a control frame waits until it is whole.

use bytes::Bytes;

use crate::transport::error::Error;
use crate::transport::exchange::Exchange;
use crate::transport::frame::{Payload, Phase, Split};
use crate::transport::limits::Limits;
use crate::wire::{Output, room};

use super::close::Close;
use super::frame::{Head, Kind, LENGTH_BYTES, Opcode, read_head, unmask, write_head};

/// The state of one connection behind its handshake. Between messages it owns no memory beyond itself.
#[derive(Debug, Default)]
pub struct WebSocket {
    /// The frame that is being read, where it carries a part of a message.
    open: Option<Open>,
    /// What has come of the message, and whether it is text, once its first frame has begun.
    message: Option<(Vec<u8>, bool)>,
    /// The peer ended the conversation in this way.
    ended: Option<Close>,
    /// Our own close frame is written, and is the last.
    has_closed: bool,
    /// The peer is a server, which masks nothing. Its pings are handed out by what they carry, for we must mask the answer.
    of_server: bool,
}

#[derive(Debug)]
struct Open {
    last: bool,
    mask: [u8; 4],
    at: usize,
    length: usize,
}

impl WebSocket {
    /// What a server sends.
    pub(super) fn of_server() -> Self {
        Self { of_server: true, ..Self::default() }
    }

    /// How the peer ended the conversation, if it did.
    pub(super) fn ended(&self) -> Option<Close> {
        self.ended
    }

    /// Looks for the next message.
    ///
    /// # Errors
    /// `WebSocket`, with the code to close with.
    #[inline(never)] // keeps the way of the others short
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        self.advance(input, limits).map_err(Error::WebSocket)
    }

    fn advance(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Close> {
        let mut consumed = 0;
        loop {
            let rest = &input[consumed..];
            if self.ended.is_some() {
                return Ok(Split::End { consumed: input.len() });
            }
            if self.open.is_some() {
                consumed += self.take(rest);
                match self.open.take_if(|open| open.at == open.length) {
                    Some(open) if open.last => return self.finish(consumed),
                    Some(_) => continue,
                    None => return Ok(Split::Need { consumed, need: 1 }),
                }
            }
            let head = match read_head(rest, !self.of_server)? {
                Ok(head) => head,
                // Before the first byte nothing is late yet.
                Err(need) => return Ok(Split::Need { consumed, need: if rest.is_empty() { 1 } else { need } }),
            };
            if !head.opcode.is_control() {
                self.begin(&head, limits)?;
                consumed += head.size;
                continue;
            }
            let size = head.size + head.length;
            let Some(payload) = rest.get(head.size..size) else { return Ok(Split::Need { consumed, need: size }) };
            consumed += size;
            if let Some(bytes) = self.control(&head, payload)? {
                return Ok(Split::Answer { consumed, bytes });
            }
        }
    }

    /// Begins a frame that carries a message or a part of one (RFC 6455 5.4).
    fn begin(&mut self, head: &Head, limits: &Limits) -> Result<(), Close> {
        match (head.opcode, &mut self.message) {
            (Opcode::Continuation, Some(_)) => {}
            (Opcode::Text | Opcode::Binary, message @ None) => *message = Some((Vec::new(), head.opcode == Opcode::Text)),
            _ => return Err(Close::PROTOCOL),
        }
        let so_far = self.message.as_ref().map_or(0, |(bytes, _)| bytes.len());
        if head.length > limits.wire.message_max - so_far.min(limits.wire.message_max) {
            return Err(Close::TOO_LARGE);
        }
        self.open = Some(Open { last: head.last, mask: head.mask, at: 0, length: head.length });
        Ok(())
    }

    /// Takes what there is of the open frame's payload.
    fn take(&mut self, input: &[u8]) -> usize {
        let (Some(open), Some((bytes, _))) = (&mut self.open, &mut self.message) else { return 0 };
        let count = input.len().min(open.length - open.at);
        let start = bytes.len();
        room::append(bytes, &input[..count]);
        unmask(&mut bytes[start..], open.mask, open.at);
        open.at += count;
        count
    }

    fn finish(&mut self, consumed: usize) -> Result<Split, Close> {
        let (bytes, text) = self.message.take().unwrap_or_default();
        // 8.1: a text that is not UTF-8 ends the connection.
        if text && std::str::from_utf8(&bytes).is_err() {
            return Err(Close::INVALID);
        }
        let bytes = Bytes::from(bytes);
        let (message, kind) = match bytes.split_first_chunk::<LENGTH_BYTES>() {
            // No message begins with the length of its rest: the name of an old binary one is not its end.
            Some((length, rest)) if u32::from_be_bytes(*length) as usize == rest.len() => (bytes.slice_ref(rest), Kind::Framed),
            // What the reply is written in is what the message is written in, and only JSON is text.
            _ if bytes.starts_with(b"[") => (bytes, Kind::Text),
            _ => (bytes, Kind::Bytes),
        };
        Ok(Split::Message { consumed, payload: Payload::Own(message), exchange: Exchange::websocket(kind) })
    }

    /// Deals with a control frame. A ping is answered with what it carries (5.5.2); a pong was not asked for.
    fn control(&mut self, head: &Head, payload: &[u8]) -> Result<Option<Bytes>, Close> {
        let mut payload = payload.to_vec();
        unmask(&mut payload, head.mask, 0);
        match head.opcode {
            Opcode::Ping if self.of_server => return Ok(Some(payload.into())),
            Opcode::Ping => {
                let mut pong = Vec::new();
                write_head(&mut pong, Opcode::Pong, payload.len());
                pong.extend_from_slice(&payload);
                return Ok(Some(pong.into()));
            }
            Opcode::Close => self.ended = Some(Close::read(&payload)?),
            _ => {}
        }
        Ok(None)
    }

    /// Writes the last frame, once: with the peer's own code where it was the first to close (5.5.1), else with this one.
    #[inline(never)]
    pub fn close(&mut self, code: Close, out: &mut Output) {
        if !std::mem::replace(&mut self.has_closed, true) {
            let Close(code) = self.ended.unwrap_or(code);
            write_head(out.tail(), Opcode::Close, 2);
            out.push(&code.to_be_bytes());
        }
    }

    /// Bytes of a message whose last frame has not come.
    pub fn held(&self) -> usize {
        self.message.as_ref().map_or(0, |(bytes, _)| bytes.len())
    }

    /// Where the stream is, with `input` at its front.
    #[inline(never)]
    pub fn phase(&self, input: &[u8]) -> Phase {
        match (&self.open, &self.message) {
            (_, Some((bytes, _))) => {
                let left = self.open.as_ref().map_or(0, |open| open.length - open.at);
                Phase::Body(Some(bytes.len() + left))
            }
            _ if input.is_empty() || self.ended.is_some() => Phase::Idle,
            _ => Phase::Head,
        }
    }
}

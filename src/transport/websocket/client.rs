//! The client's side: a handshake, and then one message of ours in each masked frame (RFC 6455 4.1, 5.1). Deliberately absent:
//! a close frame of our own, for a client that is done closes the connection.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::transport::banner::Banner;
use crate::transport::error::Error;
use crate::transport::frame::{Arrival, Phase, Split};
use crate::transport::http::Destination;
use crate::transport::limits::Limits;
use crate::wire::{ErrorKind, Output};

use super::close::Close;
use super::frame::{Opcode, unmask, write_masked_head};
use super::handshake::accept;
use super::stream::WebSocket;

/// The longest answer to a handshake.
const ANSWER_MAX: usize = 16 * 1024;
/// Fields of it, at most.
const FIELDS_MAX: usize = 64;

/// The client side of one connection.
#[derive(Debug)]
pub struct Client {
    head: String,
    key: String,
    opcode: Opcode,
    socket: WebSocket,
    is_open: bool,
    /// Nobody can foresee a mask (5.3): each is a hash, under a key that is random, of how many there were before.
    masks: RandomState,
    count: u64,
    /// Answers to pings, which leave with the next message.
    pongs: Vec<u8>,
}

impl Client {
    /// A connection to `destination` that is about to shake hands. What is text in all its messages, as JSON is, travels as text.
    pub fn new(destination: &Destination, is_text: bool) -> Self {
        let masks = RandomState::new();
        let bytes = [masks.hash_one(u64::MAX), masks.hash_one(u64::MAX - 1)].map(u64::to_be_bytes).concat();
        let opcode = if is_text { Opcode::Text } else { Opcode::Binary };
        let (head, key) = (destination.head("GET"), STANDARD.encode(bytes));
        Self { head, key, opcode, socket: WebSocket::of_server(), is_open: false, masks, count: 0, pongs: Vec::new() }
    }

    /// Has its messages travel as bytes.
    #[must_use]
    pub fn binary(self) -> Self {
        Self { opcode: Opcode::Binary, ..self }
    }

    /// Writes the request that the server answers before anything else is said.
    pub fn greet(&mut self, out: &mut Output) {
        out.push(self.head.as_bytes());
        out.push(b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
        out.push(self.key.as_bytes());
        out.push(b"\r\n\r\n");
    }

    /// Looks whether the server has agreed: says how many bytes that took, once they are there.
    ///
    /// # Errors
    /// Where it has not.
    pub fn greeted(&mut self, input: &[u8]) -> Result<Option<usize>, Error> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut response = httparse::Response::new(&mut fields);
        let size = match response.parse(input) {
            Ok(httparse::Status::Complete(size)) => size,
            Ok(httparse::Status::Partial) if input.len() <= ANSWER_MAX => return Ok(None),
            Ok(httparse::Status::Partial) => return Err(Error::Response("the head is too long")),
            Err(_) => return Err(Banner::of(input).map_or(Error::Response("no status line of HTTP/1.1"), Error::Speaks)),
        };
        match response.code {
            Some(101) => {}
            status => return Err(Error::Status(status.unwrap_or_default())),
        }
        let value = |name: &str| {
            response.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value.trim_ascii())
        };
        // 4.1: it knows the key, upgrades to this and nothing else, and takes no extension that was not offered.
        let agrees = value("Sec-WebSocket-Accept") == Some(&accept(self.key.as_bytes())[..])
            && value("Upgrade").is_some_and(|upgrade| upgrade.eq_ignore_ascii_case(b"websocket"))
            && value("Sec-WebSocket-Extensions").is_none();
        if !agrees {
            return Err(Error::Response("no answer to the handshake of WebSocket"));
        }
        self.is_open = true;
        Ok(Some(size))
    }

    /// Puts a frame around the message that `write` writes, and masks it.
    ///
    /// # Errors
    /// That of `write`: what was written is then to be taken back.
    pub fn wrap(&mut self, out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
        let start = out.mark();
        write(out)?;
        let (length, mask, opcode) = (out.written_since(start), self.mask(), self.opcode);
        let pongs = std::mem::take(&mut self.pongs);
        out.refill(start, |pieces, out| {
            out.extend_from_slice(&pongs);
            write_masked_head(out, opcode, mask, length);
            let begin = out.len();
            pieces.for_each(|piece| out.extend_from_slice(piece));
            unmask(&mut out[begin..], mask, 0);
        });
        Ok(())
    }

    fn mask(&mut self) -> [u8; 4] {
        self.count += 1;
        (self.masks.hash_one(self.count) as u32).to_be_bytes()
    }

    /// Looks for the next reply at the front of `input`.
    ///
    /// # Errors
    /// Where the server breaks the protocol, or closes.
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        if !self.is_open {
            return Err(Error::Response("a message before the handshake"));
        }
        let mut before = 0;
        loop {
            match self.socket.split(&input[before..], limits)? {
                Split::Need { consumed, need } => return Ok(Arrival::Need { consumed: before + consumed, need }),
                Split::Message { consumed, payload, .. } => {
                    return Ok(Arrival::Message { consumed: before + consumed, payload });
                }
                Split::Answer { consumed, bytes } => {
                    before += consumed;
                    self.pong(&bytes);
                }
                Split::End { .. } => return Err(Error::WebSocket(self.socket.ended().unwrap_or(Close::NORMAL))),
            }
        }
    }

    /// The answer to the last ping is enough (5.5.3).
    fn pong(&mut self, carried: &[u8]) {
        let mask = self.mask();
        self.pongs.clear();
        write_masked_head(&mut self.pongs, Opcode::Pong, mask, carried.len());
        let begin = self.pongs.len();
        self.pongs.extend_from_slice(carried);
        unmask(&mut self.pongs[begin..], mask, 0);
    }

    /// Where in a reply the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        self.socket.phase(input)
    }
}

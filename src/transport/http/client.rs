//! The client's side of HTTP/1.1: a message leaves in the body of a `POST`, its reply comes in the body of the response. Bytes
//! in, values out; sockets, deadlines and reconnecting are the caller's. Deliberately absent: redirects, cookies, content
//! codings and `Expect`.

use crate::wire::{ErrorKind, Mark, Output};

use super::super::banner::Banner;
use super::super::error::Error;
use super::super::frame::{Arrival, Payload, Phase};
use super::chunked::Chunked;
use super::client_head::{Head, Search, may_begin};
use super::client_memo::Memo;
use super::destination::{Destination, InvalidHead};
use super::limits::Limits;
use super::response::{Exchange, write_decimal};

/// Interim responses that a server may send before a response.
const INTERIM_MAX: u8 = 16;
/// Digits of a `Content-Length`, at most.
const DIGITS_MAX: usize = 20;

/// The client side of one connection.
#[derive(Clone, Debug)]
pub struct Client {
    /// The head of every request, up to the digits of its length.
    head: Box<[u8]>,
    /// The digits that the last length had.
    digits: usize,
    state: State,
    memo: Memo,
    interim: u8,
    closes: bool,
}

#[derive(Clone, Debug)]
enum State {
    /// A head is next; it stays in the caller's buffer until it is whole.
    Head(Search),
    /// The head is consumed, this many bytes follow.
    Length(usize),
    /// The head is consumed, chunks follow.
    Chunked(Box<Chunked>),
    /// The head is consumed, and all bytes until the server closes follow.
    UntilClose,
}

impl Client {
    /// Posts to `path` at `host`, which may have a port behind a colon.
    ///
    /// # Errors
    /// Where one of them cannot stand in a request.
    pub fn new(host: &str, path: &str) -> Result<Self, InvalidHead> {
        Ok(Self::at(&Destination::new(host, path)?))
    }

    /// Posts to `destination`.
    pub fn at(destination: &Destination) -> Self {
        let head =
            destination.head("POST") + "Accept: application/x-thrift\r\nContent-Type: application/x-thrift\r\nContent-Length: ";
        let state = State::Head(Search::default());
        Self { head: head.into_bytes().into(), digits: 2, state, memo: Memo::default(), interim: 0, closes: false }
    }

    /// Writes a request around the message that `write` writes.
    ///
    /// # Errors
    /// That of `write`: what was written is then to be taken back.
    pub fn wrap(&mut self, out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
        out.push(&self.head);
        let digits = out.mark();
        out.push(&[b'0'; DIGITS_MAX][..self.digits]);
        out.push(b"\r\n\r\n");
        let body = out.mark();
        write(out)?;
        self.put_length(out, digits, out.written_since(body));
        Ok(())
    }

    /// The body moves only where its length has another number of digits than the last one had.
    fn put_length(&mut self, out: &mut Output, at: Mark, length: usize) {
        let reserved = self.digits;
        out.put_before(at, reserved, |head| {
            let before = head.len();
            write_decimal(head, length);
            self.digits = head.len() - before;
        });
    }

    /// Looks for the next response at the front of `input`, which holds all that was not consumed yet.
    ///
    /// # Errors
    /// Where it is none, is refused, or passes a limit; the connection must end.
    #[inline]
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        match &mut self.state {
            State::Head(_) => match self.memo.find(input) {
                Some((end, head)) => {
                    (self.state, self.interim) = (State::Head(Search::default()), 0);
                    self.body(head, input, end, limits)
                }
                None => self.split_head(input, limits),
            },
            State::Length(length) => {
                let length = *length;
                Ok(self.fixed_body(length, input, 0))
            }
            State::Chunked(_) => self.chunked_body(input, 0, limits),
            State::UntilClose if input.len() > limits.message_max => Err(Error::Response("the body is too long")),
            State::UntilClose => Ok(Arrival::Need { consumed: 0, need: input.len() + 1 }),
        }
    }

    fn split_head(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        let mut start = 0;
        loop {
            let rest = &input[start..];
            if !may_begin(rest) {
                return Err(Banner::of(rest).map_or(Error::Response("no status line of HTTP/1.1"), Error::Speaks));
            }
            let State::Head(search) = &mut self.state else { return Err(Error::Response("a head inside of a body")) };
            let Some((length, head)) = search.advance(rest).map_err(Error::Response)? else {
                return Ok(Arrival::Need { consumed: start, need: rest.len() + 1 });
            };
            self.state = State::Head(Search::default());
            self.memo.learn(&rest[..length], head);
            start += length;
            // RFC 9110 15.2: a client passes over interim responses, whether it asked for them or not.
            if matches!(head.status, 100 | 102..200) {
                self.interim += 1;
                if self.interim > INTERIM_MAX {
                    return Err(Error::Response("too many interim responses"));
                }
                continue;
            }
            self.interim = 0;
            return self.body(head, input, start, limits);
        }
    }

    /// RFC 9112 6.3: what delimits the body that begins at `start`.
    fn body(&mut self, head: Head, input: &[u8], start: usize, limits: &Limits) -> Result<Arrival, Error> {
        let is_success = matches!(head.status, 200..300);
        // A server that has too much to do says so in a message, and by its status to whoever stands between.
        if !is_success && !head.is_thrift {
            return Err(Error::Status(head.status));
        }
        self.closes |= head.close;
        match head.length {
            _ if head.status == 204 => Ok(Arrival::Empty { consumed: start }),
            _ if head.chunked => {
                self.state = State::Chunked(Box::new(Chunked::new(Exchange::default())));
                self.chunked_body(input, start, limits)
            }
            Some(0) if is_success => Ok(Arrival::Empty { consumed: start }),
            Some(0) => Err(Error::Status(head.status)),
            Some(length) if length > limits.message_max => Err(Error::Response("the body is too long")),
            Some(length) => Ok(self.fixed_body(length, input, start)),
            None => {
                self.closes = true;
                self.state = State::UntilClose;
                Ok(Arrival::Need { consumed: start, need: input.len() - start + 1 })
            }
        }
    }

    #[inline]
    fn fixed_body(&mut self, length: usize, input: &[u8], start: usize) -> Arrival {
        let end = start + length;
        if input.len() < end {
            self.state = State::Length(length);
            return Arrival::Need { consumed: start, need: length };
        }
        self.state = State::Head(Search::default());
        if length == 0 {
            return Arrival::Empty { consumed: end };
        }
        Arrival::Message { consumed: end, payload: Payload::Input(start..end) }
    }

    fn chunked_body(&mut self, input: &[u8], start: usize, limits: &Limits) -> Result<Arrival, Error> {
        let State::Chunked(chunked) = &mut self.state else { return Err(Error::Response("a chunk outside of a body")) };
        let fed = chunked.feed(&input[start..], limits.message_max);
        let (taken, whole) = fed.map_err(|refusal| Error::Response(refusal.reason))?;
        let consumed = start + taken;
        if !whole {
            return Ok(Arrival::Need { consumed, need: 1 });
        }
        let State::Chunked(chunked) = std::mem::replace(&mut self.state, State::Head(Search::default())) else {
            return Err(Error::Response("a chunk outside of a body"));
        };
        let body = chunked.into_body();
        if body.is_empty() {
            return Ok(Arrival::Empty { consumed });
        }
        Ok(Arrival::Message { consumed, payload: Payload::Own(body.into()) })
    }

    /// The server has closed, and `input` is what it left: says whether that is a whole body.
    pub fn finish(&mut self, input: &[u8]) -> bool {
        let ends = matches!(self.state, State::UntilClose);
        if ends {
            self.state = State::Length(input.len());
        }
        ends
    }

    /// Whether the server closes behind the response that came last.
    #[inline]
    pub fn closes(&self) -> bool {
        self.closes
    }

    /// Where in a response the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        match self.state {
            State::Head(_) if input.is_empty() => Phase::Idle,
            State::Head(_) => Phase::Head,
            State::Length(length) => Phase::Body(Some(length)),
            State::Chunked(_) | State::UntilClose => Phase::Body(None),
        }
    }
}

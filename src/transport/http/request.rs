//! One connection's requests, cut from its bytes. The caller owns the buffer and the clock; this holds what must be remembered
//! between two reads, and nothing between two requests.

use std::ops::Range;

use super::chunked::Chunked;
use super::head::{self, Framing, Plan};
use super::limits::Limits;
use super::memo::{Found, Memo};
use super::refusal::Refusal;
use super::response::Exchange;
use super::scan::Scan;

const BLANKS: Refusal = Refusal::bad("empty lines in front of a request");
const EMPTY: Refusal = Refusal::bad("an empty body");

/// The request side of one connection.
///
/// ```
/// use farthing::transport::http::{Http, Limits, Payload, Split};
///
/// let input = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
/// let Ok(Split::Message { consumed, payload: Payload::Input(range), exchange }) = Http::new().split(input, &Limits::default())
/// else { panic!() };
/// assert_eq!((&input[range], consumed, exchange.close), (&b"hello"[..], input.len(), false));
/// ```
#[derive(Debug)]
pub struct Http {
    state: State,
}

/// INVARIANT: owns heap memory only while a chunked body is on its way or waits to be taken.
#[derive(Debug)]
enum State {
    /// Between two requests; `blank`: an empty line was passed over.
    Idle { blank: bool },
    /// A part of a head was seen; all of it stays in the caller's buffer.
    Head(Scan),
    /// The head is consumed, this many bytes follow.
    Length(usize, Exchange),
    /// The head is consumed, chunks follow.
    Chunked(Box<Chunked>),
    /// A de-chunked body, or the answer to an upgrade, waits for `take_body`.
    Ready(Vec<u8>),
    /// Nothing that follows can be trusted to begin a request.
    Refused(Refusal),
}

/// What the input holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Not yet a whole request: drop `consumed` bytes, and call again when at least `need` bytes (counted after dropping) are
    /// there. `need` may be a peer's promise: wait for it, but reserve no memory because of it.
    Need {
        /// Bytes to drop.
        consumed: usize,
        /// Bytes that must be there for a next call to make sense.
        need: usize,
    },
    /// The client waits with its body: drop `consumed` bytes, send [`CONTINUE`](super::CONTINUE) behind the answers of
    /// earlier requests, and call again.
    Continue {
        /// Bytes to drop.
        consumed: usize,
    },
    /// A browser asks whether a page of a listed origin may call: drop `consumed` bytes and answer with
    /// [`write_preflight`](super::write_preflight). Never happens while [`Limits::origins`] is empty.
    Preflight {
        /// Bytes to drop.
        consumed: usize,
        /// What the answer must know.
        exchange: Exchange,
    },
    /// The client asks for WebSocket: drop `consumed` bytes, send the answer, which [`Http::take_body`] has, behind those of
    /// earlier requests, and read what follows as WebSocket frames.
    Upgrade {
        /// Bytes to drop.
        consumed: usize,
    },
    /// A whole request.
    Message {
        /// Bytes to drop, after the payload was used.
        consumed: usize,
        /// Where its body is.
        payload: Payload,
        /// What its reply must know.
        exchange: Exchange,
    },
}

/// Where the body of a request is. It is never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// At this place of the input, in front of `consumed`.
    Input(Range<usize>),
    /// De-chunked: fetch it by [`Http::take_body`] before the next [`Http::split`].
    Own,
}

/// What a connection is waiting for, which tells the deadline that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// For a request; none has begun.
    Idle,
    /// For the rest of a head.
    Head,
    /// For the rest of a body.
    Body {
        /// Its length, unless it is chunked.
        declared: Option<usize>,
    },
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// A connection on which nothing has arrived.
    pub const fn new() -> Self {
        Self { state: State::Idle { blank: false } }
    }

    /// What the connection waits for.
    pub const fn phase(&self) -> Phase {
        match &self.state {
            State::Idle { .. } | State::Ready(_) | State::Refused(_) => Phase::Idle,
            State::Head(_) => Phase::Head,
            State::Length(declared, _) => Phase::Body { declared: Some(*declared) },
            State::Chunked(_) => Phase::Body { declared: None },
        }
    }

    /// How much there is of a body whose length is not declared.
    #[inline]
    pub fn unchunked(&self) -> usize {
        match &self.state {
            State::Chunked(chunked) => chunked.len(),
            _ => 0,
        }
    }

    /// The body of the last [`Split::Message`] with [`Payload::Own`], or the answer to the [`Split::Upgrade`]; empty at any other
    /// time.
    pub fn take_body(&mut self) -> Vec<u8> {
        match std::mem::replace(&mut self.state, State::Idle { blank: false }) {
            State::Ready(body) => body,
            other => {
                self.state = other;
                Vec::new()
            }
        }
    }

    /// Looks for the next request in `input`, which always starts at the first byte that was not consumed: bytes of earlier
    /// calls come again, with more behind them. How a stream is cut into calls changes nothing about what is found.
    ///
    /// # Errors
    /// A request that must not be served. Write it with [`write_refusal`](super::write_refusal) behind the answers of earlier
    /// requests and close; every later call fails in the same way.
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Refusal> {
        self.split_with(input, limits, &mut Memo::new())
    }

    /// The same as [`Http::split`], and faster where clients repeat themselves: `memo` belongs to the thread and may serve
    /// any connection under any limits.
    ///
    /// # Errors
    /// As [`Http::split`].
    pub fn split_with(&mut self, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Refusal> {
        if let Some(split) = self.repeated(input, limits, memo) {
            return Ok(split);
        }
        self.parse(input, limits, memo)
    }

    /// The same where [`repeated`](Self::repeated) found nothing.
    pub(in crate::transport) fn parse(&mut self, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Refusal> {
        let outcome = self.advance(input, limits, memo);
        if let Err(refusal) = outcome {
            self.state = State::Refused(refusal);
        }
        outcome
    }

    /// A request whose head is known, as that of nearly every call is: its body is there, or needed. Nothing, and nothing is
    /// changed, where the head must be parsed.
    #[inline]
    pub(in crate::transport) fn repeated(&mut self, input: &[u8], limits: &Limits, memo: &Memo) -> Option<Split> {
        let State::Idle { blank } = &mut self.state else { return None };
        let Found { head, body, exchange } = memo.find(input, limits)?;
        *blank = false;
        Some(self.fixed_body(body, exchange, input, head))
    }

    /// Whatever is met, the connection is idle behind it, unless one of the steps below says otherwise.
    fn advance(&mut self, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Refusal> {
        match std::mem::replace(&mut self.state, State::Idle { blank: false }) {
            State::Idle { blank } => self.begin(blank, input, limits, memo),
            State::Ready(_) => self.begin(false, input, limits, memo),
            State::Head(scan) => self.resume_head(scan, input, 0, limits),
            State::Length(length, exchange) => Ok(self.fixed_body(length, exchange, input, 0)),
            State::Chunked(chunked) => self.chunked_body(chunked, input, 0, limits),
            State::Refused(refusal) => Err(refusal),
        }
    }

    fn begin(&mut self, blank: bool, input: &[u8], limits: &Limits, memo: &mut Memo) -> Result<Split, Refusal> {
        // RFC 9112 2.2: a server ignores at least one empty line in front of a request, for some old clients end a body with
        // one too many. One is what it gets.
        let start = match input {
            [b'\r', ..] if blank => return Err(BLANKS),
            [b'\r'] => return Ok(Split::Need { consumed: 0, need: 2 }),
            [b'\r', b'\n', b'\r', ..] => return Err(BLANKS),
            [b'\r', b'\n', ..] => 2,
            [b'\r', ..] => return Err(BLANKS),
            _ => 0,
        };
        let head = &input[start..];
        if head.is_empty() {
            self.state = State::Idle { blank: blank || start > 0 };
            return Ok(Split::Need { consumed: start, need: 1 });
        }
        if let Some(parsed) = head::parse_ordinary(head, limits) {
            let (length, plan) = parsed?;
            memo.learn(&head[..length], &plan);
            return self.follow(&plan, input, start..start + length, limits);
        }
        self.resume_head(Scan::default(), input, start, limits)
    }

    fn resume_head(&mut self, mut scan: Scan, input: &[u8], start: usize, limits: &Limits) -> Result<Split, Refusal> {
        let head = &input[start..];
        let Some(length) = scan.advance(head)? else {
            self.state = State::Head(scan);
            return Ok(Split::Need { consumed: start, need: head.len() + 1 });
        };
        let plan = head::parse(&head[..length], limits)?;
        self.follow(&plan, input, start..start + length, limits)
    }

    /// Goes on behind a head that was accepted and stands there.
    fn follow(&mut self, plan: &Plan, input: &[u8], head: Range<usize>, limits: &Limits) -> Result<Split, Refusal> {
        let (exchange, end) = (plan.exchange, head.end);
        let split = match plan.framing {
            Framing::Length(length) => self.fixed_body(length, exchange, input, end),
            Framing::Chunked => self.chunked_body(Box::new(Chunked::new(exchange)), input, end, limits)?,
            Framing::Preflight => Split::Preflight { consumed: end, exchange },
            Framing::Upgrade => {
                self.state = State::Ready(head::upgrade_answer(&input[head])?);
                Split::Upgrade { consumed: end }
            }
        };
        match split {
            // RFC 9110 10.1.1: no interim answer for a body that is already there.
            Split::Need { consumed, .. } if plan.expects => Ok(Split::Continue { consumed }),
            split => Ok(split),
        }
    }

    /// A body of `length` bytes, which starts at `start` and stays in the caller's buffer.
    #[inline]
    fn fixed_body(&mut self, length: usize, exchange: Exchange, input: &[u8], start: usize) -> Split {
        if input.len() - start < length {
            self.state = State::Length(length, exchange);
            return Split::Need { consumed: start, need: length };
        }
        let end = start + length;
        Split::Message { consumed: end, payload: Payload::Input(start..end), exchange }
    }

    /// A body in chunks, which starts or goes on at `start`.
    fn chunked_body(&mut self, mut body: Box<Chunked>, input: &[u8], start: usize, limits: &Limits) -> Result<Split, Refusal> {
        let (taken, whole) = body.feed(&input[start..], limits.message_max)?;
        let consumed = start + taken;
        if !whole {
            self.state = State::Chunked(body);
            return Ok(Split::Need { consumed, need: 1 });
        }
        let exchange = body.exchange;
        let body = body.into_body();
        if body.is_empty() {
            return Err(EMPTY);
        }
        self.state = State::Ready(body);
        Ok(Split::Message { consumed, payload: Payload::Own, exchange })
    }
}

#[cfg(test)]
mod tests {
    use super::{Exchange, Http};

    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Http>() <= 32, "{}", size_of::<Http>());
        assert!(size_of::<Exchange>() <= 8, "{}", size_of::<Exchange>());
    }
}

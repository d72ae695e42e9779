//! One connection's conversation: what is under way on it, what it sends next, and what its answers are worth. It knows no
//! socket and reads no clock; times are nanoseconds since the begin of the run.

use std::collections::VecDeque;

use crate::reactor::Token;
use crate::rpc::{Failure, Incoming, Received, Requester};
use crate::transport::{self, Limits};
use crate::wire::{Codec, Output};

use super::arguments::Found;
use super::plan::Dial;
use super::prepared::{Calls, Which};
use super::stamp::{self, Stamp, Stamped};
use super::tally::{Problem, Tally};

/// A connection, or the place of one.
#[derive(Debug)]
pub(super) struct Lane {
    requester: Requester,
    /// Calls that wait for their answers, in order.
    pub(super) flights: VecDeque<Flight>,
    /// When calls were due that this lane is to send when it is woken, or connected.
    pub(super) assigned: VecDeque<u64>,
    /// Its connection, once that can carry calls.
    pub(super) token: Option<Token>,
    /// A connection on which the server must agree to the transport first, and since when.
    pub(super) greeting: Option<(Token, u64)>,
    /// On the list of those with room.
    pub(super) is_listed: bool,
    /// Connections in a row that brought no answer.
    pub(super) fruitless: u32,
    /// This one brought one.
    pub(super) has_answered: bool,
    seqid: i32,
    /// The requester knows of the first flight, and may have read a part of its answer.
    expecting: bool,
}

/// A call under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) which: Which,
    seqid: i32,
    pub(super) due: u64,
    pub(super) sent: u64,
}

/// Which answers count: those to calls that were due within.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) from: u64,
    /// When to make no more calls.
    pub(super) to: u64,
    /// How many calls are still to be made, where they are counted.
    pub(super) left: Option<u64>,
}

/// What all lanes of a thread share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) calls: Calls,
    pub(super) tally: Tally,
    pub(super) window: Window,
    pub(super) limits: Limits,
    pub(super) dial: Dial,
    codec: Codec,
}

/// Why a lane ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// The server said that it closes, and owes nothing.
    Closes,
    /// This went wrong with the first call under way.
    Failed(Problem, String),
}

impl Window {
    pub(super) fn counts(&self, due: u64) -> bool {
        (self.from..self.to).contains(&due)
    }

    /// Whether another call may be made now; if so it is counted.
    #[inline]
    pub(super) fn take(&mut self, now: u64) -> bool {
        if now >= self.to || self.left == Some(0) {
            return false;
        }
        if let Some(left) = &mut self.left
            && now >= self.from
        {
            *left -= 1;
            if *left == 0 {
                self.to = now + 1;
            }
        }
        true
    }
}

impl Desk {
    pub(super) fn new(calls: Calls, tally: Tally, window: Window, limits: Limits, dial: Dial) -> Self {
        let codec = dial.requester().codec();
        Self { calls, tally, window, limits, dial, codec }
    }

    /// Notes something that went wrong, unless it is none of this run's business any more.
    pub(super) fn note(&mut self, problem: Problem, now: u64, example: impl FnOnce() -> String) {
        if now >= self.window.from || self.tally.connects == 0 {
            self.tally.problems.note(problem, example);
        }
    }

    /// A call came to nothing.
    pub(super) fn give_up(&mut self, flight: Flight, problem: Problem, now: u64, example: impl FnOnce() -> String) {
        if self.window.counts(flight.due) {
            self.tally.give_up(flight.which.kind as usize, now.saturating_sub(flight.due), now);
            self.tally.problems.note(problem, example);
        }
    }

    fn answered(&mut self, flight: Flight, found: Found, now: u64) {
        if !self.window.counts(flight.due) {
            return;
        }
        let (kind, times) = (flight.which.kind as usize, (now.saturating_sub(flight.due), now.saturating_sub(flight.sent)));
        self.tally.answer(kind, times, now, found == Found::Right);
        let method = || self.calls.method(flight.which);
        match found {
            Found::Right => {}
            Found::Wrong => {
                self.tally.problems.note(Problem::WrongValue, || format!("{} returned another value than it must", method()));
            }
            Found::Thrown(name) => self.tally.problems.note(Problem::Thrown, || format!("{} threw {name}", method())),
            Found::Exception(exception) => {
                self.tally.problems.note(Problem::Exception, || format!("{} answered {exception}", method()));
            }
        }
    }
}

impl Lane {
    pub(super) fn new(dial: &Dial) -> Self {
        Self {
            requester: dial.requester(),
            flights: VecDeque::new(),
            assigned: VecDeque::new(),
            token: None,
            greeting: None,
            is_listed: false,
            fruitless: 0,
            has_answered: false,
            seqid: stamp::FIRST - 1,
            expecting: false,
        }
    }

    /// Forgets the connection; calls that were assigned and not sent stay.
    pub(super) fn reset(&mut self, dial: &Dial) {
        self.requester = dial.requester();
        self.flights.clear();
        (self.token, self.greeting) = (None, None);
        (self.expecting, self.is_listed, self.has_answered) = (false, false, false);
    }

    /// Begins the conversation on a new connection; whether it can carry calls at once.
    pub(super) fn begin(&mut self, token: Token, now: u64, out: &mut Output) -> bool {
        let greets = self.requester.greet(out);
        (self.token, self.greeting) = if greets { (None, Some((token, now))) } else { (Some(token), None) };
        !greets
    }

    /// Looks whether the server has agreed to the transport; nothing else may come before that.
    pub(super) fn greeted(&mut self, input: &mut impl Incoming) -> Result<bool, Ending> {
        let agreed = self.requester.greeted(input).map_err(|failure| ending(&failure))?;
        if agreed {
            self.token = self.greeting.take().map(|(token, _)| token);
        }
        Ok(agreed)
    }

    /// Sends a call that is or was due at `due`. It may be one that nobody answers.
    #[inline]
    pub(super) fn send(&mut self, desk: &mut Desk, due: u64, now: u64, out: &mut Output) -> Result<(), Ending> {
        let which = desk.calls.choose();
        let seqid = if desk.calls.stamped {
            self.seqid = stamp::next(self.seqid);
            if let Some(request) = desk.calls.request(which) {
                request.push(Stamp::new(desk.codec, self.seqid), out);
            } else {
                let mut requester = desk.dial.requester().numbered_from(self.seqid);
                desk.calls.encode(which, &mut requester, out, &desk.limits).map_err(unsendable)?;
            }
            self.seqid
        } else {
            desk.calls.encode(which, &mut self.requester, out, &desk.limits).map_err(unsendable)?
        };
        let flight = Flight { which, seqid, due, sent: now };
        if desk.calls.is_oneway(which) && !self.requester.acknowledges() {
            desk.answered(flight, Found::Right, now);
        } else {
            self.flights.push_back(flight);
        }
        self.has_answered |= self.flights.is_empty();
        Ok(())
    }

    /// Deals with all answers that are there; says how many bytes the next one needs.
    #[inline]
    pub(super) fn receive(&mut self, desk: &mut Desk, input: &mut impl Incoming, now: u64) -> Result<usize, Ending> {
        loop {
            if let Some(&flight) = self.flights.front()
                && !self.expecting
                && let Some(length) = seen_before(&mut desk.calls, flight, desk.codec, input.bytes())
            {
                input.consume(length);
                self.flights.pop_front();
                (self.fruitless, self.has_answered) = (0, true);
                desk.answered(flight, Found::Right, now);
                continue;
            }
            // What has no more input may still hold answers, where the transport unpacks several at a time.
            let is_packed = !desk.calls.stamped && !self.flights.is_empty();
            if input.bytes().is_empty() && !self.expecting && !is_packed {
                return Ok(1);
            }
            if let Some(need) = self.read(desk, input, now)? {
                return Ok(need);
            }
        }
    }

    /// Reads the next answer by all the rules. `Some` is how many bytes must be there first.
    fn read(&mut self, desk: &mut Desk, input: &mut impl Incoming, now: u64) -> Result<Option<usize>, Ending> {
        let first = self.flights.front().copied();
        let mut copy = None;
        if let Some(flight) = first
            && desk.calls.stamped
            && !self.expecting
        {
            self.requester.expect(desk.calls.method(flight.which), flight.seqid, desk.calls.is_oneway(flight.which));
            self.expecting = true;
            copy = desk.calls.learns(flight.which, input.bytes().len()).then(|| input.bytes().to_vec());
        }
        let calls = &desk.calls;
        let check = |response: &mut crate::rpc::Response<'_>| match first {
            Some(flight) => calls.want(flight.which).check(response),
            None => Ok(Found::Wrong),
        };
        let found = match self.requester.receive(input, &desk.limits, check) {
            Ok(Received::Need(need)) => return Ok(Some(need)),
            Ok(Received::Reply(found)) => found,
            Ok(Received::Acknowledged) => Found::Right,
            Err(failure) => return Err(ending(&failure)),
        };
        self.expecting = false;
        self.flights.pop_front();
        (self.fruitless, self.has_answered) = (0, true);
        if let Some(flight) = first {
            if let Some(copy) = copy.filter(|_| found == Found::Right && !self.requester.is_ended()) {
                let length = copy.len() - input.bytes().len();
                desk.calls.learn(flight.which, desk.codec, &copy[..length], flight.seqid);
            }
            desk.answered(flight, found, now);
        }
        if self.requester.is_ended() {
            return Err(self.closing());
        }
        Ok(None)
    }

    /// The server closes behind the answer that came last.
    fn closing(&self) -> Ending {
        if self.flights.is_empty() {
            return Ending::Closes;
        }
        Ending::Failed(Problem::Closed, "the peer closes the connection behind an answer and owes others".into())
    }

    /// The server has ended its side, and `input` is the rest. Where this is no error, another `receive` finds an answer.
    pub(super) fn finished(&mut self, input: &impl Incoming) -> Result<(), Ending> {
        if self.greeting.is_some() {
            return Err(Ending::Failed(
                Problem::Closed,
                "the peer closed the connection within the handshake of WebSocket".into(),
            ));
        }
        if self.flights.is_empty() && input.bytes().is_empty() {
            return Err(Ending::Closes);
        }
        self.requester.finished(input).map_err(|failure| ending(&failure))
    }
}

/// How long the answer at the front of `input` is, if it equals one that was right before.
#[inline]
fn seen_before(calls: &mut Calls, flight: Flight, codec: Codec, input: &[u8]) -> Option<usize> {
    let reply: &mut Stamped = calls.reply(flight.which)?;
    reply.is_front_of(Stamp::new(codec, flight.seqid), input).then(|| reply.len())
}

fn unsendable(why: String) -> Ending {
    Ending::Failed(Problem::Unsendable, why)
}

fn ending(failure: &Failure) -> Ending {
    let problem = match failure {
        Failure::Unsendable(_) => Problem::Unsendable,
        Failure::Transport(transport::Error::Status(_)) => Problem::HttpStatus,
        Failure::WrongMethod { .. } | Failure::WrongSeqid { .. } | Failure::Unasked => Problem::Mismatch,
        Failure::Closed { .. } => Problem::Closed,
        _ => Problem::Protocol,
    };
    Ending::Failed(problem, failure.to_string())
}

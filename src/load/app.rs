//! A thread of a load as the reactor sees it: what it is told and asked, and when. It decides nothing that the
//! [`driver`](super::driver) does not.

use std::time::{Duration, Instant};

use crate::reactor::{App, Closed, Errands, Flow, Inbound, Peer, Token};
use crate::wire::Output;

use super::clock::Clock;
use super::driver::{Driver, Phase, Reason};
use super::lane::Ending;
use super::tally::Problem;

impl<C: Clock> App for Driver<C> {
    type Session = u32;
    type Outbox = Output;
    type Completion = ();
    type Reason = Reason;

    fn open(&mut self, _: usize, _: Token, _: &Peer, _: Instant) -> Option<u32> {
        None
    }

    fn turn(&mut self, errands: &mut Errands<u32>, _: Instant) -> Option<Instant> {
        let now = self.now();
        self.open(errands, now);
        self.assign(errands, now);
        // Last, for a call that was noticed late may be the last one.
        self.change_phase(now);
        self.show(now);
        self.epoch.checked_add(Duration::from_nanos(self.next_turn()))
    }

    fn connected(&mut self, lane: &mut u32, token: Token, out: &mut Output, _: Instant) -> Flow<Reason> {
        let (index, now) = (*lane as usize, self.now());
        if self.lanes[index].begin(token, now, out) { self.join(index, now, out) } else { Flow::Read { need: 1 } }
    }

    fn woken(&mut self, lane: &mut u32, _: Token, out: &mut Output, _: Instant) -> Flow<Reason> {
        let now = self.now();
        self.fill(*lane as usize, now, out)
    }

    fn receive(&mut self, lane: &mut u32, _: Token, input: &mut Inbound<'_>, out: &mut Output, _: Instant) -> Flow<Reason> {
        let (index, now) = (*lane as usize, self.now());
        if self.phase == Phase::Done {
            // An answer to a call that was given up when the run ended: it counts as that, and not once more as an answer to nothing.
            return Flow::Close(Reason::Done);
        }
        if self.lanes[index].greeting.is_some() {
            return self.greeted(index, now, input, out);
        }
        match self.lanes[index].receive(&mut self.desk, input, now) {
            Ok(need) => match self.fill(index, now, out) {
                Flow::Read { .. } => Flow::Read { need },
                flow => flow,
            },
            Err(ending) => self.end(index, now, ending),
        }
    }

    fn finished(&mut self, lane: &mut u32, token: Token, input: &mut Inbound<'_>, out: &mut Output, at: Instant) -> Flow<Reason> {
        let (index, now) = (*lane as usize, self.now());
        match self.lanes[index].finished(input) {
            Ok(()) => match self.receive(lane, token, input, out, at) {
                Flow::Read { .. } => Flow::Close(Reason::Done),
                flow => flow,
            },
            Err(ending) => self.end(index, now, ending),
        }
    }

    fn complete(&mut self, _: &mut u32, _: Token, (): (), _: &mut Output, _: Instant) -> Flow<Reason> {
        Flow::Read { need: 1 }
    }

    fn orphaned(&mut self, (): ()) {}

    #[inline]
    fn deadline(&self, lane: &u32) -> Option<Instant> {
        let lane = &self.lanes[*lane as usize];
        let since = lane.flights.front().map(|flight| flight.sent).or(lane.greeting.map(|(_, since)| since))?;
        Some(self.epoch + Duration::from_nanos(since + self.options.timeout))
    }

    fn expired(&mut self, lane: &mut u32, _: Token, _: &mut Output, _: Instant) -> Flow<Reason> {
        let (index, now) = (*lane as usize, self.now());
        if self.lanes[index].greeting.is_some() {
            let example = "no answer to the handshake of WebSocket in time".into();
            return self.end(index, now, Ending::Failed(Problem::GreetTimeout, example));
        }
        while let Some(flight) = self.lanes[index].flights.pop_front_if(|flight| flight.sent + self.options.timeout <= now) {
            self.desk.give_up(flight, Problem::Timeout, now, || "no answer in time".into());
        }
        Flow::Abort(Reason::Failed)
    }

    fn drain(&mut self, _: &mut u32, _: Token, _: &mut Output, _: Instant) -> Flow<Reason> {
        Flow::Close(Reason::Done)
    }

    fn closed(&mut self, lane: u32, _: &Peer, reason: Closed<Reason>) {
        let (index, now) = (lane as usize, self.now());
        if reason == Closed::Cut {
            self.desk.tally.unfinished += self.lanes[index].flights.len() as u64;
            return;
        }
        let is_connected = self.lanes[index].token.is_some();
        if !is_connected {
            self.failed_attempts += 1;
        }
        self.count_end(index, now, reason);
        self.drop_flights(index, now, Problem::Dropped, "the connection ended for another call's fault");
        let assigned = std::mem::take(&mut self.lanes[index].assigned);
        let retried = if self.options.open_loop { assigned.into_iter().rev().collect() } else { Vec::new() };
        retried.into_iter().for_each(|due| self.due.push_front(due));
        let fruitful = reason == Closed::App(Reason::Done) && self.lanes[index].has_answered;
        self.lanes[index].reset(&self.desk.dial);
        if !self.options.connect_per_call {
            self.free.retain(|free| *free != lane);
        }
        self.replan(index, now, !fruitful);
        // Nobody there at all: waiting for the end of the run would only bore.
        if self.desk.tally.connects == 0 && self.failed_attempts >= self.lanes.len() && self.phase != Phase::Done {
            self.phase = Phase::Done;
            self.desk.window.to = self.desk.window.from;
            self.remote.stop();
        }
    }
}

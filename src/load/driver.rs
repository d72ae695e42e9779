//! One thread of a load: opens connections, has calls sent when they are due, and counts what becomes of them. When it is called is
//! [`app`](super::app)'s business, what is said on a connection is [`lane`](super::lane)'s business, when calls are due [`pace`](super::pace)'s.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::reactor::{Breach, Closed, Errands, Flow, Remote, Route};
use crate::rpc::Incoming;
use crate::wire::Output;

use super::clock::Clock;
use super::lane::{Desk, Ending, Lane, Window};
use super::live::{Gauge, Glance};
use super::pace::Pacer;
use super::plan::{Length, Plan, Shape};
use super::prepared::Calls;
use super::rng::Rng;
use super::tally::{Problem, Tally};

/// The longest pause before another attempt to connect.
const BACKOFF_MAX: u64 = 500_000_000;
/// How often the gauge is set.
const SHOW_EVERY: u64 = 200_000_000;
/// Never.
const NEVER: u64 = u64::MAX;

/// Why the driver ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It has served its purpose.
    Done,
    /// Something went wrong, and was counted.
    Failed,
}

/// One thread of a load.
#[derive(Debug)]
pub(super) struct Driver<C> {
    clock: C,
    pub(super) epoch: Instant,
    pub(super) remote: Remote<()>,
    gauge: Arc<Gauge>,
    route: Route,
    pub(super) desk: Desk,
    pub(super) lanes: Vec<Lane>,
    /// Lanes with room for another call, in an open loop.
    pub(super) free: VecDeque<u32>,
    /// When calls were due that no lane had room for.
    pub(super) due: VecDeque<u64>,
    /// When to open which lane.
    openings: BinaryHeap<Reverse<(u64, u32)>>,
    pacer: Option<Pacer>,
    pub(super) options: Options,
    pub(super) phase: Phase,
    show_at: u64,
    /// Attempts to connect that failed before the first that did not.
    pub(super) failed_attempts: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) pipeline: usize,
    pub(super) connect_per_call: bool,
    pub(super) open_loop: bool,
    pub(super) timeout: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Warming,
    Measuring,
    /// No more calls; answers are awaited until that moment.
    Ending(u64),
    Done,
}

impl<C: Clock> Driver<C> {
    /// The driver of thread number `index`, which makes `calls`. Times of all threads begin at `epoch`.
    pub(super) fn new(
        plan: &Plan,
        (index, calls): (usize, Calls),
        (clock, epoch): (C, Instant),
        gauge: Arc<Gauge>,
        remote: Remote<()>,
    ) -> Self {
        let rng = Rng::new(0x5eed ^ index as u64);
        let from = nanos(plan.warmup);
        let (to, left) = match plan.length {
            Length::Time(time) => (from + nanos(time), None),
            Length::Calls(calls) => (NEVER, Some(plan.share(calls, index))),
        };
        let window = Window { from, to: if left == Some(0) { 0 } else { to }, left };
        let pacer = match plan.shape {
            Shape::Closed => None,
            Shape::Open { rate, arrivals } => {
                let ramp = (seconds(from), if to == NEVER { seconds(from) + 1.0 } else { seconds(to) });
                let phase = index as f64 / plan.threads as f64;
                Some(Pacer::new(rate.shared_by(plan.threads), arrivals, ramp, phase, rng))
            }
        };
        let tally = Tally::new(plan.calls.len(), from);
        // Elsewhere a call is due when it is sent.
        let tally = if pacer.is_some() || plan.connect_per_call { tally.with_service() } else { tally };
        let lanes: Vec<Lane> = (0..plan.share(plan.connections as u64, index).max(1)).map(|_| Lane::new(&plan.dial)).collect();
        let options = Options {
            pipeline: plan.pipeline.max(1),
            connect_per_call: plan.connect_per_call,
            open_loop: pacer.is_some(),
            timeout: nanos(plan.timeout),
        };
        let mut driver = Self {
            clock,
            epoch,
            remote,
            gauge,
            route: plan.route.clone(),
            desk: Desk::new(calls, tally, window, plan.limits.clone(), plan.dial.clone()),
            lanes,
            free: VecDeque::new(),
            due: VecDeque::new(),
            openings: BinaryHeap::new(),
            pacer,
            options,
            phase: Phase::Warming,
            show_at: 0,
            failed_attempts: 0,
        };
        driver.plan_openings(nanos(plan.ramp));
        driver
    }

    /// What was counted. `ended` is when the run was interrupted, if it was.
    pub(super) fn into_tally(mut self, interrupted: bool) -> (Tally, Window) {
        let now = self.now();
        self.desk.tally.unfinished += self.due.len() as u64;
        if interrupted {
            self.desk.window.to = self.desk.window.to.min(now);
        }
        if self.phase == Phase::Measuring {
            self.stop_watch();
        }
        (self.desk.tally, self.desk.window)
    }

    fn plan_openings(&mut self, ramp: u64) {
        let lanes = self.lanes.len() as u64;
        for lane in 0..lanes {
            if self.options.connect_per_call && self.options.open_loop {
                self.free.push_back(lane as u32);
            } else {
                self.openings.push(Reverse((ramp * lane / lanes, lane as u32)));
            }
        }
    }

    #[inline]
    pub(super) fn now(&self) -> u64 {
        nanos(self.clock.now().saturating_duration_since(self.epoch))
    }

    /// Notes the begin and the end of what is measured.
    pub(super) fn change_phase(&mut self, now: u64) {
        if self.phase == Phase::Warming && now >= self.desk.window.from {
            self.phase = Phase::Measuring;
            self.desk.tally.cpu = nanos(self.clock.used());
        }
        if self.phase == Phase::Measuring && now >= self.desk.window.to {
            self.stop_watch();
            self.phase = Phase::Ending(now.saturating_add(self.options.timeout));
        }
        if let Phase::Ending(by) = self.phase {
            let busy = self.lanes.iter().any(|lane| !lane.flights.is_empty() || !lane.assigned.is_empty());
            if now >= by {
                self.abandon(now);
            }
            if now >= by || (!busy && self.due.is_empty()) {
                self.phase = Phase::Done;
                self.remote.drain();
            }
        }
    }

    fn stop_watch(&mut self) {
        self.desk.tally.cpu = nanos(self.clock.used()).saturating_sub(self.desk.tally.cpu);
    }

    /// The time is up for what is still under way.
    fn abandon(&mut self, now: u64) {
        for lane in 0..self.lanes.len() {
            self.drop_flights(lane, now, Problem::Timeout, "no answer when the run ended");
            let assigned = std::mem::take(&mut self.lanes[lane].assigned);
            self.due.extend(assigned);
        }
        for due in std::mem::take(&mut self.due) {
            self.give_up_unsent(due, now);
        }
    }

    fn give_up_unsent(&mut self, due: u64, now: u64) {
        if self.desk.window.counts(due) {
            self.desk.tally.give_up(0, now.saturating_sub(due), now);
            self.desk.tally.problems.note(Problem::Unsent, || "no connection had room for a call in time".into());
        }
    }

    pub(super) fn drop_flights(&mut self, lane: usize, now: u64, problem: Problem, example: &str) {
        for flight in std::mem::take(&mut self.lanes[lane].flights) {
            self.desk.give_up(flight, problem, now, || example.into());
        }
    }

    /// Notes which calls have become due, and gives them to lanes with room.
    pub(super) fn assign(&mut self, errands: &mut Errands<u32>, now: u64) {
        if let Some(pacer) = &mut self.pacer {
            while pacer.next() <= now && self.desk.window.take(pacer.next()) {
                let due = pacer.next();
                if due >= self.desk.window.from {
                    self.desk.tally.lag.saturating_record(now - due);
                }
                self.due.push_back(due);
                pacer.advance();
            }
        }
        while let Some(&due) = self.due.front()
            && now - due > self.options.timeout
        {
            self.due.pop_front();
            self.give_up_unsent(due, now);
        }
        while !self.due.is_empty()
            && let Some(index) = self.free.pop_front()
        {
            let lane = &mut self.lanes[index as usize];
            lane.is_listed = false;
            let due = self.due.pop_front().unwrap_or(now);
            lane.assigned.push_back(due);
            match lane.token {
                Some(token) if lane.assigned.len() == 1 => errands.wake(token),
                Some(_) => {}
                None => errands.connect(self.route.clone(), index),
            }
            self.list(index as usize);
        }
    }

    /// Puts a lane on the list of those with room, if it has room.
    #[inline]
    fn list(&mut self, index: usize) {
        let lane = &mut self.lanes[index];
        let has_room = lane.flights.len() + lane.assigned.len() < self.options.pipeline;
        if has_room && lane.token.is_some() && !lane.is_listed && !self.options.connect_per_call {
            lane.is_listed = true;
            self.free.push_back(index as u32);
        }
    }

    /// Opens the lanes whose time has come.
    pub(super) fn open(&mut self, errands: &mut Errands<u32>, now: u64) {
        while let Some(&Reverse((at, index))) = self.openings.peek()
            && at <= now
        {
            self.openings.pop();
            if self.options.connect_per_call && self.options.open_loop {
                self.free.push_back(index);
                continue;
            }
            if self.options.connect_per_call {
                if !self.desk.window.take(now) {
                    continue;
                }
                self.lanes[index as usize].assigned.push_back(now);
            } else if now >= self.desk.window.to && self.due.is_empty() {
                continue;
            }
            errands.connect(self.route.clone(), index);
        }
    }

    /// A connection is there, and carries calls from now on.
    pub(super) fn join(&mut self, index: usize, now: u64, out: &mut Output) -> Flow<Reason> {
        self.desk.tally.connects += 1;
        self.fill(index, now, out)
    }

    /// Looks for the server's answer to what a connection begins with.
    pub(super) fn greeted(&mut self, index: usize, now: u64, input: &mut impl Incoming, out: &mut Output) -> Flow<Reason> {
        match self.lanes[index].greeted(input) {
            Ok(true) => self.join(index, now, out),
            Ok(false) => Flow::Read { need: input.bytes().len() + 1 },
            Err(ending) => self.end(index, now, ending),
        }
    }

    /// Fills a lane with as many calls as it may have.
    #[inline]
    pub(super) fn fill(&mut self, index: usize, now: u64, out: &mut Output) -> Flow<Reason> {
        match self.try_fill(index, now, out) {
            Ok(flow) => flow,
            Err(ending) => self.end(index, now, ending),
        }
    }

    #[inline]
    fn try_fill(&mut self, index: usize, now: u64, out: &mut Output) -> Result<Flow<Reason>, Ending> {
        let lane = &mut self.lanes[index];
        let mut sent = 0;
        while let Some(due) = lane.assigned.pop_front() {
            lane.send(&mut self.desk, due, now, out)?;
            sent += 1;
        }
        if self.options.connect_per_call {
            // A call that nobody answers is over when it is sent.
            return Ok(if lane.flights.is_empty() { Flow::Close(Reason::Done) } else { Flow::Read { need: 1 } });
        }
        while lane.flights.len() < self.options.pipeline && sent < self.options.pipeline {
            if self.options.open_loop {
                let Some(due) = self.due.pop_front() else { break };
                lane.send(&mut self.desk, due, now, out)?;
            } else {
                if !self.desk.window.take(now) {
                    break;
                }
                lane.send(&mut self.desk, now, now, out)?;
            }
            sent += 1;
        }
        let unanswered = lane.flights.is_empty() && sent > 0;
        if self.options.open_loop {
            self.list(index);
        } else if unanswered {
            // Nobody will answer, so that only the next turn brings the next call.
            return Ok(Flow::Again);
        }
        Ok(Flow::Read { need: 1 })
    }

    /// Ends a connection for a reason that the conversation has.
    #[cold]
    pub(super) fn end(&mut self, index: usize, now: u64, ending: Ending) -> Flow<Reason> {
        match ending {
            Ending::Closes => Flow::Close(Reason::Done),
            Ending::Failed(problem, example) => {
                let unsendable = problem == Problem::Unsendable;
                match self.lanes[index].flights.pop_front() {
                    Some(flight) if !unsendable => self.desk.give_up(flight, problem, now, || example),
                    _ => self.desk.note(problem, now, || example),
                }
                Flow::Abort(Reason::Failed)
            }
        }
    }

    /// Counts a connection that did not end by our will.
    pub(super) fn count_end(&mut self, index: usize, now: u64, reason: Closed<Reason>) {
        let server = &self.route.address;
        let is_connected = self.lanes[index].token.is_some();
        let (problem, example) = match reason {
            // A Unix listener's queue that is full is no failure, but a moment's wait.
            Closed::App(_) | Closed::Cut | Closed::Failed(ErrorKind::WouldBlock) => return,
            Closed::Peer => (Problem::Closed, format!("{server} closed the connection")),
            Closed::Failed(kind) if is_connected => (Problem::Reset, format!("the connection to {server} failed: {kind}")),
            Closed::Failed(ErrorKind::ConnectionRefused) => (Problem::Refused, format!("{server} refuses connections")),
            Closed::Failed(kind) => (Problem::ConnectFailed, format!("cannot connect to {server}: {kind}")),
            Closed::Unanswered => (Problem::ConnectTimeout, format!("{server} did not answer the attempt to connect")),
            Closed::Breach(breach) if !is_connected => match breach {
                Breach::Timeout => (Problem::TlsTimeout, format!("{server} was not done with the TLS handshake in time")),
                Breach::Stalled => (Problem::TlsTimeout, format!("{server} did not end a TLS record in time")),
                Breach::PlainText => (Problem::TlsFailed, format!("{server} does not speak TLS: it answers in plain text")),
                Breach::Abandoned => {
                    (Problem::TlsFailed, format!("{server} closed within the TLS handshake; does it speak TLS?"))
                }
                breach => (Problem::TlsFailed, format!("TLS with {server}: {breach}")),
            },
            Closed::Breach(breach) => (Problem::TlsFailed, format!("TLS with {server}: {breach}")),
            Closed::Stalled | Closed::Slow => (Problem::Timeout, format!("{server} does not read what it is sent")),
            Closed::Overflow | Closed::Memory | Closed::Starved | Closed::Panicked => (Problem::Internal, format!("{reason:?}")),
        };
        match self.lanes[index].flights.pop_front() {
            Some(flight) => self.desk.give_up(flight, problem, now, || example),
            None => self.desk.note(problem, now, || example),
        }
    }

    /// Plans the next connection of a lane that has lost its own.
    pub(super) fn replan(&mut self, index: usize, now: u64, failed: bool) {
        let lane = &mut self.lanes[index];
        if failed {
            lane.fruitless += 1;
        }
        let pause = if lane.fruitless == 0 { 0 } else { (1_000_000 << lane.fruitless.min(20)).min(BACKOFF_MAX) };
        if self.options.connect_per_call && self.options.open_loop && pause == 0 {
            self.free.push_back(index as u32);
        } else {
            self.openings.push(Reverse((now + pause, index as u32)));
        }
    }

    /// When the next turn is due although nothing happens.
    pub(super) fn next_turn(&self) -> u64 {
        let phase = match self.phase {
            Phase::Warming => self.desk.window.from,
            Phase::Measuring => self.desk.window.to,
            Phase::Ending(by) => by,
            Phase::Done => NEVER,
        };
        let opening = self.openings.peek().map_or(NEVER, |Reverse((at, _))| *at);
        let pace = self.pacer.as_ref().map(Pacer::next).filter(|next| *next < self.desk.window.to).unwrap_or(NEVER);
        let expiry = self.due.front().map_or(NEVER, |due| due + self.options.timeout);
        phase.min(opening).min(pace).min(expiry).min(self.show_at)
    }

    pub(super) fn show(&mut self, now: u64) {
        if now >= self.show_at {
            let (right, wrong) = self.desk.tally.answered();
            self.gauge.show(Glance { right, wrong, p99: self.desk.tally.recent_p99() });
            self.show_at = now + SHOW_EVERY;
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER / 2)
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

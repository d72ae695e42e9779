//! What one thread of a load counts: answers, errors by kind, latencies, and all of it over time.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

/// Nanoseconds. Three digits, up to an hour.
pub(super) type Times = Histogram<u64>;

/// Nanoseconds in a second.
pub(super) const NANOS: f64 = 1e9;
const TIME_MAX: u64 = 3_600_000_000_000;
/// Intervals of the timeline; when there are more, neighbours become one.
const INTERVALS_MAX: usize = 200;
const INTERVAL_MIN: u64 = 100_000_000;

/// Why a call, or a connection, came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Nobody listens.
    Refused,
    /// The attempt to connect was not answered in time.
    ConnectTimeout,
    /// The attempt to connect failed otherwise.
    ConnectFailed,
    /// The TLS handshake was not done in time.
    TlsTimeout,
    /// The connection could not be secured.
    TlsFailed,
    /// The server did not agree to WebSocket in time.
    GreetTimeout,
    /// The server reset the connection.
    Reset,
    /// The server closed the connection and owed an answer.
    Closed,
    /// A call was not answered in time.
    Timeout,
    /// A call could not be sent in time, for all connections waited for answers.
    Unsent,
    /// A call was under way on a connection that ended for another call's fault.
    Dropped,
    /// An answer with a TApplicationException.
    Exception,
    /// An answer with an exception that the method declares.
    Thrown,
    /// An answer with another value than it must have.
    WrongValue,
    /// An answer to something else: another number, another method, or to nothing at all.
    Mismatch,
    /// An HTTP response with a status that is none of success.
    HttpStatus,
    /// Bytes that are no answer in this protocol and transport.
    Protocol,
    /// A call that cannot be encoded within the limits.
    Unsendable,
    /// A fault of the load generator.
    Internal,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Refused,
        Self::ConnectTimeout,
        Self::ConnectFailed,
        Self::TlsTimeout,
        Self::TlsFailed,
        Self::GreetTimeout,
        Self::Reset,
        Self::Closed,
        Self::Timeout,
        Self::Unsent,
        Self::Dropped,
        Self::Exception,
        Self::Thrown,
        Self::WrongValue,
        Self::Mismatch,
        Self::HttpStatus,
        Self::Protocol,
        Self::Unsendable,
        Self::Internal,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "connect_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::ConnectFailed => "connect_failed",
            Self::TlsTimeout => "tls_timeout",
            Self::TlsFailed => "tls_failed",
            Self::GreetTimeout => "websocket_timeout",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Timeout => "timeout",
            Self::Unsent => "unsent",
            Self::Dropped => "dropped",
            Self::Exception => "exception",
            Self::Thrown => "declared_exception",
            Self::WrongValue => "wrong_value",
            Self::Mismatch => "mismatch",
            Self::HttpStatus => "http_status",
            Self::Protocol => "protocol",
            Self::Unsendable => "unsendable",
            Self::Internal => "internal",
        }
    }
}

/// How often something went wrong, and how it looked the first time.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems(pub(super) BTreeMap<Problem, (u64, String)>);

impl Problems {
    pub(super) fn note(&mut self, problem: Problem, example: impl FnOnce() -> String) {
        let entry = self.0.entry(problem).or_insert_with(|| (0, example()));
        entry.0 += 1;
    }

    fn add(&mut self, other: &Self) {
        for (problem, (count, example)) in &other.0 {
            self.0.entry(*problem).or_insert_with(|| (0, example.clone())).0 += count;
        }
    }
}

/// The answers to one kind of call.
#[derive(Clone, Debug)]
pub(super) struct CallTally {
    pub(super) right: u64,
    pub(super) wrong: u64,
    pub(super) latency: Times,
}

/// One interval of the timeline, by the time of the answers.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub(super) right: u64,
    pub(super) wrong: u64,
    pub(super) latency: Histogram<u32>,
}

/// What was counted.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) calls: Vec<CallTally>,
    /// From sending to the answer, where that is not the latency anyway.
    pub(super) service: Option<Times>,
    /// From the moment a call was due to that at which the generator saw it.
    pub(super) lag: Times,
    pub(super) problems: Problems,
    pub(super) timeline: Vec<Interval>,
    /// Nanoseconds that an interval has.
    pub(super) width: u64,
    /// Connections that came about.
    pub(super) connects: u64,
    /// Calls that were neither answered nor failed when an interrupted run ended.
    pub(super) unfinished: u64,
    /// Nanoseconds of the clock: when measuring began, and when the last answer that counts was there.
    pub(super) from: u64,
    pub(super) last: u64,
    /// Nanoseconds of processor time since measuring began.
    pub(super) cpu: u64,
}

/// The histogram of times that all others are.
pub(super) fn times() -> Times {
    Times::new_with_bounds(100, TIME_MAX, 3).expect("bounds in order")
}

fn coarse_times() -> Histogram<u32> {
    Histogram::new_with_bounds(1000, TIME_MAX, 2).expect("bounds in order")
}

impl Tally {
    pub(super) fn new(calls: usize, from: u64) -> Self {
        let call = CallTally { right: 0, wrong: 0, latency: times() };
        Self {
            calls: vec![call; calls],
            service: None,
            lag: times(),
            problems: Problems::default(),
            timeline: Vec::new(),
            width: INTERVAL_MIN,
            connects: 0,
            unfinished: 0,
            from,
            last: from,
            cpu: 0,
        }
    }

    /// The same, which keeps the time from sending to the answer apart.
    pub(super) fn with_service(self) -> Self {
        Self { service: Some(times()), ..self }
    }

    /// A call was answered, rightly or not.
    #[inline]
    pub(super) fn answer(&mut self, call: usize, (latency, service): (u64, u64), now: u64, right: bool) {
        if let Some(times) = &mut self.service {
            times.saturating_record(service);
        }
        self.time(call, latency, now, right);
    }

    /// A call came to nothing after so long a wait.
    pub(super) fn give_up(&mut self, call: usize, waited: u64, now: u64) {
        self.time(call, waited, now, false);
    }

    #[inline]
    fn time(&mut self, call: usize, latency: u64, now: u64, right: bool) {
        let tally = &mut self.calls[call];
        tally.latency.saturating_record(latency);
        let interval = interval(&mut self.timeline, &mut self.width, now.saturating_sub(self.from));
        interval.latency.saturating_record(latency);
        if right {
            tally.right += 1;
            interval.right += 1;
        } else {
            tally.wrong += 1;
            interval.wrong += 1;
        }
        self.last = self.last.max(now);
    }

    /// The slowest percent of the last whole interval begins here: nanoseconds.
    pub(super) fn recent_p99(&self) -> u64 {
        let whole = self.timeline.len().saturating_sub(2);
        self.timeline.get(whole).map_or(0, |interval| interval.latency.value_at_quantile(0.99))
    }

    /// Calls answered rightly and not.
    pub(super) fn answered(&self) -> (u64, u64) {
        self.calls.iter().fold((0, 0), |(right, wrong), call| (right + call.right, wrong + call.wrong))
    }

    /// Takes in what another thread counted.
    pub(super) fn add(&mut self, mut other: Self) {
        for (mine, theirs) in self.calls.iter_mut().zip(&other.calls) {
            mine.right += theirs.right;
            mine.wrong += theirs.wrong;
            mine.latency.add(&theirs.latency).expect("the same bounds");
        }
        if let (Some(mine), Some(theirs)) = (&mut self.service, &other.service) {
            mine.add(theirs).expect("the same bounds");
        }
        self.lag.add(&other.lag).expect("the same bounds");
        self.problems.add(&other.problems);
        while self.width < other.width {
            widen(&mut self.timeline, &mut self.width);
        }
        while other.width < self.width {
            widen(&mut other.timeline, &mut other.width);
        }
        for (index, theirs) in other.timeline.iter().enumerate() {
            match self.timeline.get_mut(index) {
                Some(mine) => mine.add(theirs),
                None => self.timeline.push(theirs.clone()),
            }
        }
        self.connects += other.connects;
        self.unfinished += other.unfinished;
        self.last = self.last.max(other.last);
        self.cpu += other.cpu;
    }

    /// All latencies together.
    pub(super) fn latency(&self) -> Times {
        let mut all = times();
        self.calls.iter().for_each(|call| all.add(&call.latency).expect("the same bounds"));
        all
    }
}

impl Interval {
    fn new() -> Self {
        Self { right: 0, wrong: 0, latency: coarse_times() }
    }

    /// Takes in what came in another interval.
    pub(super) fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.latency.add(&other.latency).expect("the same bounds");
    }
}

#[inline]
fn interval<'t>(timeline: &'t mut Vec<Interval>, width: &mut u64, since: u64) -> &'t mut Interval {
    let mut index = (since / *width) as usize;
    if index >= timeline.len() {
        index = extend(timeline, width, since);
    }
    &mut timeline[index]
}

#[cold]
fn extend(timeline: &mut Vec<Interval>, width: &mut u64, since: u64) -> usize {
    while since / *width >= INTERVALS_MAX as u64 {
        widen(timeline, width);
    }
    let index = (since / *width) as usize;
    while timeline.len() <= index {
        timeline.push(Interval::new());
    }
    index
}

/// Makes one interval of two.
fn widen(timeline: &mut Vec<Interval>, width: &mut u64) {
    *width *= 2;
    let mut rest = std::mem::take(timeline).into_iter();
    while let Some(mut first) = rest.next() {
        if let Some(second) = rest.next() {
            first.add(&second);
        }
        timeline.push(first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_timeline_loses_detail_and_no_answer() {
        let mut tally = Tally::new(1, 0);
        for n in 0..100_000_u64 {
            tally.answer(0, (1_000_000, 1_000_000), n * 7_000_000, n % 10 != 0);
        }
        assert!(tally.timeline.len() <= INTERVALS_MAX);
        assert_eq!(tally.timeline.iter().map(|interval| interval.right).sum::<u64>(), 90_000);
        assert_eq!(tally.timeline.iter().map(|interval| interval.wrong).sum::<u64>(), 10_000);
        assert_eq!(tally.width, INTERVAL_MIN << 6, "700 s in at most {INTERVALS_MAX} parts");
    }

    #[test]
    fn threads_add_up_whatever_their_widths() {
        let (mut one, mut other) = (Tally::new(1, 0), Tally::new(1, 0));
        one.answer(0, (5_000, 5_000), 50_000_000, true);
        for n in 0..1000_u64 {
            other.answer(0, (2_000_000, 1_000_000), n * 100_000_000, true);
        }
        other.problems.note(Problem::Reset, || "first".into());
        one.add(other);
        assert_eq!(one.answered(), (1001, 0));
        assert_eq!(one.timeline.iter().map(|interval| interval.right).sum::<u64>(), 1001);
        assert_eq!(one.timeline[0].right, (one.width / INTERVAL_MIN) + 1);
        assert_eq!(one.latency().len(), 1001);
        assert_eq!(one.problems.0[&Problem::Reset], (1, "first".into()));
    }
}

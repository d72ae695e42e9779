//! What a load came to, as numbers with names: the form that is written as JSON, and that all other forms are made from.
//!
//! Times are microseconds, and the names of their fields end in `_us`.

use std::collections::BTreeMap;

use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::plan::{Plan, Shape};
use super::run::Outcome;
use super::tally::{NANOS, Tally, Times};

/// The version of the form. A change that a reader of the old one would stumble over makes it another.
pub const SCHEMA: &str = "farthing-bench/1";
/// Threads that are busier than this share of the time had no time left.
const BUSY: f64 = 0.95;
/// How late the generator may be with one call in a hundred.
const LAG_MAX_US: f64 = 1000.0;
/// The percentiles of the curve: how far each is from 1, in steps of a quarter of the distance.
const CURVE_STEPS: usize = 4;

/// One or several runs of one load, and where they were made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Where.
    pub environment: Environment,
    /// What was to be done.
    pub load: Load,
    /// What came of it, round by round. After a search those of the highest rate that was borne.
    pub rounds: Vec<Round>,
    /// How that rate was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search: Vec<Probe>,
    /// What had to be held, and what was missed of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
}

/// A rate that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Calls per second that were due.
    pub rate: f64,
    /// Calls per second that were answered rightly.
    pub calls_per_second: f64,
    /// The 99th percentile of latency.
    pub p99_us: f64,
    /// Why it was not borne; none where it was.
    pub missed: Option<String>,
    /// What the generator has to say for itself where it was not: the fault may be its own.
    #[serde(default)]
    pub doubt: Option<String>,
}

/// What a server had to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// In words.
    pub text: String,
    /// What was missed, if anything.
    pub missed: Option<String>,
}

/// What a load was to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Load {
    /// The server.
    pub address: String,
    /// The protocol.
    pub protocol: String,
    /// The transport.
    pub transport: String,
    /// `closed` or `open`.
    pub r#loop: String,
    /// Calls per second that were due, at the begin and at the end; none in a closed loop.
    pub rate: Option<(f64, f64)>,
    /// What was called, and how often in proportion.
    pub calls: Vec<(String, u32)>,
    /// Connections.
    pub connections: usize,
    /// Calls under way per connection.
    pub pipeline: usize,
    /// Threads.
    pub threads: usize,
    /// Whether every call had a connection of its own.
    pub connect_per_call: bool,
    /// Seconds before measuring.
    pub warmup_seconds: f64,
    /// Seconds that a call could take.
    pub timeout_seconds: f64,
}

/// What one run came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Round {
    /// How long was measured.
    pub seconds: f64,
    /// Calls that were answered rightly.
    pub calls: u64,
    /// Calls that were not.
    pub failed: u64,
    /// Calls per second that were answered rightly.
    pub calls_per_second: f64,
    /// From the moment that a call was due (in a closed loop: was sent) to its answer. Calls that were given up count with the
    /// time that they were waited for.
    pub latency: Latency,
    /// From sending to the answer; only where that is something else.
    pub service_time: Option<Latency>,
    /// What went wrong, by kind.
    pub errors: BTreeMap<String, ErrorCount>,
    /// By the name of the call, where there is more than one.
    pub by_call: BTreeMap<String, CallReport>,
    /// Over time.
    pub timeline: Vec<Interval>,
    /// Connections that were made.
    pub connections: u64,
    /// Calls under way when the run was interrupted.
    pub unfinished: u64,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How the generator itself did.
    pub generator: Generator,
}

/// A distribution of times in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // percentiles are what their names say
pub struct Latency {
    pub min_us: f64,
    pub mean_us: f64,
    pub stdev_us: f64,
    pub p50_us: f64,
    pub p75_us: f64,
    pub p90_us: f64,
    pub p95_us: f64,
    pub p99_us: f64,
    pub p99_9_us: f64,
    pub p99_99_us: f64,
    pub max_us: f64,
    /// Percentiles from 0 to 1 with their times, closer and closer to 1.
    pub curve: Vec<(f64, f64)>,
    /// Times with the number of calls up to each, from the last one on.
    pub histogram: Vec<(f64, u64)>,
}

/// One kind of error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCount {
    /// How often.
    pub count: u64,
    /// How it looked the first time.
    pub first: String,
}

/// One kind of call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallReport {
    /// Answered rightly.
    pub calls: u64,
    /// Not.
    pub failed: u64,
    /// As that of the round.
    pub latency: Latency,
}

/// An interval of the measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // percentiles are what their names say
pub struct Interval {
    /// Where it begins, after the begin of measuring.
    pub at_seconds: f64,
    /// How long it is.
    pub seconds: f64,
    /// Calls per second that were answered rightly.
    pub calls_per_second: f64,
    /// Calls that were not.
    pub failed: u64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub max_us: f64,
}

/// How the generator itself did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Processor time that it used while it measured, all threads together.
    pub cpu_seconds: f64,
    /// The same by calls.
    pub cpu_us_per_call: f64,
    /// The same as a share of what its threads could have used.
    pub busy: f64,
    /// How late it saw that a call was due: the 50th and 99th percentile, and the most. Only in an open loop.
    pub lag_us: Option<(f64, f64, f64)>,
    /// Whether the result is the server's and not the generator's.
    pub kept_up: bool,
    /// Why not, or what to know about it.
    pub remark: Option<String>,
}

impl Load {
    /// What a plan says of itself, for a server under that name.
    pub fn new(plan: &Plan, address: &str, protocol: &str, transport: &str) -> Self {
        let (shape, rate) = match plan.shape {
            Shape::Closed => ("closed", None),
            Shape::Open { rate, .. } => ("open", Some((rate.from, rate.to))),
        };
        Self {
            address: address.into(),
            protocol: protocol.into(),
            transport: transport.into(),
            r#loop: shape.into(),
            rate,
            calls: plan.calls.iter().map(|call| (call.label.clone(), call.weight)).collect(),
            connections: plan.connections,
            pipeline: plan.pipeline,
            threads: plan.threads,
            connect_per_call: plan.connect_per_call,
            warmup_seconds: plan.warmup.as_secs_f64(),
            timeout_seconds: plan.timeout.as_secs_f64(),
        }
    }

    /// Whether a schedule made the calls start.
    pub fn is_open(&self) -> bool {
        self.r#loop == "open"
    }
}

impl Report {
    /// A report of these rounds.
    pub fn new(load: Load, rounds: Vec<Round>) -> Self {
        Self { schema: SCHEMA.into(), environment: Environment::here(), load, rounds, search: Vec::new(), objective: None }
    }

    /// The round in the middle, by its throughput.
    ///
    /// # Panics
    /// If there is none.
    pub fn median_round(&self) -> &Round {
        let mut order: Vec<&Round> = self.rounds.iter().collect();
        order.sort_by(|a, b| a.calls_per_second.total_cmp(&b.calls_per_second));
        order[order.len() / 2]
    }
}

impl Round {
    /// What a run came to.
    pub fn new(plan: &Plan, outcome: &Outcome) -> Self {
        let Outcome { tally, seconds, interrupted } = outcome;
        let (calls, failed) = tally.answered();
        let rate = |calls: u64| if *seconds > 0.0 { calls as f64 / seconds } else { 0.0 };
        let is_open = matches!(plan.shape, Shape::Open { .. });
        let errors = tally
            .problems
            .0
            .iter()
            .map(|(problem, (count, first))| (problem.name().to_owned(), ErrorCount { count: *count, first: first.clone() }));
        let by_call = plan.calls.iter().zip(&tally.calls).map(|(call, tally)| {
            let latency = Latency::of(&tally.latency);
            (call.label.clone(), CallReport { calls: tally.right, failed: tally.wrong, latency })
        });
        Self {
            seconds: *seconds,
            calls,
            failed,
            calls_per_second: rate(calls),
            latency: Latency::of(&tally.latency()),
            service_time: tally.service.as_ref().map(Latency::of),
            errors: errors.collect(),
            by_call: if plan.calls.len() > 1 { by_call.collect() } else { BTreeMap::new() },
            timeline: timeline(tally, *seconds),
            connections: tally.connects,
            unfinished: tally.unfinished,
            interrupted: *interrupted,
            generator: Generator::of(tally, plan, *seconds, is_open),
        }
    }

    /// Whether nothing was measured: no call came to an end, as with a server that stopped to answer before the begin.
    pub fn is_empty(&self) -> bool {
        self.calls + self.failed == 0
    }

    /// Calls that failed, of all.
    pub fn error_share(&self) -> f64 {
        let all = self.calls + self.failed;
        if self.is_empty() { 1.0 } else { self.failed as f64 / all as f64 }
    }
}

impl Latency {
    fn of(times: &Times) -> Self {
        if times.is_empty() {
            return Self::default();
        }
        let at = |quantile| us(times.value_at_quantile(quantile));
        Self {
            min_us: us(times.min()),
            mean_us: times.mean() / 1e3,
            stdev_us: times.stdev() / 1e3,
            p50_us: at(0.5),
            p75_us: at(0.75),
            p90_us: at(0.9),
            p95_us: at(0.95),
            p99_us: at(0.99),
            p99_9_us: at(0.999),
            p99_99_us: at(0.9999),
            max_us: us(times.max()),
            curve: curve(times),
            histogram: bars(times),
        }
    }

    /// The time at a percentile as people write it: `p50`, `p99`, `p99.9`, `max`.
    pub fn named(&self, name: &str) -> Option<f64> {
        Some(match name {
            "min" => self.min_us,
            "mean" => self.mean_us,
            "p50" => self.p50_us,
            "p75" => self.p75_us,
            "p90" => self.p90_us,
            "p95" => self.p95_us,
            "p99" => self.p99_us,
            "p99.9" => self.p99_9_us,
            "p99.99" => self.p99_99_us,
            "max" => self.max_us,
            _ => return None,
        })
    }
}

/// Ever closer to 1, up to the last call.
fn curve(times: &Times) -> Vec<(f64, f64)> {
    let mut curve = vec![(0.0, us(times.min()))];
    let mut rest = 1.0_f64;
    while rest * times.len() as f64 >= 1.0 {
        for step in 1..=CURVE_STEPS {
            let quantile = 1.0 - rest + rest / 2.0 * step as f64 / CURVE_STEPS as f64;
            curve.push((quantile, us(times.value_at_quantile(quantile))));
        }
        rest /= 2.0;
    }
    curve.push((1.0, us(times.max())));
    curve
}

/// Bars on a logarithmic scale, a tenth of the power of ten each.
fn bars(times: &Times) -> Vec<(f64, u64)> {
    let mut bars = Vec::new();
    let start = 100.max(times.min() / 2);
    let mut last = 0;
    for step in times.iter_log(start, 10_f64.powf(0.1)) {
        let count = step.count_since_last_iteration();
        if count > 0 || last > 0 || !bars.is_empty() {
            bars.push((us(step.value_iterated_to()), count));
        }
        last = count;
    }
    bars
}

fn timeline(tally: &Tally, seconds: f64) -> Vec<Interval> {
    let width = tally.width as f64 / NANOS;
    let mut parts = tally.timeline.clone();
    let rest = seconds - width * parts.len().saturating_sub(1) as f64;
    // The rate of a moment says nothing: what is left of the last interval goes to the one before.
    if rest < width / 2.0
        && parts.len() > 1
        && let (Some(last), Some(before)) = (parts.pop(), parts.last_mut())
    {
        before.add(&last);
    }
    let count = parts.len();
    let intervals = parts.iter().enumerate().map(|(index, interval)| {
        let at_seconds = index as f64 * width;
        let length = if index + 1 < count { width } else { (seconds - at_seconds).max(width / 100.0) };
        let at = |quantile| quantile_us(&interval.latency, quantile);
        Interval {
            at_seconds,
            seconds: length,
            calls_per_second: interval.right as f64 / length,
            failed: interval.wrong,
            p50_us: at(0.5),
            p99_us: at(0.99),
            max_us: at(1.0),
        }
    });
    intervals.collect()
}

impl Generator {
    fn of(tally: &Tally, plan: &Plan, seconds: f64, is_open: bool) -> Self {
        let cpu_seconds = tally.cpu as f64 / NANOS;
        let (right, wrong) = tally.answered();
        let busy = if seconds > 0.0 { cpu_seconds / seconds / plan.threads as f64 } else { 0.0 };
        let lag = &tally.lag;
        let lag_us = is_open.then(|| (us(lag.value_at_quantile(0.5)), us(lag.value_at_quantile(0.99)), us(lag.max())));
        let late = lag_us.is_some_and(|(_, p99, _)| p99 > LAG_MAX_US);
        let remark = if late {
            let (_, p99, _) = lag_us.unwrap_or_default();
            Some(format!("the generator itself was late: one call in a hundred by {:.1} ms or more", p99 / 1e3))
        } else if busy > BUSY {
            Some("the generator had no processor time left: these may be its limits, and not the server's".into())
        } else {
            None
        };
        Self {
            cpu_seconds,
            cpu_us_per_call: cpu_seconds * 1e6 / (right + wrong).max(1) as f64,
            busy,
            lag_us,
            kept_up: !late && busy <= BUSY,
            remark,
        }
    }
}

fn us(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}

fn quantile_us<C: Counter>(times: &Histogram<C>, quantile: f64) -> f64 {
    if times.is_empty() { 0.0 } else { us(times.value_at_quantile(quantile)) }
}

//! Two reports side by side: what changed, and whether the change is more than the spread of what was measured.

use std::fmt::Write;

use super::report::{Interval, Load, Report, Round};
use super::text::{count, time};

/// Rounds from which on they are compared with one another; fewer are compared by their intervals.
const ROUNDS_MIN: usize = 3;
/// A figure of which so little is known that nothing stands out.
const SAMPLES_MIN: usize = 3;

/// What changed from one report to another.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Figure by figure.
    pub rows: Vec<Row>,
    /// What the samples are: `rounds` or `intervals`.
    pub samples: &'static str,
    /// Why the two may not be comparable.
    pub remarks: Vec<String>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its medians.
    pub medians: (f64, f64),
    /// The change, as a share of the first median.
    pub change: f64,
    /// What the samples differ by among themselves: half of the distance between their quartiles, as a share of the median.
    pub spread: f64,
    /// What that comes to.
    pub verdict: Verdict,
}

/// What a change is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is better, and by more than the spread.
    Better,
    /// It is worse, by more than the spread and by more than the threshold.
    Worse,
    /// It is a little worse, by more than the spread.
    SlightlyWorse,
    /// The spread is as large.
    Same,
    /// It cannot be said.
    Unknown,
}

/// A figure of a report: whether more of it is better, and the samples of it.
struct Figure {
    name: &'static str,
    more_is_better: bool,
    of_round: fn(&Round) -> f64,
    /// Of an interval; none where an interval has too few calls for it.
    of_interval: Option<fn(&Interval) -> f64>,
}

const FIGURES: [Figure; 4] = [
    Figure {
        name: "calls/s",
        more_is_better: true,
        of_round: |round| round.calls_per_second,
        of_interval: Some(|interval| interval.calls_per_second),
    },
    Figure {
        name: "p50",
        more_is_better: false,
        of_round: |round| round.latency.p50_us,
        of_interval: Some(|interval| interval.p50_us),
    },
    Figure {
        name: "p99",
        more_is_better: false,
        of_round: |round| round.latency.p99_us,
        of_interval: Some(|interval| interval.p99_us),
    },
    Figure { name: "p99.9", more_is_better: false, of_round: |round| round.latency.p99_9_us, of_interval: None },
];

impl Comparison {
    /// Compares `new` with `old`. A change for the worse counts from `threshold`, a share of the old figure.
    pub fn new(old: &Report, new: &Report, threshold: f64) -> Self {
        let by_rounds = old.rounds.len() >= ROUNDS_MIN && new.rounds.len() >= ROUNDS_MIN;
        let rows = FIGURES.iter().map(|figure| row(figure, (old, new), by_rounds, threshold)).collect();
        Self { rows, samples: if by_rounds { "rounds" } else { "intervals" }, remarks: remarks(old, new) }
    }

    /// Whether a figure is worse by more than the threshold.
    pub fn is_worse(&self) -> bool {
        self.rows.iter().any(|row| row.verdict == Verdict::Worse)
    }

    /// The comparison as text.
    pub fn text(&self) -> String {
        let mut text = format!("{:<9}{:>12}{:>12}{:>10}{:>10}\n", "", "before", "after", "change", "spread");
        for row in &self.rows {
            let show = |figure| if row.name == "calls/s" { count(figure) } else { time(figure) };
            let (change, spread) = (format!("{:+.1} %", row.change * 100.0), format!("{:.1} %", row.spread * 100.0));
            let (old, new) = (show(row.medians.0), show(row.medians.1));
            _ = writeln!(text, "{:<9}{old:>12}{new:>12}{change:>10}{spread:>10}  {}", row.name, row.verdict.name());
        }
        _ = writeln!(text, "medians of {}; spread is half the distance between the quartiles", self.samples);
        for remark in &self.remarks {
            _ = writeln!(text, "WARNING: {remark}");
        }
        text
    }
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::SlightlyWorse => "a little worse",
            Self::Same => "no difference",
            Self::Unknown => "too few samples",
        }
    }
}

fn row(figure: &Figure, (old, new): (&Report, &Report), by_rounds: bool, threshold: f64) -> Row {
    let (old, new) = (Samples::of(figure, old, by_rounds), Samples::of(figure, new, by_rounds));
    let change = if old.median > 0.0 { new.median / old.median - 1.0 } else { 0.0 };
    let spread = old.spread.max(new.spread);
    let loss = if figure.more_is_better { -change } else { change };
    let verdict = if old.count.min(new.count) < SAMPLES_MIN {
        Verdict::Unknown
    } else if loss.abs() <= spread || loss == 0.0 {
        Verdict::Same
    } else if loss < 0.0 {
        Verdict::Better
    } else if loss > threshold {
        Verdict::Worse
    } else {
        Verdict::SlightlyWorse
    };
    Row { name: figure.name, medians: (old.median, new.median), change, spread, verdict }
}

struct Samples {
    count: usize,
    median: f64,
    spread: f64,
}

impl Samples {
    fn of(figure: &Figure, report: &Report, by_rounds: bool) -> Self {
        let rounds = report.rounds.iter();
        let mut samples: Vec<f64> = match figure.of_interval {
            // The last interval is seldom whole.
            Some(of) if !by_rounds => {
                rounds.flat_map(|round| round.timeline.split_last().map_or(&[][..], |(_, whole)| whole)).map(of).collect()
            }
            _ => rounds.map(figure.of_round).collect(),
        };
        samples.sort_by(f64::total_cmp);
        let at =
            |share: f64| samples.get((samples.len().saturating_sub(1) as f64 * share).round() as usize).copied().unwrap_or(0.0);
        let median = at(0.5);
        let spread = if median > 0.0 { (at(0.75) - at(0.25)) / 2.0 / median } else { 0.0 };
        Self { count: samples.len(), median, spread }
    }
}

fn remarks(old: &Report, new: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    let (before, after) = (&old.load, &new.load);
    let mut differs = |what: &str, is: bool| {
        if is {
            remarks.push(format!("the two runs differ in {what}"));
        }
    };
    differs("their loop: closed and open latencies are not the same thing", before.r#loop != after.r#loop);
    differs("the rate that was due", before.rate != after.rate);
    differs("their calls", before.calls != after.calls);
    differs("protocol or transport", (&before.protocol, &before.transport) != (&after.protocol, &after.transport));
    let size = |load: &Load| (load.connections, load.pipeline, load.threads, load.connect_per_call);
    differs("connections, pipeline or threads", size(before) != size(after));
    let machine = |report: &Report| (report.environment.processor.clone(), report.environment.processors);
    differs("the machine", machine(old) != machine(new));
    for (name, report) in [("first", old), ("second", new)] {
        if report.rounds.iter().any(|round| round.failed > 0) {
            remarks.push(format!("calls failed in the {name} run"));
        }
        if report.rounds.iter().any(|round| !round.generator.kept_up) {
            remarks.push(format!("the generator did not keep up in the {name} run"));
        }
    }
    remarks
}

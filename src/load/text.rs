//! A report for people at a terminal.

use std::fmt::Write;

use super::report::{Latency, Load, Report, Round};

/// The report as text of lines, about 80 characters wide.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    head(&mut text, &report.load);
    if !report.environment.optimized {
        text.push_str("note: a debug build of the generator, many times slower than a release build\n");
    }
    if !report.search.is_empty() {
        search(&mut text, report);
    }
    for (index, round) in report.rounds.iter().enumerate() {
        if report.rounds.len() > 1 {
            _ = writeln!(text, "\nround {} of {}", index + 1, report.rounds.len());
        }
        self::round(&mut text, &report.load, round);
    }
    if report.rounds.len() > 1 {
        rounds(&mut text, report);
    }
    if let Some(objective) = &report.objective {
        let verdict = objective.missed.as_ref().map_or_else(|| "held".into(), |missed| format!("MISSED: {missed}"));
        _ = writeln!(text, "\nobjective {}: {verdict}", objective.text);
    }
    text
}

fn search(text: &mut String, report: &Report) {
    _ = writeln!(text, "\n  {:>9}{:>12}{:>10}", "due/s", "answered/s", "p99");
    for probe in &report.search {
        let verdict = match (&probe.missed, &probe.doubt) {
            (None, _) => "held".to_owned(),
            (Some(missed), None) => missed.clone(),
            (Some(missed), Some(_)) => format!("{missed} (the generator had trouble of its own)"),
        };
        let (rate, got, p99) = (count(probe.rate), count(probe.calls_per_second), time(probe.p99_us));
        _ = writeln!(text, "  {rate:>9}{got:>12}{p99:>10}  {verdict}");
    }
    match report.load.rate {
        Some((rate, _)) if !report.rounds.is_empty() => {
            _ = writeln!(text, "\nthe highest rate that held: {} calls/s", count(rate));
        }
        _ => text.push_str("\nno rate held\n"),
    }
    let best = report.load.rate.filter(|_| !report.rounds.is_empty()).map_or(0.0, |(rate, _)| rate);
    let above = || report.search.iter().filter(|probe| probe.missed.is_some() && probe.rate > best);
    let lowest = above().map(|probe| probe.rate).fold(f64::INFINITY, f64::min);
    if above().next().is_some() && above().filter(|probe| probe.rate <= lowest).all(|probe| probe.doubt.is_some()) {
        text.push_str("WARNING: above that the generator was at its own limits: the server may bear more\n");
    }
}

fn head(text: &mut String, load: &Load) {
    let sum: u32 = load.calls.iter().map(|(_, weight)| weight).sum();
    let calls = load.calls.iter().map(|(name, weight)| match load.calls.len() {
        1 => name.clone(),
        _ => format!("{name} {:.0} %", f64::from(*weight) * 100.0 / f64::from(sum.max(1))),
    });
    let calls = calls.collect::<Vec<_>>().join(", ");
    _ = writeln!(text, "{calls} at {} ({}, {})", load.address, load.protocol, load.transport);
    let connections = match (load.connect_per_call, load.connections) {
        (true, n) => format!("a new connection per call, {n} at a time"),
        (false, n) => format!("{} x {} under way", plural(n as u64, "connection"), load.pipeline),
    };
    let threads = plural(load.threads as u64, "thread");
    match load.rate {
        None => {
            _ = writeln!(text, "closed loop: {connections}, {threads}");
            text.push_str("  calls wait for answers, so a slow server is called less; --rate measures what users see\n");
        }
        Some((from, to)) => {
            let rate = if (from - to).abs() < f64::EPSILON { count(from) } else { format!("{} to {}", count(from), count(to)) };
            _ = writeln!(text, "open loop: {rate} calls/s due; {connections}, {threads}");
        }
    }
}

fn round(text: &mut String, load: &Load, round: &Round) {
    let interrupted = if round.interrupted { ", interrupted" } else { "" };
    _ = writeln!(
        text,
        "\n  {} calls/s   {} calls in {:.2} s{interrupted}",
        count(round.calls_per_second),
        round.calls,
        round.seconds
    );
    let mut rows = vec![("latency", &round.latency)];
    rows.extend(round.service_time.as_ref().map(|service| ("service time", service)));
    _ = writeln!(
        text,
        "\n  {:<13}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "", "p50", "p90", "p99", "p99.9", "p99.99", "max", "mean"
    );
    rows.into_iter().for_each(|(name, latency)| row(text, name, latency));
    if round.service_time.is_some() {
        let from = if load.is_open() { "the moment a call was due" } else { "the begin of connecting" };
        _ = writeln!(text, "  latency counts from {from}, service time from sending");
    }
    for (name, call) in &round.by_call {
        row(text, &name.chars().take(13).collect::<String>(), &call.latency);
    }
    errors(text, round);
    generator(text, round);
}

fn row(text: &mut String, name: &str, latency: &Latency) {
    let Latency { p50_us, p90_us, p99_us, p99_9_us, p99_99_us, max_us, mean_us, .. } = latency;
    _ = write!(text, "  {name:<13}");
    for us in [p50_us, p90_us, p99_us, p99_9_us, p99_99_us, max_us, mean_us] {
        _ = write!(text, "{:>9}", time(*us));
    }
    text.push('\n');
}

fn errors(text: &mut String, round: &Round) {
    if round.is_empty() && round.errors.is_empty() {
        text.push_str("\n  nothing was measured: no call came to an end\n");
    } else if round.errors.is_empty() {
        text.push_str("\n  no errors; every answer was checked\n");
    } else {
        _ = writeln!(text, "\n  {} failed ({:.3} %)", plural(round.failed, "call"), round.error_share() * 100.0);
        for (kind, error) in &round.errors {
            _ = writeln!(text, "  {:>9} {kind}: {}", error.count, error.first);
        }
    }
    if round.unfinished > 0 {
        _ = writeln!(text, "  {} under way at the end, not counted", plural(round.unfinished, "call"));
    }
}

fn generator(text: &mut String, round: &Round) {
    let generator = &round.generator;
    let busy = generator.busy * 100.0;
    _ = write!(text, "  generator: {busy:.0} % busy, {:.2} us per call", generator.cpu_us_per_call);
    if let Some((p50, p99, max)) = generator.lag_us {
        _ = write!(text, "; late by {} (p50), {} (p99), {} (max)", time(p50), time(p99), time(max));
    }
    text.push('\n');
    if let Some(remark) = &generator.remark {
        _ = writeln!(text, "  WARNING: {remark}");
    }
}

fn rounds(text: &mut String, report: &Report) {
    let median = report.median_round();
    let rates = report.rounds.iter().map(|round| round.calls_per_second);
    let (low, high) = rates.fold((f64::MAX, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
    _ = writeln!(
        text,
        "\nmedian of {} rounds: {} calls/s ({} to {}), p99 {}",
        report.rounds.len(),
        count(median.calls_per_second),
        count(low),
        count(high),
        time(median.latency.p99_us)
    );
}

/// A number that people can read: four digits that count.
pub fn count(number: f64) -> String {
    match number {
        n if n >= 100_000.0 => format!("{:.0}k", n / 1e3),
        n if n >= 10_000.0 => format!("{:.1}k", n / 1e3),
        n if n >= 100.0 => format!("{n:.0}"),
        n => format!("{n:.1}"),
    }
}

/// A time from microseconds, in the unit that fits.
pub fn time(us: f64) -> String {
    match us {
        us if us >= 10_000_000.0 => format!("{:.1}s", us / 1e6),
        us if us >= 1_000_000.0 => format!("{:.2}s", us / 1e6),
        us if us >= 100_000.0 => format!("{:.0}ms", us / 1e3),
        us if us >= 10_000.0 => format!("{:.1}ms", us / 1e3),
        us if us >= 1000.0 => format!("{:.2}ms", us / 1e3),
        us if us >= 10.0 => format!("{us:.0}us"),
        us => format!("{us:.1}us"),
    }
}

pub(super) fn plural(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

//! Runs what `bench` was asked for, and says how it went.

use std::fs;
use std::io::{self, Write};

use crate::cli::exit::{Exit, fail};
use crate::load::{self, Objective, Plan, Report};

use super::args::Arguments;
use super::plan::{Failure, Task, task};
use super::round::round;
use super::signals::Ends;
use super::{compare, find_max, verdict};

/// How much worse a figure may be in a comparison, in percent, unless it is said.
const THRESHOLD: f64 = 5.0;

/// Runs a load and reports on it.
pub(in crate::cli) fn run(arguments: &Arguments) -> Exit {
    if let [before, after] = &arguments.compare[..] {
        return compare::run(before, after, arguments.threshold.unwrap_or(THRESHOLD) / 100.0);
    }
    match measure(arguments) {
        Ok(report) => match publish(arguments, &report) {
            Ok(()) => {
                verdict::of_report(&report, arguments.find_max || arguments.slo.as_ref().is_some_and(|slo| slo.allows_errors))
            }
            Err(error) => fail(Exit::Usage, error),
        },
        Err((exit, error)) => fail(exit, error),
    }
}

fn measure(arguments: &Arguments) -> Result<Report, Failure> {
    let Task { plan, preparation, load } = task(arguments)?;
    let signals = Ends::on_signals()?;
    if let Some(preparation) = &preparation {
        prepare(preparation, &signals)?;
    }
    if let (true, Some(slo)) = (arguments.find_max, &arguments.slo) {
        return find_max::search(&plan, load, slo, &signals);
    }
    let mut rounds = Vec::new();
    for number in 1..=arguments.rounds {
        let name = if arguments.rounds > 1 { format!("round {number}/{}", arguments.rounds) } else { String::new() };
        let round = round(&plan, &signals, &name)?;
        if round.connections == 0 && !round.interrupted {
            let why = round.errors.values().next().map_or("no connection came about", |error| &*error.first);
            return Err((Exit::Connect, why.to_owned()));
        }
        let ends = round.interrupted;
        rounds.push(round);
        if ends {
            break;
        }
    }
    let mut report = Report::new(load, rounds);
    report.objective = arguments.slo.as_ref().map(|slo| {
        let missed = slo.missed(report.median_round());
        Objective { text: slo.to_string(), missed }
    });
    Ok(report)
}

fn prepare(plan: &Plan, signals: &Ends) -> Result<(), Failure> {
    let round = round(plan, signals, "putting the keys")?;
    if round.interrupted {
        return Err((Exit::Interrupted, "interrupted while keys were put".into()));
    }
    let Some((_, error)) = round.errors.first_key_value() else { return Ok(()) };
    let exit = match verdict::of_rounds(std::slice::from_ref(&round)) {
        Exit::Ok => Exit::Protocol,
        worse => worse,
    };
    Err((exit, format!("cannot put the keys to get: {}", error.first)))
}

fn publish(arguments: &Arguments, report: &Report) -> Result<(), String> {
    let text = if arguments.json {
        serde_json::to_string_pretty(report).map_err(|error| error.to_string())? + "\n"
    } else {
        load::text(report)
    };
    if let Some(file) = arguments.html.as_ref().filter(|_| !report.rounds.is_empty()) {
        fs::write(file, load::html(report)).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    // Whoever reads it may have had enough of it.
    _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

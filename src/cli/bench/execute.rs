//! Runs what `bench` was asked for, and says how it went.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::exit::{Exit, fail};
use crate::load::{self, Interrupt, Plan, Problem, Report, Round, Run};

use super::args::Arguments;
use super::plan::{Failure, Task, task};
use super::progress::Progress;

/// Runs a load and reports on it.
pub(in crate::cli) fn run(arguments: &Arguments) -> Exit {
    match measure(arguments) {
        Ok(report) => match publish(arguments, &report) {
            Ok(()) => verdict(&report.rounds),
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
    Ok(Report::new(load, rounds))
}

/// One run.
pub(super) fn round(plan: &Plan, signals: &Ends, name: &str) -> Result<Round, Failure> {
    let run = Run::start(plan).map_err(|error| (Exit::Usage, error.to_string()))?;
    let progress = Progress::start(plan, run.live(), name);
    signals.now_end(Some(run.interrupt()));
    let outcome = run.wait();
    signals.now_end(None);
    drop(progress);
    let outcome = outcome.map_err(|error| (Exit::Usage, error.to_string()))?;
    Ok(Round::new(plan, &outcome))
}

fn prepare(plan: &Plan, signals: &Ends) -> Result<(), Failure> {
    let round = round(plan, signals, "putting the keys")?;
    if round.interrupted {
        return Err((Exit::Interrupted, "interrupted while keys were put".into()));
    }
    let Some((_, error)) = round.errors.first_key_value() else { return Ok(()) };
    let exit = match verdict(std::slice::from_ref(&round)) {
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
    // Whoever reads it may have had enough of it.
    _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// The worst of what happened.
pub(super) fn verdict(rounds: &[Round]) -> Exit {
    use Problem::{
        Closed, ConnectFailed, ConnectTimeout, Dropped, Exception, HttpStatus, Internal, Mismatch, Protocol, Refused, Reset,
        Thrown, Timeout, Unsendable, Unsent, WrongValue,
    };
    let happened = |problems: &[Problem]| {
        rounds.iter().any(|round| problems.iter().any(|problem| round.errors.contains_key(problem.name())))
    };
    if rounds.iter().any(|round| round.interrupted) {
        Exit::Interrupted
    } else if happened(&[WrongValue, Mismatch, Protocol, HttpStatus, Unsendable, Internal]) {
        Exit::Protocol
    } else if happened(&[Timeout, Unsent]) {
        Exit::Timeout
    } else if happened(&[Refused, ConnectTimeout, ConnectFailed, Reset, Closed, Dropped]) {
        Exit::Connect
    } else if happened(&[Exception, Thrown]) {
        Exit::Exception
    } else {
        Exit::Ok
    }
}

/// What a signal ends: the run of the moment. A second signal ends the program.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends(Arc<Mutex<(Option<Interrupt>, u32)>>);

impl Ends {
    pub(super) fn on_signals() -> Result<Self, Failure> {
        let ends = Self::default();
        let mine = ends.clone();
        let mut signals =
            Signals::new([SIGTERM, SIGINT]).map_err(|error| (Exit::Usage, format!("cannot handle signals: {error}")))?;
        let handle = move || {
            for _ in signals.forever() {
                let mut state = mine.0.lock().unwrap_or_else(PoisonError::into_inner);
                state.1 += 1;
                match &state.0 {
                    Some(interrupt) if state.1 == 1 => interrupt.interrupt(),
                    _ => std::process::exit(Exit::Interrupted as i32),
                }
            }
        };
        thread::Builder::new().name("signals".into()).spawn(handle).map_err(|error| (Exit::Usage, error.to_string()))?;
        Ok(ends)
    }

    fn now_end(&self, interrupt: Option<Interrupt>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = interrupt;
    }
}

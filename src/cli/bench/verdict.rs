//! From what happened to an exit code.

use crate::cli::exit::Exit;
use crate::load::{Problem, Report, Round};

/// The code of a whole report: what happened, and whether the objective was held. `allows_errors` is said where the objective is the
/// only judge of them.
pub(super) fn of_report(report: &Report, allows_errors: bool) -> Exit {
    let exit = of_rounds(&report.rounds);
    let is_missed = report.objective.as_ref().is_some_and(|objective| objective.missed.is_some());
    match exit {
        Exit::Interrupted => exit,
        _ if allows_errors || exit == Exit::Ok => {
            if is_missed {
                Exit::Threshold
            } else {
                Exit::Ok
            }
        }
        _ => exit,
    }
}

/// The worst of what happened.
pub(super) fn of_rounds(rounds: &[Round]) -> Exit {
    use Problem::{
        Closed, ConnectFailed, ConnectTimeout, Dropped, Exception, GreetTimeout, HttpStatus, Internal, Mismatch, Protocol,
        Refused, Reset, Thrown, Timeout, TlsFailed, TlsTimeout, Unsendable, Unsent, WrongValue,
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
    } else if happened(&[Refused, ConnectTimeout, ConnectFailed, TlsTimeout, TlsFailed, GreetTimeout, Reset, Closed, Dropped]) {
        Exit::Connect
    } else if happened(&[Exception, Thrown]) {
        Exit::Exception
    } else if rounds.iter().any(Round::is_empty) {
        // Nothing went wrong because nothing happened: what was under way before the begin is waited for in vain.
        Exit::Timeout
    } else {
        Exit::Ok
    }
}

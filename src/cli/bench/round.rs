//! One run of a plan, shown while it goes on, and ended by a signal.

use crate::cli::exit::Exit;
use crate::load::{Plan, Round, Run};

use super::plan::Failure;
use super::progress::Progress;
use super::signals::Ends;

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

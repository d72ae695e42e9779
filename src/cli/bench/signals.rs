//! SIGINT and SIGTERM end a run early, with a report of what there is; a second one ends the program.

use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::load::Interrupt;

use super::plan::Failure;

/// What a signal ends: the run of the moment. A second signal ends the program.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends(Arc<Mutex<(Option<Interrupt>, u32)>>);

impl Ends {
    pub(super) fn on_signals() -> Result<Self, Failure> {
        let ends = Self::default();
        let mine = ends.clone();
        let handle = move |_| {
            let mut state = mine.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.1 += 1;
            match &state.0 {
                Some(interrupt) if state.1 == 1 => interrupt.interrupt(),
                _ => std::process::exit(Exit::Interrupted as i32),
            }
        };
        signals::on(&[SIGTERM, SIGINT], handle).map_err(|error| (Exit::Usage, format!("cannot handle signals: {error}")))?;
        Ok(ends)
    }

    /// From now on a signal ends that run.
    pub(super) fn now_end(&self, interrupt: Option<Interrupt>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = interrupt;
    }
}

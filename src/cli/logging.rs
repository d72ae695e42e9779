//! Logs go to stderr, a line per event; `FARTHING_LOG` says how much of them.
//!
//! Whoever logs never waits for whoever reads: a thread of its own writes, lines that it has no room for are dropped and
//! counted, and a stderr that is full, closed or broken hurts nobody else.

use std::io::{IsTerminal, stderr};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Lines that wait to be written; a few hundred bytes each.
const LINES_MAX: usize = 4096;

/// Writes what was logged for as long as it lives, and a little longer.
pub(super) struct Log {
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

/// Starts logging: warnings and what matters to an operator, unless `FARTHING_LOG` (such as `debug`) says otherwise.
pub(super) fn start() -> Log {
    let filter = EnvFilter::try_from_env("FARTHING_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let (lines, writer) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES_MAX).thread_name("farthing-log").finish(stderr());
    let dropped = lines.error_counter();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_target(false);
    // A second subscriber can only be a test's: it keeps its own.
    _ = subscriber.with_writer(lines).log_internal_errors(false).try_init();
    Log { dropped, _writer: writer }
}

impl Drop for Log {
    fn drop(&mut self) {
        let lines = self.dropped.dropped_lines();
        if lines > 0 {
            tracing::warn!(lines, "log lines were dropped, for stderr did not take them");
        }
    }
}

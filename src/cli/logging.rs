//! Logs go to stderr, a line per event; `FARTHING_LOG` says how much of them.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings and what matters to an operator, unless `FARTHING_LOG` (such as `debug`) says otherwise.
pub(super) fn start() {
    let filter = EnvFilter::try_from_env("FARTHING_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    // A second subscriber can only be a test's: it keeps its own.
    _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_target(false).with_writer(stderr).try_init();
}

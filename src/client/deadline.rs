//! The time that a call has, in all: looking up names, connecting, writing and reading together.

use std::time::{Duration, Instant};

/// When a call must be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Option<Instant>,
    timeout: Duration,
}

impl Deadline {
    /// `timeout` from now. One that is too long to be reckoned is none.
    pub(super) fn after(timeout: Duration) -> Self {
        Self { at: Instant::now().checked_add(timeout), timeout }
    }

    /// This deadline, or `timeout` from now where that is earlier.
    pub(super) fn or_after(self, timeout: Duration) -> Self {
        let sooner = Self::after(timeout);
        if self.left() > timeout { sooner } else { self }
    }

    /// What is left, zero when the time is up.
    pub(super) fn left(self) -> Duration {
        self.at.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// How long it was in the beginning.
    pub(super) fn timeout(self) -> Duration {
        self.timeout
    }
}

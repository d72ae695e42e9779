//! What a shard knows of how short memory is, and of what it did because of it.

use std::time::Instant;

use super::memory::Stage;

/// Where a shard stands.
#[derive(Debug)]
pub(super) struct Pressure {
    /// The stage that the app knows of.
    pub(super) told: Stage,
    /// When the connections last looked at themselves because of it.
    pub(super) looked: Option<Instant>,
    /// Since when big messages wait. Those that are begun and not read keep the memory that they wait for; and peers that only
    /// hold it could keep all others out for as long as their time-outs allow.
    pub(super) short_since: Option<Instant>,
}

impl Default for Pressure {
    fn default() -> Self {
        Self { told: Stage::Free, looked: None, short_since: None }
    }
}

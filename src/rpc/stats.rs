//! What one shard counted. One thread writes, any may read: an add is a load and a store, not an atomic exchange.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count that one thread raises and any thread reads.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Raises the count by one. Only ever called from one thread.
    #[inline]
    pub fn add_one(&self) {
        self.0.store(self.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts of what happened to the requests of one shard.
#[derive(Debug, Default)]
pub struct Stats {
    /// Requests that were read, of every outcome.
    pub requests: Counter,
    /// Requests of unknown methods.
    pub unknown_methods: Counter,
    /// Messages that were neither calls nor oneway calls.
    pub invalid_kinds: Counter,
    /// Requests whose arguments could not be read.
    pub protocol_errors: Counter,
    /// Messages with bytes behind their end, which were ignored.
    pub trailing_bytes: Counter,
    /// Handlers that panicked.
    pub panics: Counter,
    /// Calls that the system had no memory for.
    pub no_memory: Counter,
    /// Calls handed to the worker pool.
    pub offloaded: Counter,
    /// Calls that the worker pool had no room or no time for.
    pub shed: Counter,
    /// Calls answered for their handler because its time was up.
    pub deadlines: Counter,
    /// Answers that came when nobody waited for them any more.
    pub late_answers: Counter,
}

impl Stats {
    /// All counts by name.
    pub fn all(&self) -> [(&'static str, u64); 11] {
        [
            ("requests", self.requests.get()),
            ("unknown_methods", self.unknown_methods.get()),
            ("invalid_kinds", self.invalid_kinds.get()),
            ("protocol_errors", self.protocol_errors.get()),
            ("trailing_bytes", self.trailing_bytes.get()),
            ("panics", self.panics.get()),
            ("no_memory", self.no_memory.get()),
            ("offloaded", self.offloaded.get()),
            ("shed", self.shed.get()),
            ("deadlines", self.deadlines.get()),
            ("late_answers", self.late_answers.get()),
        ]
    }
}

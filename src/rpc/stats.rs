//! What one shard counted. Plain numbers: nothing here is shared between threads.

/// Counts of what happened to requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests that were read, of every outcome.
    pub requests: u64,
    /// Requests of unknown methods.
    pub unknown_methods: u64,
    /// Messages that were neither calls nor oneway calls.
    pub invalid_kinds: u64,
    /// Requests whose arguments could not be read.
    pub protocol_errors: u64,
    /// Messages with bytes behind their end, which were ignored.
    pub trailing_bytes: u64,
    /// Handlers that panicked on the thread of the shard.
    pub panics: u64,
    /// Calls handed to the worker pool.
    pub offloaded: u64,
    /// Calls answered for their handler because its time was up.
    pub deadlines: u64,
    /// Answers that came when nobody waited for them any more.
    pub late_answers: u64,
}

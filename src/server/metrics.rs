//! What a server counts: requests per shard without any sharing, and why connections end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::reactor::{Closed, Peer};
use crate::rpc::{Reason, Stats};

/// At most one line per reason in this time; the rest is counted.
const LOG_EVERY: Duration = Duration::from_secs(1);

/// What one shard counted; read from other threads.
#[derive(Debug, Default)]
pub(super) struct ShardCounts {
    pub(super) stats: Stats,
    /// Taken once per connection that opens or closes, and by who reads: never per request.
    ends: Mutex<Ends>,
}

#[derive(Debug, Default)]
struct Ends {
    opened: u64,
    refused: u64,
    closed: BTreeMap<&'static str, (u64, Option<Logged>)>,
}

/// When a reason was logged last, and how many connections ended for it since.
#[derive(Debug)]
struct Logged {
    at: Instant,
    silent: u64,
}

/// The counts of all shards together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections accepted.
    pub opened: u64,
    /// Connections turned away for want of file descriptors.
    pub refused: u64,
    /// Connections ended, by reason.
    pub closed: BTreeMap<&'static str, u64>,
    /// Requests, by what happened to them.
    pub requests: BTreeMap<&'static str, u64>,
}

impl ShardCounts {
    pub(super) fn opened(&self) {
        self.lock().opened += 1;
    }

    pub(super) fn refused(&self, connections: usize) {
        self.lock().refused += connections as u64;
    }

    /// Counts a connection's end, and logs it: ordinary ends for who debugs, others at most once per second and reason.
    pub(super) fn closed(&self, peer: &Peer, reason: &Closed<Reason>, now: Instant) {
        let label = label(reason);
        let mut ends = self.lock();
        let (count, logged) = ends.closed.entry(label).or_default();
        *count += 1;
        if is_ordinary(reason) {
            tracing::debug!(%peer, reason = label, "connection closed");
            return;
        }
        match logged {
            Some(last) if now.duration_since(last.at) < LOG_EVERY => last.silent += 1,
            _ => {
                let silent = logged.as_ref().map_or(0, |last| last.silent);
                *logged = Some(Logged { at: now, silent: 0 });
                tracing::warn!(%peer, reason = label, also = silent, "{}", describe(reason));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ends> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    pub(super) fn of(shards: &[Arc<ShardCounts>]) -> Self {
        let mut counts = Self::default();
        for shard in shards {
            for (name, count) in shard.stats.all() {
                *counts.requests.entry(name).or_default() += count;
            }
            let ends = shard.lock();
            counts.opened += ends.opened;
            counts.refused += ends.refused;
            for (label, (count, _)) in &ends.closed {
                *counts.closed.entry(label).or_default() += count;
            }
        }
        counts
    }
}

fn label(reason: &Closed<Reason>) -> &'static str {
    match reason {
        Closed::App(reason) => reason.label(),
        Closed::Peer => "peer",
        Closed::Failed(_) => "failed",
        Closed::Breach(breach) => breach.label(),
        Closed::Stalled => "write_timeout",
        Closed::Slow => "answer_timeout",
        Closed::Overflow => "output_hard",
        Closed::Memory => "memory_max",
        Closed::Panicked => "panicked",
        Closed::Unanswered => "unanswered",
        Closed::Cut => "cut",
    }
}

fn describe(reason: &Closed<Reason>) -> String {
    match reason {
        Closed::App(reason) => reason.to_string(),
        Closed::Peer => "the peer closed".into(),
        Closed::Failed(kind) => format!("the connection failed: {kind}"),
        Closed::Breach(breach) => breach.to_string(),
        Closed::Stalled => "the peer took no byte of its answer in time".into(),
        Closed::Slow => "the peer took its answer too slowly".into(),
        Closed::Memory => "the connections held more than `memory_max`, and this one the most".into(),
        Closed::Overflow => "more unsent answers than `output_hard`".into(),
        Closed::Panicked => "a fault in this program ended the connection".into(),
        Closed::Unanswered => "the connection attempt was not answered in time".into(),
        Closed::Cut => "cut at the end of the drain".into(),
    }
}

/// Whether such an end is everyday life: health probes, pools that shrink, peers that go away between messages.
fn is_ordinary(reason: &Closed<Reason>) -> bool {
    use Reason::{Asked, Done, Drained, FirstByteTimeout, IdleTimeout};
    matches!(reason, Closed::Peer | Closed::Failed(_) | Closed::App(Done | Asked | Drained | IdleTimeout | FirstByteTimeout))
}

//! What a server counts: requests per shard without any sharing, and why connections end.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::reactor::{Budget, Closed, Peer, Stage};
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
    crowded: Ended,
    uninvited: Ended,
    /// Calls that there was no memory for. How many there were, the statistics tell.
    starved: Ended,
    closed: BTreeMap<&'static str, Ended>,
}

/// Connections that ended for one reason.
#[derive(Debug, Default)]
struct Ended {
    count: u64,
    /// When one of them was logged last, and how many there were since.
    logged: Option<(Instant, u64)>,
}

impl Ended {
    /// Counts one more; `log` is called with how many were passed over, at most once in a while.
    fn add(&mut self, now: Instant, log: impl FnOnce(u64)) {
        self.count += 1;
        let silent = match &mut self.logged {
            Some((at, silent)) if now.duration_since(*at) < LOG_EVERY => {
                *silent += 1;
                return;
            }
            Some((_, silent)) => *silent,
            None => 0,
        };
        self.logged = Some((now, 0));
        log(silent);
    }
}

/// The counts of all shards together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections accepted.
    pub opened: u64,
    /// Connections turned away for want of file descriptors.
    pub refused: u64,
    /// Connections refused because their address had as many as `connections_per_ip_max`.
    pub crowded: u64,
    /// Connections over Unix sockets refused because their user is not among `unix_uids`, nor their group among `unix_gids`.
    pub uninvited: u64,
    /// Connections ended, by reason.
    pub closed: BTreeMap<&'static str, u64>,
    /// Requests, by what happened to them.
    pub requests: BTreeMap<&'static str, u64>,
    /// How short memory is and was.
    pub memory: Memory,
}

/// What the connections of a server hold in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Bytes, as far as the shards have told one another.
    pub held: usize,
    /// How often 80, 90, 95 and 100 % of `memory_max` were passed.
    pub passed: [u64; 4],
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
        let ended = ends.closed.entry(label).or_default();
        if is_ordinary(reason) {
            ended.count += 1;
            tracing::debug!(%peer, reason = label, "connection closed");
        } else {
            ended.add(now, |silent| tracing::warn!(%peer, reason = label, also = silent, "{}", describe(reason)));
        }
    }

    /// Counts a connection that was not let in because its address has enough of them, and logs it like an end.
    pub(super) fn crowded(&self, peer: &Peer, now: Instant) {
        self.lock().crowded.add(now, |silent| {
            tracing::warn!(%peer, reason = "connections_per_ip_max", also = silent, "refused: its address has enough connections");
        });
    }

    /// The same for one whose user and group are not listed.
    pub(super) fn uninvited(&self, peer: &Peer, now: Instant) {
        self.lock().uninvited.add(now, |silent| {
            tracing::warn!(%peer, reason = "unix_uids", also = silent, "refused: neither its user nor its group is listed");
        });
    }

    /// There was no memory for one call or several: logged like an end.
    #[cold]
    pub(super) fn starved(&self, now: Instant) {
        let all = self.stats.no_memory.get();
        self.lock().starved.add(now, |_| tracing::warn!(reason = "no_memory", all, "the system has no memory for a call"));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ends> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    pub(super) fn of(shards: &[Arc<ShardCounts>], budget: &Budget) -> Self {
        let memory = Memory { held: budget.held(), passed: Stage::ACTIVE.map(|stage| budget.entered(stage)) };
        let mut counts = Self { memory, ..Self::default() };
        for shard in shards {
            for (name, count) in shard.stats.all() {
                *counts.requests.entry(name).or_default() += count;
            }
            let ends = shard.lock();
            counts.opened += ends.opened;
            counts.refused += ends.refused;
            counts.crowded += ends.crowded.count;
            counts.uninvited += ends.uninvited.count;
            for (label, ended) in &ends.closed {
                *counts.closed.entry(label).or_default() += ended.count;
            }
        }
        counts
    }
}

/// Each count by its name, and nothing of those that are zero.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { opened, refused, crowded, uninvited, closed, requests, memory } = self;
        write!(f, "opened={opened} open={}", opened.saturating_sub(closed.values().sum()))?;
        let memory_held = ("memory_held", memory.held as u64);
        let stages = ["memory_past_80", "memory_past_90", "memory_past_95", "memory_past_100"];
        let others = [("refused", *refused), ("connections_per_ip_max", *crowded), ("unix_uids", *uninvited), memory_held];
        let mut all = others.into_iter().chain(stages.into_iter().zip(memory.passed)).filter(|(_, count)| *count > 0);
        all.try_for_each(|(name, count)| write!(f, " {name}={count}"))?;
        requests.iter().filter(|(_, count)| **count > 0).try_for_each(|(name, count)| write!(f, " {name}={count}"))?;
        closed.iter().try_for_each(|(reason, count)| write!(f, " closed.{reason}={count}"))
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
        Closed::Starved => "no_memory",
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
        Closed::Starved => "the system has no memory for what the connection needs".into(),
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

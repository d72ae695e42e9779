//! What a run shows of itself while it goes on: a few numbers per thread that anyone may read at any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One thread's numbers; they change a few times per second.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    right: AtomicU64,
    wrong: AtomicU64,
    p99: AtomicU64,
}

/// The numbers of all threads.
#[derive(Clone, Debug)]
pub struct Live(Vec<Arc<Gauge>>);

/// A look at a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Calls that were answered rightly since measuring began.
    pub right: u64,
    /// Calls that were not.
    pub wrong: u64,
    /// The 99th percentile of latency lately, of the slowest thread, in nanoseconds.
    pub p99: u64,
}

impl Gauge {
    pub(super) fn show(&self, glance: Glance) {
        self.right.store(glance.right, Ordering::Relaxed);
        self.wrong.store(glance.wrong, Ordering::Relaxed);
        self.p99.store(glance.p99, Ordering::Relaxed);
    }
}

impl Live {
    pub(super) fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| Arc::default()).collect())
    }

    pub(super) fn gauge(&self, thread: usize) -> Arc<Gauge> {
        Arc::clone(&self.0[thread])
    }

    /// How it stands.
    pub fn glance(&self) -> Glance {
        self.0.iter().fold(Glance::default(), |sum, gauge| Glance {
            right: sum.right + gauge.right.load(Ordering::Relaxed),
            wrong: sum.wrong + gauge.wrong.load(Ordering::Relaxed),
            p99: sum.p99.max(gauge.p99.load(Ordering::Relaxed)),
        })
    }
}

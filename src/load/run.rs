//! A load with its threads: started, watched, interrupted, and added up at the end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::reactor::{Limits, Mio, Platform, Reactor, Remote};

use super::clock::{Clock, SystemClock};
use super::driver::Driver;
use super::lane::Window;
use super::live::Live;
use super::plan::{Length, Plan, Shape};
use super::prepared::Calls;
use super::rng::Rng;
use super::tally::{NANOS, Tally};

/// Unsent bytes of a connection that may pile up: enough for a deep pipeline of large values.
const OUTPUT_HARD: usize = 1 << 30;

/// A load that is under way.
#[derive(Debug)]
pub struct Run {
    threads: Vec<JoinHandle<io::Result<(Tally, Window)>>>,
    live: Live,
    interrupt: Interrupt,
    length: Length,
}

/// Ends a run early, from any thread.
#[derive(Clone, Debug)]
pub struct Interrupt {
    remotes: Vec<Remote<()>>,
    asked: Arc<AtomicBool>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    pub(super) tally: Tally,
    /// Seconds from the begin of measuring to the end, or to the last answer where that came later.
    pub(super) seconds: f64,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// A load that cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The system refuses what a thread needs.
    #[error("cannot start the load: {0}")]
    System(#[from] io::Error),
    /// A call cannot be encoded.
    #[error("{0}")]
    Call(String),
}

impl Run {
    /// Starts the threads.
    ///
    /// # Errors
    /// Where the system refuses a thread or a selector, or a call cannot be encoded.
    pub fn start(plan: &Plan) -> Result<Self, StartError> {
        let prepare = |index| Calls::new(&plan.calls, &plan.dial, &plan.limits, Rng::new(index as u64));
        let prepared = (0..plan.threads).map(prepare).collect::<Result<Vec<_>, _>>().map_err(StartError::Call)?;
        let live = Live::new(plan.threads);
        let asked = Arc::new(AtomicBool::new(false));
        let epoch = Instant::now();
        let (mut threads, mut remotes) = (Vec::new(), Vec::new());
        for (index, calls) in prepared.into_iter().enumerate() {
            let mio = if matches!(plan.shape, Shape::Open { .. }) { Mio::precise()? } else { Mio::new()? };
            let mut shard = shard(plan, (index, calls), mio, (SystemClock, epoch), &live)?;
            remotes.push(shard.remote());
            let asked = Arc::clone(&asked);
            let run = move || {
                shard.run()?;
                Ok(shard.into_app().into_tally(asked.load(Ordering::Relaxed)))
            };
            threads.push(thread::Builder::new().name(format!("load-{index}")).spawn(run)?);
        }
        Ok(Self { threads, live, interrupt: Interrupt { remotes, asked }, length: plan.length })
    }

    /// Its numbers while it goes on.
    pub fn live(&self) -> Live {
        self.live.clone()
    }

    /// What ends it early.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// Where a selector failed.
    ///
    /// # Panics
    /// If a thread of it did.
    pub fn wait(self) -> io::Result<Outcome> {
        let results = self.threads.into_iter().map(|thread| thread.join().expect("a thread of the load panicked"));
        let results = results.collect::<io::Result<Vec<_>>>()?;
        let interrupted = self.interrupt.asked.load(Ordering::Relaxed);
        Ok(add_up(results, self.length, interrupted))
    }
}

impl Interrupt {
    /// Ends the run now: what is under way is not waited for.
    pub fn interrupt(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.remotes.iter().for_each(Remote::stop);
    }
}

/// Runs one thread's part of a plan on any platform, to its end, and says what came of it. For tests: a virtual platform with its
/// clock takes no time.
///
/// # Errors
/// Where the load cannot be started, or the selector fails.
pub fn simulate<P: Platform, C: Clock>(plan: &Plan, platform: P, clock: C) -> Result<Outcome, StartError> {
    let calls = Calls::new(&plan.calls, &plan.dial, &plan.limits, Rng::new(0)).map_err(StartError::Call)?;
    let (epoch, live) = (clock.now(), Live::new(1));
    let mut shard = shard(plan, (0, calls), platform, (clock, epoch), &live)?;
    shard.run()?;
    let result = shard.into_app().into_tally(false);
    Ok(add_up(vec![result], plan.length, false))
}

fn shard<P: Platform, C: Clock>(
    plan: &Plan,
    calls: (usize, Calls),
    platform: P,
    clock: (C, Instant),
    live: &Live,
) -> io::Result<Reactor<P, Driver<C>>> {
    let limits = Limits {
        read_buffer: 256 * 1024,
        output_soft: OUTPUT_HARD,
        output_hard: OUTPUT_HARD,
        // The calls' own time-out comes first.
        write_timeout: plan.timeout.saturating_mul(2),
        answer_timeout: plan.timeout.saturating_mul(2),
        connect_timeout: plan.timeout,
        tls_handshake_timeout: plan.timeout,
        drain_timeout: Duration::from_secs(1),
        ..Limits::default()
    };
    let gauge = live.gauge(calls.0);
    Reactor::new(platform, limits, |remote| Driver::new(plan, calls, clock, gauge, remote))
}

fn add_up(results: Vec<(Tally, Window)>, length: Length, interrupted: bool) -> Outcome {
    let mut all: Option<(Tally, u64)> = None;
    for (tally, window) in results {
        let end = match length {
            Length::Time(_) => window.to.max(tally.last),
            Length::Calls(_) => tally.last,
        };
        match &mut all {
            None => all = Some((tally, end)),
            Some((sum, last)) => {
                sum.add(tally);
                *last = end.max(*last);
            }
        }
    }
    let (tally, end) = all.unwrap_or_else(|| (Tally::new(1, 0), 0));
    let seconds = end.saturating_sub(tally.from) as f64 / NANOS;
    Outcome { tally, seconds, interrupted }
}

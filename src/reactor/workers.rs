//! A bounded pool of threads for jobs that may block. It knows nothing of connections: a job reports back by itself, usually
//! through a [`Remote`](super::Remote).

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The pace of a queue is the average over about so many jobs.
const PACE_MEMORY: u32 = 16;

/// Work for another thread. It is called exactly once if it was accepted.
pub type Job = Box<dyn FnOnce(Fate) + Send>;

/// What a job shall do when it is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// The work.
    Run,
    /// Only report that it was shed: it waited too long, or the pool is stopping.
    Shed,
}

/// Something that runs jobs: threads, or a simulation's virtual tasks.
pub trait Pool {
    /// Queues a job, or gives it back when the queue is full or it would only wait to be shed. Never blocks on a job.
    ///
    /// # Errors
    /// The job itself, uncalled.
    fn submit(&self, job: Job, now: Instant) -> Result<(), Job>;

    /// How busy the pool is.
    fn load(&self, now: Instant) -> Load;
}

/// A pool's state at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Load {
    /// Threads of the pool.
    pub workers: usize,
    /// Workers that are inside a job.
    pub busy: usize,
    /// Workers that have been inside the same job for longer than [`PoolOptions::stuck_after`].
    pub stuck: usize,
    /// Jobs waiting.
    pub queued: usize,
    /// Jobs shed because they waited too long, since the start.
    pub shed: u64,
    /// Jobs that panicked, since the start.
    pub panicked: u64,
}

/// The size and patience of a pool.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// Threads: 4.
    pub workers: usize,
    /// The threads' name, followed by a number: `worker`.
    pub name: String,
    /// Jobs that may wait, per worker: 1,024.
    pub queue_max: usize,
    /// A job that waited longer is shed: 1 s. Also how long the queue must never have been empty to count as loaded.
    pub queue_timeout: Duration,
    /// The same while the queue is loaded: 100 ms. What would wait longer, to judge by the pace of those before it, is refused at once:
    /// an overload then costs its victims no time, and the others little.
    pub queue_timeout_loaded: Duration,
    /// A job that runs longer makes its worker count as stuck: 30 s.
    pub stuck_after: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        PoolOptions {
            workers: 4,
            name: "worker".to_owned(),
            queue_max: 1024,
            queue_timeout: Duration::from_secs(1),
            queue_timeout_loaded: Duration::from_millis(100),
            stuck_after: Duration::from_secs(30),
        }
    }
}

/// Threads that run jobs. Dropping it lets the running jobs end and sheds the waiting ones.
#[derive(Debug)]
pub struct Workers {
    shared: Arc<Shared>,
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(options: PoolOptions) -> io::Result<Self> {
        let busy_since = (0..options.workers).map(|_| AtomicU64::new(0)).collect();
        let epoch = Instant::now();
        let queue = Queue {
            jobs: VecDeque::new(),
            emptied: epoch,
            begun: epoch,
            pace: Duration::ZERO,
            stopping: false,
            running: 0,
            shed: 0,
            panicked: 0,
        };
        let shared = Arc::new(Shared {
            options,
            epoch,
            busy_since,
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            ended: Condvar::new(),
        });
        let workers = Workers { shared };
        for number in 0..workers.shared.options.workers {
            let shared = Arc::clone(&workers.shared);
            shared.lock().running += 1;
            let spawned =
                thread::Builder::new().name(format!("{}-{number}", shared.options.name)).spawn(move || shared.work(number));
            if let Err(error) = spawned {
                workers.shared.lock().running -= 1;
                return Err(error);
            }
        }
        Ok(workers)
    }

    /// Sheds what waits, lets the running jobs end and waits for them; returns how many were still running after `patience`.
    pub fn stop(self, patience: Duration) -> usize {
        let until = Instant::now() + patience;
        self.shared.close();
        let mut queue = self.shared.lock();
        while queue.running > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            queue = self.shared.ended.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.running
    }
}

impl Pool for Workers {
    fn submit(&self, job: Job, now: Instant) -> Result<(), Job> {
        let mut queue = self.shared.lock();
        let most = self.shared.options.queue_max * self.shared.options.workers;
        if queue.stopping || queue.jobs.len() >= most || self.shared.is_behind(&queue, now) {
            return Err(job);
        }
        if queue.jobs.is_empty() {
            queue.emptied = now;
        }
        queue.jobs.push_back(Waiting { job, since: now });
        drop(queue);
        self.shared.changed.notify_one();
        Ok(())
    }

    fn load(&self, now: Instant) -> Load {
        let stuck_after = self.shared.options.stuck_after;
        let times: Vec<Duration> = self.shared.busy_since.iter().filter_map(|since| self.shared.busy_for(since, now)).collect();
        let queue = self.shared.lock();
        Load {
            workers: self.shared.options.workers,
            busy: times.len(),
            stuck: times.iter().filter(|time| **time > stuck_after).count(),
            queued: queue.jobs.len(),
            shed: queue.shed,
            panicked: queue.panicked,
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.close();
    }
}

struct Waiting {
    job: Job,
    since: Instant,
}

struct Queue {
    jobs: VecDeque<Waiting>,
    /// When it was last seen empty.
    emptied: Instant,
    /// When a job was last begun, and how long one after the other takes to be, on average, while others wait.
    begun: Instant,
    pace: Duration,
    stopping: bool,
    running: usize,
    shed: u64,
    panicked: u64,
}

impl Queue {
    /// A job begins. How long after the one before it tells the pace, unless there was none to begin.
    fn note_start(&mut self, now: Instant) {
        if self.emptied < self.begun {
            self.pace = (self.pace * (PACE_MEMORY - 1) + now.saturating_duration_since(self.begun)) / PACE_MEMORY;
        }
        self.begun = now;
    }
}

struct Shared {
    options: PoolOptions,
    epoch: Instant,
    /// Per worker: milliseconds from the epoch to the start of its job, plus one; 0 when idle.
    busy_since: Box<[AtomicU64]>,
    queue: Mutex<Queue>,
    changed: Condvar,
    ended: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }

    fn work(&self, number: usize) {
        while let Some((job, fate)) = self.next() {
            let started = Instant::now().duration_since(self.epoch).as_millis() as u64 + 1;
            self.busy_since[number].store(started, Ordering::Relaxed);
            let outcome = catch_unwind(AssertUnwindSafe(|| job(fate)));
            self.busy_since[number].store(0, Ordering::Relaxed);
            if outcome.is_err() {
                self.lock().panicked += 1;
            }
        }
        self.lock().running -= 1;
        self.ended.notify_all();
    }

    /// Waits for a job; `None` when the pool has stopped and none waits.
    fn next(&self) -> Option<(Job, Fate)> {
        let mut queue = self.lock();
        loop {
            if let Some(Waiting { job, since }) = queue.jobs.pop_front() {
                let fate = self.fate(&mut queue, since, Instant::now());
                return Some((job, fate));
            }
            if queue.stopping {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn fate(&self, queue: &mut Queue, since: Instant, now: Instant) -> Fate {
        let loaded = self.is_loaded(queue, now);
        if queue.jobs.is_empty() {
            queue.emptied = now;
        }
        let patience = if loaded { self.options.queue_timeout_loaded } else { self.options.queue_timeout };
        if queue.stopping || now.saturating_duration_since(since) > patience {
            queue.shed += 1;
            return Fate::Shed;
        }
        queue.note_start(now);
        Fate::Run
    }

    /// Whether the queue has not been empty for long.
    fn is_loaded(&self, queue: &Queue, now: Instant) -> bool {
        now.saturating_duration_since(queue.emptied) > self.options.queue_timeout
    }

    /// Whether what comes now would only wait to be shed: for those before it, or because nothing moves at all.
    fn is_behind(&self, queue: &Queue, now: Instant) -> bool {
        let patience = self.options.queue_timeout_loaded;
        let before = u32::try_from(queue.jobs.len()).unwrap_or(u32::MAX);
        let waits = queue.pace.saturating_mul(before).max(now.saturating_duration_since(queue.begun));
        before > 0 && waits > patience && self.is_loaded(queue, now)
    }

    fn busy_for(&self, since: &AtomicU64, now: Instant) -> Option<Duration> {
        let started = since.load(Ordering::Relaxed).checked_sub(1)?;
        Some(now.saturating_duration_since(self.epoch + Duration::from_millis(started)))
    }
}

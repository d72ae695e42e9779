//! The clocks of a load: the moment, and the processor time of the thread that asks.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Where a driver has its time from. Tests have one that only they move.
pub trait Clock {
    /// The monotonic clock.
    fn now(&self) -> Instant;

    /// Processor time that this thread has used.
    fn used(&self) -> Duration;
}

/// The clocks of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn used(&self) -> Duration {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
    }
}

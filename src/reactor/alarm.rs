//! A timer of the system's that ends a poll to the microsecond, where the poll itself counts in milliseconds. It reads no clock.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime};

/// Time-outs from here on are cut short by the poll's own grain, and the rest of them is kept precisely.
const NEAR: Duration = Duration::from_millis(4);
/// What the poll's time-outs are rounded up to.
const GRAIN: Duration = Duration::from_millis(1);
/// Below this a poll that returns at once is cheaper than setting the timer and being woken by it.
const SPIN: Duration = Duration::from_micros(20);

#[derive(Debug)]
pub(super) struct Alarm {
    timer: OwnedFd,
}

impl Alarm {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Alarm { timer })
    }

    /// Sets the timer where the sleep ends soon; returns the time-out for the poll, which is never too long.
    pub(super) fn set(&mut self, timeout: Option<Duration>) -> io::Result<Option<Duration>> {
        let Some(timeout) = timeout else { return Ok(None) };
        if timeout < SPIN {
            return Ok(Some(Duration::ZERO));
        }
        if timeout >= NEAR {
            return Ok(Some(timeout.saturating_sub(GRAIN)));
        }
        // Setting it anew makes the edge of the last time stale, so that nothing has to be read.
        let it_value = Timespec { tv_sec: 0, tv_nsec: i64::from(timeout.subsec_nanos()) };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
        Ok(Some(timeout + GRAIN))
    }
}

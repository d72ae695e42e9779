//! How long a peer may take: one deadline per connection, by where in a message it is.

use std::time::{Duration, Instant};

use crate::transport::Phase;

use super::limits::Limits;
use super::reason::Reason;
use super::strain::Strain;

/// What a connection is waited on for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// When the peer has not sent a byte since it connected.
    FirstByte,
    /// When a message is answered and the next one has not begun.
    Idle,
    /// When the head of a message has begun and is not whole.
    Head,
    /// When a head was read and its body is not whole.
    Body,
}

/// The deadline of a connection's input. Deadlines are total: a byte now and then does not move them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    wait: Wait,
    since: Instant,
    /// No limit is finer than a millisecond, or longer than a month; every idle connection has this in memory.
    time_ms: u32,
}

impl Watch {
    pub(super) fn first_byte(now: Instant, limits: &Limits) -> Self {
        Self { wait: Wait::FirstByte, since: now, time_ms: millis(limits.first_byte_timeout) }
    }

    /// Notes where the input stands. `received` bytes of a message are there; `fresh` says that one was finished since the
    /// last call, so that what stands there now has only begun.
    #[inline]
    pub(super) fn note(&mut self, phase: Phase, received: usize, fresh: bool, http: bool, now: Instant, limits: &Limits) {
        let (wait, time) = match phase {
            Phase::Idle if self.wait == Wait::FirstByte && !fresh => return,
            Phase::Idle => (Wait::Idle, if http { limits.http_idle_timeout } else { limits.idle_timeout }),
            Phase::Head => (Wait::Head, limits.header_timeout),
            Phase::Body(size) => (Wait::Body, limits.body_time(size.unwrap_or(received))),
        };
        if fresh || wait != self.wait {
            (self.wait, self.since) = (wait, now);
        }
        self.time_ms = millis(time);
    }

    /// Gives the peer its time anew: until now it was kept waiting.
    #[inline]
    pub(super) fn restart(&mut self, now: Instant) {
        self.since = now;
    }

    /// When the peer must have done what it is waited on for; where memory is short, silence is borne for less long.
    #[inline]
    pub(super) fn deadline(&self, strain: Strain) -> Instant {
        let time = Duration::from_millis(self.time_ms.into());
        match strain.idle_max {
            Some(most) if self.is_between_messages() => self.since + time.min(most),
            _ => self.since + time,
        }
    }

    /// Whether what was noted last is that a message was answered, and the next one had not begun.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.wait == Wait::Idle
    }

    /// Whether the peer is between messages: nothing of one has come that is not answered.
    pub(super) fn is_between_messages(&self) -> bool {
        matches!(self.wait, Wait::FirstByte | Wait::Idle)
    }

    /// Why the connection ends when the deadline passes.
    pub(super) fn reason(&self) -> Reason {
        match self.wait {
            Wait::FirstByte => Reason::FirstByteTimeout,
            Wait::Idle => Reason::IdleTimeout,
            Wait::Head => Reason::HeaderTimeout,
            Wait::Body => Reason::BodyTimeout,
        }
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

//! Reply bytes on their way out. Their layout is the app's; this is what the loop must know of it.

use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

use super::limits::Limits;
use super::memory::Budget;

/// A queue of bytes to send, perhaps in several pieces.
pub trait Outbox: Default {
    /// Whether nothing is unsent.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes unsent.
    fn len(&self) -> usize;

    /// Fills `into` with the first unsent pieces and says how many. At least one when there are bytes; none of them empty.
    fn slices<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize;

    /// The first `n` unsent bytes are sent.
    fn advance(&mut self, n: usize);

    /// Moves the unsent rest into a right-sized one of its own and leaves this one cleared.
    #[must_use]
    fn split_rest(&mut self) -> Self;

    /// Forgets all bytes; keeps the capacity unless it is huge.
    fn clear(&mut self);

    /// The unsent bytes are left over: has the budget count the values among them that others may hold, too
    /// ([`Budget::share`]). True where it took any over.
    fn share(&mut self, budget: &Arc<Budget>) -> bool {
        let _ = budget;
        false
    }

    /// Bytes of memory for what is unsent, without those that [`share`](Outbox::share) gave to the budget.
    fn own(&self) -> usize {
        self.len()
    }

    /// Its part of what several hold ([`Budget::part`]).
    fn part(&self, budget: &Budget) -> usize {
        let _ = budget;
        0
    }
}

/// What a connection could not send at once, and since when it waits.
#[derive(Debug)]
pub(super) struct Pending<O> {
    pub(super) outbox: O,
    /// When the first of it was left over.
    since: Instant,
    /// When the peer last took any of it.
    progressed: Instant,
    /// Bytes queued since `since`, sent ones too.
    queued: u64,
    /// INVARIANT: the outbox's length after the last look at it.
    known: usize,
}

impl<O: Outbox> Pending<O> {
    pub(super) fn new(outbox: O, now: Instant) -> Self {
        let known = outbox.len();
        Pending { outbox, since: now, progressed: now, queued: known as u64, known }
    }

    /// Counts what the app appended since the last look.
    pub(super) fn note_queued(&mut self) {
        let len = self.outbox.len();
        self.queued += (len - self.known) as u64;
        self.known = len;
    }

    /// Counts what was sent; `moved` where the peer took any of it, or of what the stream held back.
    pub(super) fn note_sent(&mut self, n: usize, moved: bool, now: Instant) {
        self.known -= n;
        if moved {
            self.progressed = now;
        }
    }

    /// When the peer has taken nothing for too long.
    pub(super) fn stalls_at(&self, limits: &Limits) -> Instant {
        self.progressed + limits.write_timeout
    }

    /// When the peer should have taken everything.
    pub(super) fn slow_at(&self, limits: &Limits) -> Instant {
        let by_rate = std::time::Duration::from_millis(self.queued.saturating_mul(1000) / limits.answer_rate.max(1));
        self.since + by_rate.max(limits.answer_timeout)
    }
}

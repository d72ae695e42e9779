//! When to look at a connection again: a hashed wheel with at most one entry per connection. It reads no clock and decides
//! nothing; whoever is fired looks at its real deadlines.
//!
//! Activity moves deadlines all the time and never touches the wheel: an entry that fires too early is put back at the real
//! deadline. Only a deadline *before* the entry moves it. Entries are linked through a side table by slab index, so that
//! scheduling and cancelling are a few stores, without an allocation and without anything left behind by closed connections.

use std::time::{Duration, Instant};

/// A tick is 2^24 ns, about 17 ms.
const TICK_BITS: u32 = 24;
/// A revolution is about 69 s; later entries stay in their slot and are passed over.
const SLOTS: usize = 4096;
const NONE: u32 = u32::MAX;

/// What a connection waits for. The earliest of them is in the wheel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Timer {
    /// When to give up a connection attempt.
    Connect,
    /// When to tell the app that its session's deadline passed.
    Session,
    /// When to give up a handshake.
    Handshake,
    /// When to give up a TLS record that was begun.
    Record,
    /// When to reset a peer that took nothing of its waiting reply.
    Stall,
    /// When to reset a peer that takes its reply too slowly.
    Answer,
    /// When to stop waiting for a finished peer to close.
    Linger,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    /// The tick it is due at, or [`NEVER`] when it is in no slot.
    due: u64,
    previous: u32,
    next: u32,
}

const NEVER: u64 = u64::MAX;
const UNLINKED: Link = Link { due: NEVER, previous: NONE, next: NONE };

/// The wheel of one reactor.
#[derive(Debug)]
pub(super) struct Wheel {
    epoch: Instant,
    /// The first tick that was not fired yet.
    next: u64,
    heads: Box<[u32]>,
    /// One bit per slot: whether it holds an entry.
    occupied: Box<[u64]>,
    links: Vec<Link>,
    /// INVARIANT: no entry is due before this tick, and it was not fired yet.
    earliest: u64,
    /// The same as a moment: every turn asks for it, and no turn in a thousand fires anything.
    opens_at: Option<Instant>,
}

impl Wheel {
    pub(super) fn new(epoch: Instant) -> Self {
        Wheel {
            epoch,
            next: 0,
            heads: vec![NONE; SLOTS].into(),
            occupied: vec![0; SLOTS / 64].into(),
            links: Vec::new(),
            earliest: NEVER,
            opens_at: None,
        }
    }

    /// Fires `index` at or shortly after `at`, never before the next tick; moves the entry that it may have.
    #[inline(never)] // activity only moves deadlines away
    pub(super) fn schedule(&mut self, index: usize, at: Instant) {
        self.cancel(index);
        if self.links.len() <= index {
            self.links.resize(index + 1, UNLINKED);
        }
        let due = self.tick_after(at).max(self.next);
        let slot = slot_of(due);
        let head = self.heads[slot];
        self.links[index] = Link { due, previous: NONE, next: head };
        if head != NONE {
            self.links[head as usize].previous = index as u32;
        }
        self.heads[slot] = index as u32;
        self.occupied[slot / 64] |= 1 << (slot % 64);
        if due < self.earliest {
            self.await_tick(due);
        }
    }

    /// Forgets the entry of `index`, if there is one.
    pub(super) fn cancel(&mut self, index: usize) {
        let Some(&Link { due, previous, next }) = self.links.get(index) else { return };
        if due == NEVER {
            return;
        }
        self.links[index] = UNLINKED;
        if next != NONE {
            self.links[next as usize].previous = previous;
        }
        if previous != NONE {
            self.links[previous as usize].next = next;
            return;
        }
        let slot = slot_of(due);
        self.heads[slot] = next;
        if next == NONE {
            self.occupied[slot / 64] &= !(1 << (slot % 64));
        }
    }

    /// When to call [`Wheel::advance`] next.
    #[inline]
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.opens_at
    }

    fn await_tick(&mut self, earliest: u64) {
        self.earliest = earliest;
        self.opens_at = (earliest != NEVER).then(|| self.epoch + Duration::from_nanos(earliest << TICK_BITS));
    }

    /// Removes the entries that are due and appends their indices to `fired`.
    #[inline]
    pub(super) fn advance(&mut self, now: Instant, fired: &mut Vec<usize>) {
        if self.opens_at.is_some_and(|at| at <= now) {
            self.fire(now, fired);
        }
    }

    #[inline(never)] // no turn in a thousand
    fn fire(&mut self, now: Instant, fired: &mut Vec<usize>) {
        let today = self.tick_before(now);
        let first = self.earliest.max(self.next).max((today + 1).saturating_sub(SLOTS as u64));
        for tick in first..=today {
            self.fire_slot(slot_of(tick), today, fired);
        }
        self.next = today + 1;
        self.await_tick(self.next_occupied());
    }

    fn fire_slot(&mut self, slot: usize, today: u64, fired: &mut Vec<usize>) {
        let mut at = self.heads[slot];
        while at != NONE {
            let link = self.links[at as usize];
            if link.due <= today {
                self.cancel(at as usize);
                fired.push(at as usize);
            }
            at = link.next;
        }
    }

    /// The first tick from `next` on whose slot holds anything; what is there may be for a later revolution.
    fn next_occupied(&self) -> u64 {
        let start = slot_of(self.next);
        let words = self.occupied.len();
        // The first word is looked at twice: from `start` on, and after a full revolution below it.
        for step in 0..=words {
            let word = (start / 64 + step) % words;
            let mask = match step {
                0 => u64::MAX << (start % 64),
                _ if step == words => !(u64::MAX << (start % 64)),
                _ => u64::MAX,
            };
            let bits = self.occupied[word] & mask;
            if bits != 0 {
                let slot = word * 64 + bits.trailing_zeros() as usize;
                return self.next + ((slot + SLOTS - start) % SLOTS) as u64;
            }
        }
        NEVER
    }

    fn tick_before(&self, at: Instant) -> u64 {
        nanos(at.saturating_duration_since(self.epoch)) >> TICK_BITS
    }

    fn tick_after(&self, at: Instant) -> u64 {
        nanos(at.saturating_duration_since(self.epoch)).div_ceil(1 << TICK_BITS)
    }
}

fn slot_of(tick: u64) -> usize {
    (tick % SLOTS as u64) as usize
}

/// Nanoseconds in 64 bits: 584 years of uptime.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(wheel: &mut Wheel, now: Instant) -> Vec<usize> {
        let mut fired = Vec::new();
        wheel.advance(now, &mut fired);
        fired.sort_unstable();
        fired
    }

    #[test]
    fn fires_after_the_deadline_and_never_before() {
        let epoch = Instant::now();
        let mut wheel = Wheel::new(epoch);
        for index in 0..1000 {
            wheel.schedule(index, epoch + Duration::from_millis(index as u64 * 331));
        }
        let mut seen = 0;
        let mut now = epoch;
        while let Some(deadline) = wheel.deadline() {
            now = now.max(deadline);
            for index in fired(&mut wheel, now) {
                let late = now.duration_since(epoch).checked_sub(Duration::from_millis(index as u64 * 331));
                assert!(late.is_some_and(|late| late < Duration::from_millis(35)), "entry {index} at {late:?}");
                seen += 1;
            }
        }
        assert_eq!(seen, 1000);
    }

    #[test]
    fn cancelled_and_moved_entries_leave_nothing_behind() {
        let epoch = Instant::now();
        let mut wheel = Wheel::new(epoch);
        for round in 0..100_u64 {
            for index in 0..50 {
                wheel.schedule(index, epoch + Duration::from_secs(300 - round));
            }
        }
        for index in 0..49 {
            wheel.cancel(index);
        }
        assert_eq!(fired(&mut wheel, epoch + Duration::from_secs(400)), [49]);
        assert_eq!(wheel.deadline(), None);
        assert!(wheel.occupied.iter().all(|word| *word == 0));
    }

    #[test]
    fn a_sleep_of_weeks_fires_everything_once() {
        let epoch = Instant::now();
        let mut wheel = Wheel::new(epoch);
        for index in 0..5000 {
            wheel.schedule(index, epoch + Duration::from_millis(index as u64));
        }
        let later = epoch + Duration::from_millis(1 << 32);
        assert_eq!(fired(&mut wheel, later).len(), 5000);
        wheel.schedule(7, epoch);
        assert!(wheel.deadline().is_some_and(|deadline| deadline > later), "a deadline in the past waits for the next tick");
    }
}

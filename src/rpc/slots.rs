//! Replies leave in the order of their requests, whatever order the handlers finish in.

use std::collections::VecDeque;
use std::time::Instant;

use crate::transport::header::InfoHeaders;
use crate::transport::{Exchange, Limits};
use crate::wire::{Codec, Output};

use super::ticket::Completed;

/// The calls of one connection that are not answered yet, and the answers that wait for an earlier one.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// INVARIANT: `None` when nothing waits: most connections never have any of this, and an idle one owns no memory.
    queue: Option<Box<Queue>>,
    /// The number that the next request gets. INVARIANT: no number is given out twice, so that an answer that comes late, or
    /// to a request that nobody waits for, never fills the slot of another one.
    next: u64,
}

#[derive(Debug, Default)]
struct Queue {
    /// INVARIANT: ordered by `number`.
    slots: VecDeque<Slot>,
    /// Bytes of the answers that are ready.
    ready_bytes: usize,
}

#[derive(Debug)]
struct Slot {
    number: u64,
    exchange: Exchange,
    answer: Answer,
}

#[derive(Debug)]
enum Answer {
    Ready(Output, Option<Box<InfoHeaders>>),
    Waiting(Box<Waiting>),
}

/// A call that a handler still works on: enough to answer in its place when its time is up.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) deadline: Instant,
    pub(super) codec: Codec,
    pub(super) method: Box<str>,
    pub(super) seqid: i32,
    /// Nothing that came behind it is begun before it is answered.
    pub(super) alone: bool,
}

impl Queue {
    /// Whether the newest call wants to be alone.
    fn ends_alone(&self) -> bool {
        matches!(self.slots.back(), Some(Slot { answer: Answer::Waiting(waiting), .. }) if waiting.alone)
    }
}

impl Slots {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_none()
    }

    /// Bytes of the answers that wait for an earlier one.
    #[inline]
    pub(super) fn ready_bytes(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.ready_bytes)
    }

    /// Whether so many calls are under way, or so many bytes wait behind them, that no further one is to be read; or one that wants
    /// to be alone.
    #[inline]
    pub(super) fn is_full(&self, limits: &super::limits::Limits) -> bool {
        let is_over = |queue: &Queue| {
            queue.slots.len() >= limits.inflight_max || queue.ready_bytes >= limits.output_soft || queue.ends_alone()
        };
        self.queue.as_deref().is_some_and(is_over)
    }

    /// A number for a request, under which its answer comes back if it comes later.
    #[inline]
    pub(super) fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// Keeps a place for the answer to the request of that number, the newest.
    pub(super) fn wait(&mut self, number: u64, exchange: Exchange, waiting: Waiting) {
        let queue = self.queue.get_or_insert_default();
        queue.slots.push_back(Slot { number, exchange, answer: Answer::Waiting(Box::new(waiting)) });
    }

    /// Keeps an answer behind those that are still to come.
    pub(super) fn ready(&mut self, exchange: Exchange, message: Output, headers: Option<Box<InfoHeaders>>) {
        let number = self.number();
        let queue = self.queue.get_or_insert_default();
        queue.ready_bytes += message.len();
        queue.slots.push_back(Slot { number, exchange, answer: Answer::Ready(message, headers) });
    }

    /// Fills the slot that an answer is for; says whether anyone still waited for it.
    pub(super) fn fill(&mut self, completed: Completed) -> bool {
        let Some(queue) = &mut self.queue else { return false };
        let index = queue.slots.binary_search_by_key(&completed.slot, |slot| slot.number);
        match index.ok().and_then(|index| queue.slots.get_mut(index)) {
            Some(Slot { answer: answer @ Answer::Waiting(_), exchange, .. }) => {
                queue.ready_bytes += completed.message.len();
                *answer = Answer::Ready(completed.message, completed.headers);
                if completed.overloaded {
                    *exchange = exchange.overloaded();
                }
                true
            }
            _ => false,
        }
    }

    /// Moves the answers at the front into `out`, as far as they are there.
    pub(super) fn release(&mut self, out: &mut Output, limits: &Limits) {
        let Some(queue) = &mut self.queue else { return };
        while let Some(Slot { exchange, answer: Answer::Ready(mut message, headers), .. }) =
            queue.slots.pop_front_if(|slot| matches!(slot.answer, Answer::Ready(..)))
        {
            queue.ready_bytes -= message.len();
            let envelope = exchange.begin(out);
            out.append(&mut message);
            envelope.end(out, limits, headers.as_deref());
        }
        if queue.slots.is_empty() {
            self.queue = None;
        }
    }

    /// The earliest time at which a call is overdue.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting().map(|(_, waiting)| waiting.deadline).min()
    }

    /// The calls that are overdue, by number. Their slots keep waiting until they are filled.
    pub(super) fn overdue(&self, now: Instant) -> Vec<(u64, &Waiting)> {
        self.waiting().filter(|(_, waiting)| waiting.deadline <= now).collect()
    }

    fn waiting(&self) -> impl Iterator<Item = (u64, &Waiting)> {
        let slots = self.queue.iter().flat_map(|queue| &queue.slots);
        slots.filter_map(|slot| match &slot.answer {
            Answer::Waiting(waiting) => Some((slot.number, &**waiting)),
            Answer::Ready(..) => None,
        })
    }
}

//! Replies leave in the order of their requests, whatever order the handlers finish in.

use std::collections::VecDeque;
use std::time::Instant;

use crate::transport::header::ReplyHeaders;
use crate::transport::{Exchange, Limits};
use crate::wire::{Codec, Output};

use super::ticket::Completed;

/// The calls of one connection that are not answered yet, and the answers that wait for an earlier one. Empty, it owns no
/// memory.
#[derive(Debug, Default)]
pub(super) struct Slots {
    queue: VecDeque<Slot>,
    /// The number of the slot at the front.
    first: u64,
}

#[derive(Debug)]
struct Slot {
    exchange: Exchange,
    answer: Answer,
}

#[derive(Debug)]
enum Answer {
    Ready(Output, Option<Box<ReplyHeaders>>),
    Waiting(Box<Waiting>),
}

/// A call that a handler still works on: enough to answer in its place when its time is up.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) deadline: Instant,
    pub(super) codec: Codec,
    pub(super) method: Box<str>,
    pub(super) seqid: i32,
}

impl Slots {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The number that the next slot will have.
    pub(super) fn next(&self) -> u64 {
        self.first + self.queue.len() as u64
    }

    /// Keeps a place for an answer that comes later.
    pub(super) fn wait(&mut self, exchange: Exchange, waiting: Waiting) {
        self.queue.push_back(Slot { exchange, answer: Answer::Waiting(Box::new(waiting)) });
    }

    /// Keeps an answer behind those that are still to come.
    pub(super) fn ready(&mut self, exchange: Exchange, message: Output, headers: Option<Box<ReplyHeaders>>) {
        self.queue.push_back(Slot { exchange, answer: Answer::Ready(message, headers) });
    }

    /// Fills the slot that an answer is for; says whether anyone still waited for it.
    pub(super) fn fill(&mut self, completed: Completed) -> bool {
        let index = completed.slot.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.queue.get_mut(index)) {
            Some(Slot { answer: answer @ Answer::Waiting(_), exchange }) => {
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
        while let Some(Slot { answer: Answer::Ready(..), .. }) = self.queue.front() {
            let Some(Slot { exchange, answer: Answer::Ready(mut message, headers) }) = self.queue.pop_front() else { return };
            self.first += 1;
            let envelope = exchange.begin(out);
            out.append(&mut message);
            envelope.end(out, limits, headers.as_deref());
        }
    }

    /// The earliest time at which a call is overdue.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.queue.iter().filter_map(Slot::waiting).map(|waiting| waiting.deadline).min()
    }

    /// The calls that are overdue, by number. Their slots keep waiting until they are filled.
    pub(super) fn overdue(&self, now: Instant) -> Vec<(u64, &Waiting)> {
        let waiting = self.queue.iter().zip(self.first..).filter_map(|(slot, number)| Some((number, slot.waiting()?)));
        waiting.filter(|(_, waiting)| waiting.deadline <= now).collect()
    }
}

impl Slot {
    fn waiting(&self) -> Option<&Waiting> {
        match &self.answer {
            Answer::Waiting(waiting) => Some(waiting),
            Answer::Ready(..) => None,
        }
    }
}

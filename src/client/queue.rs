//! A bounded number of things that threads share, first come, first served. It knows nothing of connections.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::deadline::Deadline;

/// Things that wait for use, and threads that wait for things.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    max: usize,
    idle_timeout: Duration,
}

#[derive(Debug)]
struct State<T> {
    /// INVARIANT: the one that was used last is at the back. Empty while a thread waits.
    idle: VecDeque<(T, Instant)>,
    /// INVARIANT: all that exist or may be made, idle ones included; at most `max`.
    count: usize,
    waiting: VecDeque<(u64, Arc<Condvar>)>,
    granted: Vec<(u64, Grant<T>)>,
    next: u64,
}

/// What a thread gets.
#[derive(Debug)]
pub(super) enum Grant<T> {
    /// One that was used before.
    Used(T),
    /// The right to make one.
    New,
}

impl<T> Queue<T> {
    pub(super) fn new(max: usize, idle_timeout: Duration) -> Self {
        let state = State { idle: VecDeque::new(), count: 0, waiting: VecDeque::new(), granted: Vec::new(), next: 0 };
        Self { state: Mutex::new(state), max: max.max(1), idle_timeout }
    }

    /// Waits for its turn; `None` when the time is up.
    pub(super) fn take(&self, deadline: Deadline) -> Option<Grant<T>> {
        let mut state = self.lock();
        // Dropped behind the lock, for closing may take a while.
        let expired;
        if state.waiting.is_empty() {
            expired = state.expire(self.idle_timeout);
            if let Some(grant) = state.grant(self.max) {
                drop(state);
                drop(expired);
                return Some(grant);
            }
        }
        let (id, ready) = (state.next, Arc::new(Condvar::new()));
        state.next += 1;
        state.waiting.push_back((id, Arc::clone(&ready)));
        loop {
            if let Some(at) = state.granted.iter().position(|(to, _)| *to == id) {
                return Some(state.granted.swap_remove(at).1);
            }
            let left = deadline.left();
            if left.is_zero() {
                state.waiting.retain(|(waiting, _)| *waiting != id);
                return None;
            }
            state = ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Puts one back, for the thread that has waited longest.
    pub(super) fn give(&self, thing: T) {
        let mut state = self.lock();
        if let Some(to) = state.waiting.pop_front() {
            return state.hand_over(to, Grant::Used(thing));
        }
        let expired = state.expire(self.idle_timeout);
        state.idle.push_back((thing, Instant::now()));
        drop(state);
        drop(expired);
    }

    /// One is gone: another may be made.
    pub(super) fn lose(&self) {
        let mut state = self.lock();
        match state.waiting.pop_front() {
            Some(to) => state.hand_over(to, Grant::New),
            None => state.count -= 1,
        }
    }

    /// How many there are, and how many of them are idle.
    pub(super) fn counts(&self) -> (usize, usize) {
        let state = self.lock();
        (state.count, state.idle.len())
    }

    /// How many threads wait.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// The one that was used last is the likeliest to be good still.
    fn grant(&mut self, max: usize) -> Option<Grant<T>> {
        if let Some((thing, _)) = self.idle.pop_back() {
            return Some(Grant::Used(thing));
        }
        if self.count < max {
            self.count += 1;
            return Some(Grant::New);
        }
        None
    }

    fn hand_over(&mut self, (id, ready): (u64, Arc<Condvar>), grant: Grant<T>) {
        self.granted.push((id, grant));
        ready.notify_one();
    }

    /// Takes out those that were idle for too long.
    fn expire(&mut self, idle_timeout: Duration) -> Vec<(T, Instant)> {
        let expired = self.idle.iter().take_while(|(_, since)| since.elapsed() >= idle_timeout).count();
        self.count -= expired;
        self.idle.drain(..expired).collect()
    }
}

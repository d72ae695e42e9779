//! What the connections of all shards together may hold in memory: parts of messages that came, answers that wait.
//!
//! A connection without either costs no shard anything here; each posts to the others only once it has gained or lost much.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a shard gains or loses before the others are told.
const POST_EVERY: usize = 256 * 1024;

/// How much all shards may hold, and how much they do.
#[derive(Debug)]
pub struct Budget {
    max: usize,
    held: AtomicUsize,
}

impl Budget {
    /// For as many bytes.
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, held: AtomicUsize::new(0) })
    }
}

/// One shard's part in it.
#[derive(Debug)]
pub(super) struct Account {
    budget: Arc<Budget>,
    held: usize,
    /// What the budget knows of `held`.
    posted: usize,
}

impl Account {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        Self { budget, held: 0, posted: 0 }
    }

    /// A connection held `before` and holds `after`. True when that is more than there may be.
    #[inline]
    pub(super) fn change(&mut self, before: usize, after: usize) -> bool {
        before != after && self.count(before, after)
    }

    #[inline(never)] // most calls leave nothing behind
    fn count(&mut self, before: usize, after: usize) -> bool {
        self.held = (self.held + after).saturating_sub(before);
        if self.held.abs_diff(self.posted) >= POST_EVERY {
            // Wraps around where it is less, which is what adding in two's complement is.
            self.budget.held.fetch_add(self.held.wrapping_sub(self.posted), Ordering::Relaxed);
            self.posted = self.held;
        }
        after > before && self.is_over()
    }

    /// Whether all shards together hold more than they may.
    pub(super) fn is_over(&self) -> bool {
        self.held > 0 && self.budget.held.load(Ordering::Relaxed) > self.budget.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_one_budget() {
        let budget = Budget::new(3 * POST_EVERY);
        let [mut one, mut other] = [(); 2].map(|()| Account::new(Arc::clone(&budget)));
        assert!(!one.change(0, 2 * POST_EVERY));
        assert!(!other.change(0, POST_EVERY));
        assert!(!other.change(POST_EVERY, POST_EVERY + 1), "too little to be told");
        assert!(other.change(POST_EVERY + 1, 2 * POST_EVERY));
        assert!(!other.change(2 * POST_EVERY, 2 * POST_EVERY - 1), "nobody is to blame for giving back");
        assert!(one.is_over() && other.is_over());
        assert!(!one.change(2 * POST_EVERY, 0));
        assert!(!one.is_over() && !other.is_over());
        assert_eq!(budget.held.load(Ordering::Relaxed), 2 * POST_EVERY);
    }
}

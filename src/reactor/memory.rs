//! What the connections of all shards together may hold in memory: parts of messages that came, calls that wait for a worker,
//! answers that wait to leave. It says how short memory is; what is done about it is decided where it can be.
//!
//! A connection without any of these costs no shard anything here; each posts to the others only once it has gained or lost
//! much.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::shared::Values;

/// What a shard gains or loses before the others are told, where the budget is large.
const POST_EVERY_MAX: usize = 256 * 1024;
/// A message that holds or asks for so much is a big one, where the budget is large.
const BIG_MAX: usize = 64 * 1024;
/// Big messages in a budget.
const BIGS: usize = 128;
/// Such steps in a budget: what the shards keep to themselves must not hide a stage.
const POSTS: usize = 64;
const LOG_EVERY: Duration = Duration::from_secs(1);

/// How short memory is. Each stage does what those below it do, too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Stage {
    /// There is enough.
    Free,
    /// 80 % are held: connections that are silent are closed early.
    Impatient,
    /// 90 %: big messages are not read any further.
    Reluctant,
    /// 95 %: calls are answered without being carried out, and nobody new is let in.
    Shedding,
    /// All of it: whoever holds the most is reset.
    Full,
}

impl Stage {
    /// Those in which something is done, from the mildest.
    pub const ACTIVE: [Stage; 4] = [Stage::Impatient, Stage::Reluctant, Stage::Shedding, Stage::Full];

    /// The share of the budget at which it begins, in percent.
    pub fn percent(self) -> usize {
        match self {
            Stage::Free => 0,
            Stage::Impatient => 80,
            Stage::Reluctant => 90,
            Stage::Shedding => 95,
            Stage::Full => 100,
        }
    }

    fn deeds(self) -> &'static str {
        match self {
            Stage::Free => "enough is free again",
            Stage::Impatient => "silent connections are closed early",
            Stage::Reluctant => "big messages are not read any further",
            Stage::Shedding => "calls are shed, and no connections accepted",
            Stage::Full => "the connections that hold the most are reset",
        }
    }
}

/// How much all shards may hold, and how much they do.
#[derive(Debug)]
pub struct Budget {
    max: usize,
    /// The most that may be held below each of [`Stage::ACTIVE`].
    bounds: [usize; Stage::ACTIVE.len()],
    held: AtomicUsize,
    /// How often each of [`Stage::ACTIVE`] was entered from below.
    entered: [AtomicU64; Stage::ACTIVE.len()],
    /// Taken when the stage changes, and never otherwise.
    last: Mutex<Last>,
    /// What is held by several, and counts once.
    pub(super) values: Values,
}

/// The stage that was entered last, and when each of them was last logged.
#[derive(Debug)]
struct Last {
    stage: Stage,
    logged: [Option<Instant>; Stage::ACTIVE.len() + 1],
}

impl Budget {
    /// For as many bytes.
    pub fn new(max: usize) -> Arc<Self> {
        let last = Mutex::new(Last { stage: Stage::Free, logged: Default::default() });
        let bounds = Stage::ACTIVE.map(|stage| (max as u128 * stage.percent() as u128 / 100) as usize);
        Arc::new(Self { max, bounds, held: AtomicUsize::new(0), entered: Default::default(), last, values: Values::default() })
    }

    /// Bytes held, as far as the shards have told.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How short memory is.
    #[inline]
    pub fn stage(&self) -> Stage {
        self.stage_at(self.held())
    }

    /// How often that stage was entered from a milder one.
    pub fn entered(&self, stage: Stage) -> u64 {
        Stage::ACTIVE.iter().position(|active| *active == stage).map_or(0, |at| self.entered[at].load(Ordering::Relaxed))
    }

    /// Counts bytes that belong to no connection, for as long as what is returned lives.
    pub fn hold(self: &Arc<Self>, bytes: usize) -> Holding {
        self.add(bytes);
        Holding { budget: Arc::clone(self), bytes }
    }

    #[inline]
    fn stage_at(&self, held: usize) -> Stage {
        let passed = self.bounds.iter().take_while(|bound| held > **bound).count();
        passed.checked_sub(1).map_or(Stage::Free, |last| Stage::ACTIVE[last])
    }

    fn post_every(&self) -> usize {
        (self.max / POSTS).clamp(1, POST_EVERY_MAX)
    }

    /// Adds to what is held; less than nothing wraps around, which is what adding in two's complement is.
    pub(super) fn add(&self, change: usize) {
        let before = self.held.fetch_add(change, Ordering::Relaxed);
        let held = before.wrapping_add(change);
        let stage = self.stage_at(held);
        if stage != self.stage_at(before) {
            self.enter(stage, held);
        }
    }

    #[cold]
    fn enter(&self, stage: Stage, held: usize) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.stage;
        for (at, active) in Stage::ACTIVE.iter().enumerate() {
            if before < *active && *active <= stage {
                self.entered[at].fetch_add(1, Ordering::Relaxed);
            }
        }
        last.stage = stage;
        // On the way down only the end of it is news.
        let (now, logged) = (Instant::now(), &mut last.logged[stage as usize]);
        if (stage < before && stage != Stage::Free) || logged.is_some_and(|at| now.duration_since(at) < LOG_EVERY) {
            return;
        }
        *logged = Some(now);
        let (max, percent, deeds) = (self.max, stage.percent(), stage.deeds());
        if stage == Stage::Free {
            tracing::info!(held, max, "memory: {deeds}");
        } else {
            tracing::warn!(held, max, "memory: past {percent} % of `memory_max`: {deeds}");
        }
    }
}

/// Bytes that are counted until it is dropped.
#[derive(Debug)]
pub struct Holding {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.budget.add(self.bytes.wrapping_neg());
    }
}

/// One shard's part in it.
#[derive(Debug)]
pub(super) struct Account {
    budget: Arc<Budget>,
    held: usize,
    /// What the budget knows of `held`.
    posted: usize,
    post_every: usize,
    /// What a connection holds or asks for from which on it is not read while memory is short.
    big: usize,
    /// How short memory was at the last look.
    stage: Stage,
    changed: bool,
    /// Values that count once were taken in since the last look at a connection.
    shared: bool,
}

impl Account {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        let (post_every, big) = (budget.post_every(), (budget.max / BIGS).clamp(1, BIG_MAX));
        Self { budget, held: 0, posted: 0, post_every, big, stage: Stage::Free, changed: false, shared: false }
    }

    /// What it is a part of.
    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// The connection that had its turn took in a value that counts once for all who hold it.
    pub(super) fn note_shared(&mut self) {
        self.shared = true;
    }

    /// A connection held `before` and holds `after`. True when that is more than there may be.
    #[inline]
    pub(super) fn change(&mut self, before: usize, after: usize) -> bool {
        before != after && self.count(before, after)
    }

    #[inline(never)] // most calls leave nothing behind
    fn count(&mut self, before: usize, after: usize) -> bool {
        self.held = (self.held + after).saturating_sub(before);
        // Whoever holds nothing any more will perhaps not be heard of for long.
        if self.held.abs_diff(self.posted) >= self.post_every || self.held == 0 {
            self.post();
        }
        let more = std::mem::take(&mut self.shared) || after > before;
        more && self.is_past(Stage::Full)
    }

    /// Tells the others, and looks how short memory is for all of them.
    pub(super) fn post(&mut self) {
        if self.held != self.posted {
            self.budget.add(self.held.wrapping_sub(self.posted));
            self.posted = self.held;
        }
        self.look();
    }

    /// How short memory is now.
    #[inline]
    pub(super) fn look(&mut self) {
        let stage = self.budget.stage();
        self.changed |= stage != self.stage;
        self.stage = stage;
    }

    /// Whether any look since the last [`settled`](Self::settled) found another stage, though it may have passed by now:
    /// connections may rest because of it.
    #[inline]
    pub(super) fn changed(&self) -> bool {
        self.changed
    }

    /// All connections have looked at what there is now.
    pub(super) fn settled(&mut self) {
        self.changed = false;
    }

    /// How short it was at the last look.
    #[inline]
    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    /// What a connection holds or asks for from which on it is not read while memory is short.
    #[inline]
    pub(super) fn big(&self) -> usize {
        self.big
    }

    /// Bytes that could be read before big messages are read no further.
    #[inline]
    pub(super) fn room(&self) -> usize {
        self.budget.bounds[1].saturating_sub(self.budget.held())
    }

    /// Whether it is as short as that, and connections of this shard hold any of it.
    pub(super) fn is_past(&self, stage: Stage) -> bool {
        self.held > 0 && self.budget.stage() >= stage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_one_budget() {
        let budget = Budget::new(64 * 1024);
        let [mut one, mut other] = [(); 2].map(|()| Account::new(Arc::clone(&budget)));
        assert!(!one.change(0, 40_000));
        assert!(!other.change(0, 20_000));
        assert!(!other.change(20_000, 20_001), "too little to be told");
        assert!(other.change(20_001, 30_000));
        assert!(!other.change(30_000, 29_000), "nobody is to blame for giving back");
        assert!(one.is_past(Stage::Full) && other.is_past(Stage::Full));
        assert!(!one.change(40_000, 0));
        assert!(!one.is_past(Stage::Full) && !other.is_past(Stage::Full));
        other.post();
        assert_eq!(budget.held(), 29_000);
    }

    #[test]
    fn stages_begin_where_they_should_and_are_counted_from_below() {
        let budget = Budget::new(1000);
        let mut holdings = Vec::new();
        for (more, stage) in [
            (800, Stage::Free),
            (1, Stage::Impatient),
            (99, Stage::Impatient),
            (1, Stage::Reluctant),
            (50, Stage::Shedding),
            (49, Stage::Shedding),
            (1, Stage::Full),
        ] {
            holdings.push(budget.hold(more));
            assert_eq!(budget.stage(), stage, "{}", budget.held());
        }
        holdings.pop();
        assert_eq!(budget.stage(), Stage::Shedding);
        holdings.push(budget.hold(1));
        assert_eq!(Stage::ACTIVE.map(|stage| budget.entered(stage)), [1, 1, 1, 2]);
        holdings.clear();
        assert_eq!((budget.held(), budget.stage()), (0, Stage::Free));
        // From nothing to all at once every stage on the way was entered.
        let _all = budget.hold(5000);
        assert_eq!(Stage::ACTIVE.map(|stage| budget.entered(stage)), [2, 2, 2, 3]);
    }

    #[test]
    fn a_budget_without_an_end_never_runs_short() {
        let budget = Budget::new(usize::MAX);
        let _much = budget.hold(1 << 60);
        assert_eq!(budget.stage(), Stage::Free);
    }
}

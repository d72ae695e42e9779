//! Values that the answers of several connections have in common: each counts once, however many are to get it. It copies none,
//! and knows nothing of who holds them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::memory::Budget;

/// Where a value ends in memory, and how large it is. What is sent of it is cut off at its front, so its end stays. As long as
/// anybody holds it, nothing else can be there.
type Place = (usize, usize);

/// Who holds what. Looked at only for large values that are left over at the end of a turn, and for as short as a look takes.
#[derive(Debug, Default)]
pub(super) struct Values(Mutex<HashMap<Place, usize>>);

impl Values {
    /// Another one holds it. True for the first.
    fn enter(&self, place: Place) -> bool {
        let mut values = self.lock();
        let holders = values.entry(place).or_default();
        *holders += 1;
        *holders == 1
    }

    /// One less holds it. True for the last.
    fn leave(&self, place: Place) -> bool {
        let mut values = self.lock();
        let Entry::Occupied(mut holders) = values.entry(place) else { return false };
        *holders.get_mut() -= 1;
        let last = *holders.get() == 0;
        if last {
            holders.remove();
        }
        last
    }

    fn holders(&self, place: Place) -> usize {
        self.lock().get(&place).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Budget {
    /// Values from this size on are worth a look at who else holds them: below it, thousands of connections hold little.
    pub const SHARE_MIN: usize = 64 * 1024;

    /// What is left to send of a value of `size` bytes, to be held from now on instead of `rest`, so that the value counts once
    /// for all who hold it. `None` where nobody else can hold it: then it is the connection's own.
    pub fn share(self: &Arc<Self>, rest: &Bytes, size: usize) -> Option<Bytes> {
        if rest.is_unique() {
            return None;
        }
        let place = place(rest, size);
        if self.values.enter(place) {
            self.add(size);
        }
        Some(Bytes::from_owner(Held { value: rest.clone(), place, budget: Arc::clone(self) }))
    }

    /// One holder's part of a value that [`share`](Self::share) gave out: its size, divided by as many as they are.
    pub fn part(&self, rest: &Bytes, size: usize) -> usize {
        size / self.values.holders(place(rest, size)).max(1)
    }
}

fn place(rest: &Bytes, size: usize) -> Place {
    (rest.as_ptr_range().end.addr(), size)
}

/// One connection's hold on a value.
struct Held {
    value: Bytes,
    place: Place,
    budget: Arc<Budget>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.value
    }
}

/// Before the value itself is dropped: what comes to stand in its place is another one.
impl Drop for Held {
    fn drop(&mut self) {
        if self.budget.values.leave(self.place) {
            self.budget.add(self.place.1.wrapping_neg());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 100_000;

    #[test]
    fn a_value_counts_once_and_until_the_last_has_it() {
        let budget = Budget::new(1 << 30);
        let (value, other) = (Bytes::from(vec![1; SIZE]), Bytes::from(vec![1; SIZE]));
        let mut holders: Vec<_> =
            (0..300).map(|sent| budget.share(&value.slice(sent..), SIZE).expect("the test has it, too")).collect();
        assert_eq!(budget.held(), SIZE);
        assert_eq!(budget.part(&holders[7], SIZE), SIZE / 300);
        let another = budget.share(&other.clone(), SIZE);
        assert_eq!(budget.held(), 2 * SIZE);
        assert!(holders.iter().enumerate().all(|(sent, rest)| *rest == value[sent..]));
        holders.truncate(1);
        drop((value, another));
        assert_eq!((budget.held(), budget.part(&holders[0], SIZE)), (SIZE, SIZE));
        holders.clear();
        assert_eq!((budget.held(), budget.values.lock().len()), (0, 0));
    }

    #[test]
    fn what_nobody_else_holds_is_not_shared() {
        let budget = Budget::new(1 << 30);
        let value = Bytes::from(vec![1; SIZE]);
        assert!(budget.share(&value, SIZE).is_none());
        drop(value.clone());
        assert!(budget.share(&value, SIZE).is_none(), "a clone that is gone again");
        let other = value.clone();
        assert!(budget.share(&value, SIZE).is_some());
        drop(other);
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn parts_of_one_value_count_for_themselves() {
        let budget = Budget::new(1 << 30);
        let whole = Bytes::from(vec![1; 2 * SIZE]);
        let halves = [whole.slice(..SIZE), whole.slice(SIZE..)];
        let _held = halves.map(|half| budget.share(&half, SIZE).expect("the whole has it, too"));
        assert_eq!(budget.held(), 2 * SIZE);
    }
}

//! Values by key, bounded by bytes: what is used least leaves first. It knows no Thrift.

use std::fmt;
use std::thread;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// What an entry takes beside its key and value: its place in the tables.
const ENTRY_BYTES: u64 = 96;
/// A part of the store holds at least this much, so that the largest message fits in one.
const PART_BYTES: u64 = 64 * 1024 * 1024;

/// A bounded map that any thread may use.
pub struct Store<V> {
    entries: Cache<Box<str>, Entry<V>, BySize>,
    part_bytes: u64,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    weight: u64,
}

#[derive(Clone, Copy)]
struct BySize;

impl<V> Weighter<Box<str>, Entry<V>> for BySize {
    fn weight(&self, _: &Box<str>, entry: &Entry<V>) -> u64 {
        entry.weight
    }
}

impl<V: Clone> Store<V> {
    /// An empty store of at most `bytes`.
    ///
    /// # Panics
    /// Never: all options are given.
    pub fn new(bytes: u64) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
        // As a power of two, because that is what the cache would round up to.
        let parts = 1 << (bytes / PART_BYTES).clamp(1, 4 * threads).ilog2();
        let options = OptionsBuilder::new()
            .shards(parts as usize)
            .estimated_items_capacity((bytes / 1024).clamp(16, 1 << 20) as usize)
            .weight_capacity(bytes)
            .build()
            .expect("both capacities are given");
        let hash = DefaultHashBuilder::default();
        Self { entries: Cache::with_options(options, BySize, hash, DefaultLifecycle::default()), part_bytes: bytes / parts }
    }

    /// Keeps a value of `size` bytes. False where it is too large to be kept at all; what was there is gone all the same.
    pub fn put(&self, key: &str, value: V, size: usize) -> bool {
        let weight = (key.len() + size) as u64 + ENTRY_BYTES;
        if weight > self.part_bytes {
            self.entries.remove(key);
            return false;
        }
        self.entries.insert(key.into(), Entry { value, weight });
        true
    }

    /// The value, if it is there.
    pub fn get(&self, key: &str) -> Option<V> {
        self.entries.get(key).map(|entry| entry.value)
    }

    /// Forgets a value; says whether there was one.
    pub fn remove(&self, key: &str) -> bool {
        self.entries.remove(key).is_some()
    }
}

impl<V> fmt::Debug for Store<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("part_bytes", &self.part_bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_replaced_and_removed() {
        let store = Store::new(1 << 20);
        assert!(store.put("a", 1, 4) && store.put("a", 2, 4));
        assert_eq!(store.get("a"), Some(2));
        assert!(store.remove("a") && !store.remove("a"));
        assert_eq!(store.get("a"), None);
    }

    #[test]
    fn the_bytes_are_bounded_and_the_oldest_leave() {
        let store = Store::new(100 * 1024);
        for number in 0..1000 {
            assert!(store.put(&number.to_string(), number, 1024));
        }
        let kept = (0..1000).filter(|number| store.get(&number.to_string()).is_some()).count();
        assert!((50..=100).contains(&kept), "{kept} kept");
    }

    #[test]
    fn what_is_too_large_is_refused_and_drops_the_old_value() {
        let store = Store::new(10 * 1024);
        assert!(store.put("a", 1, 1024));
        assert!(!store.put("a", 2, 10 * 1024));
        assert_eq!(store.get("a"), None);
    }
}

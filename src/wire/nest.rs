//! A stack with one entry for each struct or container that is open. It takes memory only past a depth that few messages
//! reach.

/// Entries that are kept in place.
const NEAR: usize = 16;

/// What is kept of the values around the one that is read or written.
#[derive(Debug)]
pub(super) struct Nest<T> {
    near: [T; NEAR],
    far: Vec<T>,
    /// INVARIANT: `far` is empty until this reaches `NEAR`.
    len: usize,
}

impl<T: Copy + Default> Nest<T> {
    #[inline]
    pub(super) fn new() -> Self {
        Self { near: [T::default(); NEAR], far: Vec::new(), len: 0 }
    }

    #[inline]
    pub(super) fn push(&mut self, entry: T) {
        match self.near.get_mut(self.len) {
            Some(place) => *place = entry,
            None => self.far.push(entry),
        }
        self.len += 1;
    }

    /// The innermost entry. Every one was pushed before.
    #[inline]
    pub(super) fn pop(&mut self) -> T {
        self.len = self.len.saturating_sub(1);
        match self.near.get(self.len) {
            Some(entry) => *entry,
            None => self.far.pop().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_reverse_however_many() {
        let mut nest = Nest::new();
        for round in [1, NEAR, NEAR + 1, 5 * NEAR] {
            (1..=round).for_each(|entry| nest.push(entry));
            assert!((1..=round).rev().all(|entry| nest.pop() == entry));
        }
        assert!(nest.far.is_empty());
    }
}

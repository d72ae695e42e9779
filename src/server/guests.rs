//! How many connections each IP address has open, over all shards. Its lock is taken when a connection opens or closes, and only
//! where there is such a limit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The addresses that have connections open. It remembers no others.
#[derive(Debug)]
pub(super) struct Guests {
    most: usize,
    /// INVARIANT: no count is zero, and none is past `most`.
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Guests {
    /// At most so many from one address.
    pub(super) fn new(most: usize) -> Self {
        Self { most, open: Mutex::default() }
    }

    /// Counts another connection from there, unless there are as many as there may be.
    pub(super) fn admit(&self, address: IpAddr) -> bool {
        let mut open = self.lock();
        let count = open.entry(address).or_default();
        let admitted = *count < self.most;
        *count += usize::from(admitted);
        admitted
    }

    /// One that was admitted is gone.
    pub(super) fn leave(&self, address: IpAddr) {
        if let Entry::Occupied(mut count) = self.lock().entry(address) {
            if *count.get() <= 1 {
                count.remove();
            } else {
                *count.get_mut() -= 1;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_counted_apart_and_forgotten() {
        let guests = Guests::new(2);
        let [one, other] = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2])];
        assert!(guests.admit(one) && guests.admit(one) && !guests.admit(one) && guests.admit(other));
        guests.leave(one);
        assert!(guests.admit(one) && !guests.admit(one));
        [one, one, other].into_iter().for_each(|address| guests.leave(address));
        assert!(guests.lock().is_empty());
    }
}

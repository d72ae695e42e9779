//! What the connections of one thread are offered, and by which limits: what held when each of them was opened, whatever has changed
//! since. It knows no sockets.

use std::sync::Arc;

use crate::rpc;
use crate::rpc::Services;

/// Services and limits, as some connections have them.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) services: Arc<Services>,
    pub(super) limits: Arc<rpc::Limits>,
    /// Connections that have it.
    sessions: usize,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// New connections get it.
    Current,
    /// Another one took its place.
    Past,
    /// Its address is closed.
    Closed,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Offers {
    offers: Vec<Offer>,
    /// By the number of the listener, which offer a connection gets there.
    doors: Vec<Option<u16>>,
}

impl Offers {
    /// From now on connections at this listener get this.
    pub(super) fn set(&mut self, door: usize, services: Arc<Services>, limits: Arc<rpc::Limits>) {
        self.retire(door, Standing::Past);
        let offer = Offer { services, limits, sessions: 0, standing: Standing::Current };
        let free = self.offers.iter().position(|offer| offer.sessions == 0 && offer.standing != Standing::Current);
        let index = free.unwrap_or(self.offers.len());
        // As many different ones at a time nobody has; the listener lets nobody in then.
        let Ok(number) = u16::try_from(index) else { return };
        if index < self.offers.len() {
            self.offers[index] = offer;
        } else {
            self.offers.push(offer);
        }
        if self.doors.len() <= door {
            self.doors.resize(door + 1, None);
        }
        self.doors[door] = Some(number);
    }

    /// Nobody comes from this listener any more.
    pub(super) fn close(&mut self, door: usize) {
        self.retire(door, Standing::Closed);
    }

    fn retire(&mut self, door: usize, standing: Standing) {
        if let Some(number) = self.doors.get_mut(door).and_then(Option::take) {
            self.offers[usize::from(number)].standing = standing;
        }
    }

    /// What a new connection at this listener gets; its number goes with it.
    pub(super) fn at(&self, door: usize) -> Option<u16> {
        self.doors.get(door).copied().flatten()
    }

    #[inline]
    pub(super) fn get(&self, number: u16) -> &Offer {
        &self.offers[usize::from(number)]
    }

    /// A connection that has it was opened.
    pub(super) fn enter(&mut self, number: u16) {
        self.offers[usize::from(number)].sessions += 1;
    }

    /// A connection that has it was closed.
    pub(super) fn leave(&mut self, number: u16) {
        self.offers[usize::from(number)].sessions -= 1;
    }

    /// Whether the address where connections got it is closed.
    pub(super) fn is_closed(&self, number: u16) -> bool {
        self.get(number).standing == Standing::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(offers: &mut Offers, door: usize, frame_max: usize) {
        let mut limits = rpc::Limits::default();
        limits.transport.frame_max = frame_max;
        offers.set(door, Arc::default(), Arc::new(limits));
    }

    #[test]
    fn connections_keep_what_they_were_given_and_places_are_used_again() {
        let mut offers = Offers::default();
        set(&mut offers, 0, 1);
        set(&mut offers, 1, 1);
        let old = offers.at(0).expect("an offer");
        offers.enter(old);
        for frame_max in 2..1000 {
            set(&mut offers, 0, frame_max);
            set(&mut offers, 1, frame_max);
        }
        let new = offers.at(0).expect("an offer");
        assert_eq!((offers.get(old).limits.transport.frame_max, offers.get(new).limits.transport.frame_max), (1, 999));
        assert!(offers.offers.len() <= 5, "{}", offers.offers.len());
        offers.close(1);
        assert_eq!(offers.at(1), None);
        offers.close(0);
        assert!(offers.is_closed(new) && !offers.is_closed(old));
        offers.leave(old);
    }
}

//! Who may use Unix sockets, by user and group, beyond what the permissions of a socket's file say; an abstract name has none.

use crate::reactor::Owner;

/// What a user namespace shows for every user and group that it has no number for: nobody, and therefore anybody.
pub(super) const NOBODY: u32 = 65_534;

/// The users and groups that are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owners {
    uids: Vec<u32>,
    gids: Vec<u32>,
}

impl Owners {
    /// `None` where both lists are empty: anyone who can connect may.
    pub(super) fn new(uids: &[u32], gids: &[u32]) -> Option<Self> {
        let any = !uids.is_empty() || !gids.is_empty();
        any.then(|| Self { uids: uids.to_vec(), gids: gids.to_vec() })
    }

    /// Whether a peer may stay: its user or its group is listed. One of whom nothing is known may not.
    pub(super) fn admit(&self, owner: Option<Owner>) -> bool {
        owner.is_some_and(|Owner { uid, gid }| {
            (uid != NOBODY && self.uids.contains(&uid)) || (gid != NOBODY && self.gids.contains(&gid))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_both_lists_is_enough_and_nobody_is_on_none() {
        let owners = Owners::new(&[7, NOBODY], &[9, NOBODY]).unwrap();
        for (uid, gid, admitted) in [(7, 1, true), (1, 9, true), (9, 7, false), (0, 0, false), (NOBODY, NOBODY, false)] {
            assert_eq!(owners.admit(Some(Owner { uid, gid })), admitted, "{uid} {gid}");
        }
        assert!(!owners.admit(None));
        assert_eq!(Owners::new(&[], &[]), None);
    }
}

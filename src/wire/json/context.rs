//! Where in the structure of a message the next value stands, and so what separates it from the last one. Reader and writer
//! share it.

use crate::wire::nest::Nest;

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// The value of a field, whose head is behind us, or the struct of a message.
    #[default]
    Value,
    /// The first field of a struct, or its end.
    FirstField,
    /// The end of a field, and then another one or the end of the struct.
    NextField,
    /// An element of a list or set; the size stands before the first.
    Element,
    /// The key of the first pair of a map.
    FirstKey,
    /// The key of another pair.
    NextKey,
    /// The value of a pair.
    PairValue,
}

/// The structs and containers that are open.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) place: Place,
    /// For each open struct or container: what comes after it.
    outer: Nest<Place>,
}

impl Context {
    #[inline]
    pub(super) fn new() -> Self {
        Self { place: Place::Value, outer: Nest::new() }
    }

    /// Steps to the next value: what separates it from the last one, and whether it is a key.
    #[inline]
    pub(super) fn step(&mut self) -> (Option<u8>, bool) {
        let (separator, is_key, next) = match self.place {
            Place::Element => (Some(b','), false, Place::Element),
            Place::FirstKey => (None, true, Place::PairValue),
            Place::NextKey => (Some(b','), true, Place::PairValue),
            Place::PairValue => (Some(b':'), false, Place::NextKey),
            Place::Value | Place::FirstField | Place::NextField => (None, false, Place::NextField),
        };
        self.place = next;
        (separator, is_key)
    }

    /// Enters a struct or container, behind the step to it.
    #[inline]
    pub(super) fn enter(&mut self, place: Place) {
        self.outer.push(self.place);
        self.place = place;
    }

    /// Comes back to what is around it.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.place = self.outer.pop();
    }
}

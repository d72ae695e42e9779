//! The name of a connection within its reactor. It holds no pointer and keeps nothing alive.

use std::fmt;

/// Names one connection of one reactor, for events, timers and completions.
///
/// The slab index is used again as soon as a connection closes; the generation makes sure that whatever was meant for the old
/// one never reaches the new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(u64);

const _: () = assert!(usize::BITS >= 64, "a token needs 64 bits of the selector's user data");

impl Token {
    /// The reactor's own wake-up. Generation 0 belongs to no connection.
    pub(super) const INBOX: Token = Token(u32::MAX as u64);

    /// The platform's own timer, which only ends its sleep.
    pub(super) const ALARM: Token = Token(u32::MAX as u64 - 1);

    /// A connection's token; `generation` counts from 1.
    pub(super) fn new(index: usize, generation: u32) -> Self {
        Token(u64::from(generation) << 32 | index as u64)
    }

    /// The listener of that number.
    pub(super) fn listener(number: usize) -> Self {
        Token(number as u64)
    }

    pub(super) fn index(self) -> usize {
        (self.0 & u64::from(u32::MAX)) as usize
    }

    pub(super) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The same as one number, for a selector's user data.
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// The inverse of [`Token::as_u64`].
    pub fn from_u64(raw: u64) -> Self {
        Token(raw)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.index(), self.generation())
    }
}

//! Why a scan cannot go on.

use crate::wire::error::ErrorKind;

/// The scan cannot go on: there are too few bytes, or wrong ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// At least this many bytes are needed, from the start of the message.
    Need(usize),
    Wrong(ErrorKind),
}

/// The `N` bytes at a place.
#[inline]
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Stop> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Stop::Need(at + N))
}

/// A declared length or count, up to a limit.
#[inline]
pub(super) fn count(declared: i32, max: usize, over: ErrorKind) -> Result<usize, Stop> {
    let count = usize::try_from(declared).map_err(|_| Stop::Wrong(ErrorKind::NegativeSize))?;
    if count > max { Err(Stop::Wrong(over)) } else { Ok(count) }
}

//! Memory whose size follows from what a peer sent, for places that have no error to return: where there is none, they unwind to the end
//! of the connection's share of the turn, which closes it. Whoever can return an error asks for memory by itself.

use std::collections::TryReserveError;
use std::panic::resume_unwind;

/// A copy.
pub(super) fn copy_of(bytes: &[u8]) -> Vec<u8> {
    let mut copy = Vec::new();
    had(copy.try_reserve_exact(bytes.len()));
    copy.extend_from_slice(bytes);
    copy
}

/// Goes on where there was memory. The hook that prints panics is passed over: it would ask for more.
pub(in crate::reactor) fn had(asked: Result<(), TryReserveError>) {
    asked.unwrap_or_else(|error| resume_unwind(Box::new(error)));
}

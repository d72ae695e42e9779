//! What both sides read from: bytes that somebody else received and keeps.

use bytes::Bytes;

/// Messages of at least this size are cut out of the input as refcounted bytes, where the input can do that without a copy:
/// what is decoded from them may then keep slices of them.
pub(super) const SHARE_MIN: usize = 16 * 1024;

/// The bytes that have come in and are not consumed yet.
pub trait Incoming {
    /// All of them.
    fn bytes(&self) -> &[u8];
    /// Drops the first `n`.
    fn consume(&mut self, n: usize);
    /// Cuts off the first `n`.
    fn take(&mut self, n: usize) -> Bytes;
    /// Whether [`take`](Self::take) costs no copy.
    fn takes_free(&self) -> bool;
}

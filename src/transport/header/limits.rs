//! What a peer may put into the header of a message.

/// The transforms that one message may have gone through: zlib is the only one, and twice is never more than once.
pub(super) const TRANSFORMS_MAX: usize = 1;

/// Limits on the header of a THeader message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the header, transforms and info headers included. Default 16 KiB, at most 64 KiB.
    pub header_max: usize,
    /// Pairs of key and value. Default 128.
    pub pairs_max: usize,
    /// Bytes in one key or one value. Default 4 KiB.
    pub text_max: usize,
}

impl Limits {
    /// What a reply may carry, whatever requests may: any peer's limits have room for it.
    pub const REPLY: Self = Self { header_max: 16 * 1024, pairs_max: 128, text_max: 4 * 1024 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::REPLY
    }
}

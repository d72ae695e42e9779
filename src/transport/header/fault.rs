//! What can be wrong with a header.

use crate::transport::inflate;

/// The header breaks its own rules. Where the message ends that it belongs to is known, but not what it says: the connection
/// ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no header.
    #[error("a frame without a header")]
    Missing,
    /// The message is shorter than its header says.
    #[error("a header that ends beyond its message")]
    Short,
    /// The length within a frame is not that of the frame.
    #[error("a length in the frame that is not the frame's")]
    Length,
    /// A number that has no end, or more than 32 bits.
    #[error("a malformed number in the header")]
    Number,
    /// A header longer than `header_max`.
    #[error("header over the limit `header_max`")]
    TooLarge,
    /// More pairs than `header_pairs_max`.
    #[error("more info headers than `header_pairs_max`")]
    TooManyPairs,
    /// A key or a value longer than `header_text_max`.
    #[error("info header over the limit `header_text_max`")]
    TextTooLong,
    /// More transforms than one.
    #[error("more than one transform")]
    TooManyTransforms,
}

/// The header can be read and the message behind it cannot: the peer is told, in the form that it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// A protocol that may not travel this way, by its number.
    #[error("protocol {0} is not supported behind a header")]
    Protocol(u32),
    /// A transform that is not known, by its number.
    #[error("transform {0} is not supported")]
    Transform(u32),
    /// The transform cannot be undone.
    #[error(transparent)]
    Inflate(inflate::Fault),
}

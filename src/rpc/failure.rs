//! Why the client side of a conversation fails.

use std::borrow::Cow;

use crate::transport;
use crate::wire::{self, Codec, ErrorKind};

use super::exception::ExceptionKind;

/// Why a call brought back no answer. But for `Unsendable`, the connection is of no more use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The request cannot be encoded, or is larger than `message_max`. Nothing of it was sent.
    #[error("the request cannot be sent: {0}")]
    Unsendable(ErrorKind),
    /// The stream is not what its transport asks for.
    #[error(transparent)]
    Transport(transport::Error),
    /// The server answers in another protocol than it was asked in.
    #[error("the peer answers in the {} protocol", .0.name())]
    Codec(Codec),
    /// The head of a reply cannot be read.
    #[error("unreadable reply: {0}")]
    Head(wire::Error),
    /// The result in a reply cannot be read.
    #[error("unreadable result: {0}")]
    Body(wire::Error),
    /// A message that is neither a reply nor an exception.
    #[error("a message of type {0}, where a reply belongs")]
    Kind(u8),
    /// A reply to another method than the one that is next.
    #[error("a reply to {got:?}, where one to {expected:?} is next")]
    WrongMethod {
        /// The method that was called.
        expected: Cow<'static, str>,
        /// The method that the reply names, cut short.
        got: Box<str>,
    },
    /// A reply with another number than the one that is next.
    #[error("a reply with the number {got}, where {expected} is next")]
    WrongSeqid {
        /// The number of the call.
        expected: i32,
        /// The number of the reply.
        got: i32,
    },
    /// An answer without a message to a call that returns something.
    #[error("an empty answer")]
    Empty,
    /// Bytes that nothing was asked for.
    #[error("the peer sent something that nothing was asked for")]
    Unasked,
    /// The server closed the connection.
    #[error("the peer closed the connection {}", if *.partial { "in the middle of a reply" } else { "without an answer" })]
    Closed {
        /// A part of a reply had come.
        partial: bool,
    },
}

impl Failure {
    /// The number that Thrift has for this failure, if it has one.
    pub fn kind(&self) -> Option<ExceptionKind> {
        match self {
            Self::Kind(_) => Some(ExceptionKind::INVALID_MESSAGE_TYPE),
            Self::WrongMethod { .. } => Some(ExceptionKind::WRONG_METHOD_NAME),
            Self::WrongSeqid { .. } => Some(ExceptionKind::BAD_SEQUENCE_ID),
            Self::Codec(_) | Self::Head(_) | Self::Body(_) => Some(ExceptionKind::PROTOCOL_ERROR),
            _ => None,
        }
    }
}

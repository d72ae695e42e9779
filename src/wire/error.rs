//! What can be wrong with bytes from a peer. An error says what and where, and never repeats the input.

use std::fmt;

/// A decoding error: what is wrong and at which byte of the message. Small and `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of the message.
    pub offset: u32,
}

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The message ends before the value does, or declares more than it holds.
    #[error("the message ends in the middle of a value")]
    UnexpectedEnd,
    /// A length or count below zero.
    #[error("negative size")]
    NegativeSize,
    /// A message larger than `message_max`.
    #[error("message over the limit `message_max`")]
    MessageTooLarge,
    /// A string or binary longer than `string_max`.
    #[error("string over the limit `string_max`")]
    StringTooLong,
    /// More elements than `container_max`.
    #[error("container over the limit `container_max`")]
    ContainerTooLarge,
    /// Structs and containers nested deeper than `depth_max`.
    #[error("nested deeper than the limit `depth_max`")]
    TooDeep,
    /// Decoded values that would take many times the memory that the message took.
    #[error("values would take more than 32 times the size of their message")]
    HeapBudget,
    /// A method name longer than `method_max`.
    #[error("method name over the limit `method_max`")]
    MethodTooLong,
    /// A method name that is not UTF-8, or not there.
    #[error("invalid method name")]
    InvalidMethod,
    /// The first bytes are not those of this protocol in a version that is spoken here.
    #[error("unknown protocol version")]
    BadVersion,
    /// The old binary header, where `strict_binary` refuses it.
    #[error("binary message without a version, refused by `strict_binary`")]
    OldBinary,
    /// A type number that no type has.
    #[error("unknown type of value")]
    UnknownType,
    /// Elements of another type than the declared one.
    #[error("elements of another type than declared")]
    TypeMismatch,
    /// A string that is not UTF-8.
    #[error("invalid UTF-8 in a string")]
    InvalidUtf8,
    /// A varint longer than its type allows.
    #[error("varint too long")]
    VarintTooLong,
    /// Text that is no UUID.
    #[error("invalid UUID")]
    InvalidUuid,
    /// Text that is not the JSON that the protocol asks for.
    #[error("malformed JSON")]
    InvalidJson,
    /// A map key that is a struct or a container, in JSON, which has only text for keys.
    #[error("a map key that JSON has no form for: it is neither text nor a number")]
    KeyNotScalar,
    /// A number that does not fit its type.
    #[error("number out of range")]
    NumberOutOfRange,
    /// Text that is no base64.
    #[error("invalid base64")]
    InvalidBase64,
    /// A required field that is not there.
    #[error("required field {0} is missing")]
    MissingField(i16),
    /// The decoder itself failed: a fault of this program.
    #[error("the decoder failed")]
    Unreadable,
    /// The system has no memory for the value.
    #[error("no memory for the value")]
    NoMemory,
    /// Bytes after the end of the message, where `strict_trailing` refuses them.
    #[error("bytes after the end of the message")]
    TrailingBytes,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl std::error::Error for Error {}

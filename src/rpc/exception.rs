//! TApplicationException: the answer to a call that could not be carried out (Thrift RPC specification, "Response struct").

use std::borrow::Cow;
use std::fmt;

use crate::wire::{Decode, Encode, Error, Reader, Typed, WireType, Writer};

/// The most that is repeated of what a peer sent.
const SHOWN_MAX: usize = 64;

/// What went wrong with a call, for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExceptionKind(pub i32);

#[allow(missing_docs)] // the names are those of the specification
impl ExceptionKind {
    pub const UNKNOWN: Self = Self(0);
    pub const UNKNOWN_METHOD: Self = Self(1);
    pub const INVALID_MESSAGE_TYPE: Self = Self(2);
    pub const WRONG_METHOD_NAME: Self = Self(3);
    pub const BAD_SEQUENCE_ID: Self = Self(4);
    pub const MISSING_RESULT: Self = Self(5);
    pub const INTERNAL_ERROR: Self = Self(6);
    pub const PROTOCOL_ERROR: Self = Self(7);
    pub const INVALID_TRANSFORM: Self = Self(8);
    pub const INVALID_PROTOCOL: Self = Self(9);
    pub const UNSUPPORTED_CLIENT_TYPE: Self = Self(10);
}

impl fmt::Display for ExceptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::UNKNOWN => "UNKNOWN",
            Self::UNKNOWN_METHOD => "UNKNOWN_METHOD",
            Self::INVALID_MESSAGE_TYPE => "INVALID_MESSAGE_TYPE",
            Self::WRONG_METHOD_NAME => "WRONG_METHOD_NAME",
            Self::BAD_SEQUENCE_ID => "BAD_SEQUENCE_ID",
            Self::MISSING_RESULT => "MISSING_RESULT",
            Self::INTERNAL_ERROR => "INTERNAL_ERROR",
            Self::PROTOCOL_ERROR => "PROTOCOL_ERROR",
            Self::INVALID_TRANSFORM => "INVALID_TRANSFORM",
            Self::INVALID_PROTOCOL => "INVALID_PROTOCOL",
            Self::UNSUPPORTED_CLIENT_TYPE => "UNSUPPORTED_CLIENT_TYPE",
            Self(other) => return write!(f, "type {other}"),
        })
    }
}

/// A TApplicationException: what any call may be answered with, whether or not its method declares exceptions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ApplicationException {
    /// What went wrong, for a person.
    pub message: Cow<'static, str>,
    /// What went wrong, for a machine.
    pub kind: ExceptionKind,
}

impl ApplicationException {
    /// An exception of this kind.
    pub fn new(kind: ExceptionKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), kind }
    }

    /// The handler failed in a way that its method does not declare.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ExceptionKind::INTERNAL_ERROR, message)
    }

    /// The system has no memory for the call.
    pub(super) fn no_memory() -> Self {
        Self::internal("no memory for this call")
    }

    /// Nobody here has a method of this name.
    pub fn unknown_method(name: &str) -> Self {
        let shown = &name[..name.floor_char_boundary(SHOWN_MAX)];
        let more = if shown.len() < name.len() { "..." } else { "" };
        Self::new(ExceptionKind::UNKNOWN_METHOD, format!("unknown method {shown:?}{more}"))
    }

    /// The message was delimited, but not what the method asks for.
    pub fn protocol(error: Error) -> Self {
        Self::new(ExceptionKind::PROTOCOL_ERROR, error.to_string())
    }
}

impl Typed for ApplicationException {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for ApplicationException {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &*self.message);
        writer.field(2, &self.kind.0);
        writer.struct_end();
    }
}

impl<'a> Decode<'a> for ApplicationException {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut exception = Self::new(ExceptionKind::UNKNOWN, "");
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::String) => exception.message = reader.str()?.into_owned().into(),
                (2, WireType::I32) => exception.kind = ExceptionKind(reader.i32()?),
                _ => reader.skip(field.kind)?,
            }
        }
        Ok(exception)
    }
}

//! Why a WebSocket connection ends (RFC 6455 7.4).

use std::fmt;

/// A status code of a close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Close(pub u16);

impl Close {
    /// All is said.
    pub const NORMAL: Self = Self(1000);
    /// The server shuts down, or waited too long.
    pub const AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL: Self = Self(1002);
    /// A text that is not UTF-8, or a message that is not Thrift.
    pub const INVALID: Self = Self(1007);
    /// A message larger than `message_max`.
    pub const TOO_LARGE: Self = Self(1009);

    /// The code in the payload of a close frame, or `NORMAL` where there is none.
    ///
    /// # Errors
    /// The code to answer with, where this payload must not be sent.
    pub(super) fn read(payload: &[u8]) -> Result<Self, Self> {
        match payload.split_first_chunk() {
            None if payload.is_empty() => Ok(Self::NORMAL),
            None => Err(Self::PROTOCOL),
            Some((code, reason)) => match u16::from_be_bytes(*code) {
                // RFC 6455 7.4.2, and the IANA registry up to 1014: the others are reserved, or never travel.
                _ if std::str::from_utf8(reason).is_err() => Err(Self::INVALID),
                code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Ok(Self(code)),
                _ => Err(Self::PROTOCOL),
            },
        }
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::NORMAL => "a normal end",
            Self::AWAY => "going away",
            Self::PROTOCOL => "a breach of the WebSocket protocol",
            Self::INVALID => "a text that is not UTF-8",
            Self::TOO_LARGE => "a message over the limit `message_max`",
            Self(other) => return write!(f, "status {other}"),
        })
    }
}

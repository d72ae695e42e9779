//! Peers that speak something else.

use std::fmt;

/// What a peer speaks that is not spoken here, for the log and for error texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Foreign {
    /// A TLS or SSL handshake.
    Tls,
    /// An SSH banner.
    Ssh,
    /// A Thrift protocol version that is not known, in a frame or without.
    ThriftVersion,
    /// A frame larger than `frame_max`.
    FrameSize(u32),
    /// Nothing known.
    Unknown,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls => f.write_str("TLS"),
            Self::Ssh => f.write_str("SSH"),
            Self::ThriftVersion => f.write_str("an unknown version of a Thrift protocol"),
            Self::FrameSize(size) => write!(f, "frames of {size} bytes, over the limit `frame_max`"),
            Self::Unknown => f.write_str("no protocol that is known here"),
        }
    }
}

//! What a server speaks that is not what its client speaks, told by the first bytes of its answer. For error texts only: no
//! decision follows from it.

use std::fmt;

use crate::wire::Codec;

use super::header::is_header;
use super::sniff::begins_zlib;

/// What a server seems to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Banner {
    /// HTTP, with this status where it had come.
    Http(Option<u16>),
    /// TLS or SSL.
    Tls,
    /// SSH.
    Ssh,
    /// Thrift, each message behind its length.
    Framed(Codec),
    /// Thrift, messages without a length before them.
    Unframed(Codec),
    /// Thrift, each message in an envelope with a header.
    Header,
    /// A zlib stream.
    Zlib,
    /// Some text.
    Text(Excerpt),
}

/// The start of a text, cut short and printed escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl Banner {
    /// What the first bytes of an answer look like, if they look like anything.
    #[cold]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'H', b'T', b'T', b'P', rest @ ..] => Some(Self::Http(status(rest))),
            // RFC 8446 5.1: an alert or a handshake record, and the first byte of its version.
            [0x15 | 0x16, 0x03, ..] => Some(Self::Tls),
            [b'S', b'S', b'H', b'-', ..] => Some(Self::Ssh),
            [0x00..=0x3f, _, _, _, payload @ ..] if is_header(payload) => Some(Self::Header),
            [0x00..=0x3f, _, _, _, payload @ ..] if begins_message(payload) => Codec::sniff(payload).map(Self::Framed),
            bytes if begins_message(bytes) => Codec::sniff(bytes).map(Self::Unframed),
            [first, second, ..] if begins_zlib([*first, *second]) => Some(Self::Zlib),
            bytes => Excerpt::of(bytes).map(Self::Text),
        }
    }
}

/// Whether a message of today begins here. The old binary one without a version begins like a frame, so it is no sign.
fn begins_message(bytes: &[u8]) -> bool {
    matches!(bytes, [b'[' | 0x80.., _, ..] if Codec::sniff(bytes).is_some())
}

/// RFC 9112 4: the three digits behind the version.
fn status(rest: &[u8]) -> Option<u16> {
    match rest {
        [b'/', _, b'.', _, b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            Some([a, b, c].into_iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
        }
        _ => None,
    }
}

impl fmt::Display for Banner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(Some(status)) => write!(f, "HTTP, and answers with status {status}"),
            Self::Http(None) => f.write_str("HTTP"),
            Self::Tls => f.write_str("TLS"),
            Self::Ssh => f.write_str("SSH"),
            Self::Framed(codec) => write!(f, "framed Thrift, in the {} protocol", codec.name()),
            Self::Unframed(codec) => write!(f, "unframed Thrift, in the {} protocol", codec.name()),
            Self::Header => f.write_str("THeader"),
            Self::Zlib => f.write_str("zlib streams"),
            Self::Text(text) => {
                write!(f, "a text protocol, and begins with {text:?} (as the length of a frame: {})", text.as_length())
            }
        }
    }
}

impl Excerpt {
    const MAX: usize = 24;
    /// Fewer printable bytes than this may be a coincidence.
    const MIN: usize = 4;

    /// The start of `bytes`, if that is text.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
        let len = bytes.iter().take(Self::MAX).take_while(|byte| is_text(byte)).count();
        if len < Self::MIN {
            return None;
        }
        let mut excerpt = Self { bytes: [0; Self::MAX], len: len as u8 };
        excerpt.bytes[..len].copy_from_slice(&bytes[..len]);
        Some(excerpt)
    }

    /// What the text is to a reader of frames: the number that people see in logs and search for.
    fn as_length(&self) -> u32 {
        let [a, b, c, d, ..] = self.bytes;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes[..usize::from(self.len)].escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_by_their_first_bytes() {
        let of = |bytes: &[u8]| Banner::of(bytes).map(|banner| banner.to_string()).unwrap_or_default();
        assert_eq!(of(b"HTTP/1.1 400 Bad Request"), "HTTP, and answers with status 400");
        assert_eq!(of(b"HTTP/1"), "HTTP");
        assert_eq!(of(b"\x15\x03\x01\x00\x02\x02\x0a"), "TLS");
        assert_eq!(of(b"SSH-2.0-OpenSSH_9.9\r\n"), "SSH");
        let text = "a text protocol, and begins with \"POST /\\r\\n\" (as the length of a frame: 1347375956)";
        assert_eq!(of(b"POST /\r\n\0\0"), text);
        assert_eq!(of(b"\0\0\0\x1f\x80\x01\0\x02"), "framed Thrift, in the binary protocol");
        assert_eq!(of(b"\x80\x01\0\x02"), "unframed Thrift, in the binary protocol");
        assert_eq!(of(b"\0\0\0\x12\x0f\xff\0\0"), "THeader");
        assert_eq!(of(b"x\x9c\x01"), "zlib streams");
        assert_eq!(of(b"\x4a\0\0\0\x0a8.0"), "");
        assert_eq!(of(b""), "");
    }
}

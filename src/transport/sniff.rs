//! Which transport does a peer speak? Its first bytes tell, and decide for the whole connection.

use crate::wire::Codec;

use super::exchange::LENGTH_BYTES;
use super::foreign::Foreign;
use super::header::MAGIC;
use super::limits::Limits;

/// What the first bytes of a connection tell.
#[derive(Debug)]
pub enum Sniff {
    /// Too little: ask again with at least this many bytes.
    Need(usize),
    /// One of ours.
    Spoken(Spoken),
    /// Something else.
    Foreign(Foreign),
}

/// What a peer speaks that is spoken here, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A length before each message.
    Framed,
    /// Messages of this codec and nothing between them.
    Unframed(Codec),
    /// HTTP/1.1.
    Http,
    /// A zlib stream around one of the first two.
    Zlib,
}

/// No message is shorter: an old binary one without a name takes ten bytes, a JSON one thirteen, a compact one five.
const SMALLEST_MESSAGE: usize = 5;
/// The first byte of a zlib stream with the usual window. Those with a smaller one begin as frames and requests do, and are
/// written by nobody.
const ZLIB: u8 = 0x78;

/// Looks at the first bytes of a connection.
///
/// A frame's length begins with a byte below 0x40, an unframed binary message with 0x80, a compact one with 0x82, a JSON one
/// with a bracket, and a request of HTTP with a letter, so the first byte alone tells most of it.
pub fn sniff(bytes: &[u8], limits: &Limits) -> Sniff {
    match bytes {
        [] => Sniff::Need(1),
        [0x80 | 0x82 | 0x16 | ZLIB | b'[' | b'\r' | b'S'] => Sniff::Need(2),
        [0x80 | 0x82 | b'[', ..] => match Codec::sniff(bytes) {
            Some(codec) => Sniff::Spoken(Spoken::Unframed(codec)),
            None => Sniff::Foreign(Foreign::ThriftVersion),
        },
        [first, second, ..] if begins_zlib([*first, *second]) => Sniff::Spoken(Spoken::Zlib),
        [0x16, 0x03, ..] => Sniff::Foreign(Foreign::Tls),
        // A blank line before a request, which an HTTP server passes over; as a length it would be 218 million.
        [b'\r', b'\n', ..] => Sniff::Spoken(Spoken::Http),
        [0x00..=0x3f, ..] => length_first(bytes, limits),
        [b'S', b'S'] => Sniff::Need(3),
        [b'S', b'S', b'H', ..] => Sniff::Foreign(Foreign::Ssh),
        [b'A'..=b'Z', ..] => Sniff::Spoken(Spoken::Http),
        _ => Sniff::Foreign(Foreign::Unknown),
    }
}

/// Whether these are the first bytes of a zlib stream (RFC 1950 2.2): method 8, a window of 32 KiB, and a multiple of 31.
pub(super) fn begins_zlib(head: [u8; 2]) -> bool {
    head[0] == ZLIB && u16::from_be_bytes(head).is_multiple_of(31)
}

/// The first four bytes are a number: the length of a frame, or of the name in an old binary message without one.
fn length_first(bytes: &[u8], limits: &Limits) -> Sniff {
    let Some((length, behind)) = bytes.split_first_chunk::<LENGTH_BYTES>() else { return Sniff::Need(LENGTH_BYTES) };
    let declared = u32::from_be_bytes(*length);
    let length = declared as usize;
    if length == 0 {
        return Sniff::Spoken(Spoken::Framed);
    }
    if length > limits.frame_max {
        return Sniff::Foreign(Foreign::FrameSize(declared));
    }
    let Some(first) = behind.first() else { return Sniff::Need(LENGTH_BYTES + 1) };
    if length <= 2 * limits.wire.method_max && (first.is_ascii_alphabetic() || *first == b'_') {
        return Sniff::Spoken(Spoken::Unframed(Codec::Binary));
    }
    if length < SMALLEST_MESSAGE {
        return Sniff::Foreign(Foreign::Unknown);
    }
    if behind.len() < 2 {
        return Sniff::Need(LENGTH_BYTES + 2);
    }
    match Codec::sniff(behind) {
        Some(_) => Sniff::Spoken(Spoken::Framed),
        None if behind.starts_with(&MAGIC) => Sniff::Spoken(Spoken::Framed),
        // The length of an envelope within the frame.
        None if *first < 0x40 && behind.len() < LENGTH_BYTES => Sniff::Need(2 * LENGTH_BYTES),
        None if behind.starts_with(&declared.saturating_sub(LENGTH_BYTES as u32).to_be_bytes()) => Sniff::Spoken(Spoken::Framed),
        None if *first >= 0x80 || *first == b'[' => Sniff::Foreign(Foreign::ThriftVersion),
        None => Sniff::Foreign(Foreign::Unknown),
    }
}

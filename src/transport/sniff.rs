//! Which transport does a peer speak? Its first bytes tell, and decide for the whole connection.

use crate::wire::Codec;

use super::exchange::LENGTH_BYTES;
use super::foreign::Foreign;
use super::limits::Limits;
use super::stream::Transport;

/// What the first bytes of a connection tell.
#[derive(Debug)]
pub enum Sniff {
    /// Too little: ask again with at least this many bytes.
    Need(usize),
    /// One of ours.
    Transport(Transport),
    /// Something else.
    Foreign(Foreign),
}

/// No message is shorter: an old binary one without a name takes ten bytes, a JSON one thirteen, a compact one five.
const SMALLEST_MESSAGE: usize = 5;

/// Looks at the first bytes of a connection.
///
/// A frame's length begins with a byte below 0x40, an unframed binary message with 0x80, a compact one with 0x82, a JSON one
/// with a bracket, and a request of HTTP with a letter, so the first byte alone tells most of it.
pub fn sniff(bytes: &[u8], limits: &Limits) -> Sniff {
    match bytes {
        [] => Sniff::Need(1),
        [0x80 | 0x82 | 0x16 | b'['] => Sniff::Need(2),
        [0x80 | 0x82 | b'[', ..] => match Codec::sniff(bytes) {
            Some(codec) => Sniff::Transport(Transport::unframed(codec)),
            None => Sniff::Foreign(Foreign::ThriftVersion),
        },
        [0x16, 0x03, ..] => Sniff::Foreign(Foreign::Tls),
        // A blank line before a request, which an HTTP server passes over; as a length it would be 218 million.
        [b'\r', b'\n', ..] => Sniff::Transport(Transport::http()),
        [0x00..=0x3f, ..] => length_first(bytes, limits),
        [b'S'] | [b'S', b'S'] => Sniff::Need(3),
        [b'S', b'S', b'H', ..] => Sniff::Foreign(Foreign::Ssh),
        [b'A'..=b'Z', ..] => Sniff::Transport(Transport::http()),
        _ => Sniff::Foreign(Foreign::Unknown),
    }
}

/// The first four bytes are a number: the length of a frame, or of the name in an old binary message without one.
fn length_first(bytes: &[u8], limits: &Limits) -> Sniff {
    let Some((length, behind)) = bytes.split_first_chunk::<LENGTH_BYTES>() else { return Sniff::Need(LENGTH_BYTES) };
    let declared = u32::from_be_bytes(*length);
    let length = declared as usize;
    if length == 0 {
        return Sniff::Transport(Transport::framed());
    }
    if length > limits.frame_max {
        return Sniff::Foreign(Foreign::FrameSize(declared));
    }
    let Some(first) = behind.first() else { return Sniff::Need(LENGTH_BYTES + 1) };
    if length <= 2 * limits.wire.method_max && (first.is_ascii_alphabetic() || *first == b'_') {
        return Sniff::Transport(Transport::unframed(Codec::Binary));
    }
    if length < SMALLEST_MESSAGE {
        return Sniff::Foreign(Foreign::Unknown);
    }
    if behind.len() < 2 {
        return Sniff::Need(LENGTH_BYTES + 2);
    }
    match Codec::sniff(behind) {
        Some(_) => Sniff::Transport(Transport::framed()),
        None if *first >= 0x80 || *first == b'[' => Sniff::Foreign(Foreign::ThriftVersion),
        None => Sniff::Foreign(Foreign::Unknown),
    }
}

//! WebSocket frames: the same messages however the stream is cut, and those that were put into frames.

use farthing::transport::{Limits, Memo, Transport};

use crate::vectors::masked;

use super::cuts::{however_cut, pieces, take_apart};

/// The first byte of a frame: the last of its message, and bytes.
const LAST: u8 = 0x80;
const BYTES: u8 = 0x02;
const PING: u8 = 0x89;
/// Bytes of the length before a message that has one.
const LENGTH_BYTES: usize = 4;

/// [Pieces](pieces): the stream is what a peer sends behind its handshake, or one message of so many frames, by the options.
///
/// # Panics
/// Where a cut changes what is found, or a message that was sent is not.
pub fn websocket(data: &[u8]) {
    let Some((options, pieces, stream)) = pieces(data) else { return };
    let limits = Limits::default();
    let find = |pieces: &[&[u8]]| take_apart(Transport::WebSocket(Box::default()), pieces, &limits, &mut Memo::new());
    if options & 1 == 0 {
        however_cut((&pieces, stream), find);
        return;
    }
    let count = pieces.len();
    let mut frames = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let (first, last) = (if at == 0 { BYTES } else { 0 }, if at + 1 == count { LAST } else { 0 });
        frames.push(masked(first | last, piece));
        if options & 2 != 0 {
            frames.push(masked(PING, &piece[..piece.len().min(125)]));
        }
    }
    let frames: Vec<_> = frames.iter().map(Vec::as_slice).collect();
    let found = however_cut((&frames, &frames.concat()), find);
    let message = match stream.split_first_chunk::<LENGTH_BYTES>() {
        Some((length, rest)) if u32::from_be_bytes(*length) as usize == rest.len() => rest,
        _ => stream,
    };
    assert_eq!(found.over, None, "{}", stream.escape_ascii());
    let messages: Vec<_> = found.messages.iter().map(|(message, _)| &message[..]).collect();
    assert_eq!(messages, [message]);
}

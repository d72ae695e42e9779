//! The head of a frame (RFC 6455 5.2).

use super::close::Close;

/// Bytes before a reply of the usual size: another size costs moving the reply.
pub(in crate::transport) const HEAD_ROOM: usize = 4;
/// The length before a message that has one.
pub(super) const LENGTH_BYTES: usize = 4;
/// The most that a control frame may carry.
pub(super) const CONTROL_MAX: usize = 125;
/// Bytes of a mask.
const MASK_BYTES: usize = 4;
const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
/// Lengths that say that another one follows, of two or of eight bytes.
const TWO_BYTES: u8 = 126;
const EIGHT_BYTES: u8 = 127;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// What the message of a client was like, and its reply will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) enum Kind {
    /// JSON.
    Text,
    /// All else.
    Bytes,
    /// The same behind its length, from a client that puts a framed transport into a WebSocket.
    Framed,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    pub(super) fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) last: bool,
    pub(super) opcode: Opcode,
    /// Zeros where there is none.
    pub(super) mask: [u8; 4],
    /// Bytes of payload.
    pub(super) length: usize,
    /// Bytes of the head itself.
    pub(super) size: usize,
}

/// Reads a head, of a frame with a mask or of one without. `Ok(Err(n))` where it takes `n` bytes in all, and fewer are there.
pub(super) fn read_head(input: &[u8], is_masked: bool) -> Result<Result<Head, usize>, Close> {
    let Some(([first, second], behind)) = input.split_first_chunk() else { return Ok(Err(2)) };
    let opcode = Opcode::from_bits(first & 0x0f).ok_or(Close::PROTOCOL)?;
    let (last, short) = (first & FIN != 0, second & !MASKED);
    // 5.2: no extension was agreed on that gives the reserved bits a meaning. 5.1: a client masks all it sends,
    // and a server nothing. 5.5: control
    // frames are short and whole.
    let unfit = opcode.is_control() && (!last || usize::from(short) > CONTROL_MAX);
    if first & RESERVED != 0 || (second & MASKED != 0) != is_masked || unfit {
        return Err(Close::PROTOCOL);
    }
    let long = match short {
        TWO_BYTES => 2,
        EIGHT_BYTES => 8,
        _ => 0,
    };
    let size = 2 + long + if is_masked { MASK_BYTES } else { 0 };
    let Some((length, mask)) = behind.get(..size - 2).map(|rest| rest.split_at(long)) else { return Ok(Err(size)) };
    let length = match long {
        0 => u64::from(short),
        _ => length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    // The shortest form of a length is the only one, and its highest bit is 0.
    let shortest = [0, 0, 126, 0, 0, 0, 0, 0, 0x1_0000][long];
    if length < shortest || length >> 63 != 0 {
        return Err(Close::PROTOCOL);
    }
    let length = usize::try_from(length).map_err(|_| Close::TOO_LARGE)?;
    let mask = mask.first_chunk().copied().unwrap_or_default();
    Ok(Ok(Head { last, opcode, mask, length, size }))
}

/// The payload of the frame at the front of `input`, without its mask, and how many bytes its head takes; `None` where no whole
/// frame is there. For those who look on; a conversation goes by the heads of frames, one after the other.
pub fn first_payload(input: &[u8], is_masked: bool) -> Option<(usize, Vec<u8>)> {
    let head = read_head(input, is_masked).ok()?.ok()?;
    let mut payload = input.get(head.size..head.size.checked_add(head.length)?)?.to_vec();
    unmask(&mut payload, head.mask, 0);
    Some((head.size, payload))
}

/// Writes what comes before a reply of `length` bytes.
pub(in crate::transport) fn write_reply_head(out: &mut Vec<u8>, kind: Kind, length: usize) {
    match kind {
        Kind::Text => write_head(out, Opcode::Text, length),
        Kind::Bytes => write_head(out, Opcode::Binary, length),
        Kind::Framed => {
            write_head(out, Opcode::Binary, LENGTH_BYTES + length);
            out.extend_from_slice(&(length as u32).to_be_bytes());
        }
    }
}

/// Writes the head of an unmasked frame that is a whole message.
pub(super) fn write_head(out: &mut Vec<u8>, opcode: Opcode, length: usize) {
    write_start(out, opcode, 0, length);
}

/// Writes the head of a masked frame that is a whole message.
pub(super) fn write_masked_head(out: &mut Vec<u8>, opcode: Opcode, mask: [u8; 4], length: usize) {
    write_start(out, opcode, MASKED, length);
    out.extend_from_slice(&mask);
}

fn write_start(out: &mut Vec<u8>, opcode: Opcode, masked: u8, length: usize) {
    out.push(FIN | opcode as u8);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < TWO_BYTES => out.push(masked | length),
        (_, Ok(length)) => {
            out.push(masked | TWO_BYTES);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(masked | EIGHT_BYTES);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Takes the mask off, or puts it on (5.3), for bytes that begin `at` bytes into a payload.
pub(super) fn unmask(bytes: &mut [u8], mask: [u8; 4], at: usize) {
    let mut mask = mask;
    mask.rotate_left(at % 4);
    let mut words = bytes.chunks_exact_mut(4);
    for word in &mut words {
        word.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    words.into_remainder().iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6455 5.7.
    #[test]
    fn the_examples_of_the_specification() {
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let head = read_head(&hello, true).unwrap().unwrap();
        assert_eq!((head.last, head.opcode, head.length, head.size), (true, Opcode::Text, 5, 6));
        let mut text = hello[6..].to_vec();
        unmask(&mut text, head.mask, 0);
        assert_eq!(text, b"Hello");
        for (length, expected) in
            [(256, &[0x82, 0x7e, 0x01, 0x00][..]), (0x10000, &[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]), (125, &[0x82, 125])]
        {
            let mut out = Vec::new();
            write_head(&mut out, Opcode::Binary, length);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_server_masks_nothing_and_a_client_all() {
        for length in [0, 5, 125, 126, 0xffff, 0x10000] {
            let (mut plain, mut masked) = (Vec::new(), Vec::new());
            write_head(&mut plain, Opcode::Binary, length);
            write_masked_head(&mut masked, Opcode::Binary, [1, 2, 3, 4], length);
            for (bytes, is_masked, mask) in [(&plain, false, [0; 4]), (&masked, true, [1, 2, 3, 4])] {
                let head = read_head(bytes, is_masked).unwrap().unwrap();
                assert_eq!((head.length, head.mask, head.size), (length, mask, bytes.len()));
                assert_eq!(read_head(bytes, !is_masked), Err(Close::PROTOCOL));
                for cut in 0..bytes.len() {
                    assert!(read_head(&bytes[..cut], is_masked).unwrap().unwrap_err() > cut);
                }
            }
        }
    }

    #[test]
    fn a_mask_goes_on_wherever_the_payload_was_cut() {
        let plain: Vec<u8> = (0..50).collect();
        let mut whole = plain.clone();
        unmask(&mut whole, [1, 2, 4, 8], 0);
        for cut in 0..plain.len() {
            let mut parts = plain.clone();
            let (before, behind) = parts.split_at_mut(cut);
            unmask(before, [1, 2, 4, 8], 0);
            unmask(behind, [1, 2, 4, 8], cut);
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn a_head_that_breaks_a_rule_is_refused() {
        let masked = |first, lengths: &[u8]| [&[first][..], lengths, &[0; 4]].concat();
        for bad in [
            masked(0xc1, &[0x80]),
            masked(0x83, &[0x80]),
            masked(0x8b, &[0x80]),
            masked(0x81, &[0x05]),
            masked(0x09, &[0x80]),
            masked(0x89, &[0xfe, 0, 126]),
            masked(0x82, &[0xfe, 0, 125]),
            masked(0x82, &[0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
            masked(0x82, &[0xff, 0x80, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            assert_eq!(read_head(&bad, true), Err(Close::PROTOCOL), "{bad:x?}");
        }
        let good = masked(0x82, &[0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
        for cut in 0..good.len() {
            let needed = read_head(&good[..cut], true).unwrap().unwrap_err();
            assert!(needed > cut && needed <= good.len());
        }
        assert_eq!(read_head(&good, true).unwrap().unwrap().length, 0x10000);
    }
}

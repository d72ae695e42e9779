//! Opening an envelope. What is wrong with it is found here, once; the info headers are only read when somebody asks.

use crate::transport::inflate::inflate_whole;
use crate::transport::limits::Limits;

use super::fault::{Denial, Fault};
use super::info::{Headers, check, number};
use super::limits::TRANSFORMS_MAX;
use super::write::{COMPACT, FIXED_BYTES, LENGTH_BYTES, MAGIC, Return, WORD};

/// The protocols that may stand inside, by their numbers: binary and compact. Every library refuses JSON, which is 1.
const PROTOCOLS: [u32; 2] = [0, COMPACT as u32];
/// The whole message as one zlib stream.
pub(super) const ZLIB: u32 = 1;

/// An envelope that is open.
#[derive(Debug)]
pub struct Opened<'a> {
    /// What is inside, or why it cannot be read.
    pub content: Result<Content<'a>, Denial>,
    /// What came with it.
    pub headers: Headers<'a>,
    /// The envelope that the reply goes into.
    pub reply: Return,
}

/// The message in an envelope.
#[derive(Debug)]
pub enum Content<'a> {
    /// As it lies there.
    Plain(&'a [u8]),
    /// Inflated.
    Inflated(Vec<u8>),
}

/// Whether a message is an envelope. A length comes first unless a frame already said it.
#[inline]
pub fn is_header(message: &[u8]) -> bool {
    // Any other message but an old binary one begins with a larger byte, and the name in that one is text.
    message.first().is_some_and(|&first| first < 0x40) && (starts(message) || message.get(LENGTH_BYTES..).is_some_and(starts))
}

fn starts(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Opens the envelope that a message is.
///
/// # Errors
/// Where it cannot be opened, so that not even an answer is possible.
pub fn open<'a>(message: &'a [u8], limits: &Limits) -> Result<Opened<'a>, Fault> {
    let (frame, with_length) = match message.split_first_chunk() {
        Some((length, frame)) if !starts(message) => {
            if u32::from_be_bytes(*length) as usize != frame.len() {
                return Err(Fault::Length);
            }
            (frame, true)
        }
        _ => (message, false),
    };
    let (fixed, rest) = frame.split_first_chunk::<FIXED_BYTES>().ok_or(Fault::Short)?;
    let [_, _, flags_high, flags_low, a, b, c, d, words_high, words_low] = *fixed;
    let length = usize::from(u16::from_be_bytes([words_high, words_low])) * WORD;
    let (mut header, payload) = rest.split_at_checked(length).ok_or(Fault::Short)?;
    if length > limits.header.header_max {
        return Err(Fault::TooLarge);
    }
    let protocol = number(&mut header)?;
    let transform = transform(&mut header)?;
    check(header, &limits.header)?;
    let content = match transform {
        _ if !PROTOCOLS.contains(&protocol) => Err(Denial::Protocol(protocol)),
        None => Ok(Content::Plain(payload)),
        Some(ZLIB) => inflate_whole(payload, limits).map(Content::Inflated).map_err(Denial::Inflate),
        Some(unknown) => Err(Denial::Transform(unknown)),
    };
    let flags = u16::from_be_bytes([flags_high, flags_low]);
    let seqid = i32::from_be_bytes([a, b, c, d]);
    let protocol = if PROTOCOLS.contains(&protocol) { protocol as u8 } else { 0 };
    Ok(Opened { content, headers: Headers::new(header), reply: Return { with_length, protocol, flags, seqid } })
}

/// The one transform that a message may have gone through.
fn transform(header: &mut &[u8]) -> Result<Option<u32>, Fault> {
    let count = number(header)? as usize;
    if count > TRANSFORMS_MAX {
        return Err(Fault::TooManyTransforms);
    }
    if count == 0 { Ok(None) } else { number(header).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An envelope without a length around `payload`, with these bytes as its header.
    fn envelope(header: &[u8], payload: &[u8]) -> Vec<u8> {
        assert_eq!(header.len() % WORD, 0);
        let words = (header.len() / WORD) as u16;
        let mut bytes = vec![0x0f, 0xff, 0xab, 0xcd, 0, 0, 0, 99];
        bytes.extend(words.to_be_bytes());
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(payload);
        bytes
    }

    fn with_length(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
    }

    fn fault(bytes: &[u8]) -> Fault {
        assert!(is_header(bytes));
        open(bytes, &Limits::default()).unwrap_err()
    }

    fn denial(header: &[u8], payload: &[u8]) -> Denial {
        open(&envelope(header, payload), &Limits::default()).unwrap().content.unwrap_err()
    }

    #[test]
    fn an_envelope_is_opened_with_and_without_its_length() {
        let plain = envelope(&[2, 0, 1, 1, 1, b'k', 1, b'v'], b"message");
        for (bytes, nested) in [(plain.clone(), false), (with_length(&plain), true)] {
            assert!(is_header(&bytes));
            let opened = open(&bytes, &Limits::default()).unwrap();
            assert_eq!(opened.reply, Return { with_length: nested, protocol: 2, flags: 0xabcd, seqid: 99 });
            assert_eq!(opened.headers.get("k"), Some(&b"v"[..]));
            assert!(matches!(opened.content, Ok(Content::Plain(b"message"))));
        }
    }

    #[test]
    fn other_messages_are_no_envelopes() {
        for other in [
            &b"\x80\x01\x00\x01"[..],
            b"\x82\x21\x00",
            b"[1,\"a\"",
            b"\x00\x00\x00\x03add\x01",
            b"\x0f\xfe",
            b"\x0f",
            b"\x00\x00\x00\x04\x0f",
            b"",
        ] {
            assert!(!is_header(other), "{other:x?}");
        }
    }

    #[test]
    fn bounds_are_kept() {
        let whole = envelope(&[0, 0, 0, 0], b"");
        assert!(open(&whole, &Limits::default()).is_ok());
        for cut in 2..whole.len() {
            assert_eq!(fault(&whole[..cut]), Fault::Short, "{cut}");
        }
        assert_eq!(fault(&envelope(&[], b"message")), Fault::Number);
        assert_eq!(fault(&[&envelope(&[], b"")[..8], &[0xff, 0xff]].concat()), Fault::Short);
        let long = vec![0; 16 * 1024 + 4];
        assert_eq!(fault(&envelope(&long, b"")), Fault::TooLarge);
        let mut wrong = with_length(&whole);
        wrong.push(0);
        assert_eq!(fault(&wrong), Fault::Length);
    }

    #[test]
    fn numbers_end_within_the_header() {
        assert_eq!(fault(&envelope(&[0x80, 0x80, 0x80, 0x80], &[0; 8])), Fault::Number);
        assert_eq!(fault(&envelope(&[0, 0x80, 0x80, 0x80], &[0; 8])), Fault::Number);
        assert_eq!(fault(&envelope(&[0, 1, 0x80, 0x80], &[0; 8])), Fault::Number);
        assert_eq!(fault(&envelope(&[0, 0, 1, 0x80], &[0; 8])), Fault::Number);
        assert_eq!(fault(&envelope(&[0, 0, 1, 1, 9, b'k', 0, 0], &[0; 8])), Fault::Short);
        assert_eq!(fault(&envelope(&[0, 2, 1, 1], &[])), Fault::TooManyTransforms);
    }

    #[test]
    fn an_unknown_protocol_or_transform_can_be_answered() {
        for (header, id) in [(&[1, 0, 0, 0][..], 1), (&[3, 0, 0, 0], 3), (&[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0], u32::MAX)] {
            assert_eq!(denial(header, b""), Denial::Protocol(id));
        }
        for (header, id) in [(&[0, 1, 2, 0][..], 2), (&[2, 1, 3, 0], 3), (&[0, 1, 5, 0], 5)] {
            assert_eq!(denial(header, b""), Denial::Transform(id));
        }
        assert!(matches!(denial(&[0, 1, 1, 0], b"no zlib stream"), Denial::Inflate(_)));
    }

    #[test]
    fn padding_and_unknown_blocks_are_passed_over() {
        for header in [&[0, 0, 0, 0, 0, 0, 0, 0][..], &[0, 0, 2, 9, 9, 9, 9, 9]] {
            let bytes = envelope(header, b"message");
            let opened = open(&bytes, &Limits::default()).unwrap();
            assert!(opened.headers.is_empty());
            assert!(matches!(opened.content, Ok(Content::Plain(b"message"))));
        }
    }
}

//! Strings (RFC 8259, section 7): where they end, what their escapes stand for, and how they are written.

use memchr::{memchr, memchr2};

use crate::wire::error::ErrorKind;
use crate::wire::room;

/// Bytes that are looked at together in search of one that must be escaped.
const BLOCK: usize = 32;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A string as it stands in the message, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    pub(super) text: &'a str,
    pub(super) has_escapes: bool,
}

/// The length of the string that `bytes` begin with, behind its first quote and up to its last, and whether there are escapes
/// in it.
#[inline]
pub(super) fn length(bytes: &[u8]) -> Result<(usize, bool), ErrorKind> {
    let mut at = 0;
    let mut has_escapes = false;
    loop {
        let found = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)).ok_or(ErrorKind::UnexpectedEnd)?;
        at += found;
        if bytes[at] == b'"' {
            return Ok((at, has_escapes));
        }
        has_escapes = true;
        at += 2;
    }
}

/// Bytes between quotes as text: UTF-8 without control characters.
#[inline]
pub(super) fn check(bytes: &[u8]) -> Result<&str, ErrorKind> {
    // Counted, for without an early exit it is done for many bytes at once.
    if bytes.iter().filter(|byte| **byte < 0x20).count() > 0 {
        return Err(ErrorKind::InvalidJson);
    }
    str::from_utf8(bytes).map_err(|_| ErrorKind::InvalidUtf8)
}

/// Gives the parts of a text with escapes to `emit` one by one: what stands between escapes, and what each stands for.
pub(super) fn unescape(text: &str, mut emit: impl FnMut(&str)) -> Result<(), ErrorKind> {
    let mut rest = text;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        emit(&rest[..at]);
        let (character, length) = escape(&rest.as_bytes()[at + 1..])?;
        emit(character.encode_utf8(&mut [0; 4]));
        rest = &rest[at + 1 + length..];
    }
    emit(rest);
    Ok(())
}

/// What the escape stands for whose backslash is before `bytes`, and how many of them it takes.
fn escape(bytes: &[u8]) -> Result<(char, usize), ErrorKind> {
    let character = match bytes.first() {
        Some(plain @ (b'"' | b'\\' | b'/')) => *plain as char,
        Some(b'b') => '\x08',
        Some(b'f') => '\x0c',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes),
        _ => return Err(ErrorKind::InvalidJson),
    };
    Ok((character, 1))
}

/// `u` and four digits; where they are the first half of a surrogate pair, another escape with the second half.
fn unicode(bytes: &[u8]) -> Result<(char, usize), ErrorKind> {
    let first = code_unit(bytes).ok_or(ErrorKind::InvalidJson)?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, 5));
    }
    let second = bytes.get(5..).and_then(|rest| rest.strip_prefix(b"\\")).and_then(code_unit);
    match (first, second) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
            let character = char::from_u32(0x1_0000 + ((first & 0x3ff) << 10 | low & 0x3ff));
            character.map(|character| (character, 11)).ok_or(ErrorKind::InvalidJson)
        }
        _ => Err(ErrorKind::InvalidJson),
    }
}

fn code_unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// Whether a text can be written as it is.
#[inline]
pub(super) fn is_plain(text: &str) -> bool {
    plain_length(text.as_bytes()) == text.len()
}

/// Bytes of the longest escape.
const ESCAPE_MAX: usize = 6;

/// Writes a text in quotes.
pub(super) fn put(out: &mut Vec<u8>, text: &str) {
    room::make_room(out, text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((byte, behind)) = special.split_first() else { break };
        room::make_room(out, ESCAPE_MAX + behind.len() + 1);
        put_escape(out, *byte);
        rest = behind;
    }
    out.push(b'"');
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes at the front need no escape.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let plain = blocks.iter().take_while(|block| block.iter().filter(|byte| is_special(**byte)).count() == 0);
    let at = plain.count() * BLOCK;
    bytes[at..].iter().position(|byte| is_special(*byte)).map_or(bytes.len(), |found| at + found)
}

fn put_escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        // One of Apache's readers takes lower-case digits only.
        control => {
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[usize::from(control >> 4)], HEX[usize::from(control & 0x0f)]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> Result<String, ErrorKind> {
        let mut out = String::new();
        unescape(text, |part| out.push_str(part)).map(|()| out)
    }

    #[test]
    fn escapes_stand_for_characters() {
        assert_eq!(unescaped(r#"a\"\\\/\b\f\n\r\t\u00e9\u20ACz"#).unwrap(), "a\"\\/\x08\x0c\n\r\té€z");
        assert_eq!(unescaped(r"\ud835\udd3e").unwrap(), "𝔾");
    }

    #[test]
    fn broken_escapes_are_refused() {
        for bad in [r"\", r"\x", r"\u", r"\u12", r"\u12g4", r"\ud800", r"\ud800x", r"\ud800\n", r"\ud800\ud800", r"\udc00", "\\é"]
        {
            assert_eq!(unescaped(bad), Err(ErrorKind::InvalidJson), "{bad}");
        }
    }

    #[test]
    fn every_character_round_trips_at_every_place_in_a_block() {
        for shift in 0..2 * BLOCK {
            for character in (0..0x100).filter_map(char::from_u32).chain(['€', '𝔾']) {
                let text = format!("{}{character}{}", "x".repeat(shift), "y".repeat(5));
                let mut out = Vec::new();
                put(&mut out, &text);
                let (length, has_escapes) = length(&out[1..]).unwrap();
                assert_eq!(length + 2, out.len());
                assert_eq!(has_escapes, !is_plain(&text));
                assert_eq!(unescaped(check(&out[1..=length]).unwrap()).unwrap(), text);
            }
        }
    }
}

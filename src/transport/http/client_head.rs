//! The head of a response: its status line, and the few fields that say where the body ends. Deliberately not here: the body
//! (`client`), and fields that change nothing for a message.

use memchr::memchr;
use memchr::memmem;

use super::limits::{HEAD_MAX, HEADER_LINE_MAX, HEADERS_MAX};
use super::scan::is_token;

const STATUS_LINE: &str = "no status line of HTTP/1.1";
const LINE_END: &str = "a line end that is not CR LF";
const NAME: &str = "a malformed field name";
const VALUE: &str = "a control character in a field";
const LONG_LINE: &str = "a header line is too long";
const LONG: &str = "the head is too long";
const MANY: &str = "too many header lines";
const TWICE: &str = "a header that may appear only once appears twice";
const LENGTH: &str = "a malformed Content-Length";
const BOTH: &str = "both Content-Length and Transfer-Encoding";
const CODING: &str = "a transfer coding other than chunked";
const ENCODED: &str = "a content coding, which was not asked for";

/// What a response says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// The connection closes behind the body.
    pub(super) close: bool,
    pub(super) length: Option<usize>,
    /// Where the digits of the length stand in the head; 0 without one.
    pub(super) length_at: usize,
    pub(super) chunked: bool,
    /// The body says of itself that it is Thrift.
    pub(super) is_thrift: bool,
}

/// How far the search for the end of a head in pieces went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Search {
    searched: usize,
}

impl Search {
    /// The head at the front of `input` and its length, once it is whole. Each byte is looked at once while it is not.
    pub(super) fn advance(&mut self, input: &[u8]) -> Result<Option<(usize, Head)>, &'static str> {
        let window = &input[..input.len().min(HEAD_MAX)];
        if self.searched > 0 {
            let from = self.searched.saturating_sub(3);
            self.searched = window.len();
            if memmem::find(&window[from..], b"\r\n\r\n").is_none() {
                return if input.len() > HEAD_MAX { Err(LONG) } else { Ok(None) };
            }
        }
        let parsed = parse(window)?;
        if parsed.is_none() && input.len() > HEAD_MAX {
            return Err(LONG);
        }
        self.searched = window.len();
        Ok(parsed)
    }
}

/// Whether these may be the first bytes of a response.
pub(super) fn may_begin(input: &[u8]) -> bool {
    let version = b"HTTP/1.";
    let length = input.len().min(version.len());
    input[..length] == version[..length]
}

/// Parses the head at the front of `window`; `None` where it goes on behind it.
fn parse(window: &[u8]) -> Result<Option<(usize, Head)>, &'static str> {
    let Some((line, mut at)) = line(window, 0)? else { return Ok(None) };
    let mut head = status_line(line)?;
    let (mut close, mut keep_alive) = (false, false);
    for _ in 0..=HEADERS_MAX {
        let Some((line, next)) = self::line(window, at)? else { return Ok(None) };
        at = next;
        if line.is_empty() {
            if head.chunked && head.length.is_some() {
                return Err(BOTH);
            }
            // RFC 9112 9.3: HTTP/1.0 closes unless told otherwise.
            head.close = close || (head.close && !keep_alive);
            return Ok(Some((at, head)));
        }
        let colon = memchr(b':', line).ok_or(NAME)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().all(|&byte| is_token(byte)) {
            return Err(NAME);
        }
        if name.len() == 10 && name.eq_ignore_ascii_case(b"Connection") {
            for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                close |= option.eq_ignore_ascii_case(b"close");
                keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        } else {
            field(&mut head, name, value)?;
            if head.length.is_some() && head.length_at == 0 {
                head.length_at = value.as_ptr().addr() - window.as_ptr().addr();
            }
        }
    }
    Err(MANY)
}

/// The line that begins at `at`, without its end, and where the next one begins.
fn line(window: &[u8], at: usize) -> Result<Option<(&[u8], usize)>, &'static str> {
    let rest = &window[at..];
    let Some(end) = memchr(b'\n', rest) else {
        return if rest.len() > HEADER_LINE_MAX { Err(LONG_LINE) } else { Ok(None) };
    };
    let Some(line) = rest[..end].strip_suffix(b"\r") else { return Err(LINE_END) };
    if line.len() > HEADER_LINE_MAX {
        return Err(LONG_LINE);
    }
    // RFC 9110 5.5: anything but control characters; bytes from 0x80 up are obsolete and harmless here.
    if line.iter().any(|&byte| byte != b'\t' && byte.is_ascii_control()) {
        return Err(VALUE);
    }
    Ok(Some((line, at + end + 1)))
}

/// RFC 9112 4. Some servers leave out the blank behind the digits together with the reason phrase.
fn status_line(line: &[u8]) -> Result<Head, &'static str> {
    let [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ (b'0' | b'1'), b' ', digits @ ..] = line else {
        return Err(STATUS_LINE);
    };
    let (Some(digits), None | Some(b' ')) = (digits.first_chunk::<3>(), digits.get(3)) else { return Err(STATUS_LINE) };
    if !digits.iter().all(u8::is_ascii_digit) || digits[0] == b'0' {
        return Err(STATUS_LINE);
    }
    let status = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Ok(Head { status, close: *minor == b'0', ..Head::default() })
}

/// The length of a name rules out nearly all fields before a letter is compared.
fn field(head: &mut Head, name: &[u8], value: &[u8]) -> Result<(), &'static str> {
    let is = |wanted: &[u8]| name == wanted || name.eq_ignore_ascii_case(wanted);
    match name.len() {
        12 if is(b"Content-Type") => head.is_thrift = is_thrift(value),
        14 if is(b"Content-Length") => {
            let before = head.length.replace(content_length(value)?);
            return before.map_or(Ok(()), |_| Err(TWICE));
        }
        16 if is(b"Content-Encoding") && !value.eq_ignore_ascii_case(b"identity") => return Err(ENCODED),
        17 if is(b"Transfer-Encoding") => {
            if std::mem::replace(&mut head.chunked, true) {
                return Err(TWICE);
            }
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(CODING);
            }
        }
        _ => {}
    }
    Ok(())
}

/// `application/x-thrift` and `application/vnd.apache.thrift.binary`, with or without parameters.
fn is_thrift(value: &[u8]) -> bool {
    let starts_with = |media: &[u8]| value.get(..media.len()).is_some_and(|start| start.eq_ignore_ascii_case(media));
    starts_with(b"application/x-thrift") || starts_with(b"application/vnd.apache.thrift")
}

/// RFC 9110 8.6: digits only.
fn content_length(value: &[u8]) -> Result<usize, &'static str> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| usize::from(byte - b'0'));
    let sum = value.iter().try_fold(0, |sum: usize, byte| sum.checked_mul(10)?.checked_add(digit(byte)?));
    sum.filter(|_| !value.is_empty()).ok_or(LENGTH)
}

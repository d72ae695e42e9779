//! Where does a head end that arrives in pieces? Each byte is looked at once, however small the pieces are, and what is
//! visibly wrong or too long is refused before the rest arrives. Deliberately not here: what the lines say.

use memchr::memchr2;

use super::limits::{HEAD_MAX, HEADER_LINE_MAX, HEADERS_MAX, METHOD_MAX, REQUEST_LINE_MAX};
use super::refusal::{Refusal, Status};

const CONTROL: Refusal = Refusal::bad("a control character or a byte beyond ASCII in the head");
const LINE_END: Refusal = Refusal::bad("a line end that is not CR LF");
const FOLDED: Refusal = Refusal::bad("a folded header line");
const METHOD: Refusal = Refusal::bad("not an HTTP request line");
const VERSION: Refusal = Refusal::new(Status::VersionNotSupported, "only HTTP/1.1 and HTTP/1.0 are spoken here");
const LONG_REQUEST_LINE: Refusal = Refusal::new(Status::UriTooLong, "the request line is too long");
const LONG_HEADER: Refusal = Refusal::new(Status::HeadersTooLarge, "a header line is too long");
const LONG_HEAD: Refusal = Refusal::new(Status::HeadersTooLarge, "the header lines are too long together");
const MANY_HEADERS: Refusal = Refusal::new(Status::HeadersTooLarge, "too many header lines");

/// How far the search for the blank line went. All offsets count from the first byte of the request line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scan {
    /// Everything before is known to hold no forbidden byte.
    clean: u32,
    /// No line end between `line` and here.
    searched: u32,
    /// Where the current line starts.
    line: u32,
    /// Lines that are complete.
    lines: u32,
}

/// A refusal, and how many bytes had to arrive for it. A fault in front of that offset goes first: the answer must not
/// depend on how the bytes were cut.
struct Fault(usize, Refusal);

impl Scan {
    /// Looks at what is new in `input`, which starts at the request line. Returns the length of the head with its blank line
    /// once that has arrived.
    pub(super) fn advance(&mut self, input: &[u8]) -> Result<Option<usize>, Refusal> {
        if self.lines == 0 {
            check_method(input)?;
        }
        let window = &input[..input.len().min(HEAD_MAX)];
        let outcome = match self.find_end(window) {
            Ok(None) if input.len() > HEAD_MAX => Err(Fault(HEAD_MAX, LONG_HEAD)),
            outcome => outcome,
        };
        let seen = match &outcome {
            Ok(Some(end)) => *end,
            Ok(None) => window.len(),
            Err(Fault(at, _)) => *at,
        };
        let clean = self.clean as usize;
        if window.get(clean..seen).is_some_and(|new| !is_clean(new)) {
            return Err(CONTROL);
        }
        self.clean = seen as u32;
        outcome.map_err(|Fault(_, refusal)| refusal)
    }

    fn find_end(&mut self, window: &[u8]) -> Result<Option<usize>, Fault> {
        loop {
            let (line, searched) = (self.line as usize, self.searched as usize);
            // RFC 9112 5.2: a server answers a folded line with 400 or unfolds it. The first header line must not be indented
            // either (2.2).
            if self.lines > 0 && matches!(window.get(line), Some(b' ' | b'\t')) {
                return Err(Fault(line + 1, FOLDED));
            }
            let Some(found) = memchr2(b'\r', b'\n', &window[searched..]) else {
                self.searched = window.len() as u32;
                return self.check_length(window.len() - line).map(|()| None);
            };
            let stop = searched + found;
            self.check_length(stop - line)?;
            // RFC 9112 2.2 allows a bare LF as line end and forbids a bare CR. Parsers differ on both: neither is taken.
            match (window[stop], window.get(stop + 1)) {
                (b'\r', Some(b'\n')) => {}
                (b'\r', None) => {
                    self.searched = stop as u32;
                    return Ok(None);
                }
                (b'\r', Some(_)) => return Err(Fault(stop + 2, LINE_END)),
                _ => return Err(Fault(stop + 1, LINE_END)),
            }
            if stop == line {
                return Ok(Some(stop + 2));
            }
            self.next_line(stop + 2, window)?;
        }
    }

    fn next_line(&mut self, start: usize, window: &[u8]) -> Result<(), Fault> {
        if self.lines == 0 {
            check_request_line(&window[..start]).map_err(|refusal| Fault(start, refusal))?;
        }
        self.lines += 1;
        self.line = start as u32;
        self.searched = start as u32;
        if self.lines as usize > HEADERS_MAX + 1 {
            return Err(Fault(start, MANY_HEADERS));
        }
        Ok(())
    }

    fn check_length(&self, length: usize) -> Result<(), Fault> {
        let (max, refusal) = match self.lines {
            0 => (REQUEST_LINE_MAX, LONG_REQUEST_LINE),
            _ => (HEADER_LINE_MAX, LONG_HEADER),
        };
        if length > max { Err(Fault(self.line as usize + max + 1, refusal)) } else { Ok(()) }
    }
}

/// RFC 9110 5.6.2: the characters of a token, which methods and field names are made of.
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// RFC 9110 5.5: what a field value may hold. The obsolete bytes from 0x80 up are legal there and not taken here.
pub(super) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~')
}

/// A first line that starts with no method cannot become a request, whatever follows.
fn check_method(input: &[u8]) -> Result<(), Refusal> {
    let start = &input[..input.len().min(METHOD_MAX + 1)];
    match start.iter().position(|&byte| !is_token(byte)) {
        Some(at) if at > 0 && start[at] == b' ' => Ok(()),
        None if start.len() <= METHOD_MAX => Ok(()),
        _ => Err(METHOD),
    }
}

/// What is wrong with the first line alone is refused before the headers come.
fn check_request_line(line: &[u8]) -> Result<(), Refusal> {
    match httparse::Request::new(&mut []).parse(line) {
        Ok(_) => Ok(()),
        Err(httparse::Error::Version) if names_other_version(line) => Err(VERSION),
        Err(_) => Err(METHOD),
    }
}

/// RFC 9110 15.6.6: `HTTP/2.0` is a version, and 505 says that it is not ours. `HTTP/0.9` never stood in a request line.
fn names_other_version(line: &[u8]) -> bool {
    let mut words = line.trim_ascii_end().split(|&byte| byte == b' ').skip(2);
    match (words.next(), words.next()) {
        (Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor]), None) => {
            matches!(major, b'1'..=b'9') && minor.is_ascii_digit()
        }
        _ => false,
    }
}

/// Looks at every byte instead of stopping at the first bad one: that is the shape a compiler can vectorise.
fn is_clean(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |clean, &byte| clean & matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}

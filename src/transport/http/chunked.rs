//! Bodies of unknown length (RFC 9112 7.1), de-chunked as they arrive. Every byte is consumed at once, so nothing is read twice
//! and nothing waits in the caller's buffer. Extensions and trailers are checked and dropped: nothing from behind a body is
//! ever merged into the head.

use crate::wire::room;

use super::limits::{CHUNK_FRAMING_FREE, CHUNK_LINE_MAX, EXTENSIONS_MAX, TRAILERS_MAX};
use super::refusal::Refusal;
use super::response::Exchange;
use super::scan::{is_text, is_token};

const MALFORMED: Refusal = Refusal::bad("a malformed chunk");
const LONG_LINE: Refusal = Refusal::bad("a chunk size line is too long");
const LONG_EXTENSIONS: Refusal = Refusal::bad("the chunk extensions are too long together");
const TRAILER: Refusal = Refusal::bad("a malformed trailer");
const LONG_TRAILERS: Refusal = Refusal::bad("the trailers are too long together");

/// One body on its way.
#[derive(Clone, Debug)]
pub(super) struct Chunked {
    step: Step,
    /// The size of the current chunk while its line is read, then what is left of it.
    left: usize,
    /// Bytes of the current size line.
    line: usize,
    /// Bytes of all extensions so far.
    extensions: usize,
    /// Bytes of all trailers so far.
    trailers: usize,
    /// All bytes so far that are not content.
    framing: usize,
    /// INVARIANT: grows only by what has arrived, never by what a size line announces.
    body: Vec<u8>,
    pub(super) exchange: Exchange,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The first digit of a size.
    Size,
    /// A further digit, an extension, or the end of the line.
    SizeMore,
    /// Blanks behind the size, which only an extension may follow.
    Blank,
    Extension(Quote),
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// A trailer line or the final blank one.
    Trailer,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

/// Inside or outside of a quoted string, where a line end would be content to one parser and an end to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Outside,
    Inside,
    Escaped,
}

impl Chunked {
    pub(super) fn new(exchange: Exchange) -> Self {
        let (step, body) = (Step::Size, Vec::new());
        Self { step, left: 0, line: 0, extensions: 0, trailers: 0, framing: 0, body, exchange }
    }

    /// Takes from `input` what belongs to this body. Returns how much that was, and whether the body is whole.
    pub(super) fn feed(&mut self, input: &[u8], message_max: usize) -> Result<(usize, bool), Refusal> {
        let mut at = 0;
        while self.step != Step::Done && at < input.len() {
            if self.step == Step::Data {
                at += self.take_data(&input[at..]);
                continue;
            }
            self.framing += 1;
            if self.framing > message_max.saturating_add(CHUNK_FRAMING_FREE) {
                return Err(Refusal::TOO_LARGE);
            }
            self.step = self.next(input[at], message_max)?;
            at += 1;
        }
        Ok((at, self.step == Step::Done))
    }

    /// How much content there is so far.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// The content, once `feed` has said that it is whole.
    pub(super) fn into_body(self) -> Vec<u8> {
        self.body
    }

    fn take_data(&mut self, input: &[u8]) -> usize {
        let count = self.left.min(input.len());
        room::append(&mut self.body, &input[..count]);
        self.left -= count;
        if self.left == 0 {
            self.step = Step::DataCr;
        }
        count
    }

    fn next(&mut self, byte: u8, message_max: usize) -> Result<Step, Refusal> {
        match (self.step, byte) {
            (Step::Size | Step::SizeMore, _) if byte.is_ascii_hexdigit() => self.size_digit(byte, message_max),
            (Step::SizeMore | Step::Blank, b' ' | b'\t') => self.extension(Quote::Outside, byte).map(|_| Step::Blank),
            (Step::SizeMore | Step::Blank, b';') => self.extension(Quote::Outside, byte),
            (Step::Extension(quote), _) if byte != b'\r' => self.extension(quote, byte),
            (Step::SizeMore | Step::Extension(Quote::Outside), b'\r') => Ok(Step::SizeLf),
            (Step::SizeLf, b'\n') if self.left == 0 => Ok(Step::Trailer),
            (Step::SizeLf, b'\n') => Ok(Step::Data),
            (Step::DataCr, b'\r') => Ok(Step::DataLf),
            (Step::DataLf, b'\n') => {
                self.line = 0;
                Ok(Step::Size)
            }
            (Step::Trailer | Step::TrailerName | Step::TrailerValue | Step::TrailerLf, _) => self.trailer(byte),
            (Step::EndLf, b'\n') => Ok(Step::Done),
            _ => Err(MALFORMED),
        }
    }

    /// RFC 9112 7.1: a size that would overflow must be recognised; whatever is above the limit is refused by its digits.
    fn size_digit(&mut self, byte: u8, message_max: usize) -> Result<Step, Refusal> {
        self.count_line()?;
        let digit = char::from(byte).to_digit(16).ok_or(MALFORMED)? as usize;
        self.left = self.left.checked_mul(16).and_then(|size| size.checked_add(digit)).ok_or(Refusal::TOO_LARGE)?;
        if self.left > message_max - self.body.len().min(message_max) { Err(Refusal::TOO_LARGE) } else { Ok(Step::SizeMore) }
    }

    /// RFC 9112 7.1.1: unknown extensions are ignored, with the blanks that may stand before them, and their total is bounded.
    fn extension(&mut self, quote: Quote, byte: u8) -> Result<Step, Refusal> {
        self.count_line()?;
        self.extensions += 1;
        if self.extensions > EXTENSIONS_MAX {
            return Err(LONG_EXTENSIONS);
        }
        match (quote, byte) {
            _ if !is_text(byte) => Err(MALFORMED),
            (Quote::Outside, b'"') | (Quote::Escaped, _) => Ok(Step::Extension(Quote::Inside)),
            (Quote::Inside, b'"') => Ok(Step::Extension(Quote::Outside)),
            (Quote::Inside, b'\\') => Ok(Step::Extension(Quote::Escaped)),
            (quote, _) => Ok(Step::Extension(quote)),
        }
    }

    fn count_line(&mut self) -> Result<(), Refusal> {
        self.line += 1;
        if self.line > CHUNK_LINE_MAX { Err(LONG_LINE) } else { Ok(()) }
    }

    /// RFC 9112 7.1.2: trailer fields have the form of header fields.
    fn trailer(&mut self, byte: u8) -> Result<Step, Refusal> {
        self.trailers += 1;
        match (self.step, byte) {
            (Step::Trailer, b'\r') => Ok(Step::EndLf),
            _ if self.trailers > TRAILERS_MAX => Err(LONG_TRAILERS),
            (Step::TrailerName, b':') => Ok(Step::TrailerValue),
            (Step::Trailer | Step::TrailerName, _) if is_token(byte) => Ok(Step::TrailerName),
            (Step::TrailerValue, b'\r') => Ok(Step::TrailerLf),
            (Step::TrailerValue, _) if is_text(byte) => Ok(Step::TrailerValue),
            (Step::TrailerLf, b'\n') => Ok(Step::Trailer),
            _ => Err(TRAILER),
        }
    }
}

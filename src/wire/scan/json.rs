//! A JSON message: it ends where its first bracket is closed. What is no JSON is refused where it stops to be any, for no byte
//! that follows could mend it.
//!
//! What JSON says need not be what Thrift wants. That is found by reading what is there, anew whenever it has grown by half:
//! all that together takes no longer than reading three messages.

use memchr::memchr2;

use crate::wire::error::ErrorKind;
use crate::wire::input::Input;
use crate::wire::json::{JsonReader, check_number, check_text};
use crate::wire::limits::Limits;
use crate::wire::nest::Nest;
use crate::wire::protocol::Reader;
use crate::wire::types::WireType;

use super::stop::Stop;

/// The longest escape of one byte.
const ESCAPE_MAX: usize = 6;
/// A message that is not longer is read anew for each look: that costs less than the look itself.
const READ_ALWAYS: usize = 256;

/// A scan of a JSON message.
#[derive(Debug)]
pub(super) struct Json {
    /// Everything before this byte was scanned and is not looked at again.
    at: usize,
    /// What is around the innermost bracket or brace.
    outer: Nest<Around>,
    around: Around,
    /// Brackets and braces that are not closed yet.
    open: usize,
    next: Next,
    token: Token,
    is_named: bool,
    /// How many bytes were there when they were last read as a message.
    read: usize,
}

/// What the next token is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Around {
    #[default]
    Nothing,
    Array,
    Object,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// What the next byte is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// Punctuation or whitespace, or the first byte of something longer.
    Plain,
    /// A number that began at this byte.
    Number(usize),
    /// A string that began at this byte.
    String(usize),
    /// A string that began at this byte, behind a backslash.
    Escape(usize),
    /// Nothing: the message is over.
    End,
}

impl Json {
    pub(super) fn new() -> Self {
        let (outer, around) = (Nest::new(), Around::Nothing);
        Self { at: 0, outer, around, open: 0, next: Next::Value, token: Token::Plain, is_named: false, read: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Scans to the end of the message, and over the whitespace behind it that is there already.
    pub(super) fn run(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        while self.token != Token::End {
            if self.at >= limits.message_max {
                return Err(Stop::Wrong(ErrorKind::MessageTooLarge));
            }
            let Some(byte) = bytes.get(self.at) else {
                self.read(bytes, limits)?;
                return Err(Stop::Need(bytes.len() + 1));
            };
            match self.token {
                Token::String(start) => self.string(start, bytes, limits)?,
                Token::Number(start) => self.number(start, *byte, bytes)?,
                Token::Escape(start) => {
                    self.at += 1;
                    self.token = Token::String(start);
                }
                Token::Plain | Token::End => self.plain(*byte, limits)?,
            }
        }
        let space = bytes[self.at..].iter().take_while(|byte| is_space(**byte));
        self.at += space.count();
        Ok(())
    }

    /// Whether what is there can be the beginning of a message.
    fn read(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        if bytes.len() > READ_ALWAYS && bytes.len() < self.read + self.read / 2 {
            return Ok(());
        }
        self.read = bytes.len();
        let mut reader = JsonReader::new(Input::new(bytes, limits));
        match reader.head().and_then(|_| reader.skip(WireType::Struct)) {
            Err(error) if error.kind != ErrorKind::UnexpectedEnd => Err(Stop::Wrong(error.kind)),
            _ => Ok(()),
        }
    }

    #[inline]
    fn plain(&mut self, byte: u8, limits: &Limits) -> Result<(), Stop> {
        let (around, next) = (self.around, self.next);
        let is_value = matches!(next, Next::Value | Next::ValueOrEnd) && around != Around::Nothing;
        match byte {
            b'[' if is_value || self.open == 0 => self.enter(Around::Array, Next::ValueOrEnd, limits)?,
            b'{' if is_value => self.enter(Around::Object, Next::KeyOrEnd, limits)?,
            b']' if around == Around::Array && matches!(next, Next::ValueOrEnd | Next::CommaOrEnd) => self.leave(),
            b'}' if around == Around::Object && matches!(next, Next::KeyOrEnd | Next::CommaOrEnd) => self.leave(),
            b',' if next == Next::CommaOrEnd => self.next = if around == Around::Array { Next::Value } else { Next::Key },
            b':' if next == Next::Colon => self.next = Next::Value,
            b'"' if is_value || matches!(next, Next::Key | Next::KeyOrEnd) => self.token = Token::String(self.at + 1),
            b'0'..=b'9' | b'-' if is_value => self.token = Token::Number(self.at),
            space if is_space(space) => {}
            _ => return Err(Stop::Wrong(ErrorKind::InvalidJson)),
        }
        self.at += 1;
        Ok(())
    }

    /// Every struct and map stands in two brackets, and all in those of the message.
    fn enter(&mut self, around: Around, next: Next, limits: &Limits) -> Result<(), Stop> {
        if self.open > 2 * limits.depth_max {
            return Err(Stop::Wrong(ErrorKind::TooDeep));
        }
        self.outer.push(self.around);
        (self.around, self.next) = (around, next);
        self.open += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.around = self.outer.pop();
        self.next = Next::CommaOrEnd;
        self.open -= 1;
        if self.open == 0 {
            self.token = Token::End;
        }
    }

    /// Goes on in a number that began at `start`. Only what stands behind it tells that it is whole.
    fn number(&mut self, start: usize, byte: u8, bytes: &[u8]) -> Result<(), Stop> {
        if matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') {
            self.at += 1;
            return Ok(());
        }
        check_number(&bytes[start..self.at]).map_err(Stop::Wrong)?;
        (self.token, self.next) = (Token::Plain, Next::CommaOrEnd);
        Ok(())
    }

    /// Goes on in a string that began at `start`.
    fn string(&mut self, start: usize, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        let found = memchr2(b'"', b'\\', &bytes[self.at..]);
        let end = found.map_or(bytes.len(), |found| self.at + found);
        if bytes[self.at..end].iter().any(|byte| *byte < b' ') {
            return Err(Stop::Wrong(ErrorKind::InvalidJson));
        }
        self.at = end;
        let (max, over) = self.longest(limits);
        if self.at - start > max.saturating_mul(ESCAPE_MAX) {
            return Err(Stop::Wrong(over));
        }
        if found.is_none() {
            return Ok(());
        }
        if bytes[self.at] == b'"' {
            check_text(&bytes[start..self.at]).map_err(Stop::Wrong)?;
            self.is_named = true;
            let is_key = matches!(self.next, Next::Key | Next::KeyOrEnd);
            (self.token, self.next) = (Token::Plain, if is_key { Next::Colon } else { Next::CommaOrEnd });
        } else {
            self.token = Token::Escape(start);
        }
        self.at += 1;
        Ok(())
    }

    /// The first string is the name of the method.
    fn longest(&self, limits: &Limits) -> (usize, ErrorKind) {
        if self.is_named {
            (limits.string_max, ErrorKind::StringTooLong)
        } else {
            (2 * limits.method_max, ErrorKind::MethodTooLong)
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

//! A JSON message: it ends where its first bracket is closed.

use memchr::memchr2;

use crate::wire::error::ErrorKind;
use crate::wire::limits::Limits;

use super::stop::Stop;

/// The longest escape of one byte.
const ESCAPE_MAX: usize = 6;

/// A scan of a JSON message.
#[derive(Debug)]
pub(super) struct Json {
    /// Everything before this byte was scanned and is not looked at again.
    at: usize,
    /// Brackets and braces that are not closed yet.
    open: usize,
    token: Token,
    is_named: bool,
}

/// What the next byte is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// Punctuation, a number or whitespace.
    Plain,
    /// A string that began at this byte.
    String(usize),
    /// A string that began at this byte, behind a backslash.
    Escape(usize),
    /// Nothing: the message is over.
    End,
}

impl Json {
    pub(super) fn new() -> Self {
        Self { at: 0, open: 0, token: Token::Plain, is_named: false }
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
            let Some(byte) = bytes.get(self.at) else { return Err(Stop::Need(bytes.len() + 1)) };
            match self.token {
                Token::String(start) => self.string(start, bytes, limits)?,
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

    #[inline]
    fn plain(&mut self, byte: u8, limits: &Limits) -> Result<(), Stop> {
        match byte {
            b'"' if self.open > 0 => self.token = Token::String(self.at + 1),
            b'[' => self.enter(limits)?,
            b'{' if self.open > 0 => self.enter(limits)?,
            b']' | b'}' if self.open > 0 => {
                self.open -= 1;
                if self.open == 0 {
                    self.token = Token::End;
                }
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' | b',' | b':' if self.open > 0 => {}
            space if is_space(space) => {}
            _ => return Err(Stop::Wrong(ErrorKind::InvalidJson)),
        }
        self.at += 1;
        Ok(())
    }

    /// Every struct and map stands in two brackets, and all in those of the message.
    fn enter(&mut self, limits: &Limits) -> Result<(), Stop> {
        if self.open > 2 * limits.depth_max {
            return Err(Stop::Wrong(ErrorKind::TooDeep));
        }
        self.open += 1;
        Ok(())
    }

    /// Goes on in a string that began at `start`.
    fn string(&mut self, start: usize, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        let found = memchr2(b'"', b'\\', &bytes[self.at..]);
        self.at = found.map_or(bytes.len(), |found| self.at + found);
        let (max, over) = self.longest(limits);
        if self.at - start > max.saturating_mul(ESCAPE_MAX) {
            return Err(Stop::Wrong(over));
        }
        if found.is_some() {
            let ends = bytes[self.at] == b'"';
            self.is_named |= ends;
            self.token = if ends { Token::Plain } else { Token::Escape(start) };
            self.at += 1;
        }
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

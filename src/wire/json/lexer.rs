//! Tokens off the input: punctuation, names, numbers and strings, with any whitespace between them.

use std::borrow::Cow;

use crate::wire::error::{Error, ErrorKind};
use crate::wire::input::Input;
use crate::wire::room;
use crate::wire::types::WireType;

use super::number::{self, NUMBER_MAX};
use super::tag::{TAG_MAX, kind_of};
use super::text::{self, Raw};

/// Takes tokens off an input.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    pub(super) input: Input<'a>,
}

impl<'a> Lexer<'a> {
    /// Goes over whitespace.
    #[inline]
    pub(super) fn space(&mut self) -> Result<(), Error> {
        let of_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        match self.input.rest().first() {
            Some(byte) if of_space(&byte) => {
                let length = self.input.rest().iter().take_while(of_space).count();
                self.input.take(length).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// The first byte of the next token.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Error> {
        self.space()?;
        self.input.rest().first().copied().ok_or_else(|| self.input.error(ErrorKind::UnexpectedEnd))
    }

    /// Takes the one punctuation mark that may come next.
    #[inline]
    pub(super) fn expect(&mut self, mark: u8) -> Result<(), Error> {
        if self.peek()? != mark {
            return Err(self.input.error(ErrorKind::InvalidJson));
        }
        self.input.take(1).map(drop)
    }

    /// What stands between quotes, as bytes without escapes and of no more than `max`.
    #[inline]
    fn quoted(&mut self, max: usize) -> Result<&'a [u8], Error> {
        self.expect(b'"')?;
        let rest = self.input.rest();
        let Some(length) = rest.iter().take(max + 1).position(|byte| *byte == b'"') else {
            let kind = if rest.len() > max { ErrorKind::InvalidJson } else { ErrorKind::UnexpectedEnd };
            return Err(self.input.error(kind));
        };
        let bytes = self.input.take(length)?;
        self.input.take(1)?;
        Ok(bytes)
    }

    /// The type of a name, if it is one.
    #[inline]
    pub(super) fn tag(&mut self) -> Result<Option<WireType>, Error> {
        let name = self.quoted(TAG_MAX)?;
        match kind_of(name) {
            None => uncommon_kind(name).map_err(|kind| self.input.error(kind)),
            known => Ok(known),
        }
    }

    /// An integer, which may be in quotes and must be in the place of a key.
    #[inline]
    pub(super) fn integer<T: TryFrom<i64>>(&mut self, is_key: bool) -> Result<T, Error> {
        let quoted = is_key || self.peek()? == b'"';
        if quoted {
            self.expect(b'"')?;
        }
        let (value, length) = number::integer(self.input.rest()).map_err(|kind| self.input.error(kind))?;
        let value = T::try_from(value).map_err(|_| self.input.error(ErrorKind::NumberOutOfRange))?;
        self.input.take(length)?;
        if quoted {
            self.end_quote()?;
        }
        Ok(value)
    }

    #[inline]
    fn end_quote(&mut self) -> Result<(), Error> {
        match self.input.byte()? {
            b'"' => Ok(()),
            _ => Err(self.input.error(ErrorKind::InvalidJson)),
        }
    }

    /// A double, which may be in quotes and must be in the place of a key.
    pub(super) fn double(&mut self, is_key: bool) -> Result<f64, Error> {
        if is_key || self.peek()? == b'"' {
            let text = self.quoted(NUMBER_MAX)?;
            return number::quoted_double(text).map_err(|kind| self.input.error(kind));
        }
        let (value, length) = number::double(self.input.rest()).map_err(|kind| self.input.error(kind))?;
        self.input.take(length)?;
        Ok(value)
    }

    /// A string as it stands there.
    #[inline]
    fn raw(&mut self) -> Result<Raw<'a>, Error> {
        self.expect(b'"')?;
        let (length, has_escapes) = text::length(self.input.rest()).map_err(|kind| self.input.error(kind))?;
        let bytes = self.input.take(length)?;
        let text = text::check(bytes).map_err(|kind| self.input.error(kind))?;
        self.input.take(1)?;
        Ok(Raw { text, has_escapes })
    }

    /// A string of no more than `max` bytes.
    #[inline]
    pub(super) fn string(&mut self, max: usize, over: ErrorKind) -> Result<Cow<'a, str>, Error> {
        let raw = self.raw()?;
        let string = if raw.has_escapes { self.unescaped(raw)?.into() } else { Cow::Borrowed(raw.text) };
        if string.len() > max { Err(self.input.error(over)) } else { Ok(string) }
    }

    fn unescaped(&self, raw: Raw<'_>) -> Result<String, Error> {
        // No escape is shorter than what it stands for.
        let mut string = String::new();
        room::had(string.try_reserve_exact(raw.text.len()));
        text::unescape(raw.text, |part| string.push_str(part)).map_err(|kind| self.input.error(kind))?;
        Ok(string)
    }

    /// Reads over a string: it must be right, and takes no memory.
    pub(super) fn skip_string(&mut self, max: usize) -> Result<(), Error> {
        let raw = self.raw()?;
        let mut length = 0;
        text::unescape(raw.text, |part| length += part.len()).map_err(|kind| self.input.error(kind))?;
        if length > max { Err(self.input.error(ErrorKind::StringTooLong)) } else { Ok(()) }
    }
}

/// A name with escapes, which nobody writes and every library reads; or none of ours, as an empty container may have it, which
/// must be text all the same.
#[cold]
fn uncommon_kind(name: &[u8]) -> Result<Option<WireType>, ErrorKind> {
    let mut plain = String::new();
    text::unescape(text::check(name)?, |part| plain.push_str(part))?;
    Ok(kind_of(plain.as_bytes()))
}

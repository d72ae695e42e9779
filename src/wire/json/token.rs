//! Tokens that are looked at for themselves, by who does not know what they are to be read as: whether any reader could take
//! them.

use crate::wire::error::ErrorKind;

use super::number::{self, NUMBER_MAX};
use super::text;

/// Whether these bytes are a number.
pub(in crate::wire) fn check_number(bytes: &[u8]) -> Result<(), ErrorKind> {
    if bytes.len() > NUMBER_MAX {
        return Err(ErrorKind::NumberOutOfRange);
    }
    match number::integer(bytes) {
        Ok((_, length)) if length == bytes.len() => Ok(()),
        _ => number::double_of(bytes).map(drop),
    }
}

/// Whether these bytes can stand between quotes.
pub(in crate::wire) fn check_text(bytes: &[u8]) -> Result<(), ErrorKind> {
    text::unescape(text::check(bytes)?, |_| ())
}

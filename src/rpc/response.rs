//! A reply as a client sees it: to which call, and a result that is still bytes.

use crate::wire::{self, Codec, Decode, ErrorKind, Input, MessageKind};

use super::caller::Answer;
use super::exception::ApplicationException;
use super::outcome::{Success, Throws};

/// One reply. Its result is decoded by [`result`](Self::result), for the client knows its type.
#[derive(Debug)]
pub struct Response<'a> {
    pub(super) method: &'a str,
    pub(super) seqid: i32,
    pub(super) kind: MessageKind,
    pub(super) codec: Codec,
    pub(super) input: Input<'a>,
    /// Whether something other than its contents says where the message ends.
    pub(super) delimited: bool,
    /// Whether the result was read to its end.
    pub(super) is_read: bool,
}

impl<'a> Response<'a> {
    /// The name of the method, as the server wrote it.
    #[inline]
    pub fn method(&self) -> &str {
        self.method
    }

    /// The number of the call.
    #[inline]
    pub fn seqid(&self) -> i32 {
        self.seqid
    }

    /// Whether it carries a TApplicationException instead of a result.
    #[inline]
    pub fn is_exception(&self) -> bool {
        self.kind == MessageKind::EXCEPTION
    }

    /// Decodes what the method returned or threw.
    ///
    /// # Errors
    /// Where the bytes are no such result.
    #[inline]
    pub fn result<T: Success, E: Throws>(&mut self) -> Result<Result<T, E>, wire::Error> {
        if self.is_exception() {
            return self.body::<ApplicationException>().map(|exception| Err(exception.into()));
        }
        self.body::<Answer<T, E>>().map(|Answer(result)| result)
    }

    /// Decodes the struct behind the head, whatever it is.
    ///
    /// # Errors
    /// Where the bytes are no such struct.
    #[inline]
    pub fn body<T: Decode<'a>>(&mut self) -> Result<T, wire::Error> {
        self.read(|codec, mut input| Ok((codec.body(&mut input)?, input)))
    }

    /// Reads the struct behind the head by other means than a type: `read` gives the cursor back at its end.
    ///
    /// # Errors
    /// Those of `read`, and bytes behind the end where `strict_trailing` refuses them.
    #[inline]
    pub fn read<T>(
        &mut self,
        read: impl FnOnce(Codec, Input<'a>) -> Result<(T, Input<'a>), wire::Error>,
    ) -> Result<T, wire::Error> {
        let (value, rest) = read(self.codec, self.input.clone())?;
        self.input = rest;
        self.is_read = true;
        if self.delimited && self.input.remaining() > 0 && self.input.limits().strict_trailing {
            return Err(self.input.error(ErrorKind::TrailingBytes));
        }
        Ok(value)
    }

    /// Reads over what was not read.
    #[inline]
    pub(super) fn finish(&mut self) -> Result<(), wire::Error> {
        if self.is_read { Ok(()) } else { self.read(|codec, mut input| Ok((codec.skip_body(&mut input)?, input))) }
    }
}

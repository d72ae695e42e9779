//! A request as a service sees it: which method, and arguments that are still bytes.

use crate::transport::header::Headers;
use crate::wire::{self, Codec, Decode, ErrorKind, Input, MessageKind};

/// One request. Its arguments are decoded by [`arguments`](Self::arguments), once the service knows their type.
#[derive(Debug)]
pub struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) kind: MessageKind,
    pub(super) seqid: i32,
    pub(super) codec: Codec,
    pub(super) input: Input<'a>,
    pub(super) headers: Headers<'a>,
    /// Whether something other than its contents says where the message ends.
    pub(super) delimited: bool,
    /// Whether the arguments were read to their end.
    pub(super) is_read: bool,
}

/// Why a service did not answer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has no such method. Nothing was read of the arguments.
    UnknownMethod,
    /// The arguments are not what the method asks for. The handler was not called.
    Arguments(wire::Error),
}

impl From<wire::Error> for Fault {
    fn from(error: wire::Error) -> Self {
        Self::Arguments(error)
    }
}

impl<'a> Request<'a> {
    /// The name of the method, without a service before it.
    #[inline]
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// Whether the client said that it waits for no answer.
    #[inline]
    pub fn is_oneway(&self) -> bool {
        self.kind == MessageKind::ONEWAY
    }

    /// The number that the reply repeats.
    #[inline]
    pub fn seqid(&self) -> i32 {
        self.seqid
    }

    /// The info headers that came with the request: those of a THeader client, and none from any other.
    #[inline]
    pub fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// Decodes the arguments. They may borrow from the message.
    ///
    /// # Errors
    /// Where the bytes are not such arguments.
    #[inline]
    pub fn arguments<T: Decode<'a>>(&mut self) -> Result<T, Fault> {
        let arguments = self.codec.body(&mut self.input)?;
        self.finish()?;
        Ok(arguments)
    }

    /// Reads over the arguments.
    pub(super) fn skip_arguments(&mut self) -> Result<(), wire::Error> {
        self.codec.skip_body(&mut self.input)?;
        self.finish()
    }

    #[inline]
    fn finish(&mut self) -> Result<(), wire::Error> {
        self.is_read = true;
        if !self.delimited && self.input.is_overspent() {
            return Err(self.input.error(ErrorKind::HeapBudget));
        }
        if self.delimited && self.input.remaining() > 0 && self.input.limits().strict_trailing {
            return Err(self.input.error(ErrorKind::TrailingBytes));
        }
        Ok(())
    }
}

//! What a call comes to: a value or an exception. Both sides use these: a server to answer, a client to read the answer.

use crate::wire::{Decode, Encode, Error, Reader, WireType};

use super::exception::ApplicationException;
use super::reply::Reply;

/// A value to answer with: anything that has a type on the wire, or nothing.
pub trait Returned {
    /// Writes the answer.
    fn answer(&self, reply: &mut Reply<'_>);
}

impl<T: Encode> Returned for T {
    #[inline]
    fn answer(&self, reply: &mut Reply<'_>) {
        reply.field(0, self);
    }
}

impl Returned for () {
    #[inline]
    fn answer(&self, reply: &mut Reply<'_>) {
        reply.void();
    }
}

/// A value that a method returns, and that can be kept when the message is gone.
pub trait Success: Returned + Sized {
    /// Reads the value of field 0 of an answer. `None` where it is of another type, and was read over.
    ///
    /// # Errors
    /// Where the bytes are not such a value.
    fn decode<'a, R: Reader<'a>>(kind: WireType, reader: &mut R) -> Result<Option<Self>, Error>;

    /// The value of an answer without any field, where there is one.
    fn absent() -> Option<Self>;
}

impl<T: Encode + for<'a> Decode<'a>> Success for T {
    #[inline]
    fn decode<'a, R: Reader<'a>>(kind: WireType, reader: &mut R) -> Result<Option<Self>, Error> {
        if kind == T::TYPE {
            return <T as Decode<'a>>::decode(reader).map(Some);
        }
        reader.skip(kind)?;
        Ok(None)
    }

    fn absent() -> Option<Self> {
        None
    }
}

impl Success for () {
    #[inline]
    fn decode<'a, R: Reader<'a>>(kind: WireType, reader: &mut R) -> Result<Option<Self>, Error> {
        reader.skip(kind)?;
        Ok(Some(()))
    }

    fn absent() -> Option<Self> {
        Some(())
    }
}

/// The exceptions that a method declares, and [`ApplicationException`] for all others.
pub trait Throws: Sized + From<ApplicationException> {
    /// Writes the answer.
    fn answer(&self, reply: &mut Reply<'_>);

    /// Reads the exception that is field `id` of an answer, or `None` where there is no such exception, and nothing is read.
    ///
    /// # Errors
    /// Where the bytes are not such an exception.
    fn decode<'a, R: Reader<'a>>(id: i16, kind: WireType, reader: &mut R) -> Result<Option<Self>, Error>;
}

impl Throws for ApplicationException {
    #[inline]
    fn answer(&self, reply: &mut Reply<'_>) {
        reply.application(self);
    }

    #[inline]
    fn decode<'a, R: Reader<'a>>(_: i16, _: WireType, _: &mut R) -> Result<Option<Self>, Error> {
        Ok(None)
    }
}

impl Reply<'_> {
    /// Answers with what a handler returned.
    #[inline]
    pub fn result<T: Returned, E: Throws>(&mut self, result: &Result<T, E>) {
        match result {
            Ok(value) => value.answer(self),
            Err(exception) => exception.answer(self),
        }
    }
}

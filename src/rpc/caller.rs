//! The client's side of generated code: what a generated client calls through, and what it reads back.

use std::error::Error as StdError;

use crate::wire::{Decode, Encode, Error, Reader, Typed, WireType};

use super::exception::{ApplicationException, ExceptionKind};
use super::outcome::{Success, Throws};

/// Carries one call to a server and brings back the answer.
pub trait Caller {
    /// Calls `method`, and waits for its answer.
    ///
    /// # Errors
    /// Where the call did not get through or was answered with a TApplicationException.
    fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>>;

    /// Calls `method` without waiting: there is no answer.
    ///
    /// # Errors
    /// Where the call could not be sent.
    fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>>;
}

/// A caller that is lent to a generated client, and used otherwise between its calls.
impl<C: Caller> Caller for &mut C {
    fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>> {
        (**self).call(method, arguments)
    }

    fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>> {
        (**self).send(method, arguments)
    }
}

/// Why a call brought back no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError<E> {
    /// The server answered with an exception: one that the method declares, or a TApplicationException.
    #[error("{0}")]
    Exception(E),
    /// The call did not get there, or its answer did not get back.
    #[error("{0}")]
    Failed(Box<dyn StdError + Send + Sync>),
}

/// The result struct of an answer, as a client decodes it.
#[derive(Debug)]
pub struct Answer<T, E>(pub Result<T, E>);

impl<T, E> Typed for Answer<T, E> {
    const TYPE: WireType = WireType::Struct;
}

impl<'a, T: Success, E: Throws> Decode<'a> for Answer<T, E> {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut answer = None;
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            if field.id == 0 {
                answer = T::decode(field.kind, reader)?.map(Ok).or(answer);
            } else if let Some(exception) = E::decode(field.id, field.kind, reader)? {
                answer = Some(Err(exception));
            } else {
                reader.skip(field.kind)?;
            }
        }
        let missing = || ApplicationException::new(ExceptionKind::MISSING_RESULT, "the answer holds no result");
        Ok(Self(answer.or_else(|| T::absent().map(Ok)).unwrap_or_else(|| Err(missing().into()))))
    }
}

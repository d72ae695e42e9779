//! From a request to its reply: route it, call the service, and answer for everything that the service did not.

use std::any::Any;
use std::collections::TryReserveError;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::wire::{self, ErrorKind, Mark, MessageKind};

use super::exception::{ApplicationException, ExceptionKind};
use super::reply::{Reply, State};
use super::request::{Fault, Request};
use super::service::Service;
use super::stats::Stats;

/// Answers a request. Without a service, nobody here has such a method.
///
/// # Errors
/// Where the arguments are not what the method asks for. The handler was not called, and nothing is written.
#[inline(always)]
#[allow(clippy::inline_always)] // as for its only caller
pub(super) fn answer(
    service: Option<&Arc<dyn Service>>,
    request: &mut Request<'_>,
    reply: &mut Reply<'_>,
    stats: &Stats,
) -> Result<(), wire::Error> {
    if request.kind != MessageKind::CALL && request.kind != MessageKind::ONEWAY {
        stats.invalid_kinds.add_one();
        request.skip_arguments()?;
        let text = format!("a server takes calls, not messages of type {}", request.kind.0);
        reply.application(&ApplicationException::new(ExceptionKind::INVALID_MESSAGE_TYPE, text));
        return Ok(());
    }
    let Some(service) = service else { return unknown_method(request, reply, stats) };
    let start = reply.out.mark();
    // The handler is the user's: it may be left in the middle by a panic, as any value behind a `Mutex` may be.
    match survive(|| service.call(request, reply)) {
        Ok(Ok(())) => {
            if reply.state == State::Open {
                reply.application(&ApplicationException::internal("the service did not answer"));
            }
            Ok(())
        }
        // A promise stays one: who holds it answers, and dropping it answers too.
        Ok(Err(_)) if reply.state == State::Deferred => Ok(()),

        Ok(Err(Fault::UnknownMethod)) => unknown_method(request, reply, stats),
        Ok(Err(Fault::Arguments(error))) => Err(error),
        Err(payload) => throw_away(payload).answer(start, request, reply, stats),
    }
}

/// Why a call did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unwound {
    /// The handler panicked.
    Panicked,
    /// There was no memory for its arguments or for the answer.
    Starved,
}

impl Unwound {
    /// What a panic carries tells.
    pub(super) fn of(payload: &(dyn Any + Send)) -> Self {
        if payload.is::<TryReserveError>() { Self::Starved } else { Self::Panicked }
    }

    /// Counts it, and answers in place of the handler, of whose answer nothing stays that came behind `start`.
    #[cold]
    #[inline(never)]
    fn answer(self, start: Mark, request: &mut Request<'_>, reply: &mut Reply<'_>, stats: &Stats) -> Result<(), wire::Error> {
        match self {
            Self::Panicked => stats.panics.add_one(),
            Self::Starved => stats.no_memory.add_one(),
        }
        // A promise stays one.
        if reply.state == State::Deferred {
            return Ok(());
        }
        reply.out.rollback(start);
        reply.state = State::Open;
        match self {
            // Where the message ends is known without having read it.
            Self::Starved if request.is_read || request.delimited => {
                request.input.take(request.input.remaining())?;
                reply.application(&ApplicationException::no_memory());
            }
            Self::Starved => return Err(request.input.error(ErrorKind::NoMemory)),
            Self::Panicked if !request.is_read => return Err(request.input.error(ErrorKind::Unreadable)),
            Self::Panicked => reply.application(&ApplicationException::internal("internal error")),
        }
        Ok(())
    }
}

/// Lets the handler panic, and throws away what its panic carries, which is the user's, too, and may panic when it is dropped.
#[inline]
fn survive<T>(call: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(call))
}

#[cold]
fn throw_away(payload: Box<dyn Any + Send>) -> Unwound {
    let unwound = Unwound::of(&*payload);
    // Nothing good can come of dropping what the second panic carries.
    catch_unwind(AssertUnwindSafe(|| drop(payload))).unwrap_or_else(mem::forget);
    unwound
}

#[cold]
fn unknown_method(request: &mut Request<'_>, reply: &mut Reply<'_>, stats: &Stats) -> Result<(), wire::Error> {
    stats.unknown_methods.add_one();
    request.skip_arguments()?;
    reply.application(&ApplicationException::unknown_method(reply.call.method));
    Ok(())
}

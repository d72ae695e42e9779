//! Why a call failed, for a person: who was called, for what, how it was asked, and what came back instead.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::rpc::{CallError, Failure};
use crate::transport::{self, Kind, Stack};
use crate::wire::Codec;

use super::address::AddressError;

/// Why a call failed. It names the peer, the service and the method, the protocol and the transport.
#[derive(Debug)]
pub struct Error {
    place: Box<Place>,
    cause: Cause,
}

/// What was asked of whom.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) peer: String,
    pub(super) service: String,
    pub(super) method: Cow<'static, str>,
    pub(super) codec: Codec,
    pub(super) transport: Stack,
    /// Nothing ever came over this connection: the two sides may not speak the same.
    pub(super) is_mute: bool,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The client cannot be built as it is described.
    #[error("{0}")]
    Setting(String),
    /// The host has no address.
    #[error("the host cannot be found: {0}")]
    Resolve(io::Error),
    /// No connection came about.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// The connection could not be secured, or is not secure any more.
    #[error("TLS: {0}")]
    Tls(String),
    /// The time of the call was up.
    #[error("timed out after {after:?} while {step}")]
    Timeout {
        /// What it waited for.
        step: Step,
        /// How long the call had.
        after: Duration,
    },
    /// The connection broke.
    #[error("the connection broke while {step}: {error}")]
    Io {
        /// What it did.
        step: Step,
        /// What the system said.
        error: io::Error,
    },
    /// No answer, or none that can be read.
    #[error(transparent)]
    Call(Failure),
    /// An earlier call failed on this connection, and what comes next over it cannot be known.
    #[error("an earlier call failed on this connection; connect again")]
    Broken,
}

/// What a call was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Waiting for a connection of the pool.
    Queueing,
    /// Looking up the host.
    Resolving,
    /// Connecting.
    Connecting,
    /// Agreeing on TLS.
    Securing,
    /// Sending the request.
    Sending,
    /// Waiting for the answer, or for the rest of it.
    Waiting,
}

impl Error {
    pub(super) fn new(place: Place, cause: Cause) -> Self {
        Self { place: Box::new(place), cause }
    }

    /// The error in what a generated client returned, where it was this one.
    pub fn of<E>(error: &CallError<E>) -> Option<&Self> {
        match error {
            CallError::Failed(error) => error.downcast_ref(),
            _ => None,
        }
    }

    /// What went wrong.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The address that was called, as it was given.
    pub fn peer(&self) -> &str {
        &self.place.peer
    }

    /// The method that was called; empty where there was no call yet.
    pub fn method(&self) -> &str {
        &self.place.method
    }

    /// Whether the time of the call was up. It may have been carried out all the same.
    pub fn is_timeout(&self) -> bool {
        matches!(self.cause, Cause::Timeout { .. })
    }

    /// Whether the connection ended before a byte of an answer came.
    pub fn is_unanswered(&self) -> bool {
        self.cause.is_unanswered()
    }
}

impl Cause {
    pub(super) fn is_unanswered(&self) -> bool {
        match self {
            Self::Call(Failure::Closed { partial }) => !partial,
            Self::Io { step: Step::Sending, .. } => true,
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { peer, service, method, codec, transport, is_mute } = &*self.place;
        f.write_str(peer)?;
        match (&**service, &**method) {
            ("", "") => {}
            ("", method) => write!(f, ": {method}")?,
            (service, "") => write!(f, ": {service}")?,
            (service, method) => write!(f, ": {service}.{method}")?,
        }
        write!(f, " ({}, {transport}): {}", codec.name(), self.cause)?;
        match (&self.cause, transport.outer) {
            (Cause::Timeout { step: Step::Waiting, .. }, _) if *is_mute => {
                f.write_str("; nothing ever came back: does the peer expect another transport?")
            }
            (cause, Kind::Unframed) if *is_mute && cause.is_unanswered() => f.write_str(": does it expect a framed transport?"),
            (cause, Kind::Http) if *is_mute && cause.is_unanswered() => f.write_str(": does it speak HTTP?"),
            (cause, _) if *is_mute && cause.is_unanswered() => f.write_str(": does it expect another transport?"),
            (Cause::Call(Failure::Transport(transport::Error::Speaks(_))), _) => f.write_str("; this client does not"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Resolve(error) | Cause::Connect(error) | Cause::Io { error, .. } => Some(error),
            Cause::Call(failure) => Some(failure),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queueing => "waiting for a connection of the pool",
            Self::Resolving => "looking up the host",
            Self::Connecting => "connecting",
            Self::Securing => "agreeing on TLS",
            Self::Sending => "sending the request",
            Self::Waiting => "waiting for the answer",
        })
    }
}

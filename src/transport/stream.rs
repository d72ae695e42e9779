//! The closed set of transports, chosen once per connection.

use crate::wire::Codec;

use super::error::Error;
use super::frame::{Phase, Split};
use super::framed::Framed;
use super::limits::Limits;
use super::unframed::Unframed;

/// How the messages of a connection are delimited.
#[derive(Debug)]
pub enum Transport {
    /// By a length before each.
    Framed(Framed),
    /// By their contents.
    Unframed(Unframed),
}

impl Transport {
    /// The framed transport.
    pub fn framed() -> Self {
        Self::Framed(Framed::default())
    }

    /// No transport at all.
    pub fn unframed(codec: Codec) -> Self {
        Self::Unframed(Unframed::new(codec))
    }

    /// Looks for the next message at the front of `input`, which holds all that was not consumed yet.
    ///
    /// # Errors
    /// Where the stream is not what the transport asks for; the connection must end.
    #[inline]
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        match self {
            Self::Framed(framed) => framed.split(input, limits),
            Self::Unframed(unframed) => unframed.split(input, limits),
        }
    }

    /// Where the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        match self {
            Self::Framed(framed) => framed.phase(input),
            Self::Unframed(unframed) => unframed.phase(input),
        }
    }

    /// Whether only the contents of a message say where it ends.
    pub fn is_unframed(&self) -> bool {
        matches!(self, Self::Unframed(_))
    }

    /// The open message proved longer than its input, or must be cut out whole: scan for its end at the next look.
    pub fn scan_first(&mut self) {
        if let Self::Unframed(unframed) = self {
            unframed.scan_first();
        }
    }

    /// The name of the transport, as Apache's cross-test spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Framed(_) => "framed",
            Self::Unframed(_) => "buffered",
        }
    }
}

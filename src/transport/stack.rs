//! What a client puts around its messages, by name: a transport, and perhaps a layer inside of it.

use std::fmt;
use std::str::FromStr;

use crate::wire::Codec;

use super::kind::Kind;

/// What stands around each message inside of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// A length before it (TFramedTransport).
    Framed,
    /// An envelope around it, which carries info headers (THeaderTransport).
    Header,
}

/// A transport, and what stands inside of it: `http`, or `http+header`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stack {
    /// What goes over the connection.
    pub outer: Kind,
    /// What is inside of that, around each message.
    pub inner: Option<Layer>,
}

impl Layer {
    /// The name of the layer: that of the transport which it would be by itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Framed => Kind::Framed.name(),
            Self::Header => Kind::Header.name(),
        }
    }
}

impl Stack {
    /// All that make sense. A frame in an HTTP body is what no server looks for, and what stands around nothing is a transport.
    pub const ALL: [Self; 12] = [
        Self::of(Kind::Framed, None),
        Self::of(Kind::Unframed, None),
        Self::of(Kind::Http, None),
        Self::of(Kind::Header, None),
        Self::of(Kind::Zlib, None),
        Self::of(Kind::WebSocket, None),
        Self::of(Kind::Framed, Some(Layer::Header)),
        Self::of(Kind::Http, Some(Layer::Header)),
        Self::of(Kind::Zlib, Some(Layer::Header)),
        Self::of(Kind::Zlib, Some(Layer::Framed)),
        Self::of(Kind::WebSocket, Some(Layer::Header)),
        Self::of(Kind::WebSocket, Some(Layer::Framed)),
    ];

    const fn of(outer: Kind, inner: Option<Layer>) -> Self {
        Self { outer, inner }
    }

    /// Whether it is one of [`ALL`](Self::ALL).
    pub fn is_known(self) -> bool {
        Self::ALL.contains(&self)
    }

    /// Whether messages have an envelope, and info headers with it.
    pub fn has_envelope(self) -> bool {
        self.outer == Kind::Header || self.inner == Some(Layer::Header)
    }

    /// Whether messages of this codec travel this way.
    pub fn carries(self, codec: Codec) -> bool {
        // No library takes JSON behind a header.
        !self.has_envelope() || codec != Codec::Json
    }
}

impl From<Kind> for Stack {
    fn from(outer: Kind) -> Self {
        Self::of(outer, None)
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outer.name())?;
        self.inner.map_or(Ok(()), |inner| write!(f, "+{}", inner.name()))
    }
}

/// The text names no transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a transport; there are framed, buffered, http, header, zlib and websocket, and with something inside framed+header, \
     http+header, zlib+header, zlib+framed, websocket+header and websocket+framed"
)]
pub struct UnknownStack;

impl FromStr for Stack {
    type Err = UnknownStack;

    fn from_str(name: &str) -> Result<Self, UnknownStack> {
        match name {
            "unframed" => Ok(Kind::Unframed.into()),
            _ => Self::ALL.into_iter().find(|stack| stack.to_string() == name).ok_or(UnknownStack),
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownStack;

    /// That of a transport with nothing inside.
    fn from_str(name: &str) -> Result<Self, UnknownStack> {
        match name.parse()? {
            Stack { outer, inner: None } => Ok(outer),
            _ => Err(UnknownStack),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for stack in Stack::ALL {
            assert_eq!(stack.to_string().parse(), Ok(stack));
            assert_eq!(stack.carries(Codec::Json), !stack.to_string().contains("header"), "{stack}");
        }
        for wrong in ["", "+", "http+", "http+framed", "header+header", "framed+http", "http+header+framed", "HTTP"] {
            assert_eq!(wrong.parse::<Stack>(), Err(UnknownStack), "{wrong}");
        }
    }
}

//! Which transports clients speak, by name.

use std::fmt;

/// Which transport a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A length before each message (TFramedTransport).
    Framed,
    /// Nothing around a message (TBufferedTransport, TSocket).
    Unframed,
    /// A message in the body of an HTTP request (THttpClient).
    Http,
    /// An envelope around each message, which carries info headers (THeaderTransport).
    Header,
    /// One zlib stream each way, and nothing around a message in it (TZlibTransport).
    Zlib,
    /// A WebSocket message around each, JSON as text (TWebSocketTransport).
    WebSocket,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Framed, Self::Unframed, Self::Http, Self::Header, Self::Zlib, Self::WebSocket];

    /// The name of the transport, as Apache's cross-test spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Framed => "framed",
            Self::Unframed => "buffered",
            Self::Http => "http",
            Self::Header => "header",
            Self::Zlib => "zlib",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

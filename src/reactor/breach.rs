//! Why a stream could not be secured. It names no library: a build without TLS has these words too.

use std::io;

/// What ended a connection before its bytes could be trusted, or because they no longer can. It repeats nothing that a peer said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// Plain text where only TLS is taken.
    #[error("plain text where only TLS is taken")]
    PlainText,
    /// The handshake was not done in time.
    #[error("the TLS handshake took longer than `tls_handshake_timeout`")]
    Timeout,
    /// A record was begun, and not done in time.
    #[error("a TLS record took longer than `tls_handshake_timeout`")]
    Stalled,
    /// The peer went away within the handshake.
    #[error("the peer closed within the TLS handshake")]
    Abandoned,
    /// The peer refused: our certificate, mostly.
    #[error("the peer refused TLS with the alert {0}")]
    Alert(&'static str),
    /// The two have nothing in common.
    #[error("no TLS that both sides speak: {0}")]
    Incompatible(&'static str),
    /// The peer's certificate is missing or was refused.
    #[error("the peer's certificate {0}")]
    Certificate(&'static str),
    /// Bytes that are no TLS, or that someone changed on their way.
    #[error("not TLS as it should be: {0}")]
    Protocol(&'static str),
}

impl Breach {
    /// The name of its counter.
    pub fn label(self) -> &'static str {
        match self {
            Breach::PlainText => "tls_plain_text",
            Breach::Timeout => "tls_handshake_timeout",
            Breach::Stalled => "tls_record_timeout",
            Breach::Abandoned => "tls_abandoned",
            Breach::Alert(_) => "tls_alert",
            Breach::Incompatible(_) => "tls_incompatible",
            Breach::Certificate(_) => "tls_certificate",
            Breach::Protocol(_) => "tls_protocol",
        }
    }

    /// A stream reports a breach as an input error that carries it.
    pub(super) fn find(error: &io::Error) -> Option<Breach> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<Breach> for io::Error {
    fn from(breach: Breach) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, breach)
    }
}

//! What commands that call a server are told about TLS.

use std::path::PathBuf;

use clap::Args;

use crate::client::Builder;
use crate::tls::ClientOptions;

/// Whether to speak TLS, whom to trust, and who to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(super) struct Trust {
    /// Speak TLS, as an https:// address does by itself; the other --tls flags imply it.
    #[arg(long = "tls")]
    tls: bool,

    /// Trust the authorities in this file (PEM) [default: those that the system trusts].
    #[arg(long = "tls-ca", value_name = "FILE")]
    ca: Option<PathBuf>,

    /// The client's own certificate (PEM), for servers that ask.
    #[arg(long = "tls-cert", value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,

    /// The private key of that certificate (PEM, not encrypted).
    #[arg(long = "tls-key", value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,

    /// The name that the server's certificate must show [default: the host of ADDR].
    #[arg(long = "tls-server-name", value_name = "NAME")]
    server_name: Option<String>,
}

impl Trust {
    /// Has the builder speak TLS, if that is wanted.
    pub(super) fn apply(&self, builder: Builder) -> Builder {
        if *self == Self::default() {
            return builder;
        }
        let Self { ca, cert, key, server_name, .. } = self.clone();
        builder.tls(ClientOptions { ca, certificate: cert, key, server_name })
    }
}

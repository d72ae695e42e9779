//! What `serve` is told about TLS, by flags, environment or file.

use std::path::PathBuf;

use clap::Args;

use crate::server::tls::{Prepared, Tls};
use crate::tls::ServerOptions;

/// The names of the settings, as a file and the environment have them, with what they are.
pub(super) const SETTINGS: [(&str, &str); 6] = [
    ("tls_cert", "file with the server's certificate"),
    ("tls_key", "file with its private key"),
    ("tls_client_ca", "file with the authorities of clients"),
    ("tls_client_san", "list of names that clients must have one of"),
    ("tls_crl", "file with the certificates that clients may no longer use"),
    ("tls_only", "switch: refuse plain text"),
];

/// Where certificates and keys are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(super) struct Secured {
    /// Take TLS on every address, with this certificate (PEM; those of its issuers behind it). Plain text stays welcome.
    #[arg(long = "tls-cert", value_name = "FILE")]
    cert: Option<PathBuf>,

    /// The private key of the certificate (PEM, not encrypted).
    #[arg(long = "tls-key", value_name = "FILE")]
    key: Option<PathBuf>,

    /// Ask TLS clients for a certificate that an authority in this file issued (PEM), and refuse all others, plain text too.
    #[arg(long = "tls-client-ca", value_name = "FILE")]
    client_ca: Option<PathBuf>,

    /// Of those clients take only the ones whose certificate shows this name among its subject alternative names; repeat it for
    /// several.
    ///
    /// A DNS name, an IP address, or a URI such as spiffe://example.org/web. A client needs one of them; common names never count.
    #[arg(long = "tls-client-san", value_name = "NAME")]
    client_san: Vec<String>,

    /// Refuse those of them whose certificate is on a list in this file (CRLs in PEM, one for each authority of theirs).
    #[arg(long = "tls-crl", value_name = "FILE")]
    crl: Option<PathBuf>,

    /// Refuse plain text.
    #[arg(long = "tls-only")]
    only: bool,
}

impl Secured {
    /// Sets what `name` stands for; `None` where it stands for nothing here.
    pub(super) fn set(&mut self, name: &str, text: &str) -> Option<Result<(), String>> {
        let file = match name {
            "tls_cert" => &mut self.cert,
            "tls_key" => &mut self.key,
            "tls_client_ca" => &mut self.client_ca,
            "tls_crl" => &mut self.crl,
            "tls_client_san" => {
                let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
                self.client_san = names.map(str::to_owned).collect();
                return Some(Ok(()));
            }
            "tls_only" => {
                let only = text.parse().map(|only| self.only = only);
                return Some(only.map_err(|_| format!("`tls_only` cannot be {text:?}: it is true or false")));
            }
            _ => return None,
        };
        if text.is_empty() {
            return Some(Err(format!("`{name}` cannot be empty: it is a file")));
        }
        *file = Some(text.into());
        Some(Ok(()))
    }

    /// What `flags` say goes before what is here.
    pub(super) fn override_by(&mut self, flags: Self) {
        let Self { cert, key, client_ca, client_san, crl, only } = flags;
        self.cert = cert.or(self.cert.take());
        self.key = key.or(self.key.take());
        self.client_ca = client_ca.or(self.client_ca.take());
        self.crl = crl.or(self.crl.take());
        if !client_san.is_empty() {
            self.client_san = client_san;
        }
        self.only |= only;
    }

    /// Reads the files, where there are any.
    pub(super) fn load(self) -> Result<Option<Tls>, String> {
        let options = self.options()?;
        options.map(|(options, only)| Tls::load(options, only).map_err(|error| error.to_string())).transpose()
    }

    /// Reads them for a server that runs with `tls`.
    pub(super) fn read_again(self, tls: Option<&Tls>) -> Result<Option<Prepared<'_>>, String> {
        let (tls, options, only) = match (tls, self.options()?) {
            (None, None) => return Ok(None),
            (Some(tls), Some((options, only))) => (tls, options, only),
            _ => return Err("whether TLS is taken cannot change while the server runs: start it anew".into()),
        };
        if (only || options.client_ca.is_some()) && !tls.is_only() {
            return Err(
                "plain text cannot be refused, nor a certificate asked of every client, before the server is started anew".into(),
            );
        }
        tls.prepare(options).map(Some).map_err(|error| error.to_string())
    }

    /// Where the files are, and whether plain text is refused.
    fn options(self) -> Result<Option<(ServerOptions, bool)>, String> {
        let Self { cert, key, client_ca, client_san, crl, only } = self;
        match (cert, key) {
            (Some(certificate), Some(key)) => {
                let options = ServerOptions { certificate, key, client_ca, client_names: client_san, client_revocations: crl };
                Ok(Some((options, only)))
            }
            (Some(_), None) => Err("--tls-cert needs --tls-key, the file with its private key".to_owned()),
            (None, Some(_)) => Err("--tls-key needs --tls-cert, the file with its certificate".to_owned()),
            (None, None) if only || client_ca.is_some() || !client_san.is_empty() || crl.is_some() => {
                Err("TLS needs --tls-cert and --tls-key, the server's certificate and its private key".to_owned())
            }
            (None, None) => Ok(None),
        }
    }
}

//! Which servers a client believes, and who it proves to be.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};

use super::error::Error;
use super::files::{provider, read_authorities, read_identity, system_authorities};

/// Whom a client trusts, and its own certificate. Files are in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientOptions {
    /// Authorities to trust. Without, those that the system trusts.
    pub ca: Option<PathBuf>,
    /// The client's own certificate, and those of its issuers behind it, for servers that ask.
    pub certificate: Option<PathBuf>,
    /// Its private key, not encrypted.
    pub key: Option<PathBuf>,
    /// The name that the server's certificate must show, where that is not the host of the address.
    pub server_name: Option<String>,
}

impl ClientOptions {
    /// Reads the files. TLS 1.3 and 1.2, sessions resumed by tickets.
    ///
    /// # Errors
    /// Which file is wrong, and what would be right.
    pub fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let provider = provider();
        let roots = match &self.ca {
            Some(file) => read_authorities(file)?,
            None => system_authorities()?,
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(Error::Library)?
            .with_root_certificates(roots);
        let mut config = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                let identity = read_identity(certificate, key, &provider)?;
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
            }
            (None, None) => builder.with_no_client_auth(),
            _ => return Err(Error::HalfIdentity),
        };
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Arc::new(config))
    }
}

/// Sessions kept to be resumed. A client calls one server.
const SESSIONS: usize = 8;

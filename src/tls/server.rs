//! Who a server proves to be, and which clients it believes.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::Ticketer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};

use super::error::Error;
use super::files::{provider, read_authorities, read_identity, read_revocations};
use super::names::Named;

/// Where a server's certificate and key are, and which clients it takes. Files are in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerOptions {
    /// The server's certificate, and those of its issuers behind it.
    pub certificate: PathBuf,
    /// Its private key, not encrypted: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// Authorities: every client must have a certificate that one of them issued. Without, clients are not asked for any.
    pub client_ca: Option<PathBuf>,
    /// Of those clients, only the ones whose certificate shows one of these among its subject alternative names: DNS names, IP
    /// addresses, or URIs such as `spiffe://example.org/web`. Common names never count. Empty: all of them.
    pub client_names: Vec<String>,
    /// Lists of the certificates that those authorities revoked (CRLs), one behind the other. Where there are any, there must be
    /// one of each authority, those in the middle of a chain too: a client whose certificate cannot be looked up is refused. A
    /// list whose time is over is taken as it is.
    pub client_revocations: Option<PathBuf>,
}

impl ServerOptions {
    /// With that certificate and key, and without asking clients for theirs.
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { certificate: certificate.into(), key: key.into(), ..Self::default() }
    }

    /// Reads the files. TLS 1.3 and 1.2, sessions resumed by tickets, no early data; over ALPN http/1.1 for who asks.
    ///
    /// A session that began under another configuration is not resumed: its client is looked at again.
    ///
    /// # Errors
    /// Which file is wrong, and what would be right.
    pub fn config(&self) -> Result<Arc<ServerConfig>, Error> {
        let provider = provider();
        let identity = read_identity(&self.certificate, &self.key, &provider)?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(Error::Library)?;
        let builder = match self.client_verifier(provider)? {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Tickets need no memory here, and their keys go with this configuration.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new().map_err(Error::Library)?;
        Ok(Arc::new(config))
    }

    fn client_verifier(
        &self,
        provider: Arc<rustls::crypto::CryptoProvider>,
    ) -> Result<Option<Arc<dyn ClientCertVerifier>>, Error> {
        let Some(file) = &self.client_ca else {
            return match self {
                Self { client_names, .. } if !client_names.is_empty() => Err(Error::NamesWithoutAuthority),
                Self { client_revocations: Some(_), .. } => Err(Error::RevocationsWithoutAuthority),
                _ => Ok(None),
            };
        };
        let roots = Arc::new(read_authorities(file)?);
        let revocations = self.client_revocations.as_deref().map(read_revocations).transpose()?;
        let chain = WebPkiClientVerifier::builder_with_provider(roots, provider)
            .with_crls(revocations.unwrap_or_default())
            .build()
            .map_err(|error| Error::Unfit { file: file.clone(), what: error.to_string() })?;
        if self.client_names.is_empty() {
            return Ok(Some(chain));
        }
        Ok(Some(Arc::new(Named::new(chain, &self.client_names)?)))
    }
}

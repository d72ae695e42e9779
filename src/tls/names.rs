//! Which clients are let in, among those whose certificates are in order: by a name that the certificate shows.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme};

use super::error::Error;

/// A name that a client's certificate may show among its subject alternative names. Common names never count.
#[derive(Debug)]
enum Name {
    Host(ServerName<'static>),
    Uri(String),
}

/// Verifies certificates as `chain` does, and then that one of the names is there.
#[derive(Debug)]
pub(super) struct Named {
    chain: Arc<dyn ClientCertVerifier>,
    names: Vec<Name>,
}

impl Named {
    pub(super) fn new(chain: Arc<dyn ClientCertVerifier>, names: &[String]) -> Result<Self, Error> {
        let names = names.iter().map(|name| parse(name)).collect::<Result<_, _>>()?;
        Ok(Named { chain, names })
    }

    fn admits(&self, certificate: &CertificateDer<'_>) -> Result<bool, rustls::Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let shown = webpki::EndEntityCert::try_from(certificate).map_err(|_| CertificateError::BadEncoding)?;
        Ok(self.names.iter().any(|name| match name {
            Name::Host(host) => verify_server_name(&parsed, host).is_ok(),
            Name::Uri(uri) => shown.valid_uri_names().any(|shown| shown == uri),
        }))
    }
}

fn parse(name: &str) -> Result<Name, Error> {
    if name.contains("://") || name.starts_with("urn:") {
        return Ok(Name::Uri(name.to_owned()));
    }
    let host = ServerName::try_from(name).map_err(|_| Error::Name { name: name.to_owned() })?;
    Ok(Name::Host(host.to_owned()))
}

impl ClientCertVerifier for Named {
    fn offer_client_auth(&self) -> bool {
        self.chain.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        if self.admits(end_entity)? { Ok(verified) } else { Err(CertificateError::ApplicationVerificationFailure.into()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

//! PEM files: certificates, keys and authorities.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::error::Error;

/// The cryptography that everything here uses.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A certificate with those of its issuers, and its key.
pub(super) fn read_identity(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, Error> {
    let chain = read_certificates(certificate)?;
    let secret = read_key(key)?;
    let unfit = |file: &Path, error: &rustls::Error| Error::Unfit { file: file.to_owned(), what: error.to_string() };
    let signer = provider.key_provider.load_private_key(secret).map_err(|error| unfit(key, &error))?;
    let identity = CertifiedKey::new(chain, signer);
    match identity.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(identity),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(Error::Mismatch { certificate: certificate.to_owned(), key: key.to_owned() })
        }
        Err(error) => Err(unfit(certificate, &error)),
    }
}

/// The authorities in a file.
pub(super) fn read_authorities(file: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(file)? {
        roots.add(certificate).map_err(|error| Error::Unfit { file: file.to_owned(), what: error.to_string() })?;
    }
    Ok(roots)
}

/// The authorities that the system trusts. Those that cannot be read are passed over, as long as there are others.
pub(super) fn system_authorities() -> Result<RootCertStore, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let what = found.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
        return Err(Error::NoSystemRoots { what });
    }
    Ok(roots)
}

/// The lists of revoked certificates in a file.
pub(super) fn read_revocations(file: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let text = read(file)?;
    let lists: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(&text).collect();
    let lists = lists.map_err(|error| malformed(file, &error))?;
    if lists.is_empty() {
        let der = text.first() == Some(&0x30);
        let hint = if der { "; it looks like DER (openssl crl -inform der -in FILE -out FILE.pem)" } else { "" };
        return Err(Error::NoRevocations { file: file.to_owned(), hint });
    }
    for list in &lists {
        webpki::BorrowedCertRevocationList::from_der(list)
            .map_err(|error| Error::Unfit { file: file.to_owned(), what: format!("a list of revoked certificates: {error}") })?;
    }
    Ok(lists)
}

fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = read(file)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| malformed(file, &error))?;
    if certificates.is_empty() {
        let hint = if has(&text, "PRIVATE KEY-----") {
            "; there is a private key"
        } else if text.first() == Some(&0x30) {
            "; it looks like DER (openssl x509 -inform der -in FILE -out FILE.pem)"
        } else {
            ""
        };
        return Err(Error::NoCertificate { file: file.to_owned(), hint });
    }
    Ok(certificates)
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let text = read(file)?;
    match PrivateKeyDer::from_pem_slice(&text) {
        Ok(_) if has(&text, "Proc-Type: 4,ENCRYPTED") => Err(no_key(file, ENCRYPTED)),
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) if has(&text, "BEGIN ENCRYPTED PRIVATE KEY") => Err(no_key(file, ENCRYPTED)),
        Err(pem::Error::NoItemsFound) if has(&text, "BEGIN CERTIFICATE") => Err(no_key(file, "; there is a certificate")),
        Err(pem::Error::NoItemsFound) => Err(no_key(file, "")),
        Err(error) => Err(malformed(file, &error)),
    }
}

const ENCRYPTED: &str = "; the one that is there is encrypted (openssl pkey -in FILE -out FILE.pem takes the password off)";

fn no_key(file: &Path, hint: &'static str) -> Error {
    Error::NoKey { file: file.to_owned(), hint }
}

fn malformed(file: &Path, error: &pem::Error) -> Error {
    let what = match error {
        pem::Error::MissingSectionEnd { .. } => "a part has no -----END line".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "a -----BEGIN line cannot be read".to_owned(),
        // It would repeat what may be a key.
        pem::Error::Base64Decode(_) => "a part is not base64".to_owned(),
        other => other.to_string(),
    };
    Error::Pem { file: file.to_owned(), what }
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|error| Error::Read { file: file.to_owned(), error })
}

fn has(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

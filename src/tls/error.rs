//! What is wrong with a certificate, a key or an authority: the file, and what would be right.

use std::io;
use std::path::PathBuf;

/// TLS cannot be set up as it is described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file is no PEM.
    #[error("{} is not as PEM should be: {what}", file.display())]
    Pem {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A file has no certificate.
    #[error("{} has no certificate: it needs at least one part that begins with -----BEGIN CERTIFICATE-----{hint}", file.display())]
    NoCertificate {
        /// The file.
        file: PathBuf,
        /// What it has instead.
        hint: &'static str,
    },
    /// A file has no private key that can be used.
    #[error("{} has no private key: it needs a part that begins with -----BEGIN PRIVATE KEY-----{hint}", file.display())]
    NoKey {
        /// The file.
        file: PathBuf,
        /// What it has instead.
        hint: &'static str,
    },
    /// A file has no list of revoked certificates.
    #[error("{} has no list of revoked certificates: it needs at least one part that begins with -----BEGIN X509 CRL-----{hint}", file.display())]
    NoRevocations {
        /// The file.
        file: PathBuf,
        /// What it has instead.
        hint: &'static str,
    },
    /// The key is not the certificate's.
    #[error(
        "the key in {} is not the key of the first certificate in {}; the server's own certificate comes first, those of its issuers behind it",
        key.display(), certificate.display()
    )]
    Mismatch {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// A certificate or key is of a kind that cannot be used.
    #[error("{} cannot be used: {what}", file.display())]
    Unfit {
        /// The file.
        file: PathBuf,
        /// Why.
        what: String,
    },
    /// A name that clients may have is none that a certificate could show.
    #[error("{name:?} is no name that a certificate can have: it is a DNS name, an IP address or a URI, without wildcards")]
    Name {
        /// The name.
        name: String,
    },
    /// Names of clients, but nobody who vouches for them.
    #[error("names of clients are of no use without the authority that their certificates come from")]
    NamesWithoutAuthority,
    /// Revoked certificates of clients that are not asked for any.
    #[error("a list of revoked certificates is of no use without the authority that clients' certificates come from")]
    RevocationsWithoutAuthority,
    /// The system trusts nobody.
    #[error("the system has no certificates of authorities: {what}")]
    NoSystemRoots {
        /// What went wrong with them.
        what: String,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("a certificate needs its key, and a key its certificate: only one of them is given")]
    HalfIdentity,
    /// The library refused.
    #[error("TLS cannot be set up: {0}")]
    Library(rustls::Error),
}

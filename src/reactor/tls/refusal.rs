//! The library's errors as ours: which side is at fault, in words that an operator can act on.

use rustls::{AlertDescription, CertificateError, Error, ExtendedKeyPurpose, PeerIncompatible};

use crate::reactor::Breach;

/// What ended a TLS connection.
#[cold]
pub(super) fn breach(error: &Error) -> Breach {
    match error {
        Error::AlertReceived(alert) => Breach::Alert(alert_name(*alert)),
        Error::NoCertificatesPresented => Breach::Certificate("is missing"),
        Error::InvalidCertificate(error) => Breach::Certificate(certificate(error)),
        Error::PeerIncompatible(error) => Breach::Incompatible(incompatible(error)),
        Error::NoApplicationProtocol => Breach::Incompatible("the peer wants another application protocol than http/1.1"),
        Error::DecryptError => Breach::Protocol("a record that cannot be decrypted"),
        Error::PeerSentOversizedRecord => Breach::Protocol("an oversized record"),
        Error::InvalidMessage(_) => Breach::Protocol("a malformed message"),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            Breach::Protocol("a message that does not belong there")
        }
        Error::PeerMisbehaved(_) => Breach::Protocol("the peer breaks the rules of the handshake"),
        _ => Breach::Protocol("a fault in this program's TLS"),
    }
}

fn alert_name(alert: AlertDescription) -> &'static str {
    alert.as_str().unwrap_or("of an unknown number")
}

fn certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet",
        CertificateError::Revoked => "was revoked",
        CertificateError::UnknownRevocationStatus => "may have been revoked: there is no list of its authority to look it up in",
        CertificateError::UnknownIssuer => "comes from no authority that is trusted here",
        CertificateError::BadSignature => "has a bad signature",
        CertificateError::BadEncoding => "is malformed",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "is for another name",
        CertificateError::InvalidPurposeContext { required: ExtendedKeyPurpose::ServerAuth, .. } => "is not meant for servers",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => "is not meant for clients",
        CertificateError::ApplicationVerificationFailure => "has no name that is allowed here",
        _ => "was refused",
    }
}

fn incompatible(error: &PeerIncompatible) -> &'static str {
    match error {
        PeerIncompatible::NoCipherSuitesInCommon => "no cipher suite in common",
        PeerIncompatible::NoKxGroupsInCommon | PeerIncompatible::NamedGroupsExtensionRequired => {
            "no key exchange group in common"
        }
        PeerIncompatible::NoSignatureSchemesInCommon | PeerIncompatible::SignatureAlgorithmsExtensionRequired => {
            "no signature scheme in common"
        }
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired => "the peer offers neither TLS 1.3 nor 1.2",
        _ => "the peer lacks a part of the protocol that is needed",
    }
}

//! Certificates, made when they are needed: nothing here can expire in the repository.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use farthing::tls::ServerOptions;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, CustomExtension, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyIdMethod, KeyPair, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

static FOLDERS: AtomicUsize = AtomicUsize::new(0);
static SERIALS: AtomicU64 = AtomicU64::new(1);

/// An authority, and a folder with what it issued.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: PathBuf,
}

/// A certificate and its key, in files.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    serial: u64,
}

/// What is wrong with a certificate, or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Client,
    Expired,
    Early,
    Ip,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        // Two of the same name would be told apart by their signatures only.
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("authority {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        fs::write(folder.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Issues a certificate that shows `name`: a host, or a URI.
    pub(crate) fn issue(&self, file: &str, name: &str, kind: Kind) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.subject_alt_names.push(if name.contains("://") {
            SanType::URI(name.try_into().unwrap())
        } else {
            SanType::DnsName(name.try_into().unwrap())
        });
        if kind == Kind::Ip {
            params.subject_alt_names = vec![SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
        }
        let usage = if kind == Kind::Client { ExtendedKeyUsagePurpose::ClientAuth } else { ExtendedKeyUsagePurpose::ServerAuth };
        params.extended_key_usages = match kind {
            Kind::Expired | Kind::Early => vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth],
            _ => vec![usage],
        };
        match kind {
            Kind::Expired => params.not_after = date_time_ymd(2020, 1, 1),
            Kind::Early => params.not_before = date_time_ymd(2090, 1, 1),
            _ => {}
        }
        let serial = number(&mut params);
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        self.write(file, &[signed], &key, serial)
    }

    /// A client's certificate that nobody else signed.
    pub(crate) fn self_signed(&self, file: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = client();
        let serial = number(&mut params);
        self.write(file, &[params.self_signed(&key).unwrap()], &key, serial)
    }

    /// A client's certificate with authorities in between, so many in all.
    pub(crate) fn chain(&self, file: &str, length: usize) -> Identity {
        let mut certificates = Vec::new();
        let mut below = None;
        for number in 1..length {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::default();
            params.distinguished_name.push(rcgen::DnType::CommonName, format!("between {number}"));
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            certificates.push(params.signed_by(&key, below.as_ref().unwrap_or(&self.issuer)).unwrap());
            below = Some(Issuer::new(params, key));
        }
        let key = KeyPair::generate().unwrap();
        let mut params = client();
        let serial = number(&mut params);
        certificates.push(params.signed_by(&key, below.as_ref().unwrap_or(&self.issuer)).unwrap());
        certificates.reverse();
        self.write(file, &certificates, &key, serial)
    }

    /// A client's certificate with an extension of that many bytes.
    pub(crate) fn issue_large(&self, file: &str, size: usize) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = client();
        params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 55555, 1], vec![5; size]));
        let serial = number(&mut params);
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        self.write(file, &[signed], &key, serial)
    }

    /// Writes the list of those that are revoked: none but these.
    pub(crate) fn revoke(&self, revoked: &[&Identity]) -> PathBuf {
        let revoked = revoked.iter().map(|identity| RevokedCertParams {
            serial_number: SerialNumber::from(identity.serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(2090, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let file = self.folder.join("revoked.pem");
        fs::write(&file, list.signed_by(&self.issuer).unwrap().pem().unwrap()).unwrap();
        file
    }

    fn write(&self, file: &str, chain: &[Certificate], key: &KeyPair, serial: u64) -> Identity {
        let [certificate, secret] = ["pem", "key"].map(|ending| self.folder.join(format!("{file}.{ending}")));
        fs::write(&certificate, chain.iter().map(Certificate::pem).collect::<String>()).unwrap();
        fs::write(&secret, key.serialize_pem()).unwrap();
        Identity { certificate, key: secret, serial }
    }

    /// A server's options, with a certificate for localhost.
    pub(crate) fn server(&self) -> ServerOptions {
        let identity = self.issue("server", "localhost", Kind::Server);
        ServerOptions::new(identity.certificate, identity.key)
    }

    /// A client that trusts this authority.
    pub(crate) fn client(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        identity: Option<&Identity>,
    ) -> Arc<ClientConfig> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.file()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap().with_root_certificates(roots);
        Arc::new(match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain = CertificateDer::pem_file_iter(&identity.certificate).unwrap().map(Result::unwrap).collect();
                let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
                let signer = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
                // Without a look at the certificate: that is what the server is for.
                let identity = rustls::sign::CertifiedKey::new(chain, signer);
                builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(identity)))
            }
        })
    }
}

fn client() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.subject_alt_names.push(SanType::DnsName("web.example.org".try_into().unwrap()));
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    params
}

/// A number that no other certificate has.
fn number(params: &mut CertificateParams) -> u64 {
    let serial = SERIALS.fetch_add(1, Ordering::Relaxed);
    params.serial_number = Some(SerialNumber::from(serial));
    serial
}

impl Drop for Authority {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

pub(crate) const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
pub(crate) const ONLY_12: &[&SupportedProtocolVersion] = &[&TLS12];
pub(crate) const ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];

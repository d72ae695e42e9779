//! The client's connection, as often as it is wanted: TCP, a Unix socket, or TLS.

use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::connection::{Halves, Options};

const TIMEOUT: Duration = Duration::from_secs(10);

pub enum Channel {
    Tcp(TcpStream),
    Unix(UnixStream),
    #[cfg(feature = "since_018")]
    Tls(thrift::transport::TTlsClientChannel),
}

impl Channel {
    pub fn open(options: &Options) -> Self {
        if let Some(path) = options.get("domain-socket") {
            let stream = UnixStream::connect(path).expect("a connection");
            stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
            return Self::Unix(stream);
        }
        let stream = TcpStream::connect((options.get("host").unwrap_or("127.0.0.1"), options.port())).expect("a connection");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
        if options.get("ssl").is_none() {
            return Self::Tcp(stream);
        }
        Self::secured(stream, options)
    }

    #[cfg(not(feature = "since_018"))]
    fn secured(_: TcpStream, _: &Options) -> Self {
        panic!("no TLS in this release")
    }

    #[cfg(feature = "since_018")]
    fn secured(stream: TcpStream, options: &Options) -> Self {
        use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};

        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(options.file("ca")).expect("a certificate"))
            .expect("a certificate of an authority");
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        Self::Tls(thrift::transport::TTlsClientChannel::with_stream(stream, name, config.into()).expect("a handshake"))
    }

    pub fn halves(&self) -> Halves {
        use thrift::transport::{TIoChannel, TTcpChannel};

        match self {
            Self::Tcp(stream) => {
                let (read, write) = TTcpChannel::with_stream(stream.try_clone().expect("a copy")).split().expect("halves");
                (Box::new(read), Box::new(write))
            }
            Self::Unix(stream) => (Box::new(stream.try_clone().expect("a copy")), Box::new(stream.try_clone().expect("a copy"))),
            #[cfg(feature = "since_018")]
            Self::Tls(channel) => {
                let (read, write) = channel.clone().split().expect("halves");
                (Box::new(read), Box::new(write))
            }
        }
    }
}

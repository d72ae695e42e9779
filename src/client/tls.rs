//! TLS over a blocking socket, within the deadline of the call. Whom to trust is decided in the room `tls`.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig, ClientConnection};

use crate::tls::ClientOptions;
use crate::transport::Banner;

use super::deadline::Deadline;
use super::error::{Cause, Step};
use super::stream::{Stop, Timed};

pub(super) type Options = ClientOptions;

/// How long reading may take what is known to be there.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Reads in a row to find out whether an idle server has said anything but tickets.
const QUIET_READS: usize = 8;
/// Names of a certificate that an error shows.
const NAMES_SHOWN: usize = 4;

/// How to secure the connections to one server.
#[derive(Debug)]
pub(super) struct Security {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

/// A secured connection.
#[derive(Debug)]
pub(super) struct Session {
    connection: ClientConnection,
    /// The socket ended.
    ended: bool,
}

impl Security {
    /// For the server at `host`, where the options give it no other name.
    pub(super) fn new(options: &Options, host: Option<&str>) -> Result<Self, String> {
        let name = options
            .server_name
            .as_deref()
            .or(host)
            .ok_or("TLS over a Unix socket needs the name of the server (`server_name`)")?;
        let name =
            ServerName::try_from(name).map_err(|_| format!("{name:?} is no name that a certificate could show"))?.to_owned();
        let config = options.config().map_err(|error| error.to_string())?;
        Ok(Self { config, name })
    }

    /// The handshake.
    pub(super) fn secure(&self, timed: &mut Timed, deadline: Deadline) -> Result<Box<Session>, Cause> {
        let connection = ClientConnection::new(Arc::clone(&self.config), self.name.clone())
            .map_err(|error| Cause::Tls(describe(&error, &[])))?;
        let mut session = Session { connection, ended: false };
        let mut first = Vec::new();
        while session.connection.is_handshaking() {
            session.flush(timed, deadline).map_err(|stop| cause(stop, deadline))?;
            session.receive(timed, deadline, &mut first).map_err(|stop| cause(stop, deadline))?;
            if session.ended {
                return Err(Cause::Tls("the peer closed within the handshake; does it speak TLS?".to_owned()));
            }
        }
        session.flush(timed, deadline).map_err(|stop| cause(stop, deadline))?;
        Ok(Box::new(session))
    }
}

fn cause(stop: Stop, deadline: Deadline) -> Cause {
    match stop {
        Stop::TimedOut => Cause::Timeout { step: Step::Securing, after: deadline.timeout() },
        Stop::Failed(error) => Cause::Io { step: Step::Securing, error },
        Stop::Insecure(why) => Cause::Tls(why),
    }
}

impl Session {
    pub(super) fn read(&mut self, timed: &mut Timed, into: &mut [u8], deadline: Deadline) -> Result<usize, Stop> {
        loop {
            match self.connection.reader().read(into) {
                Ok(n) => return Ok(n),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && !self.ended => {}
                // The end without a goodbye: whether an answer is missing its end, its own length tells.
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::UnexpectedEof) => return Ok(0),
                Err(error) => return Err(Stop::Failed(error)),
            }
            self.flush(timed, deadline)?;
            self.receive(timed, deadline, &mut Vec::new())?;
        }
    }

    pub(super) fn write(&mut self, timed: &mut Timed, slices: &[IoSlice<'_>], deadline: Deadline) -> Result<usize, Stop> {
        let taken = self.connection.writer().write_vectored(slices).map_err(Stop::Failed)?;
        self.flush(timed, deadline)?;
        Ok(taken)
    }

    /// Servers send tickets whenever they like; anything else between two calls is out of place.
    pub(super) fn is_quiet(&mut self, timed: &mut Timed) -> bool {
        for _ in 0..QUIET_READS {
            if timed.is_quiet() {
                return true;
            }
            let received = self.receive(timed, Deadline::after(AT_ONCE), &mut Vec::new());
            let has_spoken =
                !matches!(self.connection.reader().read(&mut [0; 1]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
            if received.is_err() || self.ended || has_spoken {
                return false;
            }
        }
        false
    }

    /// The last word.
    pub(super) fn goodbye(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.connection.send_close_notify();
        while self.connection.wants_write() && self.connection.write_tls(&mut bytes).is_ok() {}
        bytes
    }

    fn flush(&mut self, timed: &mut Timed, deadline: Deadline) -> Result<(), Stop> {
        while self.connection.wants_write() {
            let mut clocked = Clocked { timed, deadline, stop: None, first: None };
            if let Err(error) = self.connection.write_tls(&mut clocked) {
                return Err(clocked.stop.unwrap_or(Stop::Failed(error)));
            }
        }
        Ok(())
    }

    /// Receives once, and takes in what came. `first` gets what the peer begins with.
    fn receive(&mut self, timed: &mut Timed, deadline: Deadline, first: &mut Vec<u8>) -> Result<(), Stop> {
        let mut clocked = Clocked { timed, deadline, stop: None, first: Some(first) };
        match self.connection.read_tls(&mut clocked) {
            Ok(n) => self.ended = n == 0,
            Err(error) => return Err(clocked.stop.unwrap_or(Stop::Failed(error))),
        }
        match self.connection.process_new_packets() {
            Ok(_) => Ok(()),
            Err(error) => {
                // The alert; that it arrives is of no interest.
                _ = self.flush(timed, deadline);
                Err(Stop::Insecure(describe(&error, first)))
            }
        }
    }
}

/// A socket within a deadline, as the library wants it; why it stopped is kept aside.
struct Clocked<'a> {
    timed: &'a mut Timed,
    deadline: Deadline,
    stop: Option<Stop>,
    first: Option<&'a mut Vec<u8>>,
}

impl Clocked<'_> {
    fn kept(&mut self, outcome: Result<usize, Stop>) -> io::Result<usize> {
        outcome.map_err(|stop| {
            self.stop = Some(stop);
            io::ErrorKind::Other.into()
        })
    }
}

impl Read for Clocked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let outcome = self.timed.read(into, self.deadline);
        if let (Ok(n), Some(first)) = (&outcome, &mut self.first)
            && first.len() < FIRST
        {
            first.extend_from_slice(&into[..FIRST.min(*n)]);
        }
        self.kept(outcome)
    }
}

/// Enough of what a peer begins with to tell what it speaks.
const FIRST: usize = 32;

impl Write for Clocked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let outcome = self.timed.write(slices, self.deadline);
        self.kept(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What went wrong, and what would be right where that is known.
#[cold]
fn describe(error: &rustls::Error, first: &[u8]) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => format!("the server's certificate {}", certificate(error)),
        rustls::Error::AlertReceived(alert) => {
            let name = alert.as_str().unwrap_or("of an unknown number");
            let hint = match *alert {
                AlertDescription::CertificateRequired => "; it wants a certificate of the client",
                AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::AccessDenied
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown => "; it did not take the client's certificate",
                _ => "",
            };
            format!("the server refused with the alert {name}{hint}")
        }
        rustls::Error::InvalidMessage(_) if !first.is_empty() && !matches!(first, [0x14..=0x17, 3, ..]) => {
            match Banner::of(first) {
                Some(banner) => format!("the peer does not speak TLS; it speaks {banner}"),
                None => "the peer does not speak TLS".to_owned(),
            }
        }
        rustls::Error::PeerIncompatible(_) => format!("the server and this client have no TLS in common: {error}"),
        error => error.to_string(),
    }
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "comes from no authority that is trusted here; if it is an authority of your own, give its certificate as `ca`"
                .to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let shown: Vec<_> = presented.iter().take(NAMES_SHOWN).map(|name| name.escape_debug().to_string()).collect();
            let shown = if shown.is_empty() { "no name at all".to_owned() } else { shown.join(", ") };
            format!("is not for {} but for {shown}", expected.to_str())
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        CertificateError::BadSignature => {
            "is not signed by the authority that it names; is `ca` another one of the same name?".to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not meant for servers".to_owned()
        }
        error => format!("was refused: {error}"),
    }
}

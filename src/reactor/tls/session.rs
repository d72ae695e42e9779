//! One TLS connection as bytes in and bytes out. It touches no socket and reads no clock.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, UnbufferedStatus, WriteTraffic};

use super::refusal::breach;
use crate::reactor::Breach;

/// What encryption adds to a record at most, in all versions (RFC 8446 5.2, RFC 5246 6.2.3).
const RECORD_OVERHEAD: usize = 64;
/// The plaintext of a record (RFC 8446 5.1).
const RECORD_MAX: usize = 1 << 14;
/// RFC 8446 6: an alert record, fatal, decode_error.
const ALERT: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 50];
/// What may wait for the rest of a handshake message: one of the largest that is taken, with its records.
const INCOMING_MAX: usize = 128 * 1024;

/// The server side of a TLS connection.
pub(super) struct Session {
    connection: UnbufferedServerConnection,
    /// Received and not decrypted. INVARIANT: outside of [`Session::process`] no whole record, so that sending yields no input.
    incoming: Vec<u8>,
    /// The peer said that it sends no more.
    ended: bool,
    said_goodbye: bool,
    /// Something was sent, so that plain alerts are of no more use.
    has_spoken: bool,
}

impl Session {
    pub(super) fn new(config: Arc<ServerConfig>) -> Result<Self, Breach> {
        let connection = UnbufferedServerConnection::new(config).map_err(|error| breach(&error))?;
        Ok(Session { connection, incoming: Vec::new(), ended: false, said_goodbye: false, has_spoken: false })
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Whether the peer ended its side in order.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Where received bytes are appended.
    pub(super) fn incoming(&mut self) -> &mut Vec<u8> {
        &mut self.incoming
    }

    /// Bytes that were received and not decrypted.
    pub(super) fn received(&self) -> usize {
        self.incoming.len()
    }

    /// Takes in what was received. Plaintext goes to `plain`; what TLS itself has to say, alerts too, goes behind `outgoing`.
    pub(super) fn process(&mut self, plain: impl FnMut(&[u8]), outgoing: &mut Vec<u8>) -> Result<(), Breach> {
        self.advance(plain, outgoing, |_, _| ())?;
        if self.incoming.is_empty() {
            // An idle connection owns no buffer.
            self.incoming = Vec::new();
        } else if self.incoming.len() > INCOMING_MAX {
            return Err(Breach::Protocol("a handshake message without an end"));
        }
        Ok(())
    }

    /// Encrypts `bytes` behind `outgoing`.
    pub(super) fn encrypt(&mut self, bytes: &[u8], outgoing: &mut Vec<u8>) -> Result<(), Breach> {
        let done = self.advance(
            |_| {},
            outgoing,
            |traffic, outgoing| {
                let room = bytes.len() + (bytes.len() / RECORD_MAX + 1) * RECORD_OVERHEAD;
                append(outgoing, room, |into| traffic.encrypt(bytes, into))
            },
        )?;
        done.unwrap_or(Err(Breach::Protocol("an answer before the end of the handshake")))
    }

    /// Appends to `outgoing` that nothing more is sent, once.
    pub(super) fn say_goodbye(&mut self, outgoing: &mut Vec<u8>) {
        if std::mem::replace(&mut self.said_goodbye, true) || self.is_handshaking() {
            return;
        }
        let said = |traffic: &mut WriteTraffic<'_, ServerConnectionData>, outgoing: &mut Vec<u8>| {
            append(outgoing, RECORD_OVERHEAD, |into| traffic.queue_close_notify(into))
        };
        // Whoever broke the protocol got an alert; there is no more to say.
        _ = self.advance(|_| {}, outgoing, said);
    }

    /// Lets the connection go on until it waits for input; where it could send by then, `send` does.
    fn advance<T>(
        &mut self,
        mut plain: impl FnMut(&[u8]),
        outgoing: &mut Vec<u8>,
        mut send: impl FnMut(&mut WriteTraffic<'_, ServerConnectionData>, &mut Vec<u8>) -> T,
    ) -> Result<Option<T>, Breach> {
        let mut at = 0;
        let outcome = loop {
            let UnbufferedStatus { mut discard, state } = self.connection.process_tls_records(&mut self.incoming[at..]);
            let step = match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => loop {
                    match traffic.next_record() {
                        None => break None,
                        Some(Ok(record)) => {
                            discard += record.discard;
                            plain(record.payload);
                        }
                        Some(Err(error)) => break Some(Err(breach(&error))),
                    }
                },
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    self.has_spoken = true;
                    match append(outgoing, RECORD_OVERHEAD, |into| data.encode(into)) {
                        Ok(()) => None,
                        Err(breach) => Some(Err(breach)),
                    }
                }
                Ok(ConnectionState::TransmitTlsData(data)) => {
                    // It is in `outgoing`, and whoever asked sends that.
                    data.done();
                    None
                }
                Ok(ConnectionState::PeerClosed) => {
                    self.ended = true;
                    None
                }
                Ok(ConnectionState::WriteTraffic(mut traffic)) => Some(Ok(Some(send(&mut traffic, outgoing)))),
                Ok(ConnectionState::BlockedHandshake | ConnectionState::Closed) => Some(Ok(None)),
                // Early data is off: whoever sends it would have it carried out twice as he likes (RFC 8446 8).
                Ok(_) => Some(Err(Breach::Protocol("early data"))),
                Err(error) => Some(Err(breach(&error))),
            };
            at += discard;
            if let Some(outcome) = step {
                break outcome;
            }
        };
        self.incoming.drain(..at);
        if outcome.is_err() {
            self.encode_alerts(outgoing);
        }
        outcome
    }

    /// After an error: what is left to be said about it. What was received is of no more use.
    fn encode_alerts(&mut self, outgoing: &mut Vec<u8>) {
        // Not once more than that: an error that is met again would be told again.
        while self.connection.wants_write() {
            self.has_spoken = true;
            let UnbufferedStatus { state, .. } = self.connection.process_tls_records(&mut self.incoming);
            let Ok(ConnectionState::EncodeTlsData(mut data)) = state else { break };
            if append(outgoing, RECORD_OVERHEAD, |into| data.encode(into)).is_err() {
                break;
            }
        }
        // Of some malformed hellos the library says nothing.
        if !self.has_spoken {
            outgoing.extend_from_slice(&ALERT);
        }
        self.incoming = Vec::new();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("handshaking", &self.is_handshaking()).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Why a buffer does not do.
enum Unfit {
    /// It must be that large.
    Small(usize),
    Never(Breach),
}

impl From<EncodeError> for Unfit {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::InsufficientSize(size) => Unfit::Small(size.required_size),
            EncodeError::AlreadyEncoded => Unfit::Never(Breach::Protocol("a fault in this program's TLS")),
        }
    }
}

impl From<EncryptError> for Unfit {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::InsufficientSize(size) => Unfit::Small(size.required_size),
            EncryptError::EncryptExhausted => Unfit::Never(Breach::Protocol("the keys of the connection are used up")),
        }
    }
}

/// Lets `write` fill what it needs behind `outgoing`; `room` is a guess at how much.
fn append<E: Into<Unfit>>(
    outgoing: &mut Vec<u8>,
    mut room: usize,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<(), Breach> {
    let start = outgoing.len();
    loop {
        outgoing.resize(start + room, 0);
        match write(&mut outgoing[start..]).map_err(E::into) {
            Ok(written) => {
                outgoing.truncate(start + written);
                return Ok(());
            }
            Err(Unfit::Small(needed)) if needed > room => room = needed,
            Err(Unfit::Small(_)) => {
                outgoing.truncate(start);
                return Err(Breach::Protocol("a fault in this program's TLS"));
            }
            Err(Unfit::Never(breach)) => {
                outgoing.truncate(start);
                return Err(breach);
            }
        }
    }
}

//! One TLS connection as bytes in and bytes out. It touches no socket and reads no clock.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, UnbufferedStatus, WriteTraffic};

use super::refusal::breach;
use super::settings::TlsClient;
use super::side::Side;
use crate::reactor::{Breach, room};

/// What encryption adds to a record at most, in all versions (RFC 8446 5.2, RFC 5246 6.2.3).
const RECORD_OVERHEAD: usize = 64;
/// The plaintext of a record (RFC 8446 5.1).
const RECORD_MAX: usize = 1 << 14;
/// RFC 8446 6: an alert record, fatal, decode_error.
const ALERT: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 50];
/// What a record begins with: the types of RFC 8446 5.1.
const RECORDS: std::ops::RangeInclusive<u8> = 0x14..=0x17;
/// What may wait for the rest of a handshake message: one of the largest that is taken, with its records.
const INCOMING_MAX: usize = 128 * 1024;

/// One side of a TLS connection.
pub(super) struct Session {
    side: Either,
    state: State,
    /// A client has heard of its server, which speaks TLS.
    has_met: bool,
    said_goodbye: bool,
}

/// Which side.
enum Either {
    Server(UnbufferedServerConnection),
    Client(UnbufferedClientConnection),
}

/// What is known of the connection, whichever side this is.
#[derive(Default)]
struct State {
    /// Received and not decrypted. INVARIANT: outside of [`Session::process`] no whole record, so that sending yields no input.
    incoming: Vec<u8>,
    /// The peer said that it sends no more.
    ended: bool,
    /// Something was sent, so that plain alerts are of no more use.
    has_spoken: bool,
}

/// What to send once that is possible.
#[derive(Clone, Copy)]
enum Say<'a> {
    Nothing,
    Bytes(&'a [u8]),
    Goodbye,
}

impl Session {
    /// The side of a server.
    pub(super) fn server(config: Arc<ServerConfig>) -> Result<Self, Breach> {
        let connection = UnbufferedServerConnection::new(config).map_err(|error| breach(&error))?;
        Ok(Session { has_met: true, ..Self::of(Either::Server(connection)) })
    }

    /// The side of a client, which speaks first.
    pub(super) fn client(TlsClient { config, name }: &TlsClient) -> Result<Self, Breach> {
        let connection = UnbufferedClientConnection::new(Arc::clone(config), name.clone()).map_err(|error| breach(&error))?;
        Ok(Self::of(Either::Client(connection)))
    }

    fn of(side: Either) -> Self {
        Session { side, state: State::default(), has_met: false, said_goodbye: false }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        match &self.side {
            Either::Server(server) => server.is_handshaking(),
            Either::Client(client) => client.is_handshaking(),
        }
    }

    /// Whether the peer ended its side in order.
    pub(super) fn ended(&self) -> bool {
        self.state.ended
    }

    /// Where received bytes are appended.
    pub(super) fn incoming(&mut self) -> &mut Vec<u8> {
        &mut self.state.incoming
    }

    /// Bytes that were received and not decrypted.
    pub(super) fn received(&self) -> usize {
        self.state.incoming.len()
    }

    /// Takes in what was received. Plaintext goes to `plain`; what TLS itself has to say, alerts too, goes behind `outgoing`.
    pub(super) fn process(&mut self, plain: impl FnMut(&[u8]), outgoing: &mut Vec<u8>) -> Result<(), Breach> {
        if !self.has_met
            && let Some(first) = self.state.incoming.first()
        {
            if !RECORDS.contains(first) {
                return Err(Breach::PlainText);
            }
            self.has_met = true;
        }
        self.advance(plain, outgoing, Say::Nothing)?;
        let incoming = &mut self.state.incoming;
        if incoming.is_empty() {
            // An idle connection owns no buffer.
            *incoming = Vec::new();
        } else if incoming.len() > INCOMING_MAX {
            return Err(Breach::Protocol("a handshake message without an end"));
        }
        Ok(())
    }

    /// Encrypts `bytes` behind `outgoing`.
    pub(super) fn encrypt(&mut self, bytes: &[u8], outgoing: &mut Vec<u8>) -> Result<(), Breach> {
        if self.advance(|_| {}, outgoing, Say::Bytes(bytes))? {
            Ok(())
        } else {
            Err(Breach::Protocol("an answer before the end of the handshake"))
        }
    }

    /// Appends to `outgoing` that nothing more is sent, once.
    pub(super) fn say_goodbye(&mut self, outgoing: &mut Vec<u8>) {
        if std::mem::replace(&mut self.said_goodbye, true) || self.is_handshaking() {
            return;
        }
        // Whoever broke the protocol got an alert; there is no more to say.
        _ = self.advance(|_| {}, outgoing, Say::Goodbye);
    }

    /// Lets the connection go on until it waits for input; whether it could send by then.
    fn advance(&mut self, plain: impl FnMut(&[u8]), outgoing: &mut Vec<u8>, say: Say<'_>) -> Result<bool, Breach> {
        match &mut self.side {
            Either::Server(server) => self.state.advance(server, plain, outgoing, say),
            Either::Client(client) => self.state.advance(client, plain, outgoing, say),
        }
    }
}

impl State {
    fn advance(
        &mut self,
        side: &mut impl Side,
        mut plain: impl FnMut(&[u8]),
        outgoing: &mut Vec<u8>,
        say: Say<'_>,
    ) -> Result<bool, Breach> {
        let mut at = 0;
        let outcome = loop {
            let UnbufferedStatus { mut discard, state } = side.process(&mut self.incoming[at..]);
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
                Ok(ConnectionState::WriteTraffic(mut traffic)) => Some(say.to(&mut traffic, outgoing).map(|()| true)),
                Ok(ConnectionState::BlockedHandshake | ConnectionState::Closed) => Some(Ok(false)),
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
            self.encode_alerts(side, outgoing);
        }
        outcome
    }

    /// After an error: what is left to be said about it. What was received is of no more use.
    fn encode_alerts(&mut self, side: &mut impl Side, outgoing: &mut Vec<u8>) {
        // Not once more than that: an error that is met again would be told again.
        while side.common().wants_write() {
            self.has_spoken = true;
            let UnbufferedStatus { state, .. } = side.process(&mut self.incoming);
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

impl Say<'_> {
    fn to<D>(self, traffic: &mut WriteTraffic<'_, D>, outgoing: &mut Vec<u8>) -> Result<(), Breach> {
        match self {
            Say::Nothing => Ok(()),
            Say::Bytes(bytes) => {
                let room = bytes.len() + (bytes.len() / RECORD_MAX + 1) * RECORD_OVERHEAD;
                append(outgoing, room, |into| traffic.encrypt(bytes, into))
            }
            Say::Goodbye => append(outgoing, RECORD_OVERHEAD, |into| traffic.queue_close_notify(into)),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Session { state: State { ended, .. }, .. } = self;
        f.debug_struct("Session").field("handshaking", &self.is_handshaking()).field("ended", ended).finish_non_exhaustive()
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

/// Lets `write` fill what it needs behind `outgoing`; `guess` is how much that may be.
fn append<E: Into<Unfit>>(
    outgoing: &mut Vec<u8>,
    mut guess: usize,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<(), Breach> {
    let start = outgoing.len();
    loop {
        room::had(outgoing.try_reserve(guess));
        outgoing.resize(start + guess, 0);
        match write(&mut outgoing[start..]).map_err(E::into) {
            Ok(written) => {
                outgoing.truncate(start + written);
                return Ok(());
            }
            Err(Unfit::Small(needed)) if needed > guess => guess = needed,
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

//! What stands between a stream and the loop: it finds out whether the peer speaks TLS, and then moves bytes through a [`Session`].

use std::io::{self, IoSlice};
use std::time::Instant;

use super::rest::Rest;
use super::session::Session;
use super::settings::{Tls, TlsClient};
use crate::reactor::Breach;
use crate::reactor::platform::Stream;

/// RFC 8446 5.1: the first byte of a handshake record, and the one that all versions have next.
const HANDSHAKE: u8 = 0x16;
const VERSION: u8 = 0x03;
/// Room for what is received in one go: a record of the largest size. Where that was filled, the next one gets more.
const RECEIVE: usize = 17 * 1024;
const RECEIVE_MORE: usize = 64 * 1024;
const PAGE: usize = 4096;
/// Receives in a row for one connection before the others get their turn, whatever comes of them.
const RECEIVES_PER_READ: usize = 8;
/// Plaintext that is encrypted before the socket is asked to take it, and so about what a connection holds of it.
const CHUNK: usize = 64 * 1024;
/// Plaintext of one write to a socket that takes everything, before the others get their turn.
const WRITE_MAX: usize = 1 << 20;

/// What secures a stream.
#[derive(Debug)]
pub(in crate::reactor) struct Guard {
    state: State,
    /// Since when the handshake is under way, and after it the record that is not whole; once somebody asked.
    since: Option<Instant>,
    /// Plaintext that the reader had no room for.
    plain: Rest,
    /// Bytes for the peer that the socket has not taken.
    outgoing: Rest,
    paused: bool,
}

#[derive(Debug)]
enum State {
    /// Nothing came yet.
    Waiting(Tls),
    /// What came may begin a handshake, and is all that came.
    Begun(Tls, Vec<u8>),
    Plain,
    Tls(Box<Session>),
    /// It failed: what comes and goes after that is of no interest.
    Failed,
}

impl Guard {
    pub(in crate::reactor) fn new(tls: &Tls) -> Self {
        let state = State::Waiting(tls.clone());
        Guard { state, since: None, plain: Rest::default(), outgoing: Rest::default(), paused: false }
    }

    /// For a connection of our own, which begins with TLS.
    pub(in crate::reactor) fn client(tls: &TlsClient) -> io::Result<Self> {
        let state = State::Tls(Box::new(Session::client(tls)?));
        Ok(Guard { state, since: None, plain: Rest::default(), outgoing: Rest::default(), paused: false })
    }

    /// As [`Stream::secured`].
    pub(in crate::reactor) fn shake_hands<S: Stream>(&mut self, stream: &mut S) -> io::Result<bool> {
        let outcome = self.try_shake_hands(stream);
        if outcome.as_ref().is_err_and(|error| Breach::find(error).is_some()) {
            // The peer is told why, where there is room for it.
            _ = self.flush(stream);
            self.state = State::Failed;
        }
        outcome
    }

    fn try_shake_hands<S: Stream>(&mut self, stream: &mut S) -> io::Result<bool> {
        let State::Tls(session) = &mut self.state else { return Ok(true) };
        // The first time this is the hello.
        session.process(|_| {}, self.outgoing.bytes())?;
        let mut early = Vec::with_capacity(RECEIVE);
        while self.try_flush(stream)? {
            let State::Tls(session) = &mut self.state else { return Ok(true) };
            if !session.is_handshaking() {
                // What came behind the handshake is there without another edge.
                self.paused = true;
                early.extend_from_slice(self.plain.as_slice());
                self.plain = Rest::from(early);
                return Ok(true);
            }
            match self.receive(stream, &mut early, false) {
                // It said goodbye, or the handshake is done and more has come behind it.
                Ok(0) => return Err(Breach::Abandoned.into()),
                Ok(_) => {}
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                // A short read has drained the socket.
                Err(_) => {
                    let State::Tls(session) = &mut self.state else { return Ok(true) };
                    if session.is_handshaking() && !self.paused {
                        self.try_flush(stream)?;
                        return Ok(false);
                    }
                }
            }
        }
        self.paused = false;
        Ok(false)
    }

    /// Whether the peer speaks plain text, and what had come of it was read: from here on the guard is only in the way.
    pub(in crate::reactor) fn is_needless(&self) -> bool {
        matches!(self.state, State::Plain) && self.plain.is_empty() && !self.paused
    }

    /// As [`Stream::read`]. A breach is an error that carries it; what reads bring after that has no meaning.
    pub(in crate::reactor) fn read<S: Stream>(&mut self, stream: &mut S, into: &mut Vec<u8>) -> io::Result<usize> {
        self.paused = false;
        let outcome = match &self.state {
            State::Waiting(tls) => {
                let tls = tls.clone();
                self.meet(&tls, stream, into)
            }
            State::Begun(tls, received) if received.len() > 1 => {
                let tls = tls.clone();
                self.greet(&tls, stream, into)
            }
            State::Begun(..) => self.wait_for_second(stream, into),
            State::Plain if !self.plain.is_empty() => Ok(self.plain.move_into(into)),
            State::Plain | State::Failed => stream.read(into),
            State::Tls(_) => self.receive(stream, into, false),
        };
        if outcome.as_ref().is_err_and(|error| Breach::find(error).is_some()) {
            self.state = State::Failed;
        }
        outcome
    }

    /// The first bytes: nearly always they tell.
    fn meet<S: Stream>(&mut self, tls: &Tls, stream: &mut S, into: &mut Vec<u8>) -> io::Result<usize> {
        let start = into.len();
        let n = stream.read(into)?;
        match into.get(start) {
            // Health probes connect and close.
            None => Ok(0),
            Some(&HANDSHAKE) => {
                let mut received = Vec::with_capacity(RECEIVE.max(n));
                received.extend(into.drain(start..));
                self.paused = into.capacity() - start == n;
                self.begin(tls.clone(), received, into)
            }
            Some(_) if tls.is_only() => Err(Breach::PlainText.into()),
            Some(_) => {
                self.state = State::Plain;
                Ok(n)
            }
        }
    }

    /// The first byte came alone.
    fn wait_for_second<S: Stream>(&mut self, stream: &mut S, into: &mut Vec<u8>) -> io::Result<usize> {
        let State::Begun(tls, received) = &mut self.state else { return Err(io::ErrorKind::NotConnected.into()) };
        if stream.read(received)? == 0 {
            return Err(Breach::Abandoned.into());
        }
        self.paused = received.len() == received.capacity();
        let (tls, received) = (tls.clone(), std::mem::take(received));
        self.begin(tls, received, into)
    }

    /// The first byte begins a handshake, or is a part of something else. A handshake's arithmetic is left to the next read, which
    /// the loop has the say in.
    fn begin(&mut self, tls: Tls, received: Vec<u8>, into: &mut Vec<u8>) -> io::Result<usize> {
        match received.get(1) {
            None => {}
            Some(&VERSION) => self.paused = true,
            Some(_) if tls.is_only() => return Err(Breach::PlainText.into()),
            Some(_) => {
                self.state = State::Plain;
                self.plain = Rest::from(received);
                return Ok(self.plain.move_into(into));
            }
        }
        self.state = State::Begun(tls, received);
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Begins the handshake with what came.
    fn greet<S: Stream>(&mut self, tls: &Tls, stream: &mut S, into: &mut Vec<u8>) -> io::Result<usize> {
        let mut session = Session::server(tls.config())?;
        if let State::Begun(_, received) = &mut self.state {
            *session.incoming() = std::mem::take(received);
        }
        self.state = State::Tls(Box::new(session));
        // There may be more by now, and the edge that said so was for this read.
        self.paused = true;
        self.receive(stream, into, true)
    }

    /// Receives and decrypts until the socket is drained, `into` is full or the connection had its share. `fresh`: something was
    /// received already.
    fn receive<S: Stream>(&mut self, stream: &mut S, into: &mut Vec<u8>, mut fresh: bool) -> io::Result<usize> {
        let State::Tls(session) = &mut self.state else { return Err(io::ErrorKind::NotConnected.into()) };
        let start = into.len();
        self.plain.move_into(into);
        let mut want = RECEIVE;
        for _ in 0..RECEIVES_PER_READ {
            if into.len() == into.capacity() || session.ended() {
                break;
            }
            if !std::mem::take(&mut fresh) {
                let incoming = session.incoming();
                if incoming.capacity() - incoming.len() < PAGE {
                    incoming.try_reserve(want)?;
                }
                let room = incoming.capacity() - incoming.len();
                match stream.read(incoming) {
                    Ok(0) if session.is_handshaking() => return Err(Breach::Abandoned.into()),
                    // Without a word of goodbye: whether a message is missing its end, its own length tells.
                    Ok(0) if into.len() == start => return Ok(0),
                    Ok(0) => {
                        // The end is for the next read.
                        self.paused = true;
                        break;
                    }
                    Ok(n) => self.paused = n == room,
                    Err(error) => {
                        self.paused = false;
                        if into.len() == start {
                            return Err(error);
                        }
                        // A socket that failed says so again, by an edge and by the next write.
                        break;
                    }
                }
                want = RECEIVE_MORE;
            }
            let (plain, received) = (&mut self.plain, session.received());
            session.process(|bytes| plain.append_behind(into, bytes), self.outgoing.bytes())?;
            if session.received() < received && !session.is_handshaking() {
                // What is left belongs to another record, which has a time of its own.
                self.since = None;
            }
            if !self.paused {
                break;
            }
        }
        self.paused |= session.ended();
        match into.len() - start {
            0 if session.ended() => Ok(0),
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }

    /// As [`Stream::write_vectored`], plaintext. What is taken may still be [held](Guard::held).
    pub(in crate::reactor) fn write<S: Stream>(&mut self, stream: &mut S, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.paused = false;
        match self.state {
            State::Plain => return stream.write_vectored(slices),
            State::Waiting(_) | State::Begun(..) => return Err(io::ErrorKind::NotConnected.into()),
            State::Failed => return Ok(slices.iter().map(|slice| slice.len()).sum()),
            State::Tls(_) => {}
        }
        if self.outgoing.len() >= CHUNK {
            self.flush(stream)?;
        }
        let mut taken = 0;
        for chunk in slices.iter().flat_map(|slice| slice.chunks(CHUNK)) {
            if taken >= WRITE_MAX {
                self.paused = true;
                break;
            }
            if let State::Tls(session) = &mut self.state
                && let Err(breach) = session.encrypt(chunk, self.outgoing.bytes())
            {
                self.state = State::Failed;
                return Err(breach.into());
            }
            taken += chunk.len();
            if self.outgoing.len() >= CHUNK && !self.try_flush(stream)? {
                return Ok(taken);
            }
        }
        if !self.try_flush(stream)? {
            self.paused = false;
        }
        Ok(taken)
    }

    /// Prepares the last word of an orderly end, where there is anything to be said.
    pub(in crate::reactor) fn say_goodbye(&mut self) {
        if let State::Tls(session) = &mut self.state {
            session.say_goodbye(self.outgoing.bytes());
        }
    }

    /// Bytes that the socket has not taken.
    pub(in crate::reactor) fn held(&self) -> usize {
        self.outgoing.len()
    }

    /// Bytes in memory: those that the socket has not taken, and those that were received and not read.
    pub(in crate::reactor) fn buffered(&self) -> usize {
        let received = match &self.state {
            State::Tls(session) => session.received(),
            State::Begun(_, received) => received.len(),
            _ => 0,
        };
        self.outgoing.len() + self.plain.len() + received
    }

    /// Sends what is held; an error of the kind `WouldBlock` where the socket is full before the end.
    pub(in crate::reactor) fn flush<S: Stream>(&mut self, stream: &mut S) -> io::Result<()> {
        while !self.outgoing.is_empty() {
            match stream.write(self.outgoing.as_slice()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => self.outgoing.advance(n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether all that was held could be sent.
    fn try_flush<S: Stream>(&mut self, stream: &mut S) -> io::Result<bool> {
        match self.flush(stream) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// As [`Stream::paused`].
    pub(in crate::reactor) fn paused(&self) -> bool {
        self.paused
    }

    /// As [`Stream::is_costly`].
    pub(in crate::reactor) fn is_costly(&self) -> bool {
        match &self.state {
            State::Begun(_, received) => received.len() > 1,
            State::Tls(session) => session.is_handshaking(),
            _ => false,
        }
    }

    /// As [`Stream::handshake_since`].
    pub(in crate::reactor) fn handshake_since(&mut self, now: Instant) -> Option<Instant> {
        let is_under_way = match &self.state {
            State::Waiting(tls) => tls.is_only(),
            State::Begun(..) => true,
            State::Tls(session) => session.is_handshaking(),
            State::Plain | State::Failed => false,
        };
        is_under_way.then(|| *self.since.get_or_insert(now))
    }

    /// As [`Stream::record_since`].
    pub(in crate::reactor) fn record_since(&mut self, now: Instant, waits: bool) -> Option<Instant> {
        let State::Tls(session) = &self.state else { return None };
        if session.is_handshaking() {
            return None;
        }
        if !waits || session.received() == 0 {
            self.since = None;
            return None;
        }
        Some(*self.since.get_or_insert(now))
    }
}

//! A small app for the loop's tests: frames of a 32-bit length and a body whose first byte is a command. Replies keep the order
//! of requests, whoever finishes first. It checks nothing; tests look at its records.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use farthing::reactor::{App, Closed, Fate, Flow, Inbound, Outbox, Peer, Pool, Remote, Token};

/// Echo the body.
pub(crate) const ECHO: u8 = b'e';
/// Echo the body from a worker.
pub(crate) const WORK: u8 = b'w';
/// Echo the body from a worker that panics instead of working.
pub(crate) const PANIC: u8 = b'p';
/// Answer with as many bytes as the next four bytes say.
pub(crate) const BIG: u8 = b'b';
/// Echo the body, then finish.
pub(crate) const FINISH: u8 = b'f';
/// Close without an answer.
pub(crate) const CLOSE: u8 = b'c';
/// Reset without an answer.
pub(crate) const ABORT: u8 = b'a';
/// Echo the body and have it written before the next message is looked at.
pub(crate) const FLUSH: u8 = b'o';
/// Panic on the loop's thread.
pub(crate) const CRASH: u8 = b'x';

pub(crate) const MESSAGES_PER_CALL: usize = 16;
pub(crate) const INFLIGHT_MAX: usize = 8;
pub(crate) const FRAME_MAX: usize = 64 << 20;
pub(crate) const IDLE: Duration = Duration::from_mins(5);
pub(crate) const HANDLER: Duration = Duration::from_secs(20);
/// The body of an answer that a worker did not give in time, shed, or panicked over.
pub(crate) const SORRY: &[u8] = b"sorry";

pub(crate) fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = (body.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(body);
    frame
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    Asked,
    Garbage,
    Truncated,
    Idle,
    Drained,
}

/// Plain bytes.
#[derive(Default, Debug)]
pub(crate) struct Bytes {
    bytes: Vec<u8>,
    sent: usize,
}

impl Bytes {
    pub(crate) fn put(&mut self, body: &[u8]) {
        self.bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
        self.bytes.extend_from_slice(body);
    }
}

impl Outbox for Bytes {
    fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    fn slices<'a>(&'a self, into: &mut [std::io::IoSlice<'a>]) -> usize {
        if self.is_empty() {
            return 0;
        }
        let (head, tail) = self.bytes[self.sent..].split_at(self.len() / 2);
        if self.len() < 1000 || into.len() < 2 {
            into[0] = std::io::IoSlice::new(&self.bytes[self.sent..]);
            return 1;
        }
        into[0] = std::io::IoSlice::new(head);
        into[1] = std::io::IoSlice::new(tail);
        2
    }

    fn advance(&mut self, n: usize) {
        self.sent += n;
        assert!(self.sent <= self.bytes.len());
    }

    fn split_rest(&mut self) -> Self {
        let rest = Bytes { bytes: self.bytes[self.sent..].to_vec(), sent: 0 };
        self.clear();
        rest
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(1 << 20);
        self.sent = 0;
    }
}

pub(crate) struct Done {
    id: u64,
    body: Vec<u8>,
}

#[allow(clippy::struct_excessive_bools)] // independent facts
pub(crate) struct Session {
    next: u64,
    waiting: VecDeque<(u64, Option<Vec<u8>>)>,
    peer: Peer,
    consumed: usize,
    active: Instant,
    draining: bool,
    partial: bool,
    ended: bool,
    finishing: bool,
}

/// What happened, for tests to look at.
#[derive(Default, Debug)]
pub(crate) struct Records {
    pub(crate) opened: usize,
    pub(crate) closed: Vec<Closed<Reason>>,
    /// Who was opened and closed, in the order of `closed`.
    pub(crate) peers_opened: Vec<Peer>,
    pub(crate) peers_closed: Vec<Peer>,
    /// The bodies handled per peer, if a test wants them kept.
    pub(crate) bodies: Option<Vec<(Peer, Vec<u8>)>>,
    pub(crate) handled: u64,
    pub(crate) orphaned: u64,
    pub(crate) accept_failed: u64,
    pub(crate) refused: u64,
}

pub(crate) struct Echo<P> {
    pool: P,
    remote: Remote<Done>,
    pub(crate) records: Records,
    /// With this much output waiting the loop must not call.
    pub(crate) soft: usize,
}

impl<P: Pool> Echo<P> {
    pub(crate) fn new(pool: P, remote: Remote<Done>) -> Self {
        let records = Records { bodies: Some(Vec::new()), ..Records::default() };
        Echo { pool, remote, records, soft: usize::MAX }
    }

    fn handle(
        &mut self,
        session: &mut Session,
        token: Token,
        body: &[u8],
        out: &mut Bytes,
        now: Instant,
    ) -> Option<Flow<Reason>> {
        self.records.handled += 1;
        if let Some(bodies) = &mut self.records.bodies {
            bodies.push((session.peer, body.to_vec()));
        }
        match *body.first()? {
            ECHO => answer(session, out, body),
            BIG => answer(session, out, &vec![b'B'; u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize]),
            WORK | PANIC => self.offload(session, token, body.to_vec(), out, now),
            FINISH => {
                answer(session, out, body);
                session.finishing = true;
                return Some(session.after());
            }
            FLUSH => {
                answer(session, out, body);
                return Some(Flow::Flush);
            }
            CLOSE => return Some(Flow::Close(Reason::Asked)),
            ABORT => return Some(Flow::Abort(Reason::Asked)),
            CRASH => std::panic::resume_unwind(Box::new("as asked")),
            _ => return Some(Flow::Close(Reason::Garbage)),
        }
        None
    }

    fn offload(&mut self, session: &mut Session, token: Token, body: Vec<u8>, out: &mut Bytes, now: Instant) {
        let id = session.next;
        session.next += 1;
        session.waiting.push_back((id, None));
        let mut promise = Promise { remote: self.remote.clone(), token, id, body: Some(SORRY.to_vec()) };
        let job = Box::new(move |fate| {
            if fate == Fate::Run {
                if body[0] == PANIC {
                    // Past the panic hook, which would only fill the test's output.
                    std::panic::resume_unwind(Box::new("as asked"));
                }
                promise.body = Some(body);
            }
            drop(promise);
        });
        if self.pool.submit(job, now).is_err() {
            // The job's promise was dropped with it and reports by itself.
            settle(session, out);
        }
    }
}

/// Reports exactly once, even from a job that panics or is never run.
struct Promise {
    remote: Remote<Done>,
    token: Token,
    id: u64,
    body: Option<Vec<u8>>,
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            self.remote.complete(self.token, Done { id: self.id, body });
        }
    }
}

fn answer(session: &mut Session, out: &mut Bytes, body: &[u8]) {
    if session.waiting.is_empty() {
        out.put(body);
    } else {
        session.waiting.push_back((session.next, Some(body.to_vec())));
        session.next += 1;
    }
}

fn settle(session: &mut Session, out: &mut Bytes) {
    while let Some((_, Some(_))) = session.waiting.front() {
        let (_, body) = session.waiting.pop_front().unwrap();
        out.put(&body.unwrap());
    }
}

impl Session {
    fn after(&self) -> Flow<Reason> {
        if self.finishing {
            if self.waiting.is_empty() { Flow::Finish(Reason::Asked) } else { Flow::Pause }
        } else if self.waiting.len() >= INFLIGHT_MAX || (self.ended && !self.waiting.is_empty()) {
            Flow::Pause
        } else if self.draining && self.waiting.is_empty() && !self.partial {
            Flow::Finish(Reason::Drained)
        } else {
            Flow::Read { need: 1 }
        }
    }
}

impl<P: Pool> App for Echo<P> {
    type Session = Session;
    type Outbox = Bytes;
    type Completion = Done;
    type Reason = Reason;

    fn open(&mut self, _listener: usize, _token: Token, peer: &Peer, now: Instant) -> Option<Session> {
        self.records.opened += 1;
        self.records.peers_opened.push(*peer);
        Some(Session {
            next: 0,
            peer: *peer,
            consumed: 0,
            waiting: VecDeque::new(),
            active: now,
            draining: false,
            partial: false,
            ended: false,
            finishing: false,
        })
    }

    fn receive(
        &mut self,
        session: &mut Session,
        token: Token,
        input: &mut Inbound<'_>,
        out: &mut Bytes,
        now: Instant,
    ) -> Flow<Reason> {
        session.active = now;
        assert!(out.len() < self.soft, "called with {} bytes of output waiting", out.len());
        if let Inbound::Owned(partial) = input {
            let received = session.consumed + partial.len();
            assert!(partial.capacity() <= 2 * received + (64 << 10), "{} bytes of memory for {received}", partial.capacity());
        }
        for _ in 0..MESSAGES_PER_CALL {
            if session.waiting.len() >= INFLIGHT_MAX {
                return Flow::Pause;
            }
            let bytes = input.bytes();
            session.partial = !bytes.is_empty();
            let Some((length, _)) = bytes.split_first_chunk::<4>() else {
                return if bytes.is_empty() { session.after() } else { Flow::Read { need: 4 } };
            };
            let length = u32::from_be_bytes(*length) as usize;
            if length > FRAME_MAX {
                return Flow::Close(Reason::Garbage);
            }
            if bytes.len() < 4 + length {
                return Flow::Read { need: 4 + length };
            }
            let body = input.take(4 + length).slice(4..);
            session.consumed += 4 + length;
            if let Some(flow) = self.handle(session, token, &body, out, now) {
                return flow;
            }
            session.partial = false;
        }
        Flow::Again
    }

    fn finished(
        &mut self,
        session: &mut Session,
        _token: Token,
        input: &mut Inbound<'_>,
        out: &mut Bytes,
        _now: Instant,
    ) -> Flow<Reason> {
        session.ended = true;
        settle(session, out);
        match session.after() {
            Flow::Read { .. } if !input.is_empty() => Flow::Close(Reason::Truncated),
            flow => flow,
        }
    }

    fn complete(&mut self, session: &mut Session, _token: Token, done: Done, out: &mut Bytes, now: Instant) -> Flow<Reason> {
        session.active = now;
        if let Some(slot) = session.waiting.iter_mut().find(|slot| slot.0 == done.id) {
            slot.1.get_or_insert(done.body);
        }
        settle(session, out);
        session.after()
    }

    fn orphaned(&mut self, _done: Done) {
        self.records.orphaned += 1;
    }

    fn deadline(&self, session: &Session) -> Option<Instant> {
        Some(session.active + if session.waiting.is_empty() { IDLE } else { HANDLER })
    }

    fn expired(&mut self, session: &mut Session, _token: Token, out: &mut Bytes, now: Instant) -> Flow<Reason> {
        if session.waiting.is_empty() {
            return Flow::Close(Reason::Idle);
        }
        session.active = now;
        for slot in &mut session.waiting {
            slot.1.get_or_insert_with(|| SORRY.to_vec());
        }
        settle(session, out);
        session.after()
    }

    fn drain(&mut self, session: &mut Session, _token: Token, _out: &mut Bytes, _now: Instant) -> Flow<Reason> {
        session.draining = true;
        session.after()
    }

    fn closed(&mut self, _session: Session, peer: &Peer, reason: Closed<Reason>) {
        self.records.closed.push(reason);
        self.records.peers_closed.push(*peer);
    }

    fn accept_failed(&mut self, _listener: usize, _kind: std::io::ErrorKind, refused: usize) {
        self.records.accept_failed += 1;
        self.records.refused += refused as u64;
    }
}

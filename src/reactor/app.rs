//! The loop's only view of what it carries. It deliberately names no protocol, no message and no handler.

use std::fmt::Debug;
use std::io;
use std::time::Instant;

use super::breach::Breach;
use super::errands::Errands;
use super::inbound::Inbound;
use super::memory::Stage;
use super::outbox::Outbox;
use super::peer::Peer;
use super::token::Token;

/// What a reactor carries: the meaning of the bytes.
///
/// Every callback runs on the reactor's thread and gets `now`, the turn's one reading of the clock. What a callback appends to
/// `out` is written once, after it (and its neighbours for the same connection) returned; the [`Flow`] says what comes next.
pub trait App {
    /// State of one connection; it lives in the slab entry, so keep it small.
    type Session;
    /// Reply bytes on their way out.
    type Outbox: Outbox;
    /// What another thread sends to a connection, such as a worker's result.
    type Completion: Send;
    /// Why the app closes a connection.
    type Reason: Copy + Debug;

    /// A connection was accepted on the listener of that number. `None` refuses it: it is reset and never reported closed.
    fn open(&mut self, listener: usize, token: Token, peer: &Peer, now: Instant) -> Option<Self::Session>;

    /// Bytes are there, at least as many as the last [`Flow::Read`] asked for. Consumes from `input`, appends replies to `out`.
    ///
    /// Stop with [`Flow::Again`] when a turn's budget of messages is used up or `out` grew past the soft output limit.
    fn receive(
        &mut self,
        session: &mut Self::Session,
        token: Token,
        input: &mut Inbound<'_>,
        out: &mut Self::Outbox,
        now: Instant,
    ) -> Flow<Self::Reason>;

    /// The peer ended its side. All earlier input was offered to [`App::receive`] first; `input` is the incomplete rest.
    ///
    /// Called again after each completion, in place of `receive`. [`Flow::Read`] here means that nothing is owed any more: the
    /// connection flushes and closes. [`Flow::Pause`] keeps it open for the completions that are still to come.
    fn finished(
        &mut self,
        session: &mut Self::Session,
        token: Token,
        input: &mut Inbound<'_>,
        out: &mut Self::Outbox,
        now: Instant,
    ) -> Flow<Self::Reason>;

    /// Another thread sent this through [`Remote::complete`](super::Remote::complete). Buffered input is offered afterwards if
    /// the flow says read.
    fn complete(
        &mut self,
        session: &mut Self::Session,
        token: Token,
        completion: Self::Completion,
        out: &mut Self::Outbox,
        now: Instant,
    ) -> Flow<Self::Reason>;

    /// A completion whose connection is gone, or is already on its way out.
    fn orphaned(&mut self, completion: Self::Completion);

    /// When [`App::expired`] is to be called. Asked after each callback, so it must be cheap; moving it later costs nothing.
    fn deadline(&self, session: &Self::Session) -> Option<Instant>;

    /// Bytes that the session keeps in memory of what came and what is to leave. Asked twice per visit, so it must be cheap.
    #[inline]
    fn held(&self, session: &Self::Session) -> usize {
        let _ = session;
        0
    }

    /// Memory is shorter or less short than before. Every session is visited, and asked for its deadline, soon after this.
    fn pressed(&mut self, stage: Stage) {
        let _ = stage;
    }

    /// The deadline passed. If it is left in the past, the call comes again on the next tick of the timer wheel.
    fn expired(&mut self, session: &mut Self::Session, token: Token, out: &mut Self::Outbox, now: Instant) -> Flow<Self::Reason>;

    /// The reactor shuts down: finish at a message boundary. Called once per open connection.
    fn drain(&mut self, session: &mut Self::Session, token: Token, out: &mut Self::Outbox, now: Instant) -> Flow<Self::Reason>;

    /// The connection is gone, or never came about. Exactly once per session that [`App::open`] returned or [`Errands::connect`] took.
    fn closed(&mut self, session: Self::Session, peer: &Peer, reason: Closed<Self::Reason>);

    /// Called once per turn, after everything else: opens connections, wakes sessions, and says when to call again although
    /// nothing happens. Apps that only serve have nothing to do here.
    fn turn(&mut self, errands: &mut Errands<Self::Session>, now: Instant) -> Option<Instant> {
        let _ = (errands, now);
        None
    }

    /// The connection that [`Errands::connect`] asked for is there.
    fn connected(
        &mut self,
        session: &mut Self::Session,
        token: Token,
        out: &mut Self::Outbox,
        now: Instant,
    ) -> Flow<Self::Reason> {
        let _ = (session, token, out, now);
        Flow::Read { need: 1 }
    }

    /// [`Errands::wake`] asked for this call.
    fn woken(&mut self, session: &mut Self::Session, token: Token, out: &mut Self::Outbox, now: Instant) -> Flow<Self::Reason> {
        let _ = (session, token, out, now);
        Flow::Read { need: 1 }
    }

    /// Accepting on that listener failed with an error that pauses it for a moment, or `refused` waiting peers were turned
    /// away for want of file descriptors. For counting; the reactor logs by itself, at most once per second.
    fn accept_failed(&mut self, listener: usize, kind: io::ErrorKind, refused: usize) {
        let _ = (listener, kind, refused);
    }
}

/// What the app wants to happen next on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow<R> {
    /// Call again when at least `need` bytes are buffered. After [`App::receive`], which has seen all that is buffered, at least
    /// one more byte must come; after the other callbacks what is buffered is offered again at once.
    Read {
        /// Bytes in the buffer, not bytes still missing.
        need: usize,
    },
    /// The turn's budget is used up and complete input may remain: call again next turn, after the others.
    Again,
    /// Write `out` to the socket now, then call [`App::receive`] (or [`App::finished`]) again: in the same turn if one of them
    /// asked for it, else in the same or the next.
    Flush,
    /// Neither read nor call until a completion arrives, or the deadline passes.
    Pause,
    /// Flush, shut down the write side, read and discard for a moment so that no reset eats the answer, then close.
    Finish(R),
    /// Try once to write what is queued, then close without more.
    Close(R),
    /// Drop what is queued and reset the connection.
    Abort(R),
}

/// Why a connection is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closed<R> {
    /// The app said so.
    App(R),
    /// The peer ended its side and nothing was owed to it.
    Peer,
    /// The socket failed: a reset, an unreachable host, or no room to register it.
    Failed(io::ErrorKind),
    /// The stream could not be secured.
    Breach(Breach),
    /// Reply bytes waited and the peer took none of them for the whole write time-out.
    Stalled,
    /// The peer took reply bytes, but too slowly.
    Slow,
    /// The peer did not answer the connection attempt in time.
    Unanswered,
    /// More reply bytes piled up than the hard output limit.
    Overflow,
    /// All connections together held more than the memory budget, and this one the most.
    Memory,
    /// The system had no memory for what it needed.
    Starved,
    /// A callback panicked.
    Panicked,
    /// The drain deadline passed, or the reactor was stopped at once.
    Cut,
}

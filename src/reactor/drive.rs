//! One connection's share of a turn: send what waits, read, call the app, send what it said, and see what is left to do. It
//! knows one connection at a time; which one and when is the loop's business.

use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use super::app::{App, Closed, Flow};
use super::breach::Breach;
use super::connection::{Connection, End, Phase, Watch};
use super::inbound::{Inbound, Partial};
use super::limits::Limits;
use super::memory::{Account, Budget};
use super::outbox::{Outbox, Pending};
use super::platform::{Platform, Stream};
use super::send::EGRESS_PER_TURN;
use super::timers::{Timer, Wheel};
use super::token::Token;

/// Room that is made for a message before anything of it is there, at most.
const EXPECTED_MAX: usize = 4 * 1024 * 1024;

pub(super) type Conn<P, A> = Connection<<P as Platform>::Stream, A>;
pub(super) type Step<A, T = ()> = Result<T, End<<A as App>::Reason>>;

/// What all connections of a shard share.
pub(super) struct Core<P: Platform, A: App> {
    pub(super) platform: P,
    pub(super) app: A,
    pub(super) limits: Limits,
    /// This turn's one reading of the clock.
    pub(super) now: Instant,
    pub(super) wheel: Wheel,
    pub(super) account: Account,
    /// Bytes that may still be written this turn before all that is left for a connection is the least.
    pub(super) egress: usize,
    /// Reads may take long now: everybody else had their share of the turn.
    pub(super) has_time: bool,
    /// No peer is late before that.
    pub(super) grace: Option<Instant>,
    /// Who goes on next turn without waiting for an edge.
    pub(super) ready: Vec<Token>,
    /// INVARIANT: no bytes of a connection are left in it when its share of the turn ends.
    buffer: Vec<u8>,
    /// INVARIANT: as for `buffer`.
    pub(super) out: A::Outbox,
}

impl<P: Platform, A: App> Core<P, A> {
    pub(super) fn new(platform: P, app: A, limits: Limits) -> Self {
        let now = platform.now();
        let buffer = Vec::with_capacity(limits.read_buffer.max(1));
        let (wheel, account) = (Wheel::new(now), Account::new(Budget::new(usize::MAX)));
        Core {
            platform,
            app,
            limits,
            now,
            wheel,
            account,
            egress: EGRESS_PER_TURN,
            has_time: false,
            grace: None,
            ready: Vec::new(),
            buffer,
            out: A::Outbox::default(),
        }
    }

    /// One connection's share of a turn.
    pub(super) fn drive(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        let new = matches!(connection.phase, Phase::Connecting(_) | Phase::Securing(_));
        if !new || self.establish(connection, token)? {
            if connection.pending.is_some() {
                self.send(connection, token)?;
            }
            self.serve(connection, token)?;
            self.send(connection, token)?;
            if matches!(connection.phase, Phase::Finishing(_) | Phase::Lingering(..)) {
                self.wind_up(connection, token)?;
            }
        }
        self.settle(connection, token)
    }

    /// Puts the shared output in order after a share of a turn that did not end by itself.
    pub(super) fn tidy(&mut self) {
        self.out.clear();
    }

    /// Hands over another thread's completion.
    pub(super) fn complete(&mut self, connection: &mut Conn<P, A>, token: Token, completion: A::Completion) -> Step<A> {
        if matches!(connection.phase, Phase::Connecting(_) | Phase::Securing(_) | Phase::Finishing(_) | Phase::Lingering(..)) {
            self.app.orphaned(completion);
            return Ok(());
        }
        let now = self.now;
        let flow = self.call(connection, |app, session, out| app.complete(session, token, completion, out, now));
        self.apply(connection, token, flow)
    }

    /// Tells the app that the reactor shuts down.
    pub(super) fn drain(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        match connection.phase {
            Phase::Connecting(_) | Phase::Securing(_) => return Err(End::reset(Closed::Cut)),
            Phase::Finishing(_) | Phase::Lingering(..) => return Ok(()),
            _ => {}
        }
        let now = self.now;
        let flow = self.call(connection, |app, session, out| app.drain(session, token, out, now));
        self.apply(connection, token, flow)
    }

    /// The connection's entry in the wheel fired: acts on the deadline if one really passed.
    pub(super) fn expire(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        connection.wake_at = None;
        let now = self.now;
        if self.grace.is_some_and(|until| now < until) {
            return Ok(());
        }
        let Some((_, timer)) = connection.next_timer(&self.app, &self.limits, now).filter(|(at, _)| *at <= now) else {
            return Ok(());
        };
        match (timer, connection.phase) {
            (Timer::Handshake, _) => Err(End::close(Closed::Breach(Breach::Timeout))),
            (Timer::Record, _) => Err(End::close(Closed::Breach(Breach::Stalled))),
            (Timer::Connect, _) => Err(End::reset(Closed::Unanswered)),
            (Timer::Stall, _) => Err(End::reset(Closed::Stalled)),
            (Timer::Answer, _) => Err(End::reset(Closed::Slow)),
            (Timer::Linger, Phase::Lingering(reason, _)) => Err(End::close(reason)),
            (Timer::Linger, _) => Ok(()),
            (Timer::Session, _) => {
                let flow = self.call(connection, |app, session, out| app.expired(session, token, out, now));
                self.apply(connection, token, flow)
            }
        }
    }

    /// Reads and calls the app, until the input or the connection's share of the turn is used up.
    fn serve(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        let mut spent = false;
        while self.unsent(connection) < self.limits.output_soft {
            let fed = match connection.phase {
                Phase::Reading => connection.input.len() >= connection.need,
                Phase::Offering => true,
                _ => break,
            };
            if connection.signs.eof {
                self.offer_end(connection, token)?;
            } else if fed {
                self.offer_own(connection, token)?;
            } else if connection.signs.readable && !spent && self.reads_now(connection) {
                match self.read(connection, token) {
                    // The peer is told why before the end.
                    Err(End { reason: Closed::Breach(breach), .. }) => {
                        connection.phase = Phase::Finishing(Closed::Breach(breach));
                    }
                    read => spent = read?,
                }
            } else {
                break;
            }
            if matches!(connection.phase, Phase::Offering) {
                break;
            }
        }
        Ok(())
    }

    /// One read, into whichever buffer serves; what came into the shared one is offered at once. True when it was filled.
    fn read(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A, bool> {
        if let Some(own) = connection.input.direct(connection.need)
            && (own.capacity() - own.len()).saturating_sub(self.account.big()) <= self.account.room()
        {
            let room = own.capacity() - own.len();
            let got = read_once(&mut connection.stream, own)?;
            return Ok(note_read(connection, got, room));
        }
        self.buffer.clear();
        let expected = connection.expected as usize;
        let filled = if expected > 0 && connection.input.is_empty() && expected <= self.account.room() {
            self.read_expected(connection)?
        } else {
            read_into(connection, &mut self.buffer)?
        };
        self.place(connection, token)?;
        Ok(filled)
    }

    /// A read where a large message is likely: into room of its size, so that nothing of it has to be moved. What is not worth
    /// that room ends up in the shard's buffer.
    #[inline(never)] // most messages are small
    fn read_expected(&mut self, connection: &mut Conn<P, A>) -> Step<A, bool> {
        let Ok(mut own) = Partial::room(connection.expected as usize) else {
            return read_into(connection, &mut self.buffer);
        };
        let filled = read_into(connection, &mut own)?;
        if let Err(little) = connection.input.keep(own) {
            connection.expected = 0;
            self.buffer.extend_from_slice(&little);
        }
        Ok(filled)
    }

    /// Offers what was read into the shard's buffer, or keeps it if the app needs more.
    fn place(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if connection.input.is_empty() && self.buffer.len() >= connection.need {
            return self.offer_shared(connection, token);
        }
        connection.input.append(&self.buffer, connection.need).map_err(|_| End::starved())
    }

    /// Offers what is in the shard's buffer; the connection keeps a copy of what is left.
    fn offer_shared(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        let now = self.now;
        let buffer = mem::take(&mut self.buffer);
        let mut input = Inbound::shared(&buffer);
        let offer =
            |app: &mut A, session: &mut A::Session, out: &mut A::Outbox| app.receive(session, token, &mut input, out, now);
        // The buffer comes back whatever happens: there may be no memory for another one.
        let offered = catch_unwind(AssertUnwindSafe(|| self.call_flushing(connection, token, offer)));
        let need = if let Ok(Ok(Flow::Read { need })) = offered { need } else { 0 };
        let kept = if input.is_empty() || offered.is_err() { Ok(()) } else { connection.input.append(input.bytes(), need) };
        self.buffer = buffer;
        let flow = offered.unwrap_or_else(|payload| resume_unwind(payload));
        kept.map_err(|_| End::starved())?;
        self.apply_offered(connection, token, flow?)
    }

    /// Offers what is in the connection's own buffer.
    #[inline(never)] // most messages come with one read
    fn offer_own(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        let now = self.now;
        let mut own = mem::take(&mut connection.input);
        let mut input = Inbound::Owned(&mut own);
        let flow = self.call_flushing(connection, token, |app, session, out| app.receive(session, token, &mut input, out, now));
        connection.input = own;
        self.apply_offered(connection, token, flow?)
    }

    /// The peer ended its side and everything before that was offered.
    #[cold]
    fn offer_end(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        let now = self.now;
        let mut own = mem::take(&mut connection.input);
        let mut input = Inbound::Owned(&mut own);
        let flow = self.call_flushing(connection, token, |app, session, out| app.finished(session, token, &mut input, out, now));
        connection.input = own;
        match flow? {
            Flow::Read { .. } => {
                connection.phase = Phase::Finishing(Closed::Peer);
                Ok(())
            }
            flow => self.apply(connection, token, flow),
        }
    }

    /// Repeats a call for as long as it wants its output written first, and the peer takes it.
    fn call_flushing(
        &mut self,
        connection: &mut Conn<P, A>,
        token: Token,
        mut callback: impl FnMut(&mut A, &mut A::Session, &mut A::Outbox) -> Flow<A::Reason>,
    ) -> Step<A, Flow<A::Reason>> {
        loop {
            match self.call(connection, &mut callback) {
                Flow::Flush => self.send(connection, token)?,
                flow => return Ok(flow),
            }
            if connection.unsent() >= self.limits.output_soft {
                return Ok(Flow::Again);
            }
        }
    }

    /// Calls the app with the outbox that is the connection's at the moment: new bytes go behind those that wait.
    pub(super) fn call<T>(
        &mut self,
        connection: &mut Conn<P, A>,
        callback: impl FnOnce(&mut A, &mut A::Session, &mut A::Outbox) -> T,
    ) -> T {
        match &mut connection.pending {
            None => callback(&mut self.app, &mut connection.session, &mut self.out),
            Some(pending) => {
                let answer = callback(&mut self.app, &mut connection.session, &mut pending.outbox);
                pending.note_queued();
                answer
            }
        }
    }

    /// Like [`Core::apply`], for an app that has just seen all the input: more must come before it is called again.
    #[inline]
    fn apply_offered(&mut self, connection: &mut Conn<P, A>, token: Token, flow: Flow<A::Reason>) -> Step<A> {
        match flow {
            Flow::Read { need } => self.read_on(connection, need),
            flow => self.apply(connection, token, flow)?,
        }
        connection.need = connection.need.max(connection.input.len() + 1);
        Ok(())
    }

    /// Does what the app wants next.
    pub(super) fn apply(&mut self, connection: &mut Conn<P, A>, token: Token, flow: Flow<A::Reason>) -> Step<A> {
        match flow {
            Flow::Read { need } => self.read_on(connection, need),
            Flow::Again => connection.phase = Phase::Offering,
            Flow::Flush => {
                connection.phase = Phase::Offering;
                self.send(connection, token)?;
            }
            Flow::Pause => connection.phase = Phase::Paused,
            Flow::Finish(reason) => connection.phase = Phase::Finishing(Closed::App(reason)),
            Flow::Close(reason) => {
                self.send(connection, token)?;
                return Err(End::close(Closed::App(reason)));
            }
            Flow::Abort(reason) => return Err(End::reset(Closed::App(reason))),
        }
        Ok(())
    }

    #[inline]
    fn read_on(&self, connection: &mut Conn<P, A>, need: usize) {
        connection.phase = Phase::Reading;
        connection.need = need.max(1);
        if need > self.limits.read_buffer {
            connection.expected = need.min(EXPECTED_MAX) as u32;
        }
    }

    fn unsent(&self, connection: &Conn<P, A>) -> usize {
        self.out.len() + connection.unsent()
    }

    /// Takes a finished connection through its last steps.
    #[cold]
    fn wind_up(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if let Phase::Finishing(reason) = connection.phase
            && connection.pending.is_none()
        {
            connection.input = Partial::default();
            if connection.signs.eof {
                return Err(End::close(reason));
            }
            match connection.stream.shutdown_write() {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    connection.signs.writable = false;
                    connection.pending = Some(Box::new(Pending::new(A::Outbox::default(), self.now)));
                    return self.wait_for_room(connection, token);
                }
                Err(_) => return Err(End::close(reason)),
            }
            connection.phase = Phase::Lingering(reason, self.now + self.limits.linger_timeout);
            connection.need = self.limits.linger_bytes;
        }
        if let Phase::Lingering(reason, _) = connection.phase {
            return self.discard(connection, reason);
        }
        Ok(())
    }

    /// Reads and forgets, so that the peer gets our last bytes and not a reset.
    fn discard(&mut self, connection: &mut Conn<P, A>, reason: Closed<A::Reason>) -> Step<A> {
        while connection.signs.readable {
            self.buffer.clear();
            let filled = read_into(connection, &mut self.buffer).map_err(|_| End::close(reason))?;
            connection.need = connection.need.saturating_sub(self.buffer.len());
            if connection.signs.eof || connection.need == 0 {
                return Err(End::close(reason));
            }
            if filled {
                break;
            }
        }
        Ok(())
    }

    /// Makes sure that the connection is heard of again: on the ready list, by an edge, or by a timer.
    #[inline]
    fn settle(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if let Some((at, _)) = connection.next_timer(&self.app, &self.limits, self.now)
            && let at = self.grace.map_or(at, |until| at.max(until))
            && connection.wake_at.is_none_or(|wake_at| at < wake_at)
        {
            self.wheel.schedule(token.index(), at);
            connection.wake_at = Some(at);
        }
        if connection.can_go_on(&self.limits, self.may_read(connection)) {
            if !connection.signs.queued {
                connection.signs.queued = true;
                self.ready.push(token);
            }
            return Ok(());
        }
        self.watch(connection, token)
    }

    #[inline]
    pub(super) fn watch(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if connection.signs.watch == Watch::Nothing {
            self.platform.watch(&mut connection.stream, token).map_err(|error| End::failed(&error))?;
            connection.signs.watch = Watch::Reads;
        }
        Ok(())
    }
}

/// What a read brought.
#[derive(Clone, Copy)]
enum Got {
    Bytes(usize),
    Nothing,
    End,
}

/// One read into an empty buffer, and what follows from it: true when it was filled or paused.
#[inline]
fn read_into<S: Stream, A: App>(connection: &mut Connection<S, A>, into: &mut Vec<u8>) -> Result<bool, End<A::Reason>> {
    let got = read_once(&mut connection.stream, into)?;
    Ok(note_read(connection, got, into.capacity()))
}

#[inline]
fn read_once<S: Stream, R>(stream: &mut S, into: &mut Vec<u8>) -> Result<Got, End<R>> {
    loop {
        match stream.read(into) {
            Ok(0) => return Ok(Got::End),
            Ok(n) => return Ok(Got::Bytes(n)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Got::Nothing),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(End::failed(&error)),
        }
    }
}

/// Draws the conclusions from a read into that much room; true when it was filled or paused, so that there may be more.
#[inline]
fn note_read<S: Stream, A: App>(connection: &mut Connection<S, A>, got: Got, room: usize) -> bool {
    let (paused, signs) = (connection.stream.paused(), &mut connection.signs);
    match got {
        Got::Bytes(n) => {
            // A short read has drained the socket, unless its end is known to come behind the bytes.
            signs.readable = n == room || signs.ended || paused;
            n == room || paused
        }
        Got::Nothing => {
            // What was read may all have been the stream's own, and the end that is known to come still unread.
            signs.readable = paused || signs.ended;
            signs.readable
        }
        Got::End => {
            signs.readable = false;
            signs.eof = true;
            false
        }
    }
}

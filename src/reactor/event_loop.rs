//! The loop: whose turn it is. It polls, reads the clock once, and hands each connection that has news its share of the turn.
//! What a share consists of is [`drive`](super::drive)'s business; what the bytes mean is the app's.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::iter::Peekable;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::vec::Drain;

use slab::Slab;

use super::accept::{Door, Knock};
use super::app::{App, Closed};
use super::connection::{Connection, End, Phase};
use super::drive::Core;
use super::errands::Errands;
use super::inbox::{Inbox, Letter, Remote};
use super::limits::Limits;
use super::memory::{Account, Budget, Stage};
use super::platform::{Event, Platform, Stream};
use super::pressure::Pressure;
use super::send::EGRESS_PER_TURN;
use super::token::Token;

const LOG_EVERY: Duration = Duration::from_secs(1);

/// One shard: a thread's loop with its listeners and connections.
pub struct Reactor<P: Platform, A: App> {
    pub(super) core: Core<P, A>,
    pub(super) connections: Slab<Connection<P::Stream, A>>,
    /// The generation of the newest connection; 0 belongs to no connection.
    generation: u32,
    /// By their numbers; `None` where one was closed.
    pub(super) doors: Vec<Option<Door<P::Listener>>>,
    /// Who waits for a handshake's arithmetic.
    costly: VecDeque<Token>,
    inbox: Inbox<A::Completion>,
    /// Letters may be left from the last turn.
    mail: bool,
    shutdown: Shutdown,
    logged: Option<Instant>,
    pub(super) errands: Errands<A::Session>,
    pub(super) pressure: Pressure,
    /// When the app wants its next turn.
    pub(super) look_at: Option<Instant>,
    scratch: Scratch<A::Completion>,
}

/// How far the end is.
#[derive(Clone, Copy, Debug)]
enum Shutdown {
    No,
    /// Draining until that moment.
    By(Instant),
    Done {
        cut: usize,
    },
}

/// Lists that a turn fills and empties, kept for their capacity.
struct Scratch<C> {
    events: Vec<Event>,
    ready: Vec<Token>,
    fired: Vec<usize>,
    letters: Vec<Letter<C>>,
}

impl<P: Platform, A: App> fmt::Debug for Reactor<P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.connections.len();
        f.debug_struct("Reactor").field("connections", &open).field("shutdown", &self.shutdown).finish_non_exhaustive()
    }
}

impl<P: Platform, A: App> Reactor<P, A> {
    /// A loop without listeners; `app` gets the handle by which other threads reach it.
    ///
    /// # Errors
    /// If the platform has no waker left.
    pub fn new(mut platform: P, limits: Limits, app: impl FnOnce(Remote<A::Completion>) -> A) -> io::Result<Self> {
        let inbox = Inbox::new(platform.waker(Token::INBOX)?);
        let app = app(inbox.remote().clone());
        let core = Core::new(platform, app, limits);
        Ok(Reactor {
            // The first turn does not sleep: the app may want to speak first.
            look_at: Some(core.now),
            core,
            connections: Slab::new(),
            generation: 0,
            doors: Vec::new(),
            costly: VecDeque::new(),
            inbox,
            mail: false,
            shutdown: Shutdown::No,
            logged: None,
            errands: Errands::default(),
            pressure: Pressure::default(),
            scratch: Scratch { events: Vec::new(), ready: Vec::new(), fired: Vec::new(), letters: Vec::new() },
        })
    }

    /// Shares a memory budget with other loops. One that shares none has no bound but those of its connections.
    pub fn share(&mut self, budget: Arc<Budget>) {
        self.core.account = Account::new(budget);
    }

    /// Adds a listener; returns its number, which [`App::open`] gets.
    ///
    /// # Errors
    /// If the selector refuses it.
    pub fn listen(&mut self, mut listener: P::Listener) -> io::Result<usize> {
        let number = self.doors.len();
        self.core.platform.watch_listener(&mut listener, Token::listener(number))?;
        self.doors.push(Some(Door::new(listener)));
        Ok(number)
    }

    /// A handle for other threads.
    pub fn remote(&self) -> Remote<A::Completion> {
        self.inbox.remote().clone()
    }

    /// What it carries.
    pub fn app(&self) -> &A {
        &self.core.app
    }

    /// What it carries, to keep after the loop has ended.
    pub fn into_app(self) -> A {
        self.core.app
    }

    /// Open connections.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Runs until it is stopped or drained; returns how many connections were cut.
    ///
    /// # Errors
    /// If the selector fails for good.
    pub fn run(&mut self) -> io::Result<usize> {
        loop {
            if let Some(cut) = self.turn()? {
                return Ok(cut);
            }
        }
    }

    /// One turn: waits until something is to be done, and does it. Returns how many connections were cut once it has ended.
    ///
    /// # Errors
    /// If the selector fails for good.
    pub fn turn(&mut self) -> io::Result<Option<usize>> {
        if let Shutdown::Done { cut } = self.shutdown {
            return Ok(Some(cut));
        }
        let timeout = self.patience();
        if let Err(error) = self.core.platform.poll(&mut self.scratch.events, timeout) {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
            self.scratch.events.clear();
        }
        let (before, now) = (self.core.now, self.core.platform.now());
        (self.core.now, self.core.egress) = (now, EGRESS_PER_TURN);
        self.core.forgive(now.saturating_duration_since(before).saturating_sub(timeout.unwrap_or(Duration::MAX)));
        // Whoever did not get through last turn goes behind those with fresh news.
        mem::swap(&mut self.core.ready, &mut self.scratch.ready);
        self.heed_pressure();
        self.dispatch_events();
        self.fire_timers();
        self.accept();
        self.dispatch_ready();
        self.read_mail();
        self.run_errands();
        self.dispatch_costly();
        self.shut_down();
        match self.shutdown {
            Shutdown::Done { cut } => Ok(Some(cut)),
            _ => Ok(None),
        }
    }

    /// How long the next poll may sleep.
    fn patience(&mut self) -> Option<Duration> {
        let now = self.core.now;
        let knocking = self.has_room() && self.doors.iter_mut().flatten().any(|door| door.is_open(now));
        if knocking || self.mail || !self.core.ready.is_empty() || !self.costly.is_empty() {
            return Some(Duration::ZERO);
        }
        let rest = self.doors.iter().flatten().filter(|door| door.ready).filter_map(|door| door.rests_until);
        let drained = match self.shutdown {
            Shutdown::By(until) => Some(until),
            _ => None,
        };
        let deadlines = [drained, self.core.wheel.deadline(), self.look_at, self.next_look_at_memory()];
        let next = rest.chain(deadlines.into_iter().flatten()).min()?;
        // Whoever asked for a turn at a moment wants it then, and not later by what this turn took.
        let from = if self.look_at.is_some() { self.core.platform.now() } else { now };
        Some(next.saturating_duration_since(from))
    }

    fn dispatch_events(&mut self) {
        let events = mem::take(&mut self.scratch.events);
        for event in &events {
            match event.token {
                Token::INBOX => self.mail = true,
                Token::ALARM => {}
                token if token.generation() == 0 => {
                    if let Some(Some(door)) = self.doors.get_mut(token.index()) {
                        door.ready = true;
                    }
                }
                token => self.note_event(token, *event),
            }
        }
        self.scratch.events = events;
    }

    fn note_event(&mut self, token: Token, event: Event) {
        let Some(connection) = lookup(&mut self.connections, token) else { return };
        let waits = matches!(connection.phase, Phase::Paused) || !self.core.may_read(connection);
        connection.signs.readable |= event.readable || event.ended || event.broken;
        connection.signs.writable |= event.writable || event.broken;
        connection.signs.ended |= event.ended || event.broken;
        if event.broken && waits {
            // Nobody is left to read the answer, and nothing else would notice before it is there, or before more is read.
            self.visit(token, |_, _| Err(End::failed(&io::ErrorKind::ConnectionReset.into())));
        } else if !connection.signs.queued {
            // On the ready list it gets its share later in this turn anyway.
            self.visit(token, |_, _| Ok(()));
        }
    }

    fn fire_timers(&mut self) {
        let mut fired = mem::take(&mut self.scratch.fired);
        self.core.wheel.advance(self.core.now, &mut fired);
        for index in fired.drain(..) {
            let Some(connection) = self.connections.get(index) else { continue };
            let token = Token::new(index, connection.generation);
            self.visit(token, |core, connection| core.expire(connection, token));
        }
        self.scratch.fired = fired;
    }

    fn dispatch_ready(&mut self) {
        let mut ready = mem::take(&mut self.scratch.ready);
        for token in ready.drain(..) {
            let Some(connection) = self.find(token) else { continue };
            if connection.signs.readable && connection.stream.is_costly() {
                self.costly.push_back(token);
                continue;
            }
            connection.signs.queued = false;
            self.visit(token, |_, _| Ok(()));
        }
        self.scratch.ready = ready;
    }

    /// Handshakes, once all others had their share: some of those that wait, the first come first.
    fn dispatch_costly(&mut self) {
        if self.costly.is_empty() {
            return;
        }
        let start = self.core.platform.now();
        let limits = &self.core.limits;
        let (most, time) = (limits.handshakes_per_turn, limits.handshake_time_per_turn);
        self.core.has_time = true;
        for _ in 0..most {
            let Some(token) = self.costly.pop_front() else { break };
            let Some(connection) = self.find(token) else { continue };
            connection.signs.queued = false;
            self.visit(token, |_, _| Ok(()));
            if self.core.platform.now().saturating_duration_since(start) >= time {
                break;
            }
        }
        self.core.has_time = false;
    }

    fn accept(&mut self) {
        for number in 0..self.doors.len() {
            self.accept_at(number);
        }
    }

    pub(super) fn accept_at(&mut self, number: usize) {
        let (now, pause, most) = (self.core.now, self.core.limits.accept_pause, self.core.limits.accepts_per_turn);
        for _ in 0..most {
            let has_room = self.has_room();
            let Some(door) = &mut self.doors[number] else { return };
            if !door.is_open(now) || !has_room {
                return;
            }
            match door.knock(now, pause, most) {
                Knock::Guest(stream, peer) => self.admit(number, stream, peer),
                Knock::Gone => {}
                Knock::Nobody => return,
                Knock::Failed(error, refused) => {
                    self.core.app.accept_failed(number, error.kind(), refused);
                    self.log_accept_error(&error, refused);
                    return;
                }
            }
        }
    }

    /// Whether another connection is welcome.
    fn has_room(&self) -> bool {
        self.connections.len() < self.core.limits.connections_max && self.core.account.stage() < Stage::Shedding
    }

    /// Opens a connection and serves it at once: perhaps its bytes are there, and perhaps it needs no registration at all.
    fn admit(&mut self, listener: usize, stream: P::Stream, peer: super::Peer) {
        let token = self.next_token();
        let Some(session) = self.core.app.open(listener, token, &peer, self.core.now) else { return stream.reset() };
        self.insert(|generation| Connection::new(stream, session, peer, generation));
        self.visit(token, |_, _| Ok(()));
    }

    /// The token of the connection that is inserted next.
    fn next_token(&self) -> Token {
        Token::new(self.connections.vacant_key(), self.generation.checked_add(1).unwrap_or(1))
    }

    pub(super) fn insert(&mut self, make: impl FnOnce(u32) -> Connection<P::Stream, A>) -> Token {
        let token = self.next_token();
        self.generation = token.generation();
        self.connections.insert(make(self.generation));
        token
    }

    fn log_accept_error(&mut self, error: &io::Error, refused: usize) {
        let now = self.core.now;
        if self.logged.is_none_or(|logged| now.saturating_duration_since(logged) >= LOG_EVERY) {
            self.logged = Some(now);
            tracing::warn!(%error, refused, "cannot accept connections for a moment");
        }
    }

    fn read_mail(&mut self) {
        if !mem::take(&mut self.mail) {
            return;
        }
        let mut letters = mem::take(&mut self.scratch.letters);
        self.mail = self.inbox.collect(&mut letters, self.core.limits.completions_per_turn);
        // Neighbours for one connection share one write; the sort is stable, so their order stays.
        letters.sort_by_key(|letter| match letter {
            Letter::Complete(token, _) => token.as_u64(),
            Letter::Drain | Letter::Stop => u64::MAX,
        });
        let mut rest = letters.drain(..).peekable();
        while let Some(letter) = rest.next() {
            match letter {
                Letter::Complete(token, completion) => self.deliver(token, completion, &mut rest),
                Letter::Drain => self.begin_drain(),
                Letter::Stop => self.cut(),
            }
        }
        drop(rest);
        self.scratch.letters = letters;
    }

    /// Hands a completion to its connection, with those that follow for the same one.
    fn deliver(&mut self, token: Token, completion: A::Completion, rest: &mut Peekable<Drain<'_, Letter<A::Completion>>>) {
        if self.find(token).is_none() {
            self.core.app.orphaned(completion);
            return;
        }
        self.visit(token, |core, connection| {
            core.complete(connection, token, completion)?;
            while let Some(Letter::Complete(_, next)) = rest.next_if(|letter| letter.is_for(token)) {
                core.complete(connection, token, next)?;
            }
            Ok(())
        });
    }

    fn find(&mut self, token: Token) -> Option<&mut Connection<P::Stream, A>> {
        lookup(&mut self.connections, token)
    }

    /// Gives a connection its share of the turn, after `first`. Whatever goes wrong in it ends that connection and no other.
    pub(super) fn visit(
        &mut self,
        token: Token,
        first: impl FnOnce(&mut Core<P, A>, &mut Connection<P::Stream, A>) -> Result<(), End<A::Reason>>,
    ) {
        let Some(connection) = lookup(&mut self.connections, token) else { return };
        let core = &mut self.core;
        let before = if connection.signs.counted { connection.held(&core.app) } else { 0 };
        let share = AssertUnwindSafe(|| first(core, connection).and_then(|()| core.drive(connection, token)));
        let end = match catch_unwind(share) {
            Ok(Ok(())) => {
                let held = connection.held(&core.app);
                connection.signs.counted = held > 0;
                if core.account.change(before, held) {
                    self.relieve(Stage::Full, 1);
                }
                return;
            }
            Ok(Err(end)) => end,
            Err(payload) => End::unwound(&*payload),
        };
        self.core.tidy();
        self.core.account.change(before, 0);
        self.close(token, end);
    }

    /// The one place where a connection ends.
    #[cold]
    pub(super) fn close(&mut self, token: Token, end: End<A::Reason>) {
        let connection = self.connections.remove(token.index());
        self.core.wheel.cancel(token.index());
        if end.reset {
            connection.stream.reset();
        } else {
            connection.stream.close();
        }
        self.core.app.closed(connection.session, &connection.peer, end.reason);
    }

    /// Takes in who waits already, closes the listeners and asks every session to finish.
    fn begin_drain(&mut self) {
        if !matches!(self.shutdown, Shutdown::No) {
            return;
        }
        self.shutdown = Shutdown::By(self.core.now + self.core.limits.drain_timeout);
        self.accept();
        self.doors.clear();
        for token in self.tokens() {
            self.visit(token, |core, connection| core.drain(connection, token));
        }
    }

    /// Ends whoever is left: a reset, and counted, unless only the peer's own end was missing.
    fn cut(&mut self) {
        self.doors.clear();
        let mut cut = 0;
        for token in self.tokens() {
            let Some(connection) = lookup(&mut self.connections, token) else { continue };
            let (phase, held) = (connection.phase, connection.held(&self.core.app));
            // What shards of the same budget still hold must not be hidden behind this.
            self.core.account.change(if connection.signs.counted { held } else { 0 }, 0);
            if let Phase::Lingering(reason, _) = phase {
                self.close(token, End::close(reason));
            } else {
                cut += 1;
                self.close(token, End::reset(Closed::Cut));
            }
        }
        self.core.account.post();
        self.shutdown = Shutdown::Done { cut };
    }

    pub(super) fn tokens(&self) -> Vec<Token> {
        self.connections.iter().map(|(index, connection)| Token::new(index, connection.generation)).collect()
    }

    fn shut_down(&mut self) {
        if let Shutdown::By(until) = self.shutdown
            && (self.connections.is_empty() || until <= self.core.now)
        {
            self.cut();
        }
        if let Shutdown::Done { .. } = self.shutdown {
            let mut letters = Vec::new();
            self.inbox.collect(&mut letters, usize::MAX);
            for letter in letters {
                if let Letter::Complete(_, completion) = letter {
                    self.core.app.orphaned(completion);
                }
            }
        }
    }
}

/// The one way from a token to its connection: a stale token finds nothing.
fn lookup<S, A: App>(connections: &mut Slab<Connection<S, A>>, token: Token) -> Option<&mut Connection<S, A>> {
    connections.get_mut(token.index()).filter(|connection| connection.generation == token.generation())
}

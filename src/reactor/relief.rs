//! What a shard does when memory runs short: it tells its app, has its connections look at themselves again, and resets the
//! biggest. How short memory is, [`memory`](super::memory) knows.

use std::time::{Duration, Instant};

use super::app::{App, Closed};
use super::connection::End;
use super::drive::{Conn, Core};
use super::event_loop::Reactor;
use super::memory::Stage;
use super::platform::{Platform, Stream};
use super::token::Token;

/// How often a shard looks while memory is short, for it may be others who give back; and how often all its connections look.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl<P: Platform, A: App> Reactor<P, A> {
    /// Once a turn: looks how short memory is, and acts on it.
    #[inline]
    pub(super) fn heed_pressure(&mut self) {
        self.core.account.look();
        if !self.is_calm() {
            self.act_on_pressure();
        }
    }

    /// When to look again although nothing happens.
    pub(super) fn next_look_at_memory(&self) -> Option<Instant> {
        (!self.is_calm()).then(|| self.core.now + LOOK_EVERY)
    }

    /// Whether there is enough, and everybody knows.
    #[inline]
    fn is_calm(&self) -> bool {
        let account = &self.core.account;
        account.stage() == Stage::Free && self.pressure.told == Stage::Free && !account.changed()
    }

    #[cold]
    fn act_on_pressure(&mut self) {
        let now = self.core.now;
        self.core.account.post();
        let stage = self.core.account.stage();
        if stage != self.pressure.told {
            self.pressure.told = stage;
            self.core.app.pressed(stage);
        }
        let since = self.pressure.short_since.unwrap_or(now);
        self.pressure.short_since = (stage >= Stage::Reluctant).then_some(since);
        if stage >= Stage::Reluctant && now.saturating_duration_since(since) >= self.core.limits.strain_timeout {
            self.relieve(Stage::Impatient, self.core.account.big());
            self.pressure.short_since = None;
        }
        let looked = self.pressure.looked;
        if self.core.account.changed() && looked.is_none_or(|at| now.saturating_duration_since(at) >= LOOK_EVERY) {
            self.pressure.looked = Some(now);
            self.core.account.settled();
            // Deadlines may have moved nearer, and who was not read may be read again.
            for token in self.tokens() {
                self.visit(token, |_, _| Ok(()));
            }
        }
    }

    /// Resets whoever holds the most, here, until memory is less short than at `stage`, or nobody holds as much as `least`.
    #[cold]
    pub(super) fn relieve(&mut self, stage: Stage, least: usize) {
        self.core.account.post();
        while self.core.account.is_past(stage) {
            let (app, budget) = (&self.core.app, self.core.account.budget());
            let burdens = self.connections.iter().map(|(index, connection)| (connection.burden(app, budget), index));
            let Some((_, index)) = burdens.max().filter(|(burden, _)| *burden >= least) else { return };
            let (held, generation) = (self.connections[index].held(app), self.connections[index].generation);
            // What it shared it gives back by itself.
            self.close(Token::new(index, generation), End::reset(Closed::Memory));
            self.core.account.change(held, 0);
            self.core.account.post();
        }
    }
}

impl<P: Platform, A: App> Core<P, A> {
    /// Whether its socket may be read: not where memory is short, and the message that is read is a big one. Of a peer that has
    /// said its last word the system holds all that can come, and behind that is the end.
    #[inline]
    pub(super) fn may_read(&self, connection: &Conn<P, A>) -> bool {
        self.account.stage() < Stage::Reluctant || connection.signs.ended || !self.is_big(connection)
    }

    /// Whether it is read in this share of the turn.
    #[inline]
    pub(super) fn reads_now(&self, connection: &Conn<P, A>) -> bool {
        self.may_read(connection) && (self.has_time || !connection.stream.is_costly())
    }

    #[cold]
    fn is_big(&self, connection: &Conn<P, A>) -> bool {
        connection.need.max(connection.held(&self.app)) >= self.account.big()
    }
}

//! What can change about a loop that runs: its listeners and its limits. It decides nothing about them.

use std::io;

use super::accept::Door;
use super::app::App;
use super::event_loop::Reactor;
use super::limits::Limits;
use super::platform::Platform;
use super::token::Token;

/// Connections that wait at a listener, at most, for one that is closed to let them in.
const WAITING_MAX: usize = 4096;

impl<P: Platform, A: App> Reactor<P, A> {
    /// What it carries.
    pub fn app_mut(&mut self) -> &mut A {
        &mut self.core.app
    }

    /// Other limits, for all connections from now on. What may wait to leave does not become less, for answers of that size may be
    /// under way; and the buffers stay.
    pub fn limit(&mut self, limits: &Limits) {
        let Limits { output_hard, read_buffer, .. } = self.core.limits;
        self.core.limits = Limits { read_buffer, output_hard: limits.output_hard.max(output_hard), ..limits.clone() };
    }

    /// Closes a listener: who waits there already is let in, and nobody else. Its number is not given out again.
    pub fn unlisten(&mut self, number: usize) {
        let Some(Some(door)) = self.doors.get_mut(number) else { return };
        door.ready = true;
        // A turn's worth at a time, and no more than may wait.
        for _ in 0..WAITING_MAX / self.core.limits.accepts_per_turn.max(1) {
            if !self.doors[number].as_mut().is_some_and(|door| door.is_open(self.core.now)) {
                break;
            }
            self.accept_at(number);
        }
        if let Some(Some(mut door)) = self.doors.get_mut(number).map(Option::take) {
            self.core.platform.unwatch_listener(&mut door.listener);
        }
    }

    /// Adds a listener under this number, which none has had: the next one, or there will be none under those before it.
    ///
    /// # Errors
    /// If the selector refuses it: then there is none under this number.
    pub fn listen_as(&mut self, number: usize, mut listener: P::Listener) -> io::Result<()> {
        if self.doors.len() <= number {
            self.doors.resize_with(number + 1, || None);
        }
        self.core.platform.watch_listener(&mut listener, Token::listener(number))?;
        self.doors[number] = Some(Door::new(listener));
        Ok(())
    }

    /// Asks some of the sessions to finish, as when the loop shuts down.
    pub fn drain_where(&mut self, wanted: impl Fn(&A, &A::Session) -> bool) {
        for token in self.tokens() {
            let session = self.connections.get(token.index()).map(|connection| &connection.session);
            if session.is_some_and(|session| wanted(&self.core.app, session)) {
                self.visit(token, |core, connection| core.drain(connection, token));
            }
        }
    }
}

//! What an app asks of its loop beyond the connection at hand: connections to open and sessions to visit. It does none of it by
//! itself.

use std::fmt;

use super::route::Route;
use super::token::Token;

/// What the loop is to do before it sleeps again; [`App::turn`](super::App::turn) fills it.
pub struct Errands<S> {
    pub(super) connect: Vec<(Route, S)>,
    pub(super) wake: Vec<Token>,
}

impl<S> Errands<S> {
    /// Opens a connection that carries `session`. It comes back to [`App::connected`](super::App::connected) once there is one,
    /// secured where it is to be, or to [`App::closed`](super::App::closed).
    pub fn connect(&mut self, route: impl Into<Route>, session: S) {
        self.connect.push((route.into(), session));
    }

    /// Has [`App::woken`](super::App::woken) called for the connection of that token, if it is still there and not on its way out.
    pub fn wake(&mut self, token: Token) {
        self.wake.push(token);
    }
}

impl<S> Default for Errands<S> {
    fn default() -> Self {
        Self { connect: Vec::new(), wake: Vec::new() }
    }
}

impl<S> fmt::Debug for Errands<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errands").field("connect", &self.connect.len()).field("wake", &self.wake.len()).finish()
    }
}

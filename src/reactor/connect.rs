//! The way out: connections that the app asks for, from the first packet until they carry bytes like any other. It resolves no
//! names and tries nothing twice.

use super::address::Address;
use super::app::{App, Closed};
use super::connection::{Connection, End, Phase, Watch};
use super::drive::{Conn, Core, Step};
use super::event_loop::Reactor;
use super::peer::Peer;
use super::platform::{Platform, Stream};
use super::route::Route;
use super::token::Token;

impl<P: Platform, A: App> Reactor<P, A> {
    /// Asks the app for its errands and runs them.
    pub(super) fn run_errands(&mut self) {
        let now = self.core.now;
        self.look_at = self.core.app.turn(&mut self.errands, now);
        if self.errands.wake.is_empty() && self.errands.connect.is_empty() {
            return;
        }
        let mut connect = std::mem::take(&mut self.errands.connect);
        for (route, session) in connect.drain(..) {
            self.connect(&route, session);
        }
        self.errands.connect = connect;
        let mut wake = std::mem::take(&mut self.errands.wake);
        for token in wake.drain(..) {
            self.visit(token, |core, connection| core.wake(connection, token));
        }
        self.errands.wake = wake;
    }

    fn connect(&mut self, route: &Route, session: A::Session) {
        let peer = match &route.address {
            Address::Tcp(address) => Peer::tcp(*address),
            Address::Unix(_) | Address::Abstract(_) => Peer::Unix(None),
        };
        match self.core.platform.connect(route) {
            Ok(stream) => {
                let until = self.core.now + self.core.limits.connect_timeout;
                let token = self.insert(|generation| Connection::connecting(stream, session, peer, generation, until));
                self.visit(token, |_, _| Ok(()));
            }
            Err(error) => self.core.app.closed(session, &peer, Closed::Failed(error.kind())),
        }
    }
}

impl<P: Platform, A: App> Core<P, A> {
    /// Goes on with a connection that does not carry the app's bytes yet. False while it does not.
    #[cold]
    pub(super) fn establish(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A, bool> {
        match connection.phase {
            Phase::Connecting(_) => Ok(self.reach(connection, token)? && self.secure(connection, token)?),
            Phase::Securing(_) => self.secure(connection, token),
            _ => Ok(true),
        }
    }

    /// Looks whether the peer has answered. False while it has not.
    ///
    /// The first look is free: a connection within the machine is there at once, and needs no news from the selector.
    fn reach(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A, bool> {
        if !connection.signs.writable {
            return Ok(false);
        }
        match connection.stream.connected() {
            Ok(true) => {
                connection.phase = Phase::Securing(self.now + self.limits.tls_handshake_timeout);
                Ok(true)
            }
            Ok(false) => {
                connection.signs.writable = false;
                if connection.signs.watch == Watch::Nothing {
                    self.watch(connection, token)?;
                    self.platform.watch_writes(&mut connection.stream, token).map_err(|error| End::failed(&error))?;
                    connection.signs.watch = Watch::ReadsAndWrites;
                }
                Ok(false)
            }
            Err(error) => Err(End::failed(&error)),
        }
    }

    /// Has the stream agree with the peer on what secures it, and tells the app once that is done.
    fn secure(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A, bool> {
        let is_secured = connection.stream.secured().map_err(|error| End::failed(&error))?;
        connection.signs.readable |= connection.stream.paused();
        if is_secured {
            connection.phase = Phase::Reading;
            let now = self.now;
            let flow = self.call(connection, |app, session, out| app.connected(session, token, out, now));
            self.apply(connection, token, flow)?;
            return Ok(true);
        }
        connection.signs.readable = connection.stream.paused();
        if connection.stream.held() > 0 {
            connection.signs.writable = false;
            self.wait_for_room(connection, token)?;
        }
        Ok(false)
    }

    /// Tells the app that it wanted to see this connection.
    fn wake(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if matches!(connection.phase, Phase::Connecting(_) | Phase::Securing(_) | Phase::Finishing(_) | Phase::Lingering(..)) {
            return Ok(());
        }
        let now = self.now;
        let flow = self.call(connection, |app, session, out| app.woken(session, token, out, now));
        self.apply(connection, token, flow)
    }
}

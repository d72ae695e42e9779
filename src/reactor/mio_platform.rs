//! The production platform: mio's poll and the monotonic clock. It keeps no state about what it watches.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Waker};

use super::alarm::Alarm;
use super::listen::Acceptor;
use super::maybe_tls::MaybeTls;
use super::platform::{Event, Platform, Wake};
use super::route::Route;
use super::socket::Socket;
use super::token::Token;

const EVENTS_PER_POLL: usize = 1024;

/// The operating system, through mio.
#[derive(Debug)]
pub struct Mio {
    poll: Poll,
    events: Events,
    alarm: Option<Alarm>,
}

impl Mio {
    /// A fresh selector.
    ///
    /// # Errors
    /// If the system has none left.
    pub fn new() -> io::Result<Self> {
        Ok(Mio { poll: Poll::new()?, events: Events::with_capacity(EVENTS_PER_POLL), alarm: None })
    }

    /// A fresh selector that keeps time-outs to some ten microseconds instead of a millisecond, at the price of one more system
    /// call for those that are near.
    ///
    /// # Errors
    /// If the system has none left, or no timers.
    pub fn precise() -> io::Result<Self> {
        let mut mio = Self::new()?;
        mio.alarm = Some(Alarm::new(mio.poll.registry(), raw(Token::ALARM))?);
        Ok(mio)
    }
}

impl Platform for Mio {
    type Stream = MaybeTls<Socket>;
    type Listener = Acceptor;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn poll(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        let timeout = match &mut self.alarm {
            Some(alarm) => alarm.set(timeout)?,
            None => timeout,
        };
        self.poll.poll(&mut self.events, timeout)?;
        events.extend(self.events.iter().map(translate));
        Ok(())
    }

    fn connect(&mut self, route: &Route) -> io::Result<MaybeTls<Socket>> {
        let socket = Socket::connect(&route.address)?;
        match &route.tls {
            None => Ok(MaybeTls::plain(socket)),
            Some(tls) => MaybeTls::securing(socket, tls),
        }
    }

    fn watch(&mut self, stream: &mut MaybeTls<Socket>, token: Token) -> io::Result<()> {
        stream.stream().source().register(self.poll.registry(), raw(token), Interest::READABLE)
    }

    fn watch_writes(&mut self, stream: &mut MaybeTls<Socket>, token: Token) -> io::Result<()> {
        stream.stream().source().reregister(self.poll.registry(), raw(token), Interest::READABLE | Interest::WRITABLE)
    }

    fn watch_listener(&mut self, listener: &mut Acceptor, token: Token) -> io::Result<()> {
        listener.source().register(self.poll.registry(), raw(token), Interest::READABLE)
    }

    fn unwatch_listener(&mut self, listener: &mut Acceptor) {
        // Where others hold the socket, too, closing it would not be enough. What fails here was not watched.
        _ = listener.source().deregister(self.poll.registry());
    }

    fn waker(&mut self, token: Token) -> io::Result<Arc<dyn Wake>> {
        Ok(Arc::new(MioWaker(Waker::new(self.poll.registry(), raw(token))?)))
    }
}

fn raw(token: Token) -> mio::Token {
    mio::Token(token.as_u64() as usize)
}

fn translate(event: &mio::event::Event) -> Event {
    Event {
        token: Token::from_u64(event.token().0 as u64),
        readable: event.is_readable(),
        writable: event.is_writable(),
        ended: event.is_read_closed(),
        broken: event.is_error() || event.is_write_closed(),
    }
}

#[derive(Debug)]
struct MioWaker(Waker);

impl Wake for MioWaker {
    fn wake(&self) {
        // An eventfd refuses only when its counter is full, and then the loop is due to wake anyway.
        if let Err(error) = self.0.wake() {
            tracing::error!(%error, "cannot wake the reactor");
        }
    }
}

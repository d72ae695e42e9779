//! One connection's slab entry and what can be told from it alone. It performs no input or output.

use std::any::Any;
use std::collections::TryReserveError;
use std::io;
use std::time::Instant;

use super::app::{App, Closed};
use super::breach::Breach;
use super::inbound::Partial;
use super::limits::Limits;
use super::memory::Budget;
use super::outbox::{Outbox, Pending};
use super::peer::Peer;
use super::platform::Stream;
use super::timers::Timer;

/// A connection. Idle, it owns no buffer.
pub(super) struct Connection<S, A: App> {
    pub(super) stream: S,
    pub(super) session: A::Session,
    pub(super) peer: Peer,
    pub(super) generation: u32,
    pub(super) signs: Signs,
    pub(super) phase: Phase<A::Reason>,
    /// In [`Phase::Reading`] the bytes to be buffered before the app is called; in [`Phase::Lingering`] those still to discard.
    pub(super) need: usize,
    /// How large its last message was, if it was larger than the shard's buffer: the next one gets room of its own at once. Else 0.
    pub(super) expected: u32,
    pub(super) input: Partial,
    pub(super) pending: Option<Box<Pending<A::Outbox>>>,
    /// When its entry in the wheel fires.
    pub(super) wake_at: Option<Instant>,
}

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase<R> {
    /// Waits for the peer to answer the connection attempt.
    Connecting(Instant),
    /// Waits until the stream is secured, no longer than until that moment.
    Securing(Instant),
    /// Waits for `need` bytes.
    Reading,
    /// The turn's budget ended in the middle of the buffered input.
    Offering,
    /// Waits for a completion.
    Paused,
    /// Waits for its output to leave, then shuts down the write side.
    Finishing(Closed<R>),
    /// Waits for the peer to close.
    Lingering(Closed<R>, Instant),
}

/// What is known of the socket without asking it.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // six independent facts, one byte each
pub(super) struct Signs {
    /// There may be something to read.
    pub(super) readable: bool,
    /// The last write was not cut short.
    pub(super) writable: bool,
    /// The selector said that the peer ended its side: a short read is not the last.
    pub(super) ended: bool,
    /// The end was read.
    pub(super) eof: bool,
    /// On the ready list. INVARIANT: whoever could go on without a new edge is.
    pub(super) queued: bool,
    /// The shard's account knows of bytes that it holds. INVARIANT: where it does not, it holds none between two turns.
    pub(super) counted: bool,
    pub(super) watch: Watch,
}

/// Which edges the selector reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Watch {
    Nothing,
    Reads,
    ReadsAndWrites,
}

/// The end of a connection, on its way to the one place that closes.
#[derive(Clone, Copy, Debug)]
pub(super) struct End<R> {
    pub(super) reason: Closed<R>,
    pub(super) reset: bool,
}

impl<R> End<R> {
    pub(super) fn close(reason: Closed<R>) -> Self {
        End { reason, reset: false }
    }

    pub(super) fn reset(reason: Closed<R>) -> Self {
        End { reason, reset: true }
    }

    /// The system has no memory for what the connection needs.
    #[cold]
    pub(super) fn starved() -> Self {
        End::reset(Closed::Starved)
    }

    /// A callback panicked; or there was no memory, and that was told by unwinding.
    #[cold]
    pub(super) fn unwound(payload: &(dyn Any + Send)) -> Self {
        if payload.is::<TryReserveError>() { End::starved() } else { End::reset(Closed::Panicked) }
    }

    /// The socket failed. A peer that has gone in both directions shows as a reset or as a broken pipe, by chance.
    pub(super) fn failed(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::OutOfMemory {
            return End::starved();
        }
        End::close(Breach::find(error).map_or(Closed::Failed(error.kind()), Closed::Breach))
    }
}

impl<S, A: App> Connection<S, A> {
    /// Just accepted: not watched yet, and perhaps there are bytes already.
    pub(super) fn new(stream: S, session: A::Session, peer: Peer, generation: u32) -> Self {
        let signs = Signs {
            readable: true,
            writable: true,
            ended: false,
            eof: false,
            queued: false,
            counted: false,
            watch: Watch::Nothing,
        };
        let (phase, input) = (Phase::Reading, Partial::default());
        Connection { stream, session, peer, generation, signs, phase, need: 1, expected: 0, input, pending: None, wake_at: None }
    }

    /// On its way to the peer, which has until `until` to answer. There is nothing to read before it has.
    pub(super) fn connecting(stream: S, session: A::Session, peer: Peer, generation: u32, until: Instant) -> Self {
        let mut connection = Self::new(stream, session, peer, generation);
        connection.phase = Phase::Connecting(until);
        connection.signs.readable = false;
        connection
    }

    /// Reply bytes that the socket did not take yet.
    #[inline]
    pub(super) fn unsent(&self) -> usize {
        self.pending.as_ref().map_or(0, |pending| pending.outbox.len())
    }

    /// Bytes of replies that wait and are there for this connection alone.
    #[inline]
    fn unsent_own(&self) -> usize {
        self.pending.as_ref().map_or(0, |pending| pending.outbox.own())
    }

    /// Bytes in memory that are there for this connection alone.
    #[inline]
    pub(super) fn held(&self, app: &A) -> usize
    where
        S: Stream,
    {
        self.input.held() + self.unsent_own() + self.stream.buffered() + app.held(&self.session)
    }

    /// Bytes of memory that it is to blame for: those, and its part of what it holds together with others.
    pub(super) fn burden(&self, app: &A, budget: &Budget) -> usize
    where
        S: Stream,
    {
        self.held(app) + self.pending.as_ref().map_or(0, |pending| pending.outbox.part(budget))
    }

    /// Whether it could do something right now, without any news from outside. `may_read`: its socket may be asked.
    #[inline]
    pub(super) fn can_go_on(&self, limits: &Limits, may_read: bool) -> bool {
        if self.pending.is_some() && self.signs.writable {
            return true;
        }
        match self.phase {
            Phase::Connecting(_) => self.signs.writable,
            Phase::Reading => {
                let fed = (self.signs.readable && may_read) || self.signs.eof || self.input.len() >= self.need;
                fed && self.unsent() < limits.output_soft
            }
            Phase::Offering => self.unsent() < limits.output_soft,
            Phase::Paused => false,
            Phase::Finishing(_) => self.pending.is_none(),
            Phase::Securing(_) | Phase::Lingering(..) => self.signs.readable,
        }
    }

    /// The earliest of its timers.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a sum and a comparison for nearly all
    pub(super) fn next_timer(&mut self, app: &A, limits: &Limits, now: Instant) -> Option<(Instant, Timer)>
    where
        S: Stream,
    {
        let by_phase = match self.phase {
            Phase::Reading | Phase::Offering | Phase::Paused => {
                let session = app.deadline(&self.session).map(|at| (at, Timer::Session));
                // Most streams are plain, and pay for no more than this question.
                let secures = if self.stream.is_guarded() { self.secures(limits, now) } else { None };
                secures.map_or(session, |timer| Some(earlier(session, timer)))
            }
            Phase::Finishing(_) => None,
            Phase::Connecting(until) => Some((until, Timer::Connect)),
            Phase::Securing(until) => Some((until, Timer::Handshake)),
            Phase::Lingering(_, until) => Some((until, Timer::Linger)),
        };
        let Some(pending) = &self.pending else { return by_phase };
        let stall = (pending.stalls_at(limits), Timer::Stall);
        let answer = (pending.slow_at(limits), Timer::Answer);
        let by_write = if stall.0 < answer.0 { stall } else { answer };
        Some(earlier(by_phase, by_write))
    }
}

impl<S: Stream, A: App> Connection<S, A> {
    /// When what secures the stream must be done with what it has begun. That a record is not whole is the peer's fault only while
    /// it is waited for.
    #[inline(never)]
    fn secures(&mut self, limits: &Limits, now: Instant) -> Option<(Instant, Timer)> {
        if let Some(since) = self.stream.handshake_since(now) {
            return Some((since + limits.tls_handshake_timeout, Timer::Handshake));
        }
        let waits = matches!(self.phase, Phase::Reading) && !self.signs.readable && self.unsent() < limits.output_soft;
        let since = self.stream.record_since(now, waits)?;
        Some((since + limits.tls_handshake_timeout, Timer::Record))
    }
}

fn earlier(one: Option<(Instant, Timer)>, other: (Instant, Timer)) -> (Instant, Timer) {
    one.filter(|timer| timer.0 < other.0).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use super::*;
    use crate::reactor::{Flow, Inbound, MaybeTls, Socket, Token};

    struct Nothing;

    impl Outbox for Vec<u8> {
        fn len(&self) -> usize {
            self.len()
        }

        fn slices<'a>(&'a self, _into: &mut [IoSlice<'a>]) -> usize {
            0
        }

        fn advance(&mut self, _n: usize) {}

        fn split_rest(&mut self) -> Self {
            Vec::new()
        }

        fn clear(&mut self) {}
    }

    impl App for Nothing {
        type Session = ();
        type Outbox = Vec<u8>;
        type Completion = ();
        type Reason = u8;

        fn open(&mut self, _: usize, _: Token, _: &Peer, _: Instant) -> Option<()> {
            None
        }

        fn receive(&mut self, (): &mut (), _: Token, _: &mut Inbound<'_>, _: &mut Vec<u8>, _: Instant) -> Flow<u8> {
            Flow::Pause
        }

        fn finished(&mut self, (): &mut (), _: Token, _: &mut Inbound<'_>, _: &mut Vec<u8>, _: Instant) -> Flow<u8> {
            Flow::Pause
        }

        fn complete(&mut self, (): &mut (), _: Token, (): (), _: &mut Vec<u8>, _: Instant) -> Flow<u8> {
            Flow::Pause
        }

        fn orphaned(&mut self, (): ()) {}

        fn deadline(&self, (): &()) -> Option<Instant> {
            None
        }

        fn expired(&mut self, (): &mut (), _: Token, _: &mut Vec<u8>, _: Instant) -> Flow<u8> {
            Flow::Pause
        }

        fn drain(&mut self, (): &mut (), _: Token, _: &mut Vec<u8>, _: Instant) -> Flow<u8> {
            Flow::Pause
        }

        fn closed(&mut self, (): (), _: &Peer, _: Closed<u8>) {}
    }

    #[test]
    fn an_idle_connection_leaves_a_third_of_its_budget_to_the_session() {
        let size = size_of::<Connection<MaybeTls<Socket>, Nothing>>();
        assert!(size <= 184, "{size} bytes for a connection whose session is empty");
    }
}

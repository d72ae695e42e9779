//! One thread's part of a server: what its event loop carries. Here a reactor's bytes meet a responder's messages.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::reactor::{App, Budget, Closed, Fate, Flow, Inbound, Outbox, Peer, Pool, Remote, Stage, Token, Workers};
use crate::rpc::{Completed, Completer, Context, Incoming, Job, Next, Reason, Responder, Strain};
use crate::transport::Memo;
use crate::wire::Output;

use super::guests::Guests;
use super::metrics::ShardCounts;
use super::offers::Offers;
use super::owners::Owners;

/// What it takes to hold a value that others hold, too.
const HOLD_BYTES: usize = 128;

/// What the connections of one thread share.
pub(super) struct Shard {
    offers: Offers,
    counts: Arc<ShardCounts>,
    common: Common,
    completer: Arc<dyn Completer>,
    memo: Memo,
    jobs: Vec<Job>,
    strain: Strain,
    strained_idle_timeout: Duration,
    /// Calls without memory that were told of.
    starved: u64,
}

/// What all shards share.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) pool: Option<Arc<Workers>>,
    pub(super) budget: Arc<Budget>,
    /// `None` where an address may have any number of connections.
    pub(super) guests: Option<Arc<Guests>>,
    /// `None` where anyone may use Unix sockets.
    pub(super) owners: Option<Arc<Owners>>,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Session {
    responder: Responder,
    offer: u16,
}

/// Sends answers back to the thread that their connection lives on.
struct WayBack(Remote<Completed>);

impl Completer for WayBack {
    fn complete(&self, completed: Completed) {
        self.0.complete(Token::from_u64(completed.connection()), completed);
    }
}

impl Shard {
    pub(super) fn new(
        offers: Offers,
        counts: Arc<ShardCounts>,
        common: Common,
        strained_idle_timeout: Duration,
        remote: Remote<Completed>,
    ) -> Self {
        let completer = Arc::new(WayBack(remote));
        let (memo, jobs, strain) = (Memo::new(), Vec::new(), Strain::default());
        Self { offers, counts, common, completer, memo, jobs, strain, strained_idle_timeout, starved: 0 }
    }

    /// What it offers, and by which limits.
    pub(super) fn offers_mut(&mut self) -> &mut Offers {
        &mut self.offers
    }

    /// Whether a connection came from an address that is closed by now.
    pub(super) fn is_from_closed(&self, session: &Session) -> bool {
        self.offers.is_closed(session.offer)
    }

    /// How long connections may be silent where memory is short.
    pub(super) fn set_strained_idle_timeout(&mut self, timeout: Duration) {
        self.strained_idle_timeout = timeout;
    }

    /// Lets the responder act, and sends the calls that it hands out on their way.
    #[inline]
    fn act(
        &mut self,
        session: &mut Session,
        token: Token,
        now: Instant,
        act: impl FnOnce(&mut Responder, &mut Context<'_>) -> Next,
    ) -> Flow<Reason> {
        let offer = self.offers.get(session.offer);
        let mut context = Context {
            services: &offer.services,
            limits: &offer.limits,
            now,
            connection: token.as_u64(),
            completer: &self.completer,
            memo: &mut self.memo,
            strain: self.strain,
            jobs: &mut self.jobs,
            stats: &self.counts.stats,
        };
        let next = act(&mut session.responder, &mut context);
        if !self.jobs.is_empty() {
            self.submit(now);
        }
        let starved = self.counts.stats.no_memory.get();
        if starved != self.starved {
            self.starved = starved;
            self.counts.starved(now);
        }
        match next {
            Next::Read { need } => Flow::Read { need },
            Next::Again => Flow::Again,
            Next::Flush => Flow::Flush,
            Next::Pause => Flow::Pause,
            Next::Finish(reason) => Flow::Finish(reason),
            Next::Close(reason) => Flow::Close(reason),
        }
    }

    fn submit(&mut self, now: Instant) {
        for job in self.jobs.drain(..) {
            let Some(pool) = &self.common.pool else {
                job.shed("there is no worker pool");
                continue;
            };
            let oneway = job.is_oneway();
            let holding = self.common.budget.hold(job.held());
            let work = Box::new(move |fate| {
                match fate {
                    Fate::Run if job.is_late(Instant::now()) => job.shed("the client waits no longer"),
                    Fate::Run => job.run(),
                    Fate::Shed => job.shed("no worker has time for the call"),
                }
                drop(holding);
            });
            if let Err(refused) = pool.submit(work, now) {
                // Who waits for an answer is counted when it gets one.
                if oneway {
                    self.counts.stats.shed.add_one();
                }
                refused(Fate::Shed);
            }
        }
    }
}

impl App for Shard {
    type Session = Session;
    type Outbox = Output;
    type Completion = Completed;
    type Reason = Reason;

    fn open(&mut self, listener: usize, _: Token, peer: &Peer, now: Instant) -> Option<Session> {
        let offer = self.offers.at(listener)?;
        if let (Some(owners), Peer::Unix(owner)) = (&self.common.owners, peer)
            && !owners.admit(*owner)
        {
            self.counts.uninvited(peer, now);
            return None;
        }
        if let (Some(guests), Some(address)) = (&self.common.guests, peer.ip())
            && !guests.admit(address)
        {
            self.counts.crowded(peer, now);
            return None;
        }
        self.counts.opened();
        self.offers.enter(offer);
        Some(Session { responder: Responder::new(now, &self.offers.get(offer).limits), offer })
    }

    #[inline]
    fn receive(
        &mut self,
        session: &mut Session,
        token: Token,
        input: &mut Inbound<'_>,
        out: &mut Output,
        now: Instant,
    ) -> Flow<Reason> {
        self.act(session, token, now, |responder, context| responder.receive(input, out, context))
    }

    fn finished(
        &mut self,
        session: &mut Session,
        token: Token,
        input: &mut Inbound<'_>,
        _: &mut Output,
        now: Instant,
    ) -> Flow<Reason> {
        self.act(session, token, now, |responder, _| responder.finished(input))
    }

    fn complete(
        &mut self,
        session: &mut Session,
        token: Token,
        completed: Completed,
        out: &mut Output,
        now: Instant,
    ) -> Flow<Reason> {
        self.act(session, token, now, |responder, context| responder.complete(completed, out, context))
    }

    fn orphaned(&mut self, _: Completed) {
        self.counts.stats.late_answers.add_one();
    }

    #[inline]
    fn held(&self, session: &Session) -> usize {
        session.responder.held()
    }

    fn deadline(&self, session: &Session) -> Option<Instant> {
        Some(session.responder.deadline(self.strain))
    }

    fn expired(&mut self, session: &mut Session, token: Token, out: &mut Output, now: Instant) -> Flow<Reason> {
        self.act(session, token, now, |responder, context| responder.expired(out, context))
    }

    fn drain(&mut self, session: &mut Session, token: Token, _: &mut Output, now: Instant) -> Flow<Reason> {
        self.act(session, token, now, |responder, _| responder.drain())
    }

    fn pressed(&mut self, stage: Stage) {
        let idle_max = (stage >= Stage::Impatient).then_some(self.strained_idle_timeout);
        self.strain = Strain { idle_max, sheds: stage >= Stage::Shedding };
    }

    fn closed(&mut self, session: Session, peer: &Peer, reason: Closed<Reason>) {
        self.offers.leave(session.offer);
        if let (Some(guests), Some(address)) = (&self.common.guests, peer.ip()) {
            guests.leave(address);
        }
        self.counts.closed(peer, &reason, Instant::now());
    }

    fn accept_failed(&mut self, _: usize, _: io::ErrorKind, refused: usize) {
        self.counts.refused(refused);
    }
}

impl Incoming for Inbound<'_> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.bytes()
    }

    #[inline]
    fn consume(&mut self, n: usize) {
        self.consume(n);
    }

    fn take(&mut self, n: usize) -> Bytes {
        self.take(n)
    }

    #[inline]
    fn takes_free(&self) -> bool {
        self.is_owned()
    }
}

impl Outbox for Output {
    #[inline]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn slices<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        self.slices(into)
    }

    #[inline]
    fn advance(&mut self, n: usize) {
        self.advance(n);
    }

    fn split_rest(&mut self) -> Self {
        self.split_rest()
    }

    #[inline]
    fn clear(&mut self) {
        self.clear();
    }

    fn share(&mut self, budget: &Arc<Budget>) -> bool {
        let mut any = false;
        self.share_links(Budget::SHARE_MIN, |rest, size| budget.share(rest, size).inspect(|_| any = true));
        any
    }

    fn own(&self) -> usize {
        self.shared_links().fold(self.len(), |own, (rest, _)| own - rest.len() + HOLD_BYTES)
    }

    fn part(&self, budget: &Budget) -> usize {
        self.shared_links().map(|(rest, size)| budget.part(rest, size)).sum()
    }
}

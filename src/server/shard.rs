//! One thread's part of a server: what its event loop carries. Here a reactor's bytes meet a responder's messages.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use crate::reactor::{App, Closed, Fate, Flow, Inbound, Outbox, Peer, Pool, Remote, Token, Workers};
use crate::rpc::{self, Completed, Completer, Context, Incoming, Job, Next, Reason, Responder, Services};
use crate::transport::Memo;
use crate::wire::Output;

use super::metrics::ShardCounts;

/// What the connections of one thread share.
pub(super) struct Shard {
    /// The services of each listener, by its number.
    services: Arc<[Services]>,
    limits: Arc<rpc::Limits>,
    counts: Arc<ShardCounts>,
    pool: Option<Arc<Workers>>,
    completer: Arc<dyn Completer>,
    memo: Memo,
    jobs: Vec<Job>,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Session {
    responder: Responder,
    listener: u16,
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
        services: Arc<[Services]>,
        limits: Arc<rpc::Limits>,
        counts: Arc<ShardCounts>,
        pool: Option<Arc<Workers>>,
        remote: Remote<Completed>,
    ) -> Self {
        let completer = Arc::new(WayBack(remote));
        Self { services, limits, counts, pool, completer, memo: Memo::new(), jobs: Vec::new() }
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
        let mut context = Context {
            services: &self.services[usize::from(session.listener)],
            limits: &self.limits,
            now,
            connection: token.as_u64(),
            completer: &self.completer,
            memo: &mut self.memo,
            jobs: &mut self.jobs,
            stats: &self.counts.stats,
        };
        let next = act(&mut session.responder, &mut context);
        if !self.jobs.is_empty() {
            self.submit(now);
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
            let Some(pool) = &self.pool else {
                job.shed("there is no worker pool");
                continue;
            };
            let oneway = job.is_oneway();
            let work = Box::new(move |fate| match fate {
                Fate::Run => job.run(),
                Fate::Shed => job.shed("the call waited too long for a worker"),
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

    fn open(&mut self, listener: usize, _: Token, _: &Peer, now: Instant) -> Option<Session> {
        self.counts.opened();
        let listener = u16::try_from(listener).ok()?;
        Some(Session { responder: Responder::new(now, &self.limits), listener })
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
        Some(session.responder.deadline())
    }

    fn expired(&mut self, session: &mut Session, token: Token, out: &mut Output, now: Instant) -> Flow<Reason> {
        self.act(session, token, now, |responder, context| responder.expired(out, context))
    }

    fn drain(&mut self, session: &mut Session, token: Token, _: &mut Output, now: Instant) -> Flow<Reason> {
        self.act(session, token, now, |responder, _| responder.drain())
    }

    fn closed(&mut self, _: Session, peer: &Peer, reason: Closed<Reason>) {
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
}

//! Both ends of a connection in memory: a responder that is driven as a reactor drives it, under a clock that only the test
//! moves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use farthing::rpc::{Completed, Completer, Context, Job, Limits, Next, Reason, Responder, Services, Stats, Strain};
use farthing::server::{Config, limits};
use farthing::transport::Memo;
use farthing::wire::Output;

use crate::buffer::Buffer;
use crate::vectors::{self, Answer, Calls, Case, Replies};

/// Answers from other threads, on their way.
#[derive(Default)]
pub(crate) struct Post(Mutex<Vec<Completed>>);

impl Completer for Post {
    fn complete(&self, completed: Completed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(completed);
    }
}

/// What the connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Reading(usize),
    Paused,
    /// Ended: gently, where everything that was written is still delivered, or at once.
    Ended(Reason, bool),
}

/// One connection with its server.
pub(crate) struct Peer {
    pub(crate) responder: Responder,
    pub(crate) services: Services,
    pub(crate) limits: Arc<Limits>,
    pub(crate) calls: Arc<Calls>,
    pub(crate) stats: Stats,
    pub(crate) jobs: Vec<Job>,
    pub(crate) phase: Phase,
    pub(crate) now: Instant,
    pub(crate) sent: Vec<u8>,
    /// `(bytes sent, oneway handlers run)` at each flush that was asked for.
    pub(crate) flushes: Vec<(usize, usize)>,
    pub(crate) input: Buffer,
    /// The most that waited to be sent at once.
    pub(crate) most_out: usize,
    post: Arc<Post>,
    completer: Arc<dyn Completer>,
    memo: Memo,
    out: Output,
    ended: bool,
}

impl Peer {
    pub(crate) fn new() -> Self {
        Self::with(&Limits::default())
    }

    /// A probe alone, under these limits.
    pub(crate) fn with(limits: &Limits) -> Self {
        let calls = Arc::new(Calls::default());
        let services = vectors::services(&calls);
        let start = Instant::now();
        let post = Arc::new(Post::default());
        Self {
            responder: Responder::new(start, limits),
            services,
            limits: Arc::new(limits.clone()),
            calls,
            stats: Stats::default(),
            jobs: Vec::new(),
            phase: Phase::Reading(1),
            now: start,
            sent: Vec::new(),
            flushes: Vec::new(),
            input: Buffer::new(false),
            most_out: 0,
            completer: post.clone(),
            post,
            memo: Memo::new(),
            out: Output::new(),
            ended: false,
        }
    }

    /// The same as the settings of a row say.
    pub(crate) fn for_case(case: &Case) -> Self {
        Self::with(&limits_of(case))
    }

    pub(crate) fn owned(mut self) -> Self {
        self.input.owned = true;
        self
    }

    /// More bytes come in.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        assert!(!self.ended, "bytes behind the end");
        self.input.bytes.extend_from_slice(bytes);
        self.pump();
    }

    /// The peer ends its side.
    pub(crate) fn end(&mut self) {
        self.ended = true;
        self.pump();
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.now += time;
        // Each deadline in turn, as a timer would.
        for _ in 0..1000 {
            if matches!(self.phase, Phase::Ended(..)) || self.responder.deadline(Strain::default()) > self.now {
                return;
            }
            let before = self.responder.deadline(Strain::default());
            let next = self.act(farthing::rpc::Responder::expired);
            self.apply(next);
            self.pump();
            let still_due = !matches!(self.phase, Phase::Ended(..)) && self.responder.deadline(Strain::default()) <= before;
            assert!(!still_due, "a deadline that passed is still to come: {:?}", self.phase);
        }
        panic!("deadlines without end");
    }

    pub(crate) fn drain(&mut self) {
        let next = self.responder.drain();
        self.apply(next);
        self.pump();
    }

    /// Runs the job of that number.
    pub(crate) fn run(&mut self, number: usize) {
        self.jobs.remove(number).run();
        self.deliver();
    }

    /// Hands over what other threads answered.
    pub(crate) fn deliver(&mut self) {
        let completed = std::mem::take(&mut *self.post.0.lock().unwrap_or_else(PoisonError::into_inner));
        for completed in completed {
            if matches!(self.phase, Phase::Ended(..)) {
                continue;
            }
            assert_eq!(completed.connection(), 42);
            let next = self.act(|responder, out, context| responder.complete(completed, out, context));
            self.apply(next);
            self.pump();
        }
    }

    /// All answers so far; none may be half.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        Replies::all(&self.sent)
    }

    /// The name under which the end is counted.
    pub(crate) fn closed(&self) -> Option<&'static str> {
        match self.phase {
            Phase::Ended(reason, _) => Some(reason.label()),
            _ => None,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.closed().is_none()
    }

    fn pump(&mut self) {
        for _ in 0..10_000_000 {
            let Phase::Reading(need) = self.phase else { return };
            if self.input.bytes.len() >= need {
                let next = self.receive();
                self.apply(next);
                if let Phase::Reading(need) = self.phase
                    && next != Next::Again
                {
                    assert!(need > self.input.bytes.len(), "asks for {need} bytes, and {} are there", self.input.bytes.len());
                }
            } else if self.ended {
                let next = self.responder.finished(&self.input);
                assert!(!matches!(next, Next::Read { .. } | Next::Again | Next::Flush), "reads behind the end: {next:?}");
                self.apply(next);
            } else {
                return;
            }
        }
        panic!("spins");
    }

    fn receive(&mut self) -> Next {
        let mut input = std::mem::replace(&mut self.input, Buffer::new(false));
        let next = loop {
            let next = self.act(|responder, out, context| responder.receive(&mut input, out, context));
            if next != Next::Flush {
                break next;
            }
            self.flushes.push((self.sent.len(), self.calls.noted()));
        };
        self.input = input;
        next
    }

    fn act(&mut self, act: impl FnOnce(&mut Responder, &mut Output, &mut Context<'_>) -> Next) -> Next {
        let mut context = Context {
            services: &self.services,
            limits: &self.limits,
            now: self.now,
            connection: 42,
            completer: &self.completer,
            memo: &mut self.memo,
            strain: Strain::default(),
            jobs: &mut self.jobs,
            stats: &self.stats,
        };
        let next = act(&mut self.responder, &mut self.out, &mut context);
        self.most_out = self.most_out.max(self.out.len());
        self.sent.extend(self.out.to_vec());
        self.out.clear();
        next
    }

    fn apply(&mut self, next: Next) {
        self.phase = match next {
            Next::Read { need } => Phase::Reading(need.max(1)),
            Next::Again => Phase::Reading(0),
            Next::Flush => panic!("flush outside of receive"),
            Next::Pause => Phase::Paused,
            Next::Finish(reason) => Phase::Ended(reason, true),
            Next::Close(reason) => Phase::Ended(reason, false),
        };
    }
}

/// The limits that a row's settings make of the defaults.
pub(crate) fn limits_of(case: &Case) -> Limits {
    let mut config = Config::default();
    for (name, value) in &case.settings {
        let limit = limits().iter().find(|limit| limit.name == name).expect("a known setting");
        limit.set(&mut config, value).expect("a good value");
    }
    config.calls
}

//! The loop's platform over the simulated world: its selector, streams, listener, clock and workers.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use farthing::reactor::{Event, Fate, Job, Listener, Load, Peer, Platform, Pool, Remote, Stream, Token, Wake};

use crate::echo::Done;
use crate::world::{Action, World};

type Shared = Rc<RefCell<World>>;

pub(crate) struct SimPlatform {
    pub(crate) world: Shared,
    pub(crate) remote: Rc<RefCell<Option<Remote<Done>>>>,
}

impl SimPlatform {
    /// Acts out the next thing due by `until`; false when there is none.
    fn step(&self, until: Option<Duration>) -> bool {
        let Some(action) = self.world.borrow_mut().next_action(until) else { return false };
        match action {
            Action::Client(id) => self.world.borrow_mut().act(id),
            // A job that panics is dropped half-way, with all that it holds.
            Action::Job(job, panics) if panics => drop(job),
            Action::Job(job, _) => drop(catch_unwind(AssertUnwindSafe(|| job(Fate::Run)))),
            Action::Drain => self.remote.borrow().as_ref().expect("a remote").drain(),
        }
        true
    }
}

impl Platform for SimPlatform {
    type Stream = SimStream;
    type Listener = SimListener;

    fn now(&self) -> Instant {
        let world = self.world.borrow();
        world.epoch + world.now
    }

    fn poll(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        let until = {
            let mut world = self.world.borrow_mut();
            world.now += Duration::from_micros(5);
            // Time-outs are kept early or late now and then.
            let slack = if world.rng.one_in(10) { world.rng.below(3_000_000) } else { 0 };
            let early = world.rng.one_in(2);
            timeout.map(|timeout| {
                let slack = Duration::from_nanos(slack as u64);
                world.now + if early { timeout.saturating_sub(slack) } else { timeout + slack }
            })
        };
        let now = self.world.borrow().now;
        while self.step(Some(now)) {}
        loop {
            self.world.borrow_mut().collect(events);
            if !events.is_empty() || timeout == Some(Duration::ZERO) {
                return Ok(());
            }
            if self.world.borrow().has_edges() {
                self.world.borrow_mut().now += Duration::from_micros(50);
                continue;
            }
            if self.step(until) {
                continue;
            }
            let mut world = self.world.borrow_mut();
            match until {
                Some(until) => world.now = world.now.max(until),
                None => world.silent = true,
            }
            return Ok(());
        }
    }

    fn watch(&mut self, stream: &mut SimStream, token: Token) -> io::Result<()> {
        self.world.borrow_mut().watch(stream.descriptor, token, false);
        Ok(())
    }

    fn watch_writes(&mut self, stream: &mut SimStream, token: Token) -> io::Result<()> {
        self.world.borrow_mut().watch(stream.descriptor, token, true);
        Ok(())
    }

    fn watch_listener(&mut self, _listener: &mut SimListener, token: Token) -> io::Result<()> {
        self.world.borrow_mut().watch_listener(token);
        Ok(())
    }

    fn waker(&mut self, token: Token) -> io::Result<Arc<dyn Wake>> {
        let mut world = self.world.borrow_mut();
        world.watch_bell(token);
        Ok(Arc::new(Bell(Arc::clone(&world.bell))))
    }
}

#[derive(Debug)]
struct Bell(Arc<AtomicBool>);

impl Wake for Bell {
    fn wake(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct SimListener(pub(crate) Shared);

impl Listener for SimListener {
    type Stream = SimStream;

    fn accept(&mut self) -> io::Result<(SimStream, Peer)> {
        let (descriptor, peer) = self.0.borrow_mut().accept()?;
        Ok((SimStream { descriptor, open: true, world: Rc::clone(&self.0) }, peer))
    }

    fn refuse(&mut self) -> io::Result<()> {
        self.0.borrow_mut().refuse()
    }
}

impl Drop for SimListener {
    fn drop(&mut self) {
        self.0.borrow_mut().stop_listening();
    }
}

pub(crate) struct SimStream {
    descriptor: usize,
    open: bool,
    world: Shared,
}

impl Stream for SimStream {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.world.borrow_mut().read(self.descriptor, into)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.world.borrow_mut().write(self.descriptor, &[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.world.borrow_mut().write(self.descriptor, slices)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.world.borrow_mut().end_writes(self.descriptor);
        Ok(())
    }

    fn reset(mut self) {
        self.open = false;
        self.world.borrow_mut().close(self.descriptor, true);
    }
}

impl Drop for SimStream {
    fn drop(&mut self) {
        if self.open {
            self.world.borrow_mut().close(self.descriptor, false);
        }
    }
}

/// Workers as virtual tasks: quick, slow, panicking, never finishing, or with a full queue.
pub(crate) struct SimPool(pub(crate) Shared);

impl Pool for SimPool {
    fn submit(&self, job: Job, _now: Instant) -> Result<(), Job> {
        let mut world = self.0.borrow_mut();
        match world.rng.below(40) {
            0 => return Err(job),
            1 => world.stuck.push(job),
            kind => {
                let most = if kind == 2 { 60_000_000 } else { 20_000 };
                let after = Duration::from_micros(world.rng.up_to(most) as u64);
                world.plan(after, Action::Job(job, kind == 3));
            }
        }
        Ok(())
    }

    fn load(&self, _now: Instant) -> Load {
        Load::default()
    }
}

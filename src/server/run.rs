//! A bound server: its threads, and the handle that ends it.

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::reactor::{Acceptor, Address, Budget, Mio, Reactor, Remote, Workers};
use crate::rpc::Completed;

use super::config::Config;
use super::guests::Guests;
use super::metrics::{Counts, ShardCounts};
use super::offers::Offers;
use super::renew::{Asked, Change, Described, Door};
use super::shard::{Common, Shard};

/// A server whose addresses are bound.
pub struct Server {
    reactors: Vec<(Reactor<Mio, Shard>, Receiver<Change>)>,
    addresses: Vec<Address>,
    handle: Handle,
    config: Config,
    pool: Option<Arc<Workers>>,
}

/// Ends a server from another thread, and reads what it counted.
#[derive(Clone)]
pub struct Handle {
    remotes: Arc<[Remote<Completed>]>,
    /// By shard, what is to change there.
    pub(super) changes: Arc<[Sender<Change>]>,
    pub(super) described: Arc<Mutex<Described>>,
    counts: Arc<[Arc<ShardCounts>]>,
    budget: Arc<Budget>,
}

impl Server {
    /// `bound` holds, for each address, one acceptor per shard.
    pub(super) fn new(config: Config, asked: Vec<Asked>, bound: Vec<Vec<Acceptor>>, is_secured: bool) -> io::Result<Self> {
        let addresses: Vec<_> = bound.iter().filter_map(|shards| shards.first()).map(|first| first.address().clone()).collect();
        let largest = config.calls.transport.frame_max.max(config.calls.transport.wire.message_max);
        let offloads = config.calls.offload_above <= largest || asked.iter().any(|asked| asked.services.offloads());
        let pool = if offloads { Some(Arc::new(Workers::start(config.pool.clone())?)) } else { None };
        let limits = Arc::new(config.calls.clone());
        let counts: Vec<_> = (0..config.shards).map(|_| Arc::new(ShardCounts::default())).collect();
        let budget = Budget::new(config.memory_max);
        let guests = config.connections_per_ip_max.map(|most| Arc::new(Guests::new(most)));
        let owners = config.owners().map(Arc::new);
        let common = Common { pool: pool.clone(), budget: Arc::clone(&budget), guests, owners };
        let (mut reactors, mut changes) = (Vec::new(), Vec::new());
        for counts in &counts {
            let (counts, common) = (Arc::clone(counts), common.clone());
            let mut offers = Offers::default();
            for (door, asked) in asked.iter().enumerate() {
                offers.set(door, Arc::clone(&asked.services), Arc::clone(&limits));
            }
            let shard = |remote| Shard::new(offers, counts, common, config.strained_idle_timeout, remote);
            let mut reactor = Reactor::new(Mio::new()?, config.shard_sockets(), shard)?;
            reactor.share(Arc::clone(&budget));
            let (sender, receiver) = channel();
            changes.push(sender);
            reactors.push((reactor, receiver));
        }
        for acceptors in bound {
            for ((reactor, _), acceptor) in reactors.iter_mut().zip(acceptors) {
                reactor.listen(acceptor)?;
            }
        }
        let doors = asked.into_iter().zip(&addresses).enumerate();
        let doors: Vec<_> = doors.map(|(number, (asked, at))| Door { asked: asked.address, at: at.clone(), number }).collect();
        let next = doors.len();
        let described = Arc::new(Mutex::new(Described { config: config.clone(), doors, next, is_secured, offloads }));
        let remotes = reactors.iter().map(|(reactor, _)| reactor.remote()).collect();
        let handle = Handle { remotes, changes: changes.into(), described, counts: counts.into(), budget };
        Ok(Self { reactors, addresses, handle, config, pool })
    }

    /// The addresses, in the order they were given, with the ports that were found for them.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// A handle for other threads.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs until the handle ends it; says how many connections were cut when the time to drain was up.
    ///
    /// # Errors
    /// Where a thread cannot be started, or the system's poll fails.
    pub fn run(self) -> io::Result<usize> {
        let Self { reactors, pool, config, .. } = self;
        let threads: Vec<_> = reactors
            .into_iter()
            .enumerate()
            .map(|(number, (reactor, changes))| {
                let name = format!("farthing-{number}");
                thread::Builder::new().name(name).spawn(move || run_shard(reactor, &changes))
            })
            .collect::<io::Result<_>>()?;
        let mut cut = 0;
        for thread in threads {
            cut += thread.join().map_err(|_| io::Error::other("a shard panicked"))??;
        }
        if let Some(pool) = pool.and_then(Arc::into_inner) {
            // Nobody waits for what still runs but oneway callers; where connections were cut, the time is up.
            cut += pool.stop(if cut == 0 { config.drain_timeout() } else { Duration::ZERO });
        }
        Ok(cut)
    }
}

impl Handle {
    /// Ends the server gently: no new connections, what was read is answered, and connections end between messages.
    pub fn drain(&self) {
        self.remotes.iter().for_each(Remote::drain);
    }

    /// Ends the server at once.
    pub fn stop(&self) {
        self.remotes.iter().for_each(Remote::stop);
    }

    /// Has every shard look at what is to change.
    pub(super) fn wake(&self) {
        self.remotes.iter().for_each(Remote::wake);
    }

    /// What all shards counted until now.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.counts, &self.budget)
    }
}

/// One shard's thread.
fn run_shard(mut reactor: Reactor<Mio, Shard>, changes: &Receiver<Change>) -> io::Result<usize> {
    loop {
        if let Some(cut) = reactor.turn()? {
            return Ok(cut);
        }
        changes.try_iter().for_each(|change| change.apply(&mut reactor));
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("shards", &self.remotes.len()).finish_non_exhaustive()
    }
}

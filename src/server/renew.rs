//! Changing a server that runs: other addresses, services and limits, all of it or nothing, and on all shards. What is asked for is
//! described as a new server would be.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::reactor::{self, Acceptor, Address, Mio, Reactor};
use crate::rpc;
use crate::rpc::Services;

use super::builder::{self, BuildError, Builder};
use super::config::Config;
use super::limit::limits;
use super::run::Handle;
use super::shard::Shard;

/// Limits that hold until the end: of threads that run, of what is counted already, or of listeners as they were made.
const FIXED: [&str; 8] =
    ["workers", "pool_workers", "queue_max", "queue_timeout", "memory_max", "connections_per_ip_max", "unix_uids", "unix_gids"];

/// What changed, and what did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Addresses that are listened at now and were not before, with the places they had in what was asked for.
    pub opened: Vec<(usize, Address)>,
    /// Addresses that are listened at no more.
    pub closed: Vec<Address>,
    /// Limits that were to change and stay as they are until the server is started anew.
    pub fixed: Vec<&'static str>,
}

/// An address with what is to be offered there.
pub(super) struct Asked {
    pub(super) address: Address,
    pub(super) services: Arc<Services>,
}

/// A server as it runs.
pub(super) struct Described {
    pub(super) config: Config,
    pub(super) doors: Vec<Door>,
    /// The number of the next listener that is opened.
    pub(super) next: usize,
    pub(super) is_secured: bool,
    /// There are threads for calls that are offloaded.
    pub(super) offloads: bool,
}

/// A listening address that all shards know by one number.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) asked: Address,
    pub(super) at: Address,
    pub(super) number: usize,
}

/// What one shard is to change.
pub(super) struct Change {
    limits: Arc<rpc::Limits>,
    sockets: reactor::Limits,
    strained_idle_timeout: Duration,
    /// What is offered at each listener.
    offers: Vec<(usize, Arc<Services>)>,
    open: Vec<(usize, Acceptor)>,
    close: Vec<usize>,
}

impl Builder {
    /// Makes a running server what is described here, on all shards: addresses that are new are bound, and those that are not
    /// named any more are closed. Connections that came from a closed one end as in a drain, between two messages; all others
    /// keep services and limits of messages and conversations as they were when they began, and new ones get the new. Limits of
    /// sockets hold for all connections from then on.
    ///
    /// An address is the same one if it is asked for in the same way; where its port was to be any, it stays what it is.
    ///
    /// # Errors
    /// As [`build`](Self::build), and where TLS or offloaded calls begin or end. Nothing has changed then.
    pub fn renew(self, handle: &Handle) -> Result<Renewed, BuildError> {
        let builder::Described { mut config, asked, tls, .. } = self.describe()?;
        let mut running = handle.described.lock().unwrap_or_else(PoisonError::into_inner);
        if tls.is_some() != running.is_secured {
            return Err(BuildError::Fixed("whether TLS is taken"));
        }
        if !running.offloads && asked.iter().any(|asked| asked.services.offloads()) {
            return Err(BuildError::Fixed("whether any method is offloaded"));
        }
        let fixed = limits().iter().filter(|limit| FIXED.contains(&limit.name));
        let fixed = fixed.filter(|limit| limit.carry(&running.config, &mut config)).map(|limit| limit.name).collect();
        let mut renewed = Renewed { fixed, ..Renewed::default() };
        // Without threads for it there is nothing to hand a message to.
        if !running.offloads && config.calls.offload_above != running.config.calls.offload_above {
            config.calls.offload_above = running.config.calls.offload_above;
            renewed.fixed.push("offload_above");
        }

        let mut before: Vec<_> = running.doors.iter().collect();
        let (mut doors, mut offers, mut bound) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = running.next;
        for (place, Asked { address, services }) in asked.into_iter().enumerate() {
            let door = if let Some(same) = before.iter().position(|door| door.asked == address) {
                before.swap_remove(same).clone()
            } else {
                let acceptors = builder::bind(&address, None, &config, tls.as_ref())?;
                let at = acceptors.first().map_or_else(|| address.clone(), |first| first.address().clone());
                renewed.opened.push((place, at.clone()));
                bound.push((next, acceptors));
                next += 1;
                Door { asked: address, at, number: next - 1 }
            };
            offers.push((door.number, services));
            doors.push(door);
        }
        let close: Vec<_> = before.iter().map(|door| door.number).collect();
        renewed.closed = before.into_iter().map(|door| door.at.clone()).collect();

        // Nothing can fail from here on.
        let limits = Arc::new(config.calls.clone());
        for shard in handle.changes.iter() {
            let open = bound.iter_mut().filter_map(|(number, acceptors)| Some((*number, acceptors.pop()?))).collect();
            let (limits, sockets, offers, close) = (Arc::clone(&limits), config.shard_sockets(), offers.clone(), close.clone());
            let strained_idle_timeout = config.strained_idle_timeout;
            // A shard that has ended has nothing to change.
            _ = shard.send(Change { limits, sockets, strained_idle_timeout, offers, open, close });
        }
        (running.config, running.doors, running.next) = (config, doors, next);
        drop(running);
        handle.wake();
        Ok(renewed)
    }
}

impl Change {
    /// Makes it so, between two turns.
    pub(super) fn apply(self, reactor: &mut Reactor<Mio, Shard>) {
        let Self { limits, sockets, strained_idle_timeout, offers, open, close } = self;
        for number in close {
            // Before its offer is gone, for those who wait there.
            reactor.unlisten(number);
            reactor.app_mut().offers_mut().close(number);
        }
        let shard = reactor.app_mut();
        shard.set_strained_idle_timeout(strained_idle_timeout);
        for (number, services) in offers {
            shard.offers_mut().set(number, services, Arc::clone(&limits));
        }
        reactor.limit(&sockets);
        for (number, acceptor) in open {
            let address = acceptor.address().clone();
            if let Err(error) = reactor.listen_as(number, acceptor) {
                tracing::error!(%address, %error, "a shard cannot watch a new address");
            }
        }
        reactor.drain_where(Shard::is_from_closed);
    }
}

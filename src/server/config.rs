//! Everything that can be set about a server, in one struct.

use std::thread;
use std::time::Duration;

use crate::reactor;
use crate::rpc;

/// What a server allows, and how it runs. Every field has a finite default; [`limits`](super::limits) names them as a
/// configuration file does.
#[derive(Clone, Debug)]
pub struct Config {
    /// Threads that each run an event loop over their own connections. Default one per core.
    pub shards: usize,
    /// Limits on conversations and messages.
    pub calls: rpc::Limits,
    /// Limits on sockets.
    pub sockets: reactor::Limits,
    /// How listening sockets are made and spread over the shards.
    pub listen: reactor::ListenOptions,
    /// The threads that offloaded calls run on. None are started where no method is offloaded.
    pub pool: reactor::PoolOptions,
    /// Open connections of all shards together. Default 0.9 times what the limit on open files leaves.
    pub connections_max: usize,
}

/// File descriptors that are not for connections: listeners, polls, logs.
const RESERVED_FILES: usize = 64;

impl Default for Config {
    fn default() -> Self {
        let shards = thread::available_parallelism().map_or(1, usize::from);
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let files = files.map_or(1 << 20, |files| usize::try_from(files).unwrap_or(usize::MAX).min(1 << 30));
        Self {
            shards,
            calls: rpc::Limits::default(),
            sockets: reactor::Limits::default(),
            listen: reactor::ListenOptions::default(),
            pool: reactor::PoolOptions { name: "farthing-worker".into(), ..reactor::PoolOptions::default() },
            connections_max: (files.saturating_sub(RESERVED_FILES) * 9 / 10).max(1),
        }
    }
}

impl Config {
    /// The limits on the sockets of one shard.
    pub(super) fn shard_sockets(&self) -> reactor::Limits {
        let connections_max = self.connections_max.div_ceil(self.shards.max(1));
        // The largest answer must fit twice, or it could never leave.
        let largest = self.calls.transport.frame_max.max(self.calls.transport.wire.message_max);
        let output_hard = self.sockets.output_hard.max(2 * largest);
        reactor::Limits { output_hard, connections_max, ..self.sockets.clone() }
    }

    /// The time that a drain may take.
    pub fn drain_timeout(&self) -> Duration {
        self.sockets.drain_timeout
    }
}

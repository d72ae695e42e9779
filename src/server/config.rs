//! Everything that can be set about a server, in one struct.

use std::thread;
use std::time::Duration;

use crate::reactor;
use crate::rpc;

use super::memory;
use super::owners::Owners;

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
    /// The threads that offloaded calls run on. None are started where no method is offloaded, nor any message (`offload_above`).
    pub pool: reactor::PoolOptions,
    /// Open connections of all shards together. Default 0.9 times what the limit on open files leaves.
    pub connections_max: usize,
    /// Connections that one IP address may have open; more are refused by a reset. Addresses of IPv4 that are written as IPv6
    /// count as IPv4; Unix sockets are not counted. Default `None`: any number.
    pub connections_per_ip_max: Option<usize>,
    /// The users whose processes may use Unix sockets, by number. Where this list or the next has anybody, all others are refused
    /// by a reset, and so is everybody who comes from a user namespace that this one has no numbers for (65534). Linux only.
    /// Default none: whoever the permissions of the socket's file let in.
    pub unix_uids: Vec<u32>,
    /// The groups whose processes may, by number: as their first group.
    pub unix_gids: Vec<u32>,
    /// Bytes that all connections together may hold: parts of messages that came, calls that wait for a worker, answers that
    /// wait to leave. From 80 % on silent connections are closed early; from 90 % on big messages are not read any further, and
    /// where that lasts the connections that hold the most are reset; from 95 % on calls are shed and nobody new is let in; and
    /// past it the biggest go at once. Default 512 MiB, or a quarter of what the control group allows where that is less.
    pub memory_max: usize,
    /// How long a connection may be silent between messages, or before the first, once 80 % of `memory_max` are held. Default
    /// 10 s.
    pub strained_idle_timeout: Duration,
}

/// Two limits that cannot both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// `output_soft` above `output_hard`.
    #[error("`output_soft` is above `output_hard`: a connection would be reset before its reading stops; lower the first")]
    Output,
    /// `body_timeout` above `body_timeout_max`.
    #[error("`body_timeout` is above `body_timeout_max`, which is for bodies that take longer; raise the second")]
    BodyTime,
}

/// File descriptors that are not for connections: listeners, polls, logs.
const RESERVED_FILES: usize = 64;
/// With fewer files a server is not what anyone meant to start: the usual limit is 1,024 or more.
const FILES_ENOUGH: usize = 512;
/// What takes tens of milliseconds to read, where it is a map or full of escapes. A value of 1 MiB takes less than the way to another
/// thread and back.
const OFFLOAD_ABOVE: usize = 1536 * 1024;
const MEMORY_MAX: usize = 512 * 1024 * 1024;

impl Default for Config {
    fn default() -> Self {
        let shards = thread::available_parallelism().map_or(1, usize::from);
        Self {
            shards,
            calls: rpc::Limits { offload_above: OFFLOAD_ABOVE, ..rpc::Limits::default() },
            sockets: reactor::Limits::default(),
            listen: reactor::ListenOptions::default(),
            pool: reactor::PoolOptions { name: "farthing-worker".into(), ..reactor::PoolOptions::default() },
            connections_max: connections_with(files_max()),
            connections_per_ip_max: None,
            unix_uids: Vec::new(),
            unix_gids: Vec::new(),
            memory_max: MEMORY_MAX.min(memory::allowed().map_or(usize::MAX, |allowed| allowed / 4)),
            strained_idle_timeout: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Whether all limits can hold together.
    pub(super) fn check(&self) -> Result<(), Contradiction> {
        if self.sockets.output_soft > self.shard_sockets().output_hard {
            return Err(Contradiction::Output);
        }
        if self.calls.body_timeout > self.calls.body_timeout_max {
            return Err(Contradiction::BodyTime);
        }
        Ok(())
    }

    /// The limits on the sockets of one shard.
    pub(super) fn shard_sockets(&self) -> reactor::Limits {
        let connections_max = self.connections_max.div_ceil(self.shards.max(1));
        // The largest answer must fit twice, or it could never leave.
        let largest = self.calls.transport.frame_max.max(self.calls.transport.wire.message_max);
        let output_hard = self.sockets.output_hard.max(2 * largest);
        reactor::Limits { output_hard, connections_max, ..self.sockets.clone() }
    }

    /// How its listening sockets are made.
    pub(super) fn listen_options(&self) -> reactor::ListenOptions {
        reactor::ListenOptions { owners: self.listen.owners || self.owners().is_some(), ..self.listen.clone() }
    }

    /// Who may use Unix sockets, where not everybody may.
    pub(super) fn owners(&self) -> Option<Owners> {
        Owners::new(&self.unix_uids, &self.unix_gids)
    }

    /// Says so where hardly anyone can connect, for want of files that may be open: nothing else would tell why.
    pub(super) fn mind_files(&self) {
        let files = files_max();
        if files < FILES_ENOUGH && self.connections_max == connections_with(files) {
            let connections = self.connections_max;
            tracing::warn!(connections, files, "few connections can be open at once: raise the limit on open files (ulimit -n)");
        }
    }

    /// The time that a drain may take.
    pub fn drain_timeout(&self) -> Duration {
        self.sockets.drain_timeout
    }
}

/// Files that this process may have open.
fn files_max() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    files.map_or(1 << 20, |files| usize::try_from(files).unwrap_or(usize::MAX).min(1 << 30))
}

/// Connections for which that many files are enough.
fn connections_with(files: usize) -> usize {
    (files.saturating_sub(RESERVED_FILES) * 9 / 10).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_contradict_one_another_are_found() {
        let mut config = Config::default();
        assert_eq!(config.check(), Ok(()));
        config.sockets.output_soft = config.sockets.output_hard + 1;
        assert_eq!(config.check(), Err(Contradiction::Output));
        config.sockets.output_hard += 1;
        assert_eq!(config.check(), Ok(()));
        config.calls.body_timeout = config.calls.body_timeout_max + Duration::from_millis(1);
        assert_eq!(config.check(), Err(Contradiction::BodyTime));
    }
}

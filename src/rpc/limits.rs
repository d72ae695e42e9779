//! What one connection may ask of a server, and how long it may take over it.

use std::time::Duration;

use crate::transport;

/// The least rate at which a peer must deliver a body, in bytes per second: below it a body times out.
const BODY_RATE: u64 = 16 * 1024;

/// Limits on the conversation with one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Limits on messages and on how they are delimited.
    pub transport: transport::Limits,
    /// Calls of one connection that may be under way at once, offloaded or deferred. Past it the socket is not read. Default
    /// 64, at most 1024.
    pub inflight_max: usize,
    /// Messages of this size or more are dealt with on the worker pool, whatever their method: it takes milliseconds to read them,
    /// in which all other connections of a thread would wait. Those that follow on the same connection still come after them, unless
    /// they are oneway. Default `usize::MAX`, none; a server's own default is 1.5 MiB.
    pub offload_above: usize,
    /// Bytes of answers that may wait, to be sent or for an earlier answer, before the next message is dealt with. Default
    /// 256 KiB.
    pub output_soft: usize,
    /// Protocol errors of one connection: the last of them is answered, and ends it. Default 3.
    pub protocol_errors_max: u8,
    /// Messages of one connection that are answered before the next connection has its turn. Default 64.
    pub turn_messages: usize,
    /// How long a connection may stay open before its first byte. Default 300 s, because pools open early.
    pub first_byte_timeout: Duration,
    /// How long the head of a message may take in all, from its first byte. Default 10 s.
    pub header_timeout: Duration,
    /// How long a body may take in all: this, or what its size takes at 16 KiB/s where that is more. Default 10 s.
    pub body_timeout: Duration,
    /// The longest that any body may take. Default 300 s.
    pub body_timeout_max: Duration,
    /// How long a connection may be silent between messages. Default 300 s.
    pub idle_timeout: Duration,
    /// The same over HTTP. Default 75 s.
    pub http_idle_timeout: Duration,
    /// How long an offloaded or deferred call may take before it is answered with an INTERNAL_ERROR. Default 30 s.
    pub handler_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transport: transport::Limits::default(),
            inflight_max: 64,
            offload_above: usize::MAX,
            output_soft: 256 * 1024,
            protocol_errors_max: 3,
            turn_messages: 64,
            first_byte_timeout: Duration::from_secs(300),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            body_timeout_max: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(300),
            http_idle_timeout: Duration::from_secs(75),
            handler_timeout: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// How long a body of `size` bytes may take.
    pub fn body_time(&self, size: usize) -> Duration {
        let by_rate = Duration::from_millis((size as u64).saturating_mul(1000) / BODY_RATE);
        self.body_timeout.max(by_rate).min(self.body_timeout_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_time_that_its_size_takes() {
        let limits = Limits::default();
        let size = |tenths: usize| tenths * BODY_RATE as usize / 10;
        assert_eq!(limits.body_time(0), limits.body_timeout);
        assert_eq!(limits.body_time(size(100)), limits.body_timeout);
        assert_eq!(limits.body_time(size(105)), Duration::from_millis(10_500));
        assert_eq!(limits.body_time(usize::MAX), limits.body_timeout_max);
    }
}

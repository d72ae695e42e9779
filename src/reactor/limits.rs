//! Every number that bounds the reactor. It bounds no messages: what bytes mean is the app's.

use std::time::Duration;

/// The reactor's limits; each has a finite default.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the read buffer that a shard's connections share, and so what one of them gets read per turn: 64 KiB.
    pub read_buffer: usize,
    /// How long a TLS handshake may take in all, from its first byte, and each record behind it: 10 s. Where plain text is refused,
    /// from connecting.
    pub tls_handshake_timeout: Duration,
    /// Steps of TLS handshakes per turn, behind everything else in it: 16.
    pub handshakes_per_turn: usize,
    /// How long they may take together before the others have their turn, give or take a step: 2 ms.
    pub handshake_time_per_turn: Duration,
    /// Unsent reply bytes of a connection above which it is not read any more: 256 KiB.
    pub output_soft: usize,
    /// Unsent reply bytes of a connection above which it is reset: 32 MiB. At least twice the biggest reply, or that one never leaves.
    pub output_hard: usize,
    /// A connection that takes none of its waiting reply for this long is reset: 30 s.
    pub write_timeout: Duration,
    /// A connection that has not taken its whole reply after this long, or what [`Limits::answer_rate`] grants, is reset: 60 s.
    pub answer_timeout: Duration,
    /// Bytes per second that a reader must manage beyond [`Limits::answer_timeout`]: 16 KiB.
    pub answer_rate: u64,
    /// How long a finished connection waits for its peer to close: 1 s.
    pub linger_timeout: Duration,
    /// How many bytes it reads and discards meanwhile: 64 KiB.
    pub linger_bytes: usize,
    /// Connections accepted per turn and listener before the others get their turn: 64.
    pub accepts_per_turn: usize,
    /// How long a listener rests when file descriptors or memory are short: 100 ms.
    pub accept_pause: Duration,
    /// Open connections of this shard (give each its share) at which its listeners pause: 16,384.
    pub connections_max: usize,
    /// How long a peer may take to answer a connection attempt: 10 s.
    pub connect_timeout: Duration,
    /// Completions taken from the inbox per turn: 1,024.
    pub completions_per_turn: usize,
    /// How long memory may be so short that big messages are not read before the connections that hold the most are reset: 2 s.
    pub strain_timeout: Duration,
    /// How long a drain may take before what is left gets cut: 30 s.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            read_buffer: 64 * 1024,
            tls_handshake_timeout: Duration::from_secs(10),
            handshakes_per_turn: 16,
            handshake_time_per_turn: Duration::from_millis(2),
            output_soft: 256 * 1024,
            output_hard: 32 * 1024 * 1024,
            write_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_mins(1),
            answer_rate: 16 * 1024,
            linger_timeout: Duration::from_secs(1),
            linger_bytes: 64 * 1024,
            accepts_per_turn: 64,
            accept_pause: Duration::from_millis(100),
            connections_max: 16_384,
            connect_timeout: Duration::from_secs(10),
            completions_per_turn: 1024,
            strain_timeout: Duration::from_secs(2),
            drain_timeout: Duration::from_secs(30),
        }
    }
}

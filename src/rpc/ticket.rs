//! The right to answer, the answer on its way back, and who carries it: what a call needs while it is away from its connection.

use crate::transport::header::InfoHeaders;
use crate::wire::{self, Codec, Output};

/// What every reply repeats of its request, and how it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplyHead<'a> {
    pub(super) codec: Codec,
    pub(super) method: &'a str,
    pub(super) seqid: i32,
    pub(super) depth_max: usize,
    pub(super) message_max: usize,
}

/// The right to answer one request. Neither `Copy` nor `Clone`: a request is answered at most once.
#[derive(Debug)]
pub struct Ticket {
    codec: Codec,
    method: Box<str>,
    seqid: i32,
    depth_max: usize,
    message_max: usize,
    /// Those that the reply has so far.
    pub(super) headers: Option<Box<InfoHeaders>>,
    pub(super) connection: u64,
    pub(super) slot: u64,
}

impl Ticket {
    pub(super) fn new(call: ReplyHead<'_>, connection: u64, slot: u64) -> Self {
        let ReplyHead { codec, method, seqid, depth_max, message_max } = call;
        Self { codec, method: method.into(), seqid, depth_max, message_max, headers: None, connection, slot }
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    pub(super) fn head(&self) -> ReplyHead<'_> {
        let Self { codec, method, seqid, depth_max, message_max, .. } = self;
        ReplyHead { codec: *codec, method, seqid: *seqid, depth_max: *depth_max, message_max: *message_max }
    }

    /// The connection that the request came on, as its context named it.
    pub fn connection(&self) -> u64 {
        self.connection
    }
}

/// An answer on its way back to the connection that waits for it.
#[derive(Debug)]
pub struct Completed {
    pub(super) connection: u64,
    pub(super) slot: u64,
    pub(super) message: Output,
    pub(super) headers: Option<Box<InfoHeaders>>,
    /// The answer says that there is too much to do.
    pub(super) overloaded: bool,
    /// What the other thread could not count, because the counts are the connection's.
    pub(super) fault: Option<Fault>,
}

/// What went wrong with a call on another thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// Its arguments could not be read.
    Arguments(wire::Error),
    /// Its handler panicked.
    Panic,
    /// There was no memory for it.
    NoMemory,
}

impl Completed {
    /// An answer that the connection gives by itself.
    pub(super) fn late(slot: u64, message: Output) -> Self {
        Self { connection: 0, slot, message, headers: None, overloaded: false, fault: None }
    }

    /// The connection that it belongs to, as its context named it.
    pub fn connection(&self) -> u64 {
        self.connection
    }
}

/// Takes answers back to where their connections live.
pub trait Completer: Send + Sync {
    /// Hands over an answer, from any thread.
    fn complete(&self, completed: Completed);
}

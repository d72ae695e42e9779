//! What a load is to be: how many calls, of which kinds, over how many connections, and when.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::reactor::Route;
use crate::rpc::Requester;
use crate::transport;

use super::pace::{Arrivals, Rate};
use super::workload::Call;

/// A load on one server.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the server is, and what secures the connections to it.
    pub route: Route,
    /// How to speak to it.
    pub dial: Dial,
    /// What to call. At least one.
    pub calls: Vec<Call>,
    /// What makes calls start.
    pub shape: Shape,
    /// Open connections at a time, over all threads. At least one per thread.
    pub connections: usize,
    /// Calls under way on one connection, at most.
    pub pipeline: usize,
    /// Threads, each with an event loop.
    pub threads: usize,
    /// Whether every call has a connection of its own.
    pub connect_per_call: bool,
    /// How long to call before anything is measured.
    pub warmup: Duration,
    /// How long to measure.
    pub length: Length,
    /// The time over which the connections are opened, one after the other.
    pub ramp: Duration,
    /// How long a call may take, and a connection attempt, and what is left at the end. Kept to some 30 ms.
    pub timeout: Duration,
    /// What a server may send.
    pub limits: transport::Limits,
}

/// What makes calls start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Answers do: each connection has as many calls under way as it may. A slow answer is a call that was not made.
    Closed,
    /// A schedule does, whatever the server does. Latency counts from the moment that a call was due.
    Open {
        /// Calls per second, over all threads.
        rate: Rate,
        /// How they follow one another.
        arrivals: Arrivals,
    },
}

/// How much to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// For so long.
    Time(Duration),
    /// So many calls, over all threads.
    Calls(u64),
}

/// Makes the client side of each new connection.
#[derive(Clone)]
pub struct Dial(Arc<dyn Fn() -> Requester + Send + Sync>);

impl Dial {
    /// What `make` makes.
    pub fn new(make: impl Fn() -> Requester + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    pub(super) fn requester(&self) -> Requester {
        (self.0)()
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dial").finish_non_exhaustive()
    }
}

impl Plan {
    /// What thread number `index` has of something that all share.
    pub(super) fn share(&self, of: u64, index: usize) -> u64 {
        let threads = self.threads as u64;
        of / threads + u64::from((index as u64) < of % threads)
    }
}

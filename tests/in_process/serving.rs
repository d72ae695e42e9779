//! A server in the process of the test, which ends with it.

#![allow(dead_code)] // each of the tests asks for what it needs

use std::thread::{self, JoinHandle};

use farthing::server::{Builder, Handle};

pub(crate) struct Serving {
    pub(crate) address: String,
    pub(crate) handle: Handle,
    thread: Option<JoinHandle<usize>>,
}

impl Serving {
    pub(crate) fn at(address: &str, builder: Builder) -> Self {
        let server = builder.bind(address).expect("a free address");
        let (address, handle) = (server.addresses()[0].to_string(), server.handle());
        let thread = thread::spawn(move || server.run().expect("a server that runs"));
        Self { address, handle, thread: Some(thread) }
    }

    /// How many connections ended under this name.
    pub(crate) fn closed(&self, reason: &str) -> u64 {
        self.handle.counts().closed.get(reason).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        self.handle.counts().requests.get(name).copied().unwrap_or_default()
    }

    /// Open connections, as far as they were counted.
    pub(crate) fn open(&self) -> u64 {
        let counts = self.handle.counts();
        counts.opened - counts.closed.values().sum::<u64>()
    }

    /// Ends at once.
    pub(crate) fn stop(&mut self) {
        self.handle.stop();
        self.ended();
    }

    /// Drains; says how many were cut.
    pub(crate) fn drain(&mut self) -> usize {
        self.handle.drain();
        self.ended().expect("not stopped before")
    }

    fn ended(&mut self) -> Option<usize> {
        self.thread.take().map(|thread| thread.join().expect("a server that ends"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.handle.stop();
        // A test that has failed already says more than a server that failed with it.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

//! A server in this process, with TLS on its one address.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};

use farthing::generated::bench::BenchService;
use farthing::generated::calculator::CalculatorService;
use farthing::reactor::Address;
use farthing::server::tls::Tls;
use farthing::server::{Config, Handle, Server};
use farthing::services::bench::Workloads;
use farthing::services::calculator::Arithmetic;
use farthing::tls::ServerOptions;

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    pub(crate) tls: Tls,
    thread: Option<JoinHandle<usize>>,
}

impl Running {
    pub(crate) fn start(options: ServerOptions) -> Self {
        Self::with(options, false, |_| {})
    }

    pub(crate) fn with(options: ServerOptions, only: bool, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { shards: 1, ..Config::default() };
        change(&mut config);
        let tls = Tls::load(options, only).unwrap();
        let server = Server::builder()
            .config(config)
            .tls(&tls)
            .service(CalculatorService::new(Arithmetic))
            .service(BenchService::new(Workloads::new(1 << 28)))
            .bind("127.0.0.1:0")
            .unwrap();
        let Address::Tcp(address) = server.addresses()[0] else { panic!("no TCP") };
        let handle = server.handle();
        let thread = thread::spawn(move || server.run().unwrap());
        Self { address, handle, tls, thread: Some(thread) }
    }

    /// How many connections ended under this name.
    pub(crate) fn closed(&self, reason: &str) -> u64 {
        self.handle.counts().closed.get(reason).copied().unwrap_or_default()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.handle.counts().requests["requests"]
    }

    /// Open connections, as far as they were counted.
    pub(crate) fn open(&self) -> u64 {
        let counts = self.handle.counts();
        counts.opened - counts.closed.values().sum::<u64>()
    }

    /// Drains; says how many were cut.
    pub(crate) fn drain(mut self) -> usize {
        self.handle.drain();
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

//! A server in this process, with TLS on its one address.

use std::net::SocketAddr;
use std::ops::Deref;

use farthing::generated::bench::BenchService;
use farthing::generated::calculator::CalculatorService;
use farthing::server::tls::Tls;
use farthing::server::{Config, Server};
use farthing::services::bench::Workloads;
use farthing::services::calculator::Arithmetic;
use farthing::tls::ServerOptions;

use crate::serving::Serving;

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Tls,
    serving: Serving,
}

impl Running {
    pub(crate) fn start(options: ServerOptions) -> Self {
        Self::with(options, false, |_| {})
    }

    pub(crate) fn with(options: ServerOptions, only: bool, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { shards: 1, ..Config::default() };
        change(&mut config);
        let tls = Tls::load(options, only).unwrap();
        let builder = Server::builder()
            .config(config)
            .tls(&tls)
            .service(CalculatorService::new(Arithmetic))
            .service(BenchService::new(Workloads::new(1 << 28)));
        let serving = Serving::at("127.0.0.1:0", builder);
        Self { address: serving.address.parse().expect("a TCP address"), tls, serving }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.count("requests")
    }

    /// Drains; says how many were cut.
    pub(crate) fn drain(mut self) -> usize {
        self.serving.drain()
    }
}

impl Deref for Running {
    type Target = Serving;

    fn deref(&self) -> &Serving {
        &self.serving
    }
}

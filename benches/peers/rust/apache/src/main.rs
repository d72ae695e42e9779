//! The bench service on Apache's crate: `TServer`, a thread for each connection.
//!
//! `apache ADDR framed|buffered`. `bench.rs` beside this file is made by Apache's compiler when the peers are built.

#[allow(clippy::all, warnings)]
mod bench;

use std::collections::HashMap;
use std::env;
use std::sync::RwLock;

use bench::{BenchSyncHandler, BenchSyncProcessor, Payload};
use thrift::protocol::{TBinaryInputProtocolFactory, TBinaryOutputProtocolFactory};
use thrift::server::TServer;
use thrift::transport::{
    TBufferedReadTransportFactory, TBufferedWriteTransportFactory, TFramedReadTransportFactory, TFramedWriteTransportFactory,
    TReadTransportFactory, TWriteTransportFactory,
};

/// It serves so many connections at once, and further ones never.
const THREADS: usize = 1024;

#[derive(Default)]
struct Workloads(RwLock<HashMap<String, Vec<u8>>>);

impl BenchSyncHandler for Workloads {
    fn handle_add(&self, num1: i32, num2: i32) -> thrift::Result<i32> {
        Ok(num1.wrapping_add(num2))
    }

    fn handle_get(&self, key: String) -> thrift::Result<Vec<u8>> {
        Ok(self.0.read().expect("no panics").get(&key).cloned().unwrap_or_default())
    }

    fn handle_put(&self, key: String, value: Vec<u8>) -> thrift::Result<()> {
        self.0.write().expect("no panics").insert(key, value);
        Ok(())
    }

    fn handle_echo(&self, arg: Payload) -> thrift::Result<Payload> {
        Ok(arg)
    }
}

fn main() -> thrift::Result<()> {
    let mut words = env::args().skip(1);
    let address = words.next().expect("an address");
    let (read, write): (Box<dyn TReadTransportFactory>, Box<dyn TWriteTransportFactory>) = match words.next().as_deref() {
        Some("framed") => (Box::new(TFramedReadTransportFactory::new()), Box::new(TFramedWriteTransportFactory::new())),
        _ => (Box::new(TBufferedReadTransportFactory::new()), Box::new(TBufferedWriteTransportFactory::new())),
    };
    let processor = BenchSyncProcessor::new(Workloads::default());
    let (input, output) = (TBinaryInputProtocolFactory::new(), TBinaryOutputProtocolFactory::new());
    TServer::new(read, input, write, output, processor, THREADS).listen(address)
}

//! The bench service on volo-thrift and one thread of tokio. It tells framed from unframed by itself.
//!
//! `volo-server ADDR`

#[allow(clippy::all, unsafe_code, warnings)]
mod generated {
    volo::include_service!("volo_gen.rs");
}

use std::collections::HashMap;
use std::env;
use std::net::SocketAddr;
use std::sync::RwLock;

use generated::volo_gen::bench::{Bench, BenchServer, Payload};
use pilota::{Bytes, FastStr};
use volo::net::Address;
use volo_thrift::ServerError;

#[derive(Default)]
struct Workloads(RwLock<HashMap<FastStr, Bytes>>);

impl Bench for Workloads {
    async fn add(&self, num1: i32, num2: i32) -> Result<i32, ServerError> {
        Ok(num1.wrapping_add(num2))
    }

    async fn get(&self, key: FastStr) -> Result<Bytes, ServerError> {
        Ok(self.0.read().expect("no panics").get(&key).cloned().unwrap_or_default())
    }

    async fn put(&self, key: FastStr, value: Bytes) -> Result<(), ServerError> {
        self.0.write().expect("no panics").insert(key, value);
        Ok(())
    }

    async fn echo(&self, arg: Payload) -> Result<Payload, ServerError> {
        Ok(arg)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let address: SocketAddr = env::args().nth(1).expect("an address").parse().expect("an address like 127.0.0.1:9090");
    BenchServer::new(Workloads::default()).run(Address::from(address)).await.expect("a server");
}

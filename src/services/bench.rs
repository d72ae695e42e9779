//! `Bench`: what benchmarks call. It does as little as its interface allows, so that what is measured is the way there and back.

use crate::generated::bench::{Bench, PayloadRef};
use crate::rpc::ApplicationException;
use crate::wire::{Binary, Bytes};

use super::store::Store;

/// Adds with wrap-around, keeps binaries by key, and echoes.
#[derive(Debug)]
pub struct Workloads {
    store: Store<Bytes>,
}

impl Workloads {
    /// Keeps at most `bytes` of values.
    pub fn new(bytes: u64) -> Self {
        Self { store: Store::new(bytes) }
    }
}

impl Bench for Workloads {
    fn add(&self, num1: i32, num2: i32) -> Result<i32, ApplicationException> {
        Ok(num1.wrapping_add(num2))
    }

    fn get(&self, key: &str) -> Result<Bytes, ApplicationException> {
        Ok(self.store.get(key).unwrap_or_default())
    }

    fn put(&self, key: &str, value: Binary<'_>) -> Result<(), ApplicationException> {
        let value = value.into_bytes();
        let size = value.len();
        self.store.put(key, value, size);
        Ok(())
    }

    fn echo<'a>(&'a self, arg: PayloadRef<'a>) -> Result<PayloadRef<'a>, ApplicationException> {
        Ok(arg)
    }
}

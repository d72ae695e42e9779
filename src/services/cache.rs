//! `Cache`: keeps text by key. A value is a refcounted slice: a `get` copies none of it.

use crate::generated::cache::{Cache, GetError, KeyNotFound};
use crate::rpc::ApplicationException;
use crate::wire::Text;

use super::store::Store;

/// A cache in memory, bounded by bytes.
#[derive(Debug)]
pub struct MemoryCache {
    store: Store<Text>,
}

impl MemoryCache {
    /// An empty cache of at most `bytes`.
    pub fn new(bytes: u64) -> Self {
        Self { store: Store::new(bytes) }
    }
}

impl Cache for MemoryCache {
    fn put(&self, key: &str, value: Text) -> Result<bool, ApplicationException> {
        let size = value.as_bytes().len();
        Ok(self.store.put(key, value, size))
    }

    fn get(&self, key: &str) -> Result<Text, GetError> {
        self.store.get(key).ok_or_else(|| KeyNotFound { key: key.to_owned() }.into())
    }

    fn remove(&self, key: &str) -> Result<bool, ApplicationException> {
        Ok(self.store.remove(key))
    }
}

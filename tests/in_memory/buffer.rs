//! Bytes that arrive in memory, piece by piece.

use farthing::rpc::Incoming;
use farthing::wire::Bytes;

/// Bytes that arrived.
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    /// Whether large values are given away instead of copied.
    pub(crate) owned: bool,
}

impl Buffer {
    pub(crate) fn new(owned: bool) -> Self {
        Self { bytes: Vec::new(), owned }
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, owned: true }
    }
}

impl Incoming for Buffer {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn consume(&mut self, n: usize) {
        self.bytes.drain(..n);
    }

    fn take(&mut self, n: usize) -> Bytes {
        self.bytes.drain(..n).collect()
    }

    fn takes_free(&self) -> bool {
        self.owned
    }
}

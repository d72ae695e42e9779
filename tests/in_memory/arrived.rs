//! Bytes that lie in memory, and all at once.

use farthing::rpc::Incoming;
use farthing::wire::Bytes;

/// Received bytes, in a buffer that is not the connection's own.
pub(crate) struct Arrived<'b>(pub(crate) &'b [u8]);

impl Incoming for Arrived<'_> {
    fn bytes(&self) -> &[u8] {
        self.0
    }

    fn consume(&mut self, n: usize) {
        self.0 = &self.0[n..];
    }

    fn take(&mut self, n: usize) -> Bytes {
        let taken = Bytes::copy_from_slice(&self.0[..n]);
        self.consume(n);
        taken
    }

    fn takes_free(&self) -> bool {
        false
    }
}

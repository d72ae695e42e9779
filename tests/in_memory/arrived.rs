//! What a responder wants around it where there is no event loop: bytes that lie in memory, and nobody who answers later.

use farthing::rpc::{Completed, Completer, Incoming};
use farthing::wire::Bytes;

/// Takes no answers: every call is answered by the thread that received it.
pub(crate) struct Nowhere;

impl Completer for Nowhere {
    fn complete(&self, _: Completed) {}
}

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

//! The bytes of a connection, kept for a person to look at.

use std::io::IoSlice;

/// What went over a connection, without what TLS makes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// To the server.
    pub sent: Vec<u8>,
    /// From the server.
    pub received: Vec<u8>,
}

impl Recording {
    /// The first `n` bytes of `slices` were sent.
    pub(super) fn sent(&mut self, slices: &[IoSlice<'_>], n: usize) {
        let length = self.sent.len() + n;
        slices.iter().for_each(|slice| self.sent.extend_from_slice(slice));
        self.sent.truncate(length);
    }

    pub(super) fn received(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }
}

//! Bytes that a connection received and did not consume yet. It looks at none of them.

use bytes::Bytes;

use crate::rpc::Incoming;

/// What a connection reads into at first, and keeps between calls.
const START: usize = 8 * 1024;
/// How far the buffer may grow ahead of what it received.
const GROW_MIN: usize = 64 * 1024;
/// An empty buffer larger than this is given back.
const KEEP_MAX: usize = 256 * 1024;

/// A connection's input buffer.
///
/// INVARIANT: it is at most twice as large as the bytes it received, plus 64 KiB, whatever size a peer declared.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inbound {
    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
        if self.buffer.len() > KEEP_MAX {
            self.buffer = Vec::new();
        }
    }

    /// Reads once; `need` bytes are wanted in all. Zero bytes are the end.
    pub(super) fn fill<E>(&mut self, need: usize, read: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Result<usize, E> {
        if self.end == self.buffer.len() {
            self.make_room(need);
        }
        let count = read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count)
    }

    fn make_room(&mut self, need: usize) {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.end == self.buffer.len() {
            let missing = need.saturating_sub(self.end).max(START);
            self.buffer.resize(self.end + missing.min(self.end.max(GROW_MIN)), 0);
        }
    }
}

impl Incoming for Inbound {
    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    #[inline]
    fn consume(&mut self, n: usize) {
        self.start += n;
        if self.start == self.end {
            self.clear();
        }
    }

    /// Gives the buffer away, unless it is much larger than what is taken; what stands behind the taken bytes moves.
    fn take(&mut self, n: usize) -> Bytes {
        if n < self.buffer.capacity() / 2 {
            let taken = Bytes::copy_from_slice(&self.buffer[self.start..self.start + n]);
            self.consume(n);
            return taken;
        }
        let rest = self.buffer[self.start + n..self.end].to_vec();
        let mut taken = std::mem::replace(&mut self.buffer, rest);
        taken.truncate(self.start + n);
        let taken = Bytes::from(taken).slice(self.start..);
        (self.start, self.end) = (0, self.buffer.len());
        taken
    }

    #[inline]
    fn takes_free(&self) -> bool {
        true
    }
}

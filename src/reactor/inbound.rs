//! Bytes that arrived and were not consumed yet. It looks at none of them.

use std::collections::TryReserveError;

use bytes::Bytes;

use super::room::copy_of;

/// Below this many missing bytes a read goes through the shard's buffer; from here on straight into the connection's own.
const DIRECT_MIN: usize = 16 * 1024;
/// How far a connection's own buffer may always grow ahead of what it received.
const GROW_MIN: usize = 64 * 1024;
const PAGE: usize = 4096;

/// The input a callback sees: the shard's read buffer, or the connection's own if it holds a partial message.
#[derive(Debug)]
pub enum Inbound<'a> {
    /// Bytes in the buffer that all connections of the shard share, without those that are consumed.
    Shared(&'a [u8]),
    /// Bytes in the connection's own buffer.
    Owned(&'a mut Partial),
}

impl<'a> Inbound<'a> {
    /// Input that lies in someone else's buffer.
    pub fn shared(bytes: &'a [u8]) -> Self {
        Inbound::Shared(bytes)
    }

    /// What is there and not consumed.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Inbound::Shared(bytes) => bytes,
            Inbound::Owned(partial) => partial.bytes(),
        }
    }

    /// How many bytes are there.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Marks the first `n` bytes as used.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline]
    pub fn consume(&mut self, n: usize) {
        assert!(n <= self.len(), "consumed {n} of {} bytes", self.len());
        match self {
            Inbound::Shared(bytes) => *bytes = &bytes[n..],
            Inbound::Owned(partial) => partial.consume(n),
        }
    }

    /// Takes the first `n` bytes to keep: without a copy if they take up most of the connection's own buffer, else copied.
    ///
    /// # Panics
    /// If there are fewer; and, with a [`TryReserveError`], where there is no memory for a copy.
    pub fn take(&mut self, n: usize) -> Bytes {
        match self {
            Inbound::Shared(bytes) => {
                let (taken, rest) = bytes.split_at(n);
                *bytes = rest;
                copy_of(taken).into()
            }
            Inbound::Owned(partial) => partial.take(n),
        }
    }

    /// Whether [`Inbound::take`] can do without a copy.
    #[inline]
    pub fn is_owned(&self) -> bool {
        matches!(self, Inbound::Owned(_))
    }
}

/// A connection's own input buffer: append-only, gone when empty.
///
/// INVARIANT: its capacity is at most twice the bytes that the connection received plus 64 KiB, whatever size a peer declared. Only
/// a peer that has sent a large message gets room for another one before it comes.
#[derive(Default, Debug)]
pub struct Partial {
    buffer: Vec<u8>,
    start: usize,
}

impl Partial {
    /// What is there and not consumed.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// How many bytes are there.
    pub fn len(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Bytes that it keeps in memory, those that are used up too. Where it has more room than any buffer grows ahead, that counts:
    /// memory that was used before is there whether or not anything comes into it.
    #[inline]
    pub(super) fn held(&self) -> usize {
        let (len, capacity) = (self.buffer.len(), self.buffer.capacity());
        if capacity > 2 * len + GROW_MIN + PAGE { capacity } else { len }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes of memory it holds.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Appends a copy of `bytes`, where `need` bytes are wanted in all.
    ///
    /// # Errors
    /// Where there is no memory for them; then it is as it was.
    pub fn append(&mut self, bytes: &[u8], need: usize) -> Result<(), TryReserveError> {
        if self.buffer.capacity() - self.buffer.len() < bytes.len() {
            self.compact();
            let len = self.len() + bytes.len();
            match need.saturating_sub(len).min(len) {
                0 => self.buffer.try_reserve(bytes.len())?,
                ahead => self.buffer.try_reserve_exact(bytes.len() + ahead)?,
            }
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn consume(&mut self, n: usize) {
        self.start += n;
        if self.start == self.buffer.len() {
            self.free();
        }
    }

    /// Moves the smaller part: the taken bytes, or the rest behind them. Who keeps what is taken keeps all of the buffer: one with
    /// more room than that has bytes is not handed out.
    fn take(&mut self, n: usize) -> Bytes {
        let end = self.start + n;
        let rest = self.buffer.len() - end;
        if n <= rest || n < self.buffer.capacity() / 2 {
            let taken = Bytes::from(copy_of(&self.buffer[self.start..end]));
            self.consume(n);
            return taken;
        }
        let tail = copy_of(&self.buffer[end..]);
        let mut taken = std::mem::replace(&mut self.buffer, tail);
        taken.truncate(end);
        let start = std::mem::take(&mut self.start);
        Bytes::from(taken).slice(start..)
    }

    fn free(&mut self) {
        *self = Partial::default();
    }

    fn compact(&mut self) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
    }

    /// Room for a message of `expected` bytes, to be read into before anything of it is there.
    pub(super) fn room(expected: usize) -> Result<Vec<u8>, TryReserveError> {
        let mut room = Vec::new();
        room.try_reserve_exact(roomy(expected))?;
        Ok(room)
    }

    /// Keeps what was read into a [`Partial::room`], unless it is too little to be worth a buffer: then it is given back.
    pub(super) fn keep(&mut self, room: Vec<u8>) -> Result<(), Vec<u8>> {
        if room.len() < DIRECT_MIN {
            return Err(room);
        }
        *self = Partial { buffer: room, start: 0 };
        Ok(())
    }

    /// The buffer to read into when `need` bytes are wanted in all, or `None` when the shard's buffer serves better, or must.
    pub(super) fn direct(&mut self, need: usize) -> Option<&mut Vec<u8>> {
        let missing = need.saturating_sub(self.len());
        if self.is_empty() || missing < DIRECT_MIN {
            return None;
        }
        if self.buffer.capacity() - self.buffer.len() < PAGE {
            self.compact();
            self.buffer.try_reserve_exact(roomy(missing).min(self.len().max(GROW_MIN))).ok()?;
        }
        Some(&mut self.buffer)
    }
}

/// So many bytes, and a little more: a read that leaves room has drained the socket.
fn roomy(bytes: usize) -> usize {
    (bytes + 1).next_multiple_of(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_room(expected: usize, len: usize) -> Partial {
        let mut room = Partial::room(expected).expect("memory");
        room.resize(len, b'x');
        let mut partial = Partial::default();
        partial.keep(room).expect("enough to be kept");
        partial
    }

    #[test]
    fn room_that_nothing_came_into_is_counted() {
        assert!(in_room(4 << 20, 20_000).held() >= 4 << 20);
        assert_eq!(in_room(4 << 20, 3 << 20).held(), 3 << 20);
        assert_eq!(Partial::default().held(), 0);
        let mut grown = Partial::default();
        for step in 0..100 {
            grown.append(&[0; 10_000], 1 << 20).expect("memory");
            assert_eq!(grown.held(), grown.len(), "{step}");
        }
    }

    /// Who keeps a value must not keep the room that another one would have needed.
    #[test]
    fn what_is_taken_takes_no_more_than_twice_its_size_with_it() {
        for (expected, len, is_handed_out) in [(4 << 20, 20_000, false), (4 << 20, 1 << 20, false), (4 << 20, 3 << 20, true)] {
            let mut partial = in_room(expected, len);
            let before = partial.bytes().as_ptr();
            let taken = partial.take(len);
            assert_eq!((taken.len(), partial.capacity()), (len, 0));
            assert_eq!(taken.as_ptr() == before, is_handed_out, "{len} of {expected}");
        }
    }
}

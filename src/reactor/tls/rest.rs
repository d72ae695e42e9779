//! Bytes that were left over, until somebody takes them. It owns no memory when it is empty.

/// A queue of bytes.
#[derive(Debug, Default)]
pub(super) struct Rest {
    bytes: Vec<u8>,
    at: usize,
}

impl From<Vec<u8>> for Rest {
    fn from(bytes: Vec<u8>) -> Self {
        Rest { bytes, at: 0 }
    }
}

impl Rest {
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Where more is appended.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The first `n` are taken.
    pub(super) fn advance(&mut self, n: usize) {
        self.at += n;
        if self.at >= self.bytes.len() {
            *self = Rest::default();
        }
    }

    /// Moves as much as `into` has spare capacity for; says how much.
    pub(super) fn move_into(&mut self, into: &mut Vec<u8>) -> usize {
        let n = self.len().min(into.capacity() - into.len());
        into.extend_from_slice(&self.as_slice()[..n]);
        self.advance(n);
        n
    }

    /// Appends to `into` what it has spare capacity for, and the rest here.
    pub(super) fn append_behind(&mut self, into: &mut Vec<u8>, bytes: &[u8]) {
        let n = if self.is_empty() { bytes.len().min(into.capacity() - into.len()) } else { 0 };
        into.extend_from_slice(&bytes[..n]);
        if n < bytes.len() {
            self.bytes.extend_from_slice(&bytes[n..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_their_order_and_leave_no_buffer() {
        let mut rest = Rest::default();
        let mut into = Vec::with_capacity(4);
        assert_eq!(into.capacity(), 4);
        rest.append_behind(&mut into, b"abcdef");
        rest.append_behind(&mut into, b"gh");
        assert_eq!((&into[..], rest.as_slice()), (&b"abcd"[..], &b"efgh"[..]));
        into.clear();
        assert_eq!(rest.move_into(&mut into), 4);
        assert_eq!((&into[..], rest.bytes.capacity()), (&b"efgh"[..], 0));
    }
}

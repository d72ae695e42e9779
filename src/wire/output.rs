//! The growing buffer that messages are encoded into and sent from: bytes, and large values linked in without a copy.

use std::io::IoSlice;

use bytes::{Buf, Bytes};

use super::beside::{Beside, Linked};
use super::error::ErrorKind;
use super::room;
use super::vouched::Pen;

/// A cleared output keeps its memory for the next turn up to this capacity.
const KEEP_MAX: usize = 1024 * 1024;
/// Room that is there for whoever writes a number, a mark between two values, or zeros for a head to come.
const TAIL_ROOM: usize = 256;
/// Room for a head of any transport.
const HEAD_ROOM: usize = 1024;

/// Encoded messages on their way out. Appended to at the end, sent from the front.
#[derive(Debug, Default)]
pub struct Output {
    bytes: Vec<u8>,
    beside: Beside,
    sent: usize,
}

/// A place in an output to come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    bytes: usize,
    linked: usize,
    linked_bytes: usize,
}

impl Mark {
    /// Copied bytes before it, sent ones included.
    #[inline]
    pub(crate) fn position(self) -> usize {
        self.bytes
    }
}

/// The end of an output in the hand of a writer.
#[derive(Debug)]
pub(super) struct Tail<'o> {
    pen: Pen<'o>,
    beside: &'o mut Beside,
}

impl<'o> Tail<'o> {
    #[inline]
    pub(super) fn of(out: &'o mut Output) -> Self {
        Self { pen: Pen::new(&mut out.bytes), beside: &mut out.beside }
    }

    /// Makes room for a few small values, none of which looks for room then.
    #[inline]
    pub(super) fn look_ahead(&mut self) {
        self.pen.look_ahead();
    }

    /// Appends a copy of `bytes`, of which there may be none or many.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.pen.put(bytes);
    }

    /// Appends these bytes.
    #[inline]
    pub(super) fn push_array<const N: usize>(&mut self, bytes: [u8; N]) {
        self.pen.put_start(bytes, N);
    }

    /// Appends the first `len` of these bytes: one store of all of them, where a copy of `len` would be a call.
    #[inline]
    pub(super) fn push_start<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        self.pen.put_start(bytes, len);
    }

    /// Appends one byte.
    #[inline]
    pub(super) fn push_byte(&mut self, byte: u8) {
        self.pen.put_start([byte], 1);
    }

    /// Appends the bytes of values.
    #[inline]
    pub(super) fn push_all<T: Copy, const N: usize>(&mut self, values: &[T], bytes_of: impl Fn(T) -> [u8; N] + Copy) {
        self.pen.put_all(values, bytes_of);
    }

    /// Appends by other means.
    #[inline]
    pub(super) fn by<T>(&mut self, append: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.pen.by(append)
    }

    /// Appends a refcounted value: linked where it is large, copied where it is small.
    #[inline]
    pub(super) fn push_shared(&mut self, value: &Bytes) {
        if value.len() < Output::LINK_MIN {
            self.push(value);
        } else {
            self.beside.link(self.pen.position(), value);
        }
    }

    /// Remembers that a value could not be encoded. The first error stays until a rollback.
    #[inline]
    pub(super) fn fail(&mut self, error: ErrorKind) {
        self.beside.fail(error);
    }
}

impl Output {
    /// Refcounted values from this size on are linked into the output instead of copied: below it a vectored write costs more
    /// than the copy.
    pub const LINK_MIN: usize = 16 * 1024;

    /// An empty output.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a copy of `bytes`.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        room::make_room(&mut self.bytes, bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends one byte.
    #[inline]
    pub fn push_byte(&mut self, byte: u8) {
        if self.bytes.len() == self.bytes.capacity() {
            room::make_room(&mut self.bytes, 1);
        }
        self.bytes.push(byte);
    }

    /// Appends a refcounted value: linked where it is large, copied where it is small.
    #[inline]
    pub fn push_shared(&mut self, value: &Bytes) {
        if value.len() < Output::LINK_MIN {
            self.push(value);
        } else {
            self.beside.link(self.bytes.len(), value);
        }
    }

    /// The copied bytes at the end, to append to in bulk, with room for a little.
    #[inline]
    pub fn tail(&mut self) -> &mut Vec<u8> {
        room::make_room(&mut self.bytes, TAIL_ROOM);
        &mut self.bytes
    }

    /// This place.
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark { bytes: self.bytes.len(), linked: self.beside.linked.len(), linked_bytes: self.beside.linked_bytes }
    }

    /// Bytes written since `mark`.
    #[inline]
    pub fn written_since(&self, mark: Mark) -> usize {
        self.bytes.len() - mark.bytes + self.beside.linked_bytes - mark.linked_bytes
    }

    /// Takes back all that was written since `mark`, with its error.
    pub fn rollback(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        self.beside.linked.truncate(mark.linked);
        self.beside.linked_bytes = mark.linked_bytes;
        self.beside.error = None;
    }

    /// Overwrites the bytes at `mark` with as many others.
    #[inline]
    pub fn patch<const N: usize>(&mut self, mark: Mark, bytes: [u8; N]) {
        self.bytes[mark.bytes..mark.bytes + N].copy_from_slice(&bytes);
    }

    /// Writes a head into the `reserved` bytes at `mark`. What follows moves only where the head is of another length.
    pub fn put_before(&mut self, mark: Mark, reserved: usize, write: impl FnOnce(&mut Vec<u8>)) {
        room::make_room(&mut self.bytes, HEAD_ROOM);
        let (start, end) = (mark.bytes, self.bytes.len());
        write(&mut self.bytes);
        let head = self.bytes.len() - end;
        if head > reserved {
            self.bytes[start..].rotate_right(head);
            self.bytes.drain(start + head..start + head + reserved);
        } else {
            self.bytes.copy_within(end.., start);
            if head < reserved {
                self.bytes.copy_within(start + reserved..end, start + head);
            }
            self.bytes.truncate(end + head - reserved);
        }
        for linked in &mut self.beside.linked[mark.linked..] {
            linked.at = linked.at + head - reserved;
        }
    }

    /// Puts what `filter` makes of all that was written since `mark` into its place: it gets the bytes piece by piece, in order,
    /// and appends to the buffer.
    pub fn refill(&mut self, mark: Mark, filter: impl FnOnce(&mut dyn Iterator<Item = &[u8]>, &mut Vec<u8>)) {
        let copied = room::copy_of(&self.bytes[mark.bytes..]);
        self.bytes.truncate(mark.bytes);
        let linked = self.beside.linked.split_off(mark.linked);
        self.beside.linked_bytes = mark.linked_bytes;
        let mut from = 0;
        let last = linked.last().map_or(0, |linked| linked.at - mark.bytes);
        let mut pieces = linked
            .iter()
            .flat_map(|Linked { at, value, .. }| {
                let before = from;
                from = at - mark.bytes;
                [&copied[before..from], &value[..]]
            })
            .chain([&copied[last..]]);
        filter(&mut pieces, &mut self.bytes);
    }

    /// Appends all that `other` holds unsent.
    pub fn append(&mut self, other: &mut Self) {
        let shift = self.bytes.len() as isize - other.sent as isize;
        self.push(&other.bytes[other.sent..]);
        self.beside.linked_bytes += other.beside.linked_bytes;
        let moved = other.beside.linked.drain(..);
        self.beside.linked.extend(moved.map(|linked| linked.moved(shift)));
        other.clear();
    }

    /// Remembers that a value could not be encoded. The first error stays until a rollback.
    #[inline]
    pub fn fail(&mut self, error: ErrorKind) {
        self.beside.fail(error);
    }

    /// What could not be encoded, if anything.
    #[inline]
    pub fn error(&self) -> Option<ErrorKind> {
        self.beside.error
    }

    /// Bytes that are not sent yet.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len() - self.sent + self.beside.linked_bytes
    }

    /// Whether everything is sent.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory held, linked values included.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.beside.linked_bytes
    }

    /// Offers linked values of at least `min` bytes to `share`, with the size that each had before any of it was sent. What it
    /// makes of one is held in its place from then on, and is not offered again.
    pub fn share_links(&mut self, min: usize, share: impl FnMut(&Bytes, usize) -> Option<Bytes>) {
        self.beside.share(min, share);
    }

    /// The values that [`share_links`](Self::share_links) replaced and that are not sent yet: what is left of each, and its size.
    pub fn shared_links(&self) -> impl Iterator<Item = (&Bytes, usize)> {
        self.beside.shared()
    }

    /// Fills `into` with the unsent bytes in order, as far as they fit, and says how many entries it filled.
    #[inline]
    pub fn slices<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        let mut from = self.sent;
        for linked in &self.beside.linked {
            for part in [&self.bytes[from..linked.at], &linked.value] {
                if !part.is_empty() && filled < into.len() {
                    into[filled] = IoSlice::new(part);
                    filled += 1;
                }
            }
            from = linked.at;
        }
        if from < self.bytes.len() && filled < into.len() {
            into[filled] = IoSlice::new(&self.bytes[from..]);
            filled += 1;
        }
        filled
    }

    /// Drops the first `n` unsent bytes: they are sent.
    #[inline]
    pub fn advance(&mut self, n: usize) {
        if !self.beside.linked.is_empty() {
            return self.advance_linked(n);
        }
        self.sent += n;
        if self.sent == self.bytes.len() {
            self.clear();
        }
    }

    /// The same, where values of others stand between the bytes.
    #[inline(never)]
    fn advance_linked(&mut self, mut n: usize) {
        let mut whole = 0;
        for linked in &mut self.beside.linked {
            let copied = n.min(linked.at - self.sent);
            self.sent += copied;
            n -= copied;
            let shared = n.min(linked.value.len());
            if self.sent < linked.at || shared < linked.value.len() {
                linked.value.advance(shared);
                self.beside.linked_bytes -= shared;
                self.beside.linked.drain(..whole);
                return;
            }
            self.beside.linked_bytes -= shared;
            n -= shared;
            whole += 1;
        }
        self.beside.linked.drain(..whole);
        self.sent += n;
        if self.sent == self.bytes.len() {
            self.clear();
        }
    }

    #[must_use]
    /// Moves the unsent rest into an output that takes no more memory than it needs.
    pub fn split_rest(&mut self) -> Self {
        let mut rest = Self { bytes: room::of(self.bytes.len() - self.sent), ..Self::default() };
        rest.append(self);
        rest
    }

    /// Forgets everything, and keeps the memory unless it is much.
    #[inline]
    pub fn clear(&mut self) {
        if self.bytes.capacity() > KEEP_MAX {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.beside.linked.clear();
        self.beside.linked_bytes = 0;
        self.sent = 0;
        self.beside.error = None;
    }

    /// A copy of all unsent bytes, for tests and for those who need them in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len());
        let mut from = self.sent;
        for linked in &self.beside.linked {
            all.extend_from_slice(&self.bytes[from..linked.at]);
            all.extend_from_slice(&linked.value);
            from = linked.at;
        }
        all.extend_from_slice(&self.bytes[from..]);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK_MIN: usize = Output::LINK_MIN;

    fn sample() -> Output {
        let mut output = Output::new();
        output.push(b"head");
        output.push_shared(&Bytes::from(vec![1; LINK_MIN]));
        output.push_shared(&Bytes::from(vec![2; LINK_MIN]));
        output.push(b"middle");
        output.push_shared(&Bytes::from_static(b"small"));
        output.push_shared(&Bytes::from(vec![3; LINK_MIN]));
        output.push(b"tail");
        output
    }

    #[test]
    fn advancing_by_any_step_sends_the_same_bytes() {
        let whole = sample().to_vec();
        for step in [1, 3, 4, 5, 100, LINK_MIN - 1, LINK_MIN, LINK_MIN + 1, 3 * LINK_MIN, whole.len()] {
            let mut output = sample();
            let mut sent: Vec<u8> = Vec::new();
            while !output.is_empty() {
                let mut slices = [IoSlice::new(&[]); 2];
                let filled = output.slices(&mut slices);
                assert!(filled > 0);
                let before = sent.len();
                sent.extend(slices[..filled].iter().flat_map(|slice| slice.iter()).take(step));
                output.advance(sent.len() - before);
                assert_eq!(output.len(), whole.len() - sent.len());
            }
            assert_eq!(sent, whole, "step {step}");
        }
    }

    #[test]
    fn a_rest_moved_at_any_point_is_the_same_bytes() {
        let whole = sample().to_vec();
        for cut in (0..whole.len()).step_by(997) {
            let mut output = sample();
            output.advance(cut);
            let mut front = Output::new();
            front.push(b"x");
            front.append(&mut output);
            assert!(output.is_empty());
            assert_eq!(front.to_vec()[1..], whole[cut..]);
            assert_eq!(front.split_rest().to_vec()[1..], whole[cut..]);
        }
    }

    #[test]
    fn a_rollback_takes_back_bytes_links_and_error() {
        let mut output = Output::new();
        output.push(b"keep");
        let mark = output.mark();
        output.push(b"drop");
        output.push_shared(&Bytes::from(vec![1; LINK_MIN]));
        output.fail(ErrorKind::TooDeep);
        assert_eq!(output.written_since(mark), 4 + LINK_MIN);
        output.rollback(mark);
        assert_eq!((output.to_vec().as_slice(), output.error()), (&b"keep"[..], None));
    }

    #[test]
    fn a_refill_sees_all_that_came_since_the_mark_in_order() {
        let mut output = sample();
        let mark = output.mark();
        output.append(&mut sample());
        let plain = sample().to_vec();
        output.refill(mark, |pieces, out| {
            let whole: Vec<u8> = pieces.flatten().copied().collect();
            assert_eq!(whole, plain);
            out.extend_from_slice(b"other");
        });
        assert_eq!(output.to_vec(), [&plain[..], b"other"].concat());
        output.refill(output.mark(), |pieces, _| assert_eq!(pieces.flatten().count(), 0));
    }

    #[test]
    fn a_head_of_another_length_moves_what_follows() {
        for head in [&b"ab"[..], b"abcd", b"abcdefgh"] {
            let mut output = Output::new();
            output.push(b"before");
            let mark = output.mark();
            output.push(b"0000");
            output.push(b"body");
            output.push_shared(&Bytes::from(vec![1; LINK_MIN]));
            output.put_before(mark, 4, |out| out.extend_from_slice(head));
            let expected = [b"before", head, b"body", &[1; LINK_MIN]].concat();
            assert_eq!(output.to_vec(), expected);
        }
    }
}

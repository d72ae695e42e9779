//! The one bounds-checked cursor over bytes from a peer. It knows sizes and limits, and nothing of any protocol.

use bytes::Bytes;

use super::error::{Error, ErrorKind};
use super::limits::Limits;
use super::vouched;

/// Decoded values may take this many times the bytes they came from, and [`HEAP_FLOOR`] more.
const HEAP_FACTOR: usize = 32;
/// What any message may take, however small.
const HEAP_FLOOR: usize = 64 * 1024;

/// A cursor over the bytes of one message.
///
/// INVARIANT: no other code trusts a number that a peer wrote. Lengths go through [`take`](Self::take), counts through
/// [`count`](Self::count), nesting through [`enter`](Self::enter).
#[derive(Clone, Debug)]
pub struct Input<'a> {
    rest: &'a [u8],
    length: usize,
    limits: &'a Limits,
    depth: usize,
    /// Bytes of memory accounted for.
    heap: usize,
    owner: Option<&'a Bytes>,
}

impl<'a> Input<'a> {
    /// A cursor at the start of `bytes`.
    #[inline]
    pub fn new(bytes: &'a [u8], limits: &'a Limits) -> Self {
        Self { rest: bytes, length: bytes.len(), limits, depth: 0, heap: 0, owner: None }
    }

    /// A cursor at the start of a refcounted buffer: values may keep slices of it instead of copies.
    #[inline]
    pub fn shared(bytes: &'a Bytes, limits: &'a Limits) -> Self {
        Self { owner: Some(bytes), ..Self::new(bytes, limits) }
    }

    /// The refcounted buffer that the bytes are a part of, where there is one.
    #[inline]
    pub fn owner(&self) -> Option<&'a Bytes> {
        self.owner
    }

    /// The limits that hold for this message.
    #[inline]
    pub fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// Bytes behind the cursor.
    #[inline]
    pub fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    /// The bytes that are left.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Bytes that are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// An error of this kind at the cursor.
    #[inline]
    pub fn error(&self, kind: ErrorKind) -> Error {
        // Numbers go to the cold side, not `self`: a cursor whose address nobody takes lives in registers.
        error_at(kind, self.position())
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// `UnexpectedEnd` where fewer are left.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Error> {
        match self.rest.split_at_checked(n) {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(head)
            }
            None => Err(self.error(ErrorKind::UnexpectedEnd)),
        }
    }

    /// The next `N` bytes, for a value of fixed width.
    ///
    /// # Errors
    /// `UnexpectedEnd` where fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(*head)
            }
            None => Err(self.error(ErrorKind::UnexpectedEnd)),
        }
    }

    /// The next byte.
    ///
    /// # Errors
    /// `UnexpectedEnd` where none is left.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Takes these bytes, if they are next.
    #[inline]
    pub fn take_if<const N: usize>(&mut self, bytes: [u8; N]) -> bool {
        match self.rest.split_first_chunk() {
            Some((head, rest)) if *head == bytes => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// The bytes as text: the one place where received strings are checked.
    ///
    /// # Errors
    /// `InvalidUtf8`, at the cursor.
    #[inline]
    pub fn text(&self, bytes: &'a [u8]) -> Result<&'a str, Error> {
        vouched::text(bytes).ok_or_else(|| self.error(ErrorKind::InvalidUtf8))
    }

    /// The declared length of a string, checked against `string_max`. The bytes themselves still go through
    /// [`take`](Self::take).
    ///
    /// # Errors
    /// `NegativeSize`, `StringTooLong`.
    #[inline]
    pub fn string_length(&self, declared: i32) -> Result<usize, Error> {
        let Ok(length) = usize::try_from(declared) else { return Err(self.error(ErrorKind::NegativeSize)) };
        if length > self.limits.string_max {
            return Err(self.error(ErrorKind::StringTooLong));
        }
        Ok(length)
    }

    /// The declared count of elements that take at least `min_wire_size` bytes each, checked against `container_max` and
    /// against the bytes that are left.
    ///
    /// # Errors
    /// `NegativeSize`, `ContainerTooLarge`, `UnexpectedEnd`.
    #[inline]
    pub fn count(&self, declared: i32, min_wire_size: usize) -> Result<usize, Error> {
        let Ok(count) = usize::try_from(declared) else { return Err(self.error(ErrorKind::NegativeSize)) };
        if count > self.limits.container_max {
            return Err(self.error(ErrorKind::ContainerTooLarge));
        }
        if count.saturating_mul(min_wire_size) > self.rest.len() {
            return Err(self.error(ErrorKind::UnexpectedEnd));
        }
        Ok(count)
    }

    /// Goes one struct or container deeper.
    ///
    /// # Errors
    /// `TooDeep` past `depth_max`.
    #[inline]
    pub fn enter(&mut self) -> Result<(), Error> {
        self.enter_by(1)
    }

    /// Goes `levels` deeper at once.
    ///
    /// # Errors
    /// `TooDeep` past `depth_max`.
    #[inline]
    pub fn enter_by(&mut self, levels: usize) -> Result<(), Error> {
        self.depth += levels;
        if self.depth > self.limits.depth_max { Err(self.error(ErrorKind::TooDeep)) } else { Ok(()) }
    }

    /// Comes back from where [`enter`](Self::enter) went.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether more memory was accounted for than the bytes up to the cursor pay for: those behind it are another message's.
    #[inline]
    pub fn is_overspent(&self) -> bool {
        self.heap > heap_budget(self.position())
    }

    /// Accounts for `bytes` of memory that decoded elements are about to take.
    ///
    /// # Errors
    /// `HeapBudget` past 32 times the size of the message and 64 KiB.
    #[inline]
    pub fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.heap = self.heap.saturating_add(bytes);
        if self.heap > heap_budget(self.length) { Err(self.error(ErrorKind::HeapBudget)) } else { Ok(()) }
    }
}

/// What the values of a message of that many bytes may take.
#[inline]
fn heap_budget(bytes: usize) -> usize {
    bytes.saturating_mul(HEAP_FACTOR).saturating_add(HEAP_FLOOR)
}

#[cold]
fn error_at(kind: ErrorKind, position: usize) -> Error {
    Error { kind, offset: position as u32 }
}

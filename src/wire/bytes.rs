//! Strings and binaries that need not be copied: borrowed from a message, or refcounted.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::Utf8Error;

use bytes::Bytes;

use super::room;

/// A binary value: borrowed from the message that carries it, or refcounted.
///
/// It dereferences to `[u8]`. [`into_bytes`](Self::into_bytes) keeps it beyond the message without a copy where that is cheap.
#[derive(Clone)]
pub struct Binary<'a>(Repr<'a>);

#[derive(Clone)]
enum Repr<'a> {
    Slice(&'a [u8]),
    Part(&'a [u8], &'a Bytes),
    Own(Bytes),
}

impl<'a> Binary<'a> {
    /// A slice of `owner`, or of memory that nobody shares.
    #[inline]
    pub(super) fn part(slice: &'a [u8], owner: Option<&'a Bytes>) -> Self {
        Self(match owner {
            Some(owner) => Repr::Part(slice, owner),
            None => Repr::Slice(slice),
        })
    }

    /// Keeps the value beyond its message: a slice of the message's own buffer where the value is at least half of it (so
    /// that a small value does not hold a large message in memory), else a copy.
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Repr::Own(bytes) => bytes,
            Repr::Part(slice, owner) if slice.len() >= owner.len() / 2 => owner.slice_ref(slice),
            Repr::Part(slice, _) | Repr::Slice(slice) => room::copy_of(slice).into(),
        }
    }

    /// The same value without ties to its message.
    pub fn into_owned(self) -> Binary<'static> {
        Binary(Repr::Own(self.into_bytes()))
    }

    /// The refcounted bytes, where the value has its own.
    #[inline]
    pub fn as_shared(&self) -> Option<&Bytes> {
        match &self.0 {
            Repr::Own(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Deref for Binary<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Slice(slice) | Repr::Part(slice, _) => slice,
            Repr::Own(bytes) => bytes,
        }
    }
}

impl<'a> From<&'a [u8]> for Binary<'a> {
    fn from(slice: &'a [u8]) -> Self {
        Self(Repr::Slice(slice))
    }
}

impl From<Bytes> for Binary<'_> {
    fn from(bytes: Bytes) -> Self {
        Self(Repr::Own(bytes))
    }
}

impl From<Vec<u8>> for Binary<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Repr::Own(bytes.into()))
    }
}

impl Default for Binary<'_> {
    fn default() -> Self {
        Self(Repr::Slice(&[]))
    }
}

impl PartialEq for Binary<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Binary<'_> {}

impl fmt::Debug for Binary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.len())
    }
}

/// Refcounted text: a string that is passed on and kept without a copy.
///
/// INVARIANT: the bytes are UTF-8; they were checked when the value was made.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Bytes);

impl Text {
    /// Takes bytes that are UTF-8.
    ///
    /// # Errors
    /// Where they are not.
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, Utf8Error> {
        let bytes = bytes.into();
        std::str::from_utf8(&bytes)?;
        Ok(Self(bytes))
    }

    /// The text. Costs a check of the bytes: it is here for who looks at the text, not for who passes it on.
    pub fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The bytes of the text.
    #[inline]
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(room::copy_of(text.as_bytes()).into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self::from(text.into_owned())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_part_is_sliced_and_a_small_one_copied() {
        let owner = Bytes::from(vec![7; 1000]);
        let large = Binary::part(&owner[100..], Some(&owner)).into_bytes();
        assert_eq!(large.as_ptr(), owner[100..].as_ptr());
        let small = Binary::part(&owner[..10], Some(&owner)).into_bytes();
        assert_ne!(small.as_ptr(), owner.as_ptr());
        assert_eq!(small, owner[..10]);
    }

    #[test]
    fn text_is_checked_when_it_is_made() {
        assert!(Text::new(&b"\xc3\x28"[..]).is_err());
        assert_eq!(Text::new(&b"\xc3\xa9"[..]).unwrap().to_string(), "é");
    }
}

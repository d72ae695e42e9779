//! What stands in an output besides the bytes that were copied into it: values linked in, and the first error. It sends nothing.

use bytes::Bytes;

use super::error::ErrorKind;

/// What there is besides the copied bytes.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// INVARIANT: ordered by `at`, and no `at` lies before what is sent.
    pub(super) linked: Vec<Linked>,
    pub(super) linked_bytes: usize,
    pub(super) error: Option<ErrorKind>,
}

/// A value that stands before byte `at` of the copied bytes.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) at: usize,
    /// What is not sent of it.
    pub(super) value: Bytes,
    /// How many bytes it had at first.
    size: usize,
    /// It counts itself, once for all who hold it.
    is_shared: bool,
}

impl Beside {
    #[inline]
    pub(super) fn link(&mut self, at: usize, value: &Bytes) {
        self.linked_bytes += value.len();
        self.linked.push(Linked { at, value: value.clone(), size: value.len(), is_shared: false });
    }

    #[cold]
    pub(super) fn fail(&mut self, error: ErrorKind) {
        self.error.get_or_insert(error);
    }

    pub(super) fn share(&mut self, min: usize, mut share: impl FnMut(&Bytes, usize) -> Option<Bytes>) {
        for linked in self.linked.iter_mut().filter(|linked| !linked.is_shared && linked.size >= min) {
            if let Some(shared) = share(&linked.value, linked.size) {
                linked.value = shared;
                linked.is_shared = true;
            }
        }
    }

    pub(super) fn shared(&self) -> impl Iterator<Item = (&Bytes, usize)> {
        self.linked.iter().filter(|linked| linked.is_shared).map(|linked| (&linked.value, linked.size))
    }
}

impl Linked {
    /// The same, that much further back or forth.
    pub(super) fn moved(self, shift: isize) -> Self {
        Self { at: self.at.wrapping_add_signed(shift), ..self }
    }
}

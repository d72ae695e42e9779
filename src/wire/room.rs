//! Memory whose size follows from what a peer sent: had, or the call ends. It knows no limits; what passes one is never asked for.
//!
//! Where the system has no more, the error unwinds, as a panic without a message does: to where a handler's panic is survived, which
//! answers INTERNAL_ERROR, or to where a connection's share of a turn ends, which closes it. The process goes on. Small things are
//! not asked for in this way.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, TryReserveError};
use std::hash::{BuildHasher, Hash};
use std::panic::resume_unwind;

/// So much is taken for granted: a process that cannot have it cannot go on, and asking costs more than having it.
const SMALL_BYTES: usize = 4096;
/// What is had beside what is asked for, so that few bytes behind it (the end of a message, a head) fit without asking.
const AHEAD: usize = 64;

/// Makes room for `more` values behind those that are there.
#[inline]
pub(crate) fn make_room<T>(values: &mut Vec<T>, more: usize) {
    if more > values.capacity() - values.len() {
        grow(values, more);
    }
}

/// Room for that many values.
#[inline]
pub(crate) fn of<T>(len: usize) -> Vec<T> {
    if len <= SMALL_BYTES / size_of::<T>().max(1) { Vec::with_capacity(len) } else { of_many(len) }
}

/// A copy.
#[inline]
pub(crate) fn copy_of<T: Copy>(values: &[T]) -> Vec<T> {
    let mut copy = of(values.len());
    copy.extend_from_slice(values);
    copy
}

/// A copy.
#[inline]
pub(crate) fn text_of(text: &str) -> String {
    if text.len() <= SMALL_BYTES { text.to_owned() } else { large_text_of(text) }
}

/// An empty set with room for that many values.
#[inline]
pub(crate) fn set_of<T: Eq + Hash, S: BuildHasher + Default>(len: usize) -> HashSet<T, S> {
    if len <= SMALL_BYTES / size_of::<T>().max(1) {
        return HashSet::with_capacity_and_hasher(len, S::default());
    }
    let mut set = HashSet::default();
    had(set.try_reserve(len));
    set
}

/// An empty map with room for that many pairs.
#[inline]
pub(crate) fn map_of<K: Eq + Hash, V, S: BuildHasher + Default>(len: usize) -> HashMap<K, V, S> {
    if len <= SMALL_BYTES / size_of::<(K, V)>().max(1) {
        return HashMap::with_capacity_and_hasher(len, S::default());
    }
    let mut map = HashMap::default();
    had(map.try_reserve(len));
    map
}

/// The text, as a copy where it is borrowed.
#[inline]
pub(crate) fn owned(text: Cow<'_, str>) -> String {
    match text {
        Cow::Borrowed(text) => text_of(text),
        Cow::Owned(text) => text,
    }
}

/// All of them.
#[inline]
pub(crate) fn collect<T>(values: impl ExactSizeIterator<Item = T>) -> Vec<T> {
    let mut all = of(values.len());
    all.extend(values);
    all
}

/// Appends bytes, with room for a few more.
#[inline]
pub(crate) fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    make_room(out, bytes.len() + AHEAD);
    out.extend_from_slice(bytes);
}

/// Goes on where there was memory.
#[inline]
pub(crate) fn had(asked: Result<(), TryReserveError>) {
    if let Err(error) = asked {
        end(error);
    }
}

#[cold]
#[inline(never)]
fn of_many<T>(len: usize) -> Vec<T> {
    let mut values = Vec::new();
    had(values.try_reserve_exact(len));
    values
}

#[cold]
#[inline(never)]
fn large_text_of(text: &str) -> String {
    let mut copy = String::new();
    had(copy.try_reserve_exact(text.len()));
    copy.push_str(text);
    copy
}

/// Twice as much as is there; or at least what is needed.
#[cold]
#[inline(never)]
fn grow<T>(values: &mut Vec<T>, more: usize) {
    if values.capacity().max(more) <= SMALL_BYTES / 2 / size_of::<T>().max(1) {
        values.reserve(more);
    } else if values.try_reserve(more).is_err() {
        had(values.try_reserve_exact(more));
    }
}

/// Without the hook that prints panics: it would ask for memory.
#[cold]
fn end(error: TryReserveError) -> ! {
    resume_unwind(Box::new(error))
}

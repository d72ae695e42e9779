//! What we vouch for where the compiler cannot see it: that bytes without a high bit are text, that the processor has the
//! instructions that were just asked for, and that what is appended to a vector stays within the room that was made. All other
//! code of the library is safe.
//!
//! Measured, and kept only for that: see ARCHITECTURE.md, "The hot path".

#![allow(unsafe_code)]

use std::hint::assert_unchecked;
use std::mem::MaybeUninit;
use std::{ptr, slice};

use super::room;

const WORD: usize = 8;
/// The high bits of a word.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// From this many values on it is worth asking what the processor has.
const WIDE_MIN: usize = 16;

/// The bytes as text, if they are UTF-8. Most strings are short and ASCII, for which the standard library goes byte by byte.
///
/// A call of its own: what it takes and gives are registers, and of those that it needs the caller has none to spare.
#[inline(never)]
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    if is_ascii(bytes) {
        // SAFETY: bytes below 0x80 are UTF-8, each by itself.
        return Some(unsafe { str::from_utf8_unchecked(bytes) });
    }
    beyond_ascii(bytes)
}

#[inline(never)]
fn beyond_ascii(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

/// Whether no byte has its high bit. The last word overlaps the one before it, so that no byte is looked at alone.
#[inline]
fn is_ascii(bytes: &[u8]) -> bool {
    let word = |bytes: &[u8; WORD]| u64::from_ne_bytes(*bytes);
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else { return is_short_ascii(bytes) };
    let mut all = word(first) | word(last);
    if bytes.len() > 2 * WORD {
        let (words, _) = bytes.as_chunks();
        all = words.iter().fold(all, |all, next| all | word(next));
    }
    all & HIGH == 0
}

/// The same of fewer bytes than a word has.
#[inline]
fn is_short_ascii(bytes: &[u8]) -> bool {
    let half = |bytes: &[u8; WORD / 2]| u32::from_ne_bytes(*bytes);
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (half(first) | half(last)) & HIGH as u32 == 0;
    }
    match *bytes {
        [] => true,
        [first, ref rest @ ..] => rest.iter().fold(first, |all, next| all | next) < 0x80,
    }
}

/// Converts values one by one into a vector of their own. With a conversion that swaps bytes this is as fast as copying where the
/// processor can shuffle bytes.
#[inline]
pub(super) fn converted<A: Copy, B>(from: &[A], convert: impl Fn(A) -> B + Copy) -> Vec<B> {
    #[cfg(target_arch = "x86_64")]
    if from.len() >= WIDE_MIN && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { converted_wide(from, convert) };
    }
    room::collect(from.iter().map(|value| convert(*value)))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn converted_wide<A: Copy, B>(from: &[A], convert: impl Fn(A) -> B) -> Vec<B> {
    room::collect(from.iter().map(|value| convert(*value)))
}

/// The room that is made at once for what may come: of a few small values in a row only the first one looks whether there is any.
const AHEAD: usize = 64;

/// Appends to a vector whose end is in its hand: as a local value it lives in registers, where a length behind a reference would be
/// fetched and put back for each byte. The vector learns of what was appended when the pen is dropped.
///
/// INVARIANT: `next` is within the vector's memory, with room for `left` bytes behind it; of what lies before it all was written.
#[derive(Debug)]
pub(super) struct Pen<'v> {
    next: *mut u8,
    left: usize,
    vec: &'v mut Vec<u8>,
}

impl<'v> Pen<'v> {
    #[inline]
    pub(super) fn new(vec: &'v mut Vec<u8>) -> Self {
        let (next, left) = room_of(vec);
        Self { next, left, vec }
    }

    /// Makes room for a few small values.
    #[inline]
    pub(super) fn look_ahead(&mut self) {
        self.make_room(AHEAD);
    }

    /// Appends a copy of `bytes`, and looks ahead.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        let after = |left: usize| left.wrapping_sub(bytes.len());
        // No length passes half of the numbers: what is left after too many bytes is negative.
        if after(self.left).cast_signed() < AHEAD.cast_signed() {
            self.grow(bytes.len() + AHEAD);
        }
        // SAFETY: there is room for them and what is ahead, and they are not in it: nobody else can refer to it.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.next, bytes.len());
            self.next = self.next.add(bytes.len());
            self.left = after(self.left);
            assert_unchecked(self.left >= AHEAD);
        }
    }

    /// Appends the first `len` of these bytes: one store of all of them, where a copy of `len` would be a call.
    #[inline]
    pub(super) fn put_start<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        self.make_room(N);
        // SAFETY: there is room for all of them, and an array of bytes may lie anywhere.
        unsafe {
            self.next.cast::<[u8; N]>().write(bytes);
            self.skip(len.min(N));
        }
    }

    /// Appends the bytes of values.
    #[inline]
    pub(super) fn put_all<T: Copy, const N: usize>(&mut self, values: &[T], bytes_of: impl Fn(T) -> [u8; N] + Copy) {
        let more = values.len() * N;
        self.make_room(more);
        // SAFETY: there is room for as many arrays as there are values, which may lie anywhere and need not be written before.
        let room = unsafe { slice::from_raw_parts_mut(self.next.cast::<[MaybeUninit<u8>; N]>(), values.len()) };
        fill(room, values, bytes_of);
        // SAFETY: `fill` has written all of it.
        unsafe { self.skip(more) };
    }

    /// Appends by other means.
    #[inline]
    pub(super) fn by<T>(&mut self, append: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.make_room(AHEAD);
        self.settle();
        let result = append(self.vec);
        (self.next, self.left) = room_of(self.vec);
        result
    }

    /// How long the vector is with all that was appended.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.next.addr() - self.vec.as_ptr().addr()
    }

    #[inline]
    fn make_room(&mut self, more: usize) {
        if self.left < more {
            self.grow(more);
        }
    }

    #[inline]
    fn grow(&mut self, more: usize) {
        self.settle();
        (self.next, self.left) = grown(self.vec, more);
        // SAFETY: that is what was asked for. Told to the compiler, which need not look again.
        unsafe { assert_unchecked(self.left >= more) };
    }

    /// Passes over bytes.
    ///
    /// # Safety
    /// They are in the room and written.
    #[inline]
    unsafe fn skip(&mut self, len: usize) {
        // SAFETY: the same.
        unsafe { self.next = self.next.add(len) };
        self.left -= len;
    }

    /// Lets the vector know.
    #[inline]
    fn settle(&mut self) {
        let len = self.position();
        // SAFETY: by the invariant it is within the capacity, and written up to here.
        unsafe { self.vec.set_len(len) };
    }
}

impl Drop for Pen<'_> {
    #[inline]
    fn drop(&mut self) {
        self.settle();
    }
}

/// Apart from the pen itself, which could not be in registers if a call had its address.
#[cold]
#[inline(never)]
fn grown(vec: &mut Vec<u8>, more: usize) -> (*mut u8, usize) {
    room::make_room(vec, more);
    room_of(vec)
}

/// The bytes that the vector has room for.
#[inline]
fn room_of(vec: &mut Vec<u8>) -> (*mut u8, usize) {
    let room = vec.spare_capacity_mut();
    (room.as_mut_ptr().cast(), room.len())
}

#[inline]
fn fill<T: Copy, const N: usize>(room: &mut [[MaybeUninit<u8>; N]], values: &[T], bytes_of: impl Fn(T) -> [u8; N] + Copy) {
    #[cfg(target_arch = "x86_64")]
    if values.len() >= WIDE_MIN && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { fill_wide(room, values, bytes_of) };
    }
    fill_each(room, values, bytes_of);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn fill_wide<T: Copy, const N: usize>(room: &mut [[MaybeUninit<u8>; N]], values: &[T], bytes_of: impl Fn(T) -> [u8; N]) {
    fill_each(room, values, bytes_of);
}

#[inline(always)]
#[allow(clippy::inline_always)] // what it is inlined into says which instructions it may use
fn fill_each<T: Copy, const N: usize>(room: &mut [[MaybeUninit<u8>; N]], values: &[T], bytes_of: impl Fn(T) -> [u8; N]) {
    assert_eq!(room.len(), values.len());
    for (place, value) in room.iter_mut().zip(values) {
        *place = bytes_of(*value).map(MaybeUninit::new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_the_standard_library_calls_text() {
        // Miri looks at every byte, and takes its time.
        let most = if cfg!(miri) { 20 } else { 80 };
        for len in 0..most {
            let plain: Vec<u8> = (0..len).map(|n| b'a' + n % 26).collect();
            assert_eq!(text(&plain), str::from_utf8(&plain).ok());
            for at in 0..plain.len() {
                for byte in [0x00, 0x7f, 0x80, 0xc3, 0xff] {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    assert_eq!(text(&bytes), str::from_utf8(&bytes).ok(), "{byte:#x} at {at} of {len}");
                }
                let accented = [&plain[..at], "é".as_bytes(), &plain[at..]].concat();
                assert_eq!(text(&accented), str::from_utf8(&accented).ok());
            }
        }
    }

    /// With the instructions that this processor has, and without.
    fn swaps<T: Copy + PartialEq + std::fmt::Debug, const N: usize>(
        values: &[T],
        bytes_of: impl Fn(T) -> [u8; N] + Copy,
        value_of: impl Fn([u8; N]) -> T + Copy,
    ) {
        for from in (0..values.len().min(40)).step_by(if cfg!(miri) { 9 } else { 1 }) {
            let values = &values[from..];
            let expected: Vec<u8> = values.iter().flat_map(|value| bytes_of(*value)).collect();
            for before in [0, 1, 7] {
                let mut out = vec![9; before];
                Pen::new(&mut out).put_all(values, bytes_of);
                assert_eq!(out, [&vec![9; before][..], &expected].concat());
            }
            let chunks = expected.as_chunks::<N>().0;
            assert_eq!(converted(chunks, value_of), values);
            assert_eq!(chunks.iter().copied().map(value_of).collect::<Vec<_>>(), values);
            let mut room = vec![[MaybeUninit::new(0); N]; values.len()];
            fill_each(&mut room, values, bytes_of);
            let mut wide = room.clone();
            fill(&mut wide, values, bytes_of);
            // SAFETY: both were filled.
            let bytes = |room: Vec<[MaybeUninit<u8>; N]>| {
                room.into_iter().map(|all| all.map(|byte| unsafe { byte.assume_init() })).collect::<Vec<_>>()
            };
            assert_eq!(bytes(room), bytes(wide));
        }
    }

    #[test]
    fn a_pen_writes_what_a_vector_would() {
        let most = if cfg!(miri) { 70 } else { 300 };
        for room in (0..most).step_by(if cfg!(miri) { 23 } else { 1 }) {
            let (mut out, mut expected) = (Vec::with_capacity(room), Vec::new());
            let mut pen = Pen::new(&mut out);
            for len in [0, 1, 7, 8, AHEAD - 1, AHEAD, AHEAD + 1, 200] {
                let bytes: Vec<u8> = (0..len).map(|n| n as u8).collect();
                pen.put(&bytes);
                expected.extend_from_slice(&bytes);
                assert_eq!(pen.position(), expected.len());
                pen.put_start(*b"eight by", len.min(8));
                expected.extend_from_slice(&b"eight by"[..len.min(8)]);
                pen.put_all(&bytes, |byte| [byte, 7]);
                expected.extend(bytes.iter().flat_map(|byte| [*byte, 7]));
                pen.by(|vec| assert_eq!(*vec, expected));
                pen.by(|vec| vec.truncate(vec.len() / 2));
                expected.truncate(expected.len() / 2);
            }
            drop(pen);
            assert_eq!(out, expected, "with room for {room}");
        }
    }

    #[test]
    fn values_are_converted_alike_however_many() {
        let longs: Vec<i64> = (0..70).map(|n: i64| n.wrapping_mul(0x0123_4567_89ab_cdef)).collect();
        swaps(&longs, i64::to_be_bytes, i64::from_be_bytes);
        swaps(&longs.iter().map(|n| *n as i32).collect::<Vec<_>>(), i32::to_be_bytes, i32::from_be_bytes);
        swaps(&longs.iter().map(|n| *n as i16).collect::<Vec<_>>(), i16::to_be_bytes, i16::from_be_bytes);
        swaps(&longs.iter().map(|n| *n as f64).collect::<Vec<_>>(), f64::to_be_bytes, f64::from_be_bytes);
        swaps(&longs.iter().map(|n| *n as f64).collect::<Vec<_>>(), f64::to_le_bytes, f64::from_le_bytes);
    }
}

//! Integers of as many bytes as they need: seven bits in each, the least significant first, the high bit on all but the last
//! (Thrift compact protocol specification, "Integer encoding"). Longer forms of a number than the shortest are read, for some
//! writers make them, and never written.

use super::error::{Error, ErrorKind};
use super::input::Input;
use super::room;

/// The bytes that a 32-bit number may take.
pub(crate) const MAX_32: usize = 5;
/// The bytes that a 64-bit number may take.
pub(crate) const MAX_64: usize = 10;
/// The high bits of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// The bits that one word of eight bytes has room for.
const WORD_BITS: u32 = 56;
/// Bytes that are written together where numbers stand in a row.
const RUN: usize = 512;

/// Reads a 32-bit number.
///
/// # Errors
/// `VarintTooLong` past five bytes or 32 bits, `UnexpectedEnd`.
#[inline]
pub(crate) fn read_u32(input: &mut Input<'_>) -> Result<u32, Error> {
    let (value, length) = u32_at(input.rest()).map_err(|kind| input.error(kind))?;
    input.take(length)?;
    Ok(value)
}

/// Reads a 64-bit number.
///
/// # Errors
/// `VarintTooLong` past ten bytes or 64 bits, `UnexpectedEnd`.
#[inline]
pub(crate) fn read_u64(input: &mut Input<'_>) -> Result<u64, Error> {
    let (value, length) = u64_at(input.rest()).map_err(|kind| input.error(kind))?;
    input.take(length)?;
    Ok(value)
}

/// The 32-bit number that `bytes` begin with, and the bytes that it takes.
#[inline]
pub(crate) fn u32_at(bytes: &[u8]) -> Result<(u32, usize), ErrorKind> {
    let (value, length) = match word_at(bytes) {
        Some(read) => read,
        None => slow(bytes, MAX_32)?,
    };
    match u32::try_from(value) {
        Ok(value) if length <= MAX_32 => Ok((value, length)),
        _ => Err(ErrorKind::VarintTooLong),
    }
}

/// The 64-bit number that `bytes` begin with, and the bytes that it takes.
#[inline]
pub(crate) fn u64_at(bytes: &[u8]) -> Result<(u64, usize), ErrorKind> {
    if let Some(read) = word_at(bytes) {
        return Ok(read);
    }
    match bytes.first_chunk() {
        Some(long) => long_of(long),
        None => slow(bytes, MAX_64),
    }
}

/// The number of nine or ten bytes that these begin with.
#[inline]
fn long_of(bytes: &[u8; MAX_64]) -> Result<(u64, usize), ErrorKind> {
    let [a, b, c, d, e, f, g, h, ninth, tenth] = *bytes;
    let low = squeeze(u64::from_le_bytes([a, b, c, d, e, f, g, h]) & !HIGH);
    let value = low | u64::from(ninth & 0x7f) << WORD_BITS;
    match (ninth, tenth) {
        (0..=0x7f, _) => Ok((value, 9)),
        (_, 0 | 1) => Ok((value | u64::from(tenth) << 63, MAX_64)),
        _ => Err(ErrorKind::VarintTooLong),
    }
}

/// The number that takes one byte, or that ends within the first eight bytes if there are eight. One load finds its end: a branch
/// for each byte would be guessed wrong every other time.
#[inline]
fn word_at(bytes: &[u8]) -> Option<(u64, usize)> {
    match bytes.first() {
        Some(byte) if byte & 0x80 == 0 => return Some((u64::from(*byte), 1)),
        _ => {}
    }
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    let ends = !word & HIGH;
    if ends == 0 {
        return None;
    }
    let own = word & (ends ^ (ends - 1));
    Some((squeeze(own), ends.trailing_zeros() as usize / 8 + 1))
}

/// Byte by byte: near the end of the input.
#[cold]
fn slow(bytes: &[u8], max: usize) -> Result<(u64, usize), ErrorKind> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(max).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = 7 * index as u32;
        if bits << shift >> shift != bits {
            return Err(ErrorKind::VarintTooLong);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok((value, index + 1));
        }
    }
    Err(if bytes.len() < max { ErrorKind::UnexpectedEnd } else { ErrorKind::VarintTooLong })
}

/// Drops the high bit of each byte and moves the others together.
#[inline]
const fn squeeze(word: u64) -> u64 {
    let word = word & 0x007f_007f_007f_007f | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = word & 0x0000_3fff_0000_3fff | (word & 0x3fff_0000_3fff_0000) >> 2;
    word & 0x0fff_ffff | (word & 0x0fff_ffff_0000_0000) >> 4
}

/// Bytes that are searched together for the ends of numbers in a row.
const BLOCK: usize = 64;
/// As many and the longest number: one that begins in a block can be loaded whole.
const BLOCK_AND_LAST: usize = BLOCK + 16;

/// Reads numbers in a row from the front of `bytes` until `take` has had `len` of them, each of no more than `max` bytes; says
/// how many bytes they took. `take` is given some at a time.
///
/// # Errors
/// `VarintTooLong`, `UnexpectedEnd`, and whatever `take` finds.
#[inline]
pub(crate) fn read_all(
    bytes: &[u8],
    len: usize,
    max: usize,
    mut take: impl FnMut(&[u64]) -> Result<(), ErrorKind>,
) -> Result<usize, ErrorKind> {
    let mut rest = bytes;
    let mut left = len;
    let mut block = Block::new();
    while left > 0 {
        let used = rest.first_chunk().map_or(0, |bytes| block.read(bytes, left, max));
        if used > 0 {
            take(block.values())?;
            left -= block.count;
            rest = &rest[used..];
            continue;
        }
        // Near the end of the input, and where something is wrong.
        let (value, length) = u64_at(rest)?;
        if length > max {
            return Err(ErrorKind::VarintTooLong);
        }
        take(&[value])?;
        left -= 1;
        rest = &rest[length..];
    }
    Ok(bytes.len() - rest.len())
}

/// Numbers that begin close together. Where one is does not wait for how long the one before it is, as it must where they are
/// read one by one.
struct Block {
    values: [u64; BLOCK],
    count: usize,
    /// Which of them are longer than a word, and the bits behind it.
    long: [(usize, u64); BLOCK / 8],
    long_count: usize,
}

impl Block {
    #[inline]
    fn new() -> Self {
        Self { values: [0; BLOCK], count: 0, long: [(0, 0); BLOCK / 8], long_count: 0 }
    }

    /// The numbers that were read.
    #[inline]
    fn values(&self) -> &[u64] {
        &self.values[..self.count]
    }

    /// Reads the numbers that end within a block: no more than `len` of them, and none behind one that is too long. Says how
    /// many bytes they take.
    #[inline]
    fn read(&mut self, bytes: &[u8; BLOCK_AND_LAST], len: usize, max: usize) -> usize {
        (self.count, self.long_count) = (0, 0);
        let mut ends = ends_of(bytes);
        let mut start = 0;
        while ends != 0 && self.count < len {
            let length = ends.trailing_zeros() as usize + 1 - start;
            let Some(Some(word)) = bytes.get(start..).map(<[u8]>::first_chunk) else { break };
            let word = u64::from_le_bytes(*word);
            if length <= 8 {
                self.values[self.count % BLOCK] = word & u64::MAX >> (64 - 8 * length);
            } else if !self.put_long(word, &bytes[start + 8..start + length]) {
                break;
            }
            if length > max {
                break;
            }
            ends &= ends - 1;
            start += length;
            self.count += 1;
        }
        self.join();
        start
    }

    /// Keeps a number that is longer than a word; says whether it is a number.
    #[inline]
    fn put_long(&mut self, word: u64, behind: &[u8]) -> bool {
        let high = match *behind {
            // The high bit of the ninth is where the one bit of a tenth belongs.
            [ninth] | [ninth, 1] => u64::from(ninth),
            [ninth, 0] => u64::from(ninth & 0x7f),
            _ => return false,
        };
        self.values[self.count % BLOCK] = word;
        self.long[self.long_count % self.long.len()] = (self.count % BLOCK, high << WORD_BITS);
        self.long_count += 1;
        true
    }

    /// Moves the bits of each number together.
    #[inline]
    fn join(&mut self) {
        self.values[..self.count].iter_mut().for_each(|word| *word = squeeze(*word));
        for (index, high) in &self.long[..self.long_count] {
            self.values[*index] |= high;
        }
    }
}

/// A bit for each byte of a block that ends a number.
#[inline]
fn ends_of(block: &[u8; BLOCK_AND_LAST]) -> u64 {
    let (words, _) = block[..BLOCK].as_chunks();
    words.iter().rev().fold(0, |ends, word| {
        let high = (!u64::from_le_bytes(*word) & HIGH) >> 7;
        // Moves the lowest bits of the eight bytes together, in order.
        ends << 8 | high.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Moves the low 56 bits apart, seven into each byte.
#[inline]
const fn spread(value: u64) -> u64 {
    let word = value & 0x0fff_ffff | (value & 0x00ff_ffff_f000_0000) << 4;
    let word = word & 0x0000_3fff_0000_3fff | (word & 0x0fff_c000_0fff_c000) << 2;
    word & 0x007f_007f_007f_007f | (word & 0x3f80_3f80_3f80_3f80) << 1
}

/// The bytes of a number below 2^56, the first one lowest, and how many they are.
#[inline]
pub(crate) const fn word_of(value: u64) -> (u64, usize) {
    let length = (70 - (value | 1).leading_zeros()) / 7;
    let more = HIGH & ((1 << (8 * (length - 1))) - 1);
    (spread(value) | more, length as usize)
}

/// Whether the bytes of a number fit in one word.
#[inline]
pub(crate) const fn fits_word(value: u64) -> bool {
    value >> WORD_BITS == 0
}

/// Writes a number.
#[inline]
pub(crate) fn put(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else if fits_word(value) {
        let (word, length) = word_of(value);
        out.extend_from_slice(&word.to_le_bytes()[..length]);
    } else {
        let (bytes, length) = long_bytes_of(value);
        out.extend_from_slice(&bytes[..length]);
    }
}

/// The bytes of a number that takes nine or ten, and how many.
#[cold]
pub(crate) fn long_bytes_of(value: u64) -> ([u8; MAX_64], usize) {
    let [a, b, c, d, e, f, g, h] = (spread(value) | HIGH).to_le_bytes();
    let is_longest = value >> 63;
    let ninth = (value >> WORD_BITS) as u8 & 0x7f | (is_longest as u8) << 7;
    ([a, b, c, d, e, f, g, h, ninth, 1], 9 + is_longest as usize)
}

/// Writes numbers in a row.
pub(crate) fn put_all(out: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    let mut run = [0; RUN];
    let mut at = 0;
    for value in values {
        if at > RUN - MAX_64 {
            room::append(out, &run[..at]);
            at = 0;
        }
        at += put_at(&mut run, at, value);
    }
    room::append(out, &run[..at]);
}

/// Writes a number at a place with room for the longest, and says how long it is.
#[inline]
fn put_at(run: &mut [u8; RUN], at: usize, value: u64) -> usize {
    run.get_mut(at..).and_then(<[u8]>::first_chunk_mut).map_or(0, |room| put_in(room, value))
}

/// Writes a number, and says how long it is.
#[inline]
fn put_in(room: &mut [u8; MAX_64], value: u64) -> usize {
    if value >> WORD_BITS == 0 {
        let (word, length) = word_of(value);
        room[..8].copy_from_slice(&word.to_le_bytes());
        return length;
    }
    let is_longest = value >> 63;
    room[..8].copy_from_slice(&(spread(value) | HIGH).to_le_bytes());
    room[8] = (value >> WORD_BITS) as u8 & 0x7f | (is_longest as u8) << 7;
    room[9] = 1;
    9 + is_longest as usize
}

/// Folds the sign into the lowest bit, so that numbers near zero are short.
#[inline]
pub(crate) const fn zigzag_32(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// Folds the sign into the lowest bit, so that numbers near zero are short.
#[inline]
pub(crate) const fn zigzag_64(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// Unfolds the sign.
#[inline]
pub(crate) const fn unzigzag_32(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}

/// Unfolds the sign.
#[inline]
pub(crate) const fn unzigzag_64(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, value);
        out
    }

    /// Around every power of two.
    fn edges() -> impl Iterator<Item = u64> {
        (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u64::MAX])
    }

    #[test]
    fn numbers_round_trip_with_and_without_bytes_behind_them() {
        for value in edges() {
            let mut bytes = bytes_of(value);
            let length = bytes.len();
            assert_eq!(length, (64 - value.leading_zeros() as usize).div_ceil(7).max(1), "{value:#x}");
            assert_eq!(u64_at(&bytes), Ok((value, length)));
            let narrow = u32::try_from(value).map(|value| (value, length)).map_err(|_| ErrorKind::VarintTooLong);
            assert_eq!(u32_at(&bytes), narrow, "{value:#x}");
            bytes.extend([0xff; 16]);
            assert_eq!(u64_at(&bytes), Ok((value, length)));
            assert_eq!(u32_at(&bytes), narrow, "{value:#x}");
            for cut in 0..length {
                assert_eq!(u64_at(&bytes[..cut]), Err(ErrorKind::UnexpectedEnd));
            }
        }
    }

    #[test]
    fn more_bytes_or_bits_than_there_is_room_for_are_refused() {
        for bytes in [&[0x80; 5][..], &[0x80; 11], &[0xff, 0xff, 0xff, 0xff, 0x10], &[0x80, 0x80, 0x80, 0x80, 0x80, 0, 0, 0, 0]] {
            assert_eq!(u32_at(bytes), Err(ErrorKind::VarintTooLong), "{bytes:x?}");
        }
        let surplus = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2];
        for bytes in [&[0x80; 10][..], &[0x80; 64], &surplus] {
            assert_eq!(u64_at(bytes), Err(ErrorKind::VarintTooLong), "{bytes:x?}");
        }
    }

    #[test]
    fn longer_forms_than_needed_are_read() {
        assert_eq!(u32_at(&[0x80, 0x00]), Ok((0, 2)));
        assert_eq!(u32_at(&[0x81, 0x80, 0x00, 9, 9, 9, 9, 9]), Ok((1, 3)));
    }

    fn all_of(bytes: &[u8], len: usize) -> Result<(Vec<u64>, usize), ErrorKind> {
        let mut values = Vec::new();
        let used = read_all(bytes, len, MAX_64, |some| {
            values.extend(some);
            Ok(())
        })?;
        Ok((values, used))
    }

    #[test]
    fn numbers_in_a_row_round_trip_however_many_and_are_refused_where_one_alone_is() {
        let values: Vec<u64> = edges().chain((0..300).map(|n| n * n)).chain(edges()).collect();
        for from in [0, 1, 2, 3, 5, 100, 300] {
            let values = &values[from..];
            let mut bytes = Vec::new();
            put_all(&mut bytes, values.iter().copied());
            assert_eq!(bytes, values.iter().flat_map(|value| bytes_of(*value)).collect::<Vec<_>>());
            for surplus in [0, 1, 200] {
                let padded = [&bytes[..], &vec![0; surplus]].concat();
                assert_eq!(all_of(&padded, values.len()), Ok((values.to_vec(), bytes.len())));
            }
            (0..bytes.len()).for_each(|cut| assert_eq!(all_of(&bytes[..cut], values.len()), Err(ErrorKind::UnexpectedEnd)));
        }
        for before in 0..100 {
            for wrong in [&[0x80; 11][..], &[0x80; 100], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]] {
                let bytes = [&vec![5; before][..], wrong, &[5; 100]].concat();
                assert_eq!(all_of(&bytes, before + 100), Err(ErrorKind::VarintTooLong), "{before} {wrong:x?}");
            }
        }
    }

    #[test]
    fn signs_fold_and_unfold() {
        for value in edges() {
            assert_eq!(unzigzag_64(zigzag_64(value as i64)), value as i64);
            assert_eq!(unzigzag_32(zigzag_32(value as i32)), value as i32);
        }
        assert_eq!([0, -1, 1, -2].map(zigzag_32), [0, 1, 2, 3]);
        assert_eq!([i64::MAX, i64::MIN].map(zigzag_64), [u64::MAX - 1, u64::MAX]);
    }
}

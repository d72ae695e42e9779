//! Integers of as many bytes as they need: seven bits in each, the least significant first, the high bit on all but the last
//! (Thrift compact protocol specification, "Integer encoding"). Longer forms of a number than the shortest are read, for some
//! writers make them, and never written.

use super::error::{Error, ErrorKind};
use super::input::Input;

/// The bytes that a 32-bit number may take.
const MAX_32: usize = 5;
/// The bytes that a 64-bit number may take.
const MAX_64: usize = 10;
/// The high bits of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// The numbers that one word of eight bytes has room for.
const WORD_BITS: u32 = 56;

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

/// The number that ends within the first eight bytes, if there are eight and it does. One load finds its end: a branch for
/// each byte would be guessed wrong every other time.
#[inline]
fn word_at(bytes: &[u8]) -> Option<(u64, usize)> {
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    if word & 0x80 == 0 {
        return Some((word & 0x7f, 1));
    }
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

/// Moves the low 56 bits apart, seven into each byte.
#[inline]
const fn spread(value: u64) -> u64 {
    let word = value & 0x0fff_ffff | (value & 0x00ff_ffff_f000_0000) << 4;
    let word = word & 0x0000_3fff_0000_3fff | (word & 0x0fff_c000_0fff_c000) << 2;
    word & 0x007f_007f_007f_007f | (word & 0x3f80_3f80_3f80_3f80) << 1
}

/// The bytes of a number below 2^56 and how many they are.
#[inline]
const fn word_of(value: u64) -> ([u8; 8], usize) {
    let length = (70 - (value | 1).leading_zeros()) / 7;
    let more = HIGH & ((1 << (8 * (length - 1))) - 1);
    ((spread(value) | more).to_le_bytes(), length as usize)
}

/// Writes a number.
#[inline]
pub(crate) fn put(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        return out.push(value as u8);
    }
    if value >> WORD_BITS != 0 {
        return put_long(out, value);
    }
    let (word, length) = word_of(value);
    let start = out.len();
    // Appending eight bytes and taking some back is one store; appending `length` bytes is a call.
    out.extend_from_slice(&word);
    out.truncate(start + length);
}

/// Writes a number of nine or ten bytes.
fn put_long(out: &mut Vec<u8>, value: u64) {
    let [a, b, c, d, e, f, g, h] = (spread(value) | HIGH).to_le_bytes();
    let is_longest = value >> 63;
    let ninth = (value >> WORD_BITS) as u8 & 0x7f | (is_longest as u8) << 7;
    let start = out.len();
    out.extend_from_slice(&[a, b, c, d, e, f, g, h, ninth, 1]);
    out.truncate(start + 9 + is_longest as usize);
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

//! The numbers in a header: seven bits to a byte, the least significant first, the high bit on all but the last.

use super::fault::Fault;

/// The bytes that 32 bits may take.
const BYTES_MAX: usize = 5;

/// Takes a number off the front of `bytes`.
pub(super) fn take(bytes: &mut &[u8]) -> Result<u32, Fault> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(BYTES_MAX).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return u32::try_from(value).map_err(|_| Fault::Varint);
        }
    }
    Err(Fault::Varint)
}

/// Appends a number.
pub(super) fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_and_longer_ones_are_refused() {
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u32::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut rest = &bytes[..];
            assert_eq!((take(&mut rest), rest), (Ok(value), &[][..]));
            assert_eq!(take(&mut &bytes[..bytes.len() - 1]), Err(Fault::Varint));
        }
        for bytes in [&[0x80; 5][..], &[0xff, 0xff, 0xff, 0xff, 0x1f], &[]] {
            assert_eq!(take(&mut &bytes[..]), Err(Fault::Varint));
        }
        assert_eq!(take(&mut &[0x80, 0x00][..]), Ok(0));
    }
}

//! Numbers (RFC 8259, section 6): integers exactly, doubles by the nearest one.

use std::io::Write as _;

use crate::wire::error::ErrorKind;

/// The longest number that is read: a double written out in full takes 1,077 bytes at most.
pub(super) const NUMBER_MAX: usize = 1100;
/// The digits of the largest integer.
const DIGITS_MAX: usize = 19;

pub(super) const NAN: &str = "NaN";
pub(super) const INFINITY: &str = "Infinity";
pub(super) const NEGATIVE_INFINITY: &str = "-Infinity";

/// The integer that `bytes` begin with, and how many bytes it takes. What stands behind it is not looked at.
///
/// Behind a minus zeros may lead, against the specification: Apache's library for Node writes `-000000000001`.
#[inline]
pub(super) fn integer(bytes: &[u8]) -> Result<(i64, usize), ErrorKind> {
    let negative = bytes.first() == Some(&b'-');
    let sign = usize::from(negative);
    let zeros = if negative { bytes[1..].iter().take(DIGITS_MAX).take_while(|byte| **byte == b'0').count() } else { 0 };
    let start = match bytes.get(sign + zeros) {
        Some(b'1'..=b'9') => sign + zeros,
        None if zeros > 1 => return Err(ErrorKind::UnexpectedEnd),
        _ => sign,
    };
    let digits = bytes[start..].iter().take(DIGITS_MAX + 1).take_while(|byte| byte.is_ascii_digit()).count();
    match (digits, bytes.get(start)) {
        (0, None) => return Err(ErrorKind::UnexpectedEnd),
        (0, Some(_)) | (2.., Some(b'0')) => return Err(ErrorKind::InvalidJson),
        (..=DIGITS_MAX, _) => {}
        _ => return Err(ErrorKind::NumberOutOfRange),
    }
    // Nineteen digits always fit into 64 bits without a sign.
    let size = bytes[start..start + digits].iter().fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0'));
    let value = if negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
    value.map(|value| (value, start + digits)).ok_or(ErrorKind::NumberOutOfRange)
}

/// The double that `bytes` begin with, and how many bytes it takes.
pub(super) fn double(bytes: &[u8]) -> Result<(f64, usize), ErrorKind> {
    let of_a_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let length = bytes.iter().take(NUMBER_MAX + 1).take_while(of_a_number).count();
    if length > NUMBER_MAX {
        return Err(ErrorKind::NumberOutOfRange);
    }
    // A number has no end of its own: only what stands behind it tells that it is whole.
    if length == bytes.len() {
        return Err(ErrorKind::UnexpectedEnd);
    }
    double_of(&bytes[..length]).map(|value| (value, length))
}

/// The double that these bytes are.
pub(super) fn double_of(bytes: &[u8]) -> Result<f64, ErrorKind> {
    let text = str::from_utf8(bytes).ok().filter(|_| is_number(bytes)).ok_or(ErrorKind::InvalidJson)?;
    let value: f64 = text.parse().map_err(|_| ErrorKind::InvalidJson)?;
    if value.is_finite() { Ok(value) } else { Err(ErrorKind::NumberOutOfRange) }
}

/// The double that a text between quotes stands for: a number, or one of the three that JSON has no number for.
pub(super) fn quoted_double(text: &[u8]) -> Result<f64, ErrorKind> {
    match str::from_utf8(text) {
        Ok(NAN) => Ok(f64::NAN),
        Ok(INFINITY) => Ok(f64::INFINITY),
        Ok(NEGATIVE_INFINITY) => Ok(f64::NEG_INFINITY),
        _ => double_of(text),
    }
}

/// `-`, digits without a leading zero, `.` and digits, `e` and a sign and digits; all but the first digits may be left out.
fn is_number(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, bytes) = digits(bytes);
    if whole == 0 {
        return false;
    }
    let Some(bytes) = after_digits(bytes, b".") else { return false };
    let Some((b'e' | b'E', bytes)) = bytes.split_first() else { return bytes.is_empty() };
    let bytes = bytes.strip_prefix(b"-").or_else(|| bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let exponent = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    exponent > 0 && exponent == bytes.len()
}

/// How many digits there are, none where the first is a zero too many, and what stands behind them.
fn digits(bytes: &[u8]) -> (usize, &[u8]) {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let surplus = count > 1 && bytes[0] == b'0';
    (if surplus { 0 } else { count }, &bytes[count..])
}

/// What stands behind `mark` and its digits, of which there must be some where it is there.
fn after_digits<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let Some(behind) = bytes.strip_prefix(mark) else { return Some(bytes) };
    let count = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 { None } else { Some(&behind[count..]) }
}

/// Writes an integer.
#[inline]
pub(super) fn put_integer(out: &mut Vec<u8>, value: i64) {
    if let digit @ 0..10 = value {
        return out.push(b'0' + digit as u8);
    }
    let mut text = [0; DIGITS_MAX + 1];
    let mut at = text.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if value < 0 {
        at -= 1;
        text[at] = b'-';
    }
    out.extend_from_slice(&text[at..]);
}

/// Writes a double that JSON has a number for: the shortest that reads as the same double.
pub(super) fn put_double(out: &mut Vec<u8>, value: f64) {
    // Writing to a vector does not fail. The form for debugging is the one that knows exponents.
    _ = write!(out, "{value:?}");
}

/// What stands for a double that JSON has no number for.
pub(super) fn name_of(value: f64) -> Option<&'static str> {
    match value {
        f64::INFINITY => Some(INFINITY),
        f64::NEG_INFINITY => Some(NEGATIVE_INFINITY),
        _ if value.is_nan() => Some(NAN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_round_trip() {
        let edges = (0..63).flat_map(|bit| [1_i64 << bit, (1 << bit) - 1, -(1 << bit), -(1 << bit) - 1]);
        for value in edges.chain([i64::MAX, i64::MIN, 0, 9, 10, -9, -10]) {
            let mut out = Vec::new();
            put_integer(&mut out, value);
            assert_eq!(out, value.to_string().as_bytes());
            assert_eq!(integer(&out), Ok((value, out.len())));
        }
    }

    #[test]
    fn doubles_round_trip() {
        let edges = [0.0, -0.0, 0.1, 1.0, -1.5, 5e-324, f64::MIN_POSITIVE, f64::MAX, f64::MIN, 1e15, 1e16, 1e-7, f64::EPSILON];
        for value in edges {
            let mut out = Vec::new();
            put_double(&mut out, value);
            let (read, length) = double(&[&out[..], b"}"].concat()).unwrap();
            assert_eq!((read.to_bits(), length), (value.to_bits(), out.len()), "{value:?}");
            let full = format!("{value:.1074}");
            assert_eq!(double_of(full.as_bytes()).map(f64::to_bits), Ok(value.to_bits()), "{full}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in ["", "-", "+1", "01", "-01", "1.", ".5", "0x10", "1e", "1e+", "--1", "1.e5", "1e5.", "nan", "NaN", "1 "] {
            assert_eq!(double_of(bad.as_bytes()), Err(ErrorKind::InvalidJson), "{bad}");
        }
        for good in ["0", "-0", "10", "1.50", "1e5", "1E+05", "1.5e-3", "0.0"] {
            assert_eq!(double_of(good.as_bytes()).map(f64::to_bits), Ok(good.parse::<f64>().unwrap().to_bits()));
        }
        assert_eq!(double_of(b"1e999999"), Err(ErrorKind::NumberOutOfRange));
        assert_eq!(double(&[b'1'; NUMBER_MAX + 5]), Err(ErrorKind::NumberOutOfRange));
        for (bad, kind) in [
            ("9223372036854775808", ErrorKind::NumberOutOfRange),
            ("-9223372036854775809", ErrorKind::NumberOutOfRange),
            ("00", ErrorKind::InvalidJson),
            ("01", ErrorKind::InvalidJson),
            ("-00}", ErrorKind::InvalidJson),
            ("-00", ErrorKind::UnexpectedEnd),
            ("+1", ErrorKind::InvalidJson),
            ("-", ErrorKind::UnexpectedEnd),
        ] {
            assert_eq!(integer(bad.as_bytes()), Err(kind), "{bad}");
        }
        assert_eq!(integer(&vec![b'9'; 1_000_000]), Err(ErrorKind::NumberOutOfRange));
    }

    #[test]
    fn zeros_behind_a_minus_are_read_as_the_library_for_node_writes_them() {
        for (text, value) in
            [("-000000000001", -1), ("-034359738368", -34_359_738_368), ("-09223372036854775808", i64::MIN), ("-0", 0)]
        {
            assert_eq!(integer(text.as_bytes()), Ok((value, text.len())), "{text}");
        }
    }
}

//! Binary values as text (RFC 4648, section 4).

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, decoded_len_estimate};

use crate::wire::error::ErrorKind;
use crate::wire::room;

/// Written without padding, which not all of Apache's readers take.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes that a text stands for, with or without padding.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, ErrorKind> {
    let text = text.strip_suffix('=').unwrap_or(text);
    let text = text.strip_suffix('=').unwrap_or(text);
    let length = decoded_len_estimate(text.len());
    let mut bytes = room::of(length);
    bytes.resize(length, 0);
    let decoded = ENGINE.decode_slice(text, &mut bytes).map_err(|_| ErrorKind::InvalidBase64)?;
    bytes.truncate(decoded);
    Ok(bytes)
}

/// Writes the text that stands for some bytes.
pub(super) fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    let length = (bytes.len() * 4).div_ceil(3);
    room::make_room(out, length + 1);
    out.resize(start + length, 0);
    let written = ENGINE.encode_slice(bytes, &mut out[start..]);
    debug_assert_eq!(written.ok(), Some(out.len() - start));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_length_round_trip_with_and_without_padding() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            let mut out = Vec::new();
            put(&mut out, &bytes);
            let mut text = String::from_utf8(out).unwrap();
            assert_eq!(decode(&text).unwrap(), bytes);
            text.push_str(["", "", "==", "="][text.len() % 4]);
            assert_eq!(decode(&text).unwrap(), bytes);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for bad in ["A", "AAAAA", "A-A_", "AA AA", "====", "AA\u{e9}"] {
            assert_eq!(decode(bad), Err(ErrorKind::InvalidBase64), "{bad}");
        }
    }
}

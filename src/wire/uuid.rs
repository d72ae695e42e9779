//! A UUID as sixteen bytes and as text. It makes none.

use std::fmt;
use std::str::FromStr;

/// A UUID: sixteen bytes in network order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(pub [u8; 16]);

/// Where the hyphens stand in the text form 8-4-4-4-12 (RFC 9562, section 4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// The text is not of the form 8-4-4-4-12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a UUID is written as 8-4-4-4-12 hexadecimal digits")]
pub struct InvalidUuid;

impl FromStr for Uuid {
    type Err = InvalidUuid;

    /// Reads the text form in either case, with or without braces, as Apache's readers do.
    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        let text = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(text);
        let text: &[u8; 36] = text.as_bytes().try_into().map_err(|_| InvalidUuid)?;
        let mut bytes = [0; 16];
        let mut digits = 0;
        for (index, byte) in text.iter().enumerate() {
            if HYPHENS.contains(&index) {
                if *byte != b'-' {
                    return Err(InvalidUuid);
                }
                continue;
            }
            let digit = (*byte as char).to_digit(16).ok_or(InvalidUuid)? as u8;
            bytes[digits / 2] = bytes[digits / 2] << 4 | digit;
            digits += 1;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_in_every_accepted_form() {
        let uuid: Uuid = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
        assert_eq!(uuid.0[..4], [0x00, 0x11, 0x22, 0x33]);
        assert_eq!(uuid.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!("{00112233-4455-6677-8899-AABBCCDDEEFF}".parse(), Ok(uuid));
        for bad in ["", "00112233-4455-6677-8899-aabbccddeef", "00112233+4455-6677-8899-aabbccddeeff", "{00112233"] {
            assert_eq!(bad.parse::<Uuid>(), Err(InvalidUuid), "{bad}");
        }
    }
}

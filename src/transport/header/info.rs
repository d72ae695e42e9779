//! Info headers: pairs of a key and a value that travel with a message, beside its arguments. They are bytes here, and are
//! never written anywhere but into another header: what a peer puts into one cannot end a line of HTTP or of a log.

use std::fmt;

use crate::wire::varint;

use super::fault::Fault;
use super::limits::Limits;

/// The block that holds pairs. Its 0 is padding, and nothing that can be read follows any other number.
const PAIRS: u32 = 1;

/// The info headers of a request, borrowed from its message.
///
/// Empty for a request that came in another way than behind a header.
#[derive(Clone, Copy, Default)]
pub struct Headers<'a> {
    blocks: &'a [u8],
}

impl<'a> Headers<'a> {
    /// The pairs in these blocks, which a check has been over. Where it has not, what cannot be read is left out.
    pub fn new(blocks: &'a [u8]) -> Self {
        Self { blocks }
    }

    /// All pairs, in their order.
    pub fn iter(self) -> Pairs<'a> {
        Pairs { rest: self.blocks, left: 0 }
    }

    /// The value of a key: the last one, where it is there more than once.
    pub fn get(self, key: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        self.iter().filter(|(known, _)| *known == key.as_ref()).last().map(|(_, value)| value)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// The pairs as they travelled.
    pub fn blocks(self) -> &'a [u8] {
        self.blocks
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = (&'a [u8], &'a [u8]);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

/// Says how many there are, and nothing of what a peer wrote.
impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Headers({} pairs)", self.iter().count())
    }
}

/// Goes over the pairs of a header.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // would show what a peer wrote
pub struct Pairs<'a> {
    rest: &'a [u8],
    left: u32,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.left == 0 {
            self.left = begin(&mut self.rest).ok()??;
        }
        self.left -= 1;
        Some((text(&mut self.rest).ok()?, text(&mut self.rest).ok()?))
    }
}

/// How many pairs the next block holds, or `None` where nothing follows that can be read.
fn begin(rest: &mut &[u8]) -> Result<Option<u32>, Fault> {
    if rest.is_empty() || number(rest)? != PAIRS {
        return Ok(None);
    }
    number(rest).map(Some)
}

/// Takes a number off the front.
pub(super) fn number(rest: &mut &[u8]) -> Result<u32, Fault> {
    let (number, length) = varint::u32_at(rest).map_err(|_| Fault::Number)?;
    *rest = &rest[length..];
    Ok(number)
}

fn text<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let length = number(rest)? as usize;
    let (text, behind) = rest.split_at_checked(length).ok_or(Fault::Short)?;
    *rest = behind;
    Ok(text)
}

/// Goes over all pairs once, and finds what is wrong or too much.
pub(super) fn check(blocks: &[u8], limits: &Limits) -> Result<(), Fault> {
    let (mut rest, mut pairs) = (blocks, 0);
    while let Some(count) = begin(&mut rest)? {
        pairs += count as usize;
        if pairs > limits.pairs_max {
            return Err(Fault::TooManyPairs);
        }
        for _ in 0..2 * count {
            if text(&mut rest)?.len() > limits.text_max {
                return Err(Fault::TextTooLong);
            }
        }
    }
    Ok(())
}

/// Info headers on their way out, as they will travel.
#[derive(Clone, Default)]
pub struct InfoHeaders {
    pairs: Vec<u8>,
    count: u32,
}

/// A header that a message cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// A key or a value of more than 4 KiB.
    #[error("a key or a value of more than 4 KiB")]
    TextTooLong,
    /// More than 128 headers, or more than 16 KiB of them.
    #[error("more than 128 headers, or more than 16 KiB of them")]
    TooMany,
    /// Messages of this kind carry none.
    #[error("only THeader carries info headers")]
    NotCarried,
    /// The request is answered, or somebody else has promised to.
    #[error("the reply is out of hand")]
    TooLate,
}

impl InfoHeaders {
    /// What comes before the pairs, and a little of padding.
    const ROOM: usize = 16;

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// `TextTooLong`, `TooMany`.
    pub fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), HeaderError> {
        let limits = &Limits::REPLY;
        if key.len().max(value.len()) > limits.text_max {
            return Err(HeaderError::TextTooLong);
        }
        if self.count as usize == limits.pairs_max || self.pairs.len() + key.len() + value.len() + Self::ROOM > limits.header_max
        {
            return Err(HeaderError::TooMany);
        }
        for text in [key, value] {
            varint::put(&mut self.pairs, text.len() as u64);
            self.pairs.extend_from_slice(text);
        }
        self.count += 1;
        Ok(())
    }

    /// Writes the block that holds the pairs, if there are any.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if self.count > 0 {
            varint::put(out, PAIRS.into());
            varint::put(out, self.count.into());
            out.extend_from_slice(&self.pairs);
        }
    }
}

/// Says how many there are.
impl fmt::Debug for InfoHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InfoHeaders({} pairs)", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut headers = InfoHeaders::default();
        pairs.iter().for_each(|(key, value)| headers.add(key, value).unwrap());
        let mut out = Vec::new();
        headers.write(&mut out);
        out
    }

    #[test]
    fn pairs_round_trip_whatever_bytes_they_hold() {
        let pairs: [(&[u8], &[u8]); 4] = [(b"trace", b"1"), (b"", b""), (b"line", b"a\r\nb\0"), (b"trace", b"\xff")];
        let bytes = blocks(&pairs);
        assert_eq!(check(&bytes, &Limits::default()), Ok(()));
        let headers = Headers::new(&bytes);
        assert_eq!(headers.iter().collect::<Vec<_>>(), pairs);
        assert_eq!((headers.get("trace"), headers.get("none")), (Some(&b"\xff"[..]), None));
        assert_eq!(format!("{headers:?}"), "Headers(4 pairs)");
    }

    #[test]
    fn two_blocks_are_read_and_padding_or_an_unknown_block_ends_them() {
        let mut bytes = blocks(&[(b"a", b"1")]);
        bytes.extend(blocks(&[(b"b", b"2")]));
        for end in [&[0, 0, 0][..], &[2, 1, 1, b'x'], &[]] {
            let bytes = [&bytes, end].concat();
            assert_eq!(check(&bytes, &Limits::default()), Ok(()));
            assert_eq!(Headers::new(&bytes).iter().count(), 2);
        }
        assert!(Headers::default().is_empty() && blocks(&[]).is_empty());
    }

    #[test]
    fn what_is_cut_or_too_much_is_refused() {
        let limits = Limits { pairs_max: 2, text_max: 3, ..Limits::default() };
        let whole = blocks(&[(b"abc", b"def")]);
        for cut in 1..whole.len() {
            assert!(check(&whole[..cut], &limits).is_err(), "{cut}");
            Headers::new(&whole[..cut]).iter().for_each(drop);
        }
        assert_eq!(check(&blocks(&[(b"a", b""), (b"b", b""), (b"c", b"")]), &limits), Err(Fault::TooManyPairs));
        assert_eq!(check(&blocks(&[(b"a", b"four")]), &limits), Err(Fault::TextTooLong));
        assert_eq!(check(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f], &Limits::default()), Err(Fault::TooManyPairs));
    }

    #[test]
    fn a_reply_carries_no_more_than_any_peer_takes() {
        let mut headers = InfoHeaders::default();
        assert_eq!(headers.add(b"a", &[b'x'; 4097]), Err(HeaderError::TextTooLong));
        for _ in 0..128 {
            headers.add(b"key", b"value").unwrap();
        }
        assert_eq!(headers.add(b"a", b""), Err(HeaderError::TooMany));
        let mut headers = InfoHeaders::default();
        while headers.add(b"a", &[b'x'; 4000]).is_ok() {}
        let mut out = Vec::new();
        headers.write(&mut out);
        assert!(out.len() < 16 * 1024);
    }
}

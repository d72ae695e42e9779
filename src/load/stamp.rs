//! Messages that were encoded once and differ from call to call in nothing but their number, which is put into its place.
//!
//! Numbers are taken from a range in which all of them have the same width in every codec: four bytes in the binary protocol,
//! a varint of three in the compact one, six digits in JSON. So a request costs a copy, and a reply a comparison.

use bytes::Bytes;

use crate::wire::{Codec, Output};

/// The first of the numbers.
pub(super) const FIRST: i32 = 100_000;
/// The last of them.
pub(super) const LAST: i32 = 999_999;
/// Two that have no byte in common at the same place, but for a leading zero.
const PROBES: [i32; 2] = [111_111, 888_888];
const WIDTH_MAX: usize = 6;

/// A number as a codec writes it in the head of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    bytes: [u8; WIDTH_MAX],
    width: usize,
}

/// A message with a place for a number.
#[derive(Clone, Debug)]
pub(super) struct Stamped {
    bytes: Box<[u8]>,
    at: usize,
    /// What follows, where it is enough to be sent without a copy.
    rest: Bytes,
}

/// The number behind `seqid`.
#[inline]
pub(super) fn next(seqid: i32) -> i32 {
    if seqid >= LAST { FIRST } else { seqid + 1 }
}

impl Stamp {
    #[inline]
    pub(super) fn new(codec: Codec, seqid: i32) -> Self {
        let mut bytes = [0; WIDTH_MAX];
        let width = match codec {
            Codec::Binary => {
                bytes[..4].copy_from_slice(&seqid.to_be_bytes());
                4
            }
            Codec::Compact => {
                let low = |shift: i32| (seqid >> shift) as u8 & 0x7f;
                bytes[..3].copy_from_slice(&[low(0) | 0x80, low(7) | 0x80, low(14)]);
                3
            }
            Codec::Json => {
                let mut rest = seqid;
                for digit in bytes.iter_mut().rev() {
                    *digit = b'0' + (rest % 10) as u8;
                    rest /= 10;
                }
                6
            }
        };
        Self { bytes, width }
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.width]
    }
}

impl Stamped {
    /// Has a message encoded with two numbers, and finds the place where they stand. `None` where there is no such place, as in
    /// a compressed stream.
    pub(super) fn find(codec: Codec, mut encode: impl FnMut(i32) -> Option<Vec<u8>>) -> Option<Self> {
        let [one, other] = [encode(PROBES[0])?, encode(PROBES[1])?];
        let stamps = PROBES.map(|seqid| Stamp::new(codec, seqid));
        let mut found = places(&one, stamps[0]).filter(|&at| {
            let end = at + stamps[1].width;
            one.len() == other.len()
                && other[at..end] == *stamps[1].as_slice()
                && one[..at] == other[..at]
                && one[end..] == other[end..]
        });
        let at = found.next()?;
        drop(found);
        Some(Self::new(one, at, stamps[0].width))
    }

    /// Learns from one message with a known number, if it stands there exactly once.
    pub(super) fn learn(codec: Codec, bytes: &[u8], seqid: i32) -> Option<Self> {
        let mut found = places(bytes, Stamp::new(codec, seqid)).take(2);
        let at = found.next()?;
        found.next().is_none().then(|| Self::new(bytes.to_vec(), at, Stamp::new(codec, seqid).width))
    }

    fn new(mut bytes: Vec<u8>, at: usize, width: usize) -> Self {
        let end = at + width;
        let rest = if bytes.len() - end < Output::LINK_MIN { Vec::new() } else { bytes.split_off(end) };
        Self { bytes: bytes.into(), at, rest: rest.into() }
    }

    /// How many bytes it has.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.rest.len()
    }

    /// Appends the message with that number.
    #[inline]
    pub(super) fn push(&self, stamp: Stamp, out: &mut Output) {
        let tail = out.tail();
        let start = tail.len() + self.at;
        tail.extend_from_slice(&self.bytes);
        tail[start..start + stamp.width].copy_from_slice(stamp.as_slice());
        if !self.rest.is_empty() {
            out.push_shared(&self.rest);
        }
    }

    /// Whether `input` begins with the message with that number.
    #[inline]
    pub(super) fn is_front_of(&mut self, stamp: Stamp, input: &[u8]) -> bool {
        let Some((front, behind)) = input.split_at_checked(self.bytes.len()) else { return false };
        self.bytes[self.at..self.at + stamp.width].copy_from_slice(stamp.as_slice());
        *front == *self.bytes && behind.starts_with(&self.rest)
    }
}

fn places(bytes: &[u8], stamp: Stamp) -> impl Iterator<Item = usize> {
    bytes.windows(stamp.width).enumerate().filter(move |(_, window)| *window == stamp.as_slice()).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::Requester;
    use crate::transport::{Client, Limits};
    use crate::wire::{Encode, Typed, WireType, Writer};

    /// A struct with so many bytes in it.
    struct Filled(usize);

    impl Typed for Filled {
        const TYPE: WireType = WireType::Struct;
    }

    impl Encode for Filled {
        fn encode<W: Writer>(&self, writer: &mut W) {
            writer.struct_begin();
            writer.field(1, &"x".repeat(self.0)[..]);
            writer.struct_end();
        }
    }

    fn encoded(codec: Codec, seqid: i32) -> Vec<u8> {
        filled(codec, seqid, 0)
    }

    fn filled(codec: Codec, seqid: i32, size: usize) -> Vec<u8> {
        let mut out = Output::new();
        let mut requester = Requester::new(codec, Client::framed()).numbered_from(seqid);
        assert_eq!(requester.call("method", &Filled(size), &mut out, &Limits::default()), Ok(seqid));
        out.to_vec()
    }

    #[test]
    fn a_stamped_message_is_the_one_that_is_encoded_with_that_number() {
        let sizes = [0, 100, Output::LINK_MIN - 1, Output::LINK_MIN, 3 * Output::LINK_MIN];
        for (codec, size) in Codec::ALL.into_iter().flat_map(|codec| sizes.map(|size| (codec, size))) {
            let mut stamped = Stamped::find(codec, |seqid| Some(filled(codec, seqid, size))).expect("a place");
            for seqid in [FIRST, FIRST + 1, 131_071, 131_072, 500_000, LAST] {
                let (mut out, stamp) = (Output::new(), Stamp::new(codec, seqid));
                stamped.push(stamp, &mut out);
                let mut more = filled(codec, seqid, size);
                assert!(out.to_vec() == more, "{codec:?} {seqid} {size}");
                assert_eq!(stamped.len(), more.len());
                more.push(0);
                assert!(stamped.is_front_of(stamp, &more));
                assert!(!stamped.is_front_of(stamp, &more[..more.len() - 2]));
                assert!(!stamped.is_front_of(Stamp::new(codec, next(seqid)), &more));
            }
        }
    }

    #[test]
    fn it_learns_only_what_is_certain() {
        let message = encoded(Codec::Json, 123_456);
        assert_eq!(Stamped::learn(Codec::Json, &message, 123_456).map(|stamped| stamped.len()), Some(message.len()));
        assert!(Stamped::learn(Codec::Json, &[&message[..], b"123456"].concat(), 123_456).is_none(), "twice");
        assert!(Stamped::learn(Codec::Json, &message, 654_321).is_none(), "not there");
    }

    #[test]
    fn numbers_go_round() {
        assert_eq!((next(FIRST), next(LAST)), (FIRST + 1, FIRST));
    }
}

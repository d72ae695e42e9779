//! K3: whatever goes wrong in the middle of a value, each part that was made is dropped, and once.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use farthing::wire::{Codec, Decode, Encode, Error, Reader, Typed, VecMap, WireType, Writer};

use crate::one::One;
use crate::sample::{decode, encode};

thread_local! {
    /// How many were made, and how many of them are gone.
    static MADE_AND_DROPPED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// A text that is counted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Counted(String);

impl Drop for Counted {
    fn drop(&mut self) {
        MADE_AND_DROPPED.with(|counts| counts.set((counts.get().0, counts.get().1 + 1)));
    }
}

impl Counted {
    fn new(text: String) -> Self {
        MADE_AND_DROPPED.with(|counts| counts.set((counts.get().0 + 1, counts.get().1)));
        Self(text)
    }
}

impl Typed for Counted {
    const TYPE: WireType = WireType::String;
}

impl Encode for Counted {
    fn encode<W: Writer>(&self, writer: &mut W) {
        self.0.encode(writer);
    }
}

impl<'a> Decode<'a> for Counted {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        String::decode(reader).map(Self::new)
    }
}

/// Decodes `message` as it is, cut at each byte, and with each byte changed.
fn each_is_dropped_once<T: for<'a> Decode<'a> + Encode>(whole: T) {
    let whole = One(Some(whole));
    let mut failed_in_the_middle = 0;
    for codec in Codec::ALL {
        let message = encode(codec, &whole);
        let mut read = |bytes: &[u8]| {
            MADE_AND_DROPPED.set((0, 0));
            let is_wrong = decode::<One<T>>(codec, bytes, &farthing::wire::Limits::default()).map(drop).is_err();
            let (made, dropped) = MADE_AND_DROPPED.get();
            assert_eq!(made, dropped, "{codec:?}: {}", bytes.escape_ascii());
            failed_in_the_middle += usize::from(is_wrong && made > 0);
            made
        };
        assert!(read(&message) > 2, "{codec:?}");
        for cut in 0..message.len() {
            read(&message[..cut]);
        }
        for at in 0..message.len() {
            for change in [0x01, 0x10, 0x80, 0xff] {
                let mut bytes = message.clone();
                bytes[at] ^= change;
                read(&bytes);
            }
        }
    }
    assert!(failed_in_the_middle > 20, "only {failed_in_the_middle} failed with something made");
}

fn texts(from: usize) -> impl Iterator<Item = Counted> {
    (from..from + 5).map(|number| Counted::new(format!("text {number}")))
}

#[test]
fn what_was_made_before_an_error_is_dropped_once() {
    each_is_dropped_once::<Vec<Counted>>(texts(0).collect());
    each_is_dropped_once::<Vec<Vec<Counted>>>(vec![texts(0).collect(), Vec::new(), texts(5).collect()]);
    each_is_dropped_once::<BTreeSet<Counted>>(texts(0).collect());
    each_is_dropped_once::<HashMap<Counted, Counted>>(texts(0).zip(texts(5)).collect());
    each_is_dropped_once::<VecMap<Counted, Vec<Counted>>>(VecMap(texts(0).map(|key| (key, texts(5).collect())).collect()));
    each_is_dropped_once::<Vec<One<Counted>>>(texts(0).map(|text| One(Some(text))).collect());
}

/// The same key or field twice: the second one stands, and the first one is dropped.
#[test]
fn what_is_said_twice_is_dropped_once() {
    let pair = || (Counted::new("key".into()), Counted::new("value".into()));
    let twice = VecMap(vec![pair(), pair()]);
    let twice = One(Some(twice));
    for codec in Codec::ALL {
        let message = encode(codec, &twice);
        MADE_AND_DROPPED.set((0, 0));
        let map = decode::<One<HashMap<Counted, Counted>>>(codec, &message, &farthing::wire::Limits::default());
        assert_eq!(map.expect("a map").0.0.map(|map| map.len()), Some(1), "{codec:?}");
        assert_eq!(MADE_AND_DROPPED.get(), (4, 4), "{codec:?}");
    }
}

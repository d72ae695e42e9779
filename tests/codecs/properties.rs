//! What holds for every value in every codec, and for bytes that are nearly one.

use std::fmt::Debug;

use farthing::wire::{Codec, Decode, Encode, Error, ErrorKind, Limits, Scan, Scanner};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::memory::peak;
use crate::sample::{Rich, any_rich, decode, encode, golden, skip};

/// Scans a message that comes in parts of which the first ends at `cut`.
fn scan(codec: Codec, bytes: &[u8], cut: usize, limits: &Limits) -> Result<Option<usize>, Error> {
    let mut scanner = Scanner::new(codec);
    let mut seen = cut;
    loop {
        match scanner.scan(&bytes[..seen], limits)? {
            Scan::End(end) => return Ok(Some(end)),
            Scan::Need(need) => {
                assert!(need > seen, "{codec:?} asks for {need} of {seen}");
                if seen == bytes.len() {
                    return Ok(None);
                }
                seen = need.min(bytes.len());
            }
        }
    }
}

/// Scans a message that comes byte by byte, whatever the scanner asks for.
fn drip(codec: Codec, bytes: &[u8], limits: &Limits) -> Result<Option<usize>, Error> {
    let mut scanner = Scanner::new(codec);
    for seen in 1..=bytes.len() {
        if let Scan::End(end) = scanner.scan(&bytes[..seen], limits)? {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

fn round_trip<T: Encode + for<'a> Decode<'a> + Debug>(value: &T) -> Result<(), TestCaseError> {
    let limits = Limits::default();
    let reference = encode(Codec::Binary, value);
    for codec in Codec::ALL {
        let bytes = encode(codec, value);
        let (decoded, used) = decode::<T>(codec, &bytes, &limits).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(used, bytes.len());
        // Values are compared as the bytes they are written as: so two NaN are the same.
        prop_assert_eq!(&encode(codec, &decoded), &bytes);
        prop_assert_eq!(&encode(Codec::Binary, &decoded), &reference);
        prop_assert_eq!(skip(codec, &bytes, &limits), Ok(bytes.len()));
        prop_assert_eq!(drip(codec, &bytes, &limits), Ok(Some(bytes.len())));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_codec_carries_the_same_value(value in any_rich()) {
        round_trip(&value)?;
    }

    #[test]
    fn bytes_behind_a_message_belong_to_the_next(value in any_rich(), behind in any::<[u8; 12]>(), cut in any::<Index>()) {
        let limits = Limits::default();
        for codec in Codec::ALL {
            let mut bytes = encode(codec, &value);
            let length = bytes.len();
            bytes.push(b'[');
            bytes.extend(behind);
            prop_assert_eq!(decode::<Rich>(codec, &bytes, &limits).map(|(_, used)| used), Ok(length));
            prop_assert_eq!(skip(codec, &bytes, &limits), Ok(length));
            prop_assert_eq!(scan(codec, &bytes, cut.index(bytes.len()), &limits), Ok(Some(length)));
        }
    }

    #[test]
    fn bytes_that_are_nearly_a_message_do_no_harm(
        value in any_rich(),
        changes in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..3), 1..6),
    ) {
        for codec in Codec::ALL {
            let mut bytes = encode(codec, &value);
            for (at, byte, how) in &changes {
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = *byte,
                    1 => bytes.insert(at, *byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            let limits = Limits::default();
            let budget = 32 * bytes.len() + 64 * 1024;
            let (decoded, taken) = peak(|| decode::<Rich>(codec, &bytes, &limits));
            prop_assert!(taken <= budget, "{codec:?} took {taken} bytes for {}", bytes.len());
            let (skipped, taken) = peak(|| skip(codec, &bytes, &limits));
            prop_assert!(taken <= 64 * 1024, "{codec:?} took {taken} bytes to skip {}", bytes.len());
            // What can be decoded can be found to its end, but for values that only skipping looks into.
            if let Ok((_, used)) = decoded {
                prop_assert_eq!(scan(codec, &bytes, 0, &limits), Ok(Some(used)));
                prop_assert_eq!(drip(codec, &bytes, &limits).map(|end| end.is_some()), Ok(true));
                prop_assert!(skipped.is_err() || skipped == Ok(used));
            }
        }
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let limits = Limits::default();
        for codec in Codec::ALL {
            _ = decode::<Rich>(codec, &bytes, &limits);
            _ = skip(codec, &bytes, &limits);
            _ = drip(codec, &bytes, &limits);
        }
    }
}

#[test]
fn a_message_cut_anywhere_lacks_its_end_and_nothing_else() {
    let limits = Limits::default();
    for codec in Codec::ALL {
        let bytes = encode(codec, &golden());
        for cut in 0..bytes.len() {
            let short = &bytes[..cut];
            let kind = |error: Error| error.kind;
            assert_eq!(
                decode::<Rich>(codec, short, &limits).map_err(kind).err(),
                Some(ErrorKind::UnexpectedEnd),
                "{codec:?} {cut}"
            );
            assert_eq!(skip(codec, short, &limits).map_err(kind), Err(ErrorKind::UnexpectedEnd), "{codec:?} {cut}");
            assert_eq!(drip(codec, short, &limits), Ok(None), "{codec:?} {cut}");
        }
    }
}

#[test]
fn a_message_is_found_wherever_its_first_part_ends() {
    let limits = Limits::default();
    for codec in Codec::ALL {
        let bytes = encode(codec, &golden());
        for cut in 0..=bytes.len() {
            assert_eq!(scan(codec, &bytes, cut, &limits), Ok(Some(bytes.len())), "{codec:?} {cut}");
        }
    }
}

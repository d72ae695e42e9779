//! Compact messages that someone may send, and what becomes of each.

use bytes::Bytes;
use farthing::wire::{Codec, ErrorKind, Limits, MessageKind, VecMap};

use crate::one::{One, compact, head, nobody_reads};
use crate::sample::{Inner, decode, encode};

#[test]
fn c1_varints_without_an_end() {
    for endless in [[0x80; 11].to_vec(), vec![0x80; 1 << 20]] {
        let with = |before: &[u8]| [before, &endless].concat();
        assert_eq!(head(Codec::Compact, &with(b"\x82\x21")), Err(ErrorKind::VarintTooLong));
        assert_eq!(head(Codec::Compact, &with(b"\x82\x21\x01")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<String>(&with(b"\x18")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<Vec<i32>>(&with(b"\x19\xf5")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<VecMap<i32, i32>>(&with(b"\x1b")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<i16>(&with(b"\x14")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<i32>(&with(b"\x15")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<i64>(&with(b"\x16")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<i32>(&with(b"\x05")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<Vec<i64>>(&with(b"\x19\x16")), Err(ErrorKind::VarintTooLong));
        assert_eq!(compact::<i32>(&with(b"\x26")), Err(ErrorKind::VarintTooLong), "read over");
    }
    assert_eq!(compact::<i16>(b"\x14\x80\x80\x04\x00"), Err(ErrorKind::NumberOutOfRange));
}

#[test]
fn c3_longer_forms_than_needed() {
    assert_eq!(compact::<i32>(b"\x15\x80\x00\x00"), Ok(Some(0)));
    assert_eq!(compact::<i64>(b"\x16\x81\x80\x00\x00"), Ok(Some(-1)));
    assert_eq!(compact::<String>(b"\x18\x81\x00x\x00"), Ok(Some("x".into())));
    assert_eq!(encode(Codec::Compact, &One(Some(0)))[14..], [0x15, 0, 0]);
}

#[test]
fn c4_versions_and_kinds() {
    for bytes in [b"\x81\x21\x00\x00", b"\x83\x21\x00\x00", b"\x82\x20\x00\x00", b"\x82\x22\x00\x00"] {
        nobody_reads(bytes);
        assert_eq!(head(Codec::Compact, bytes), Err(ErrorKind::BadVersion));
    }
    for kind in [0, 5, 6, 7] {
        assert_eq!(head(Codec::Compact, &[0x82, kind << 5 | 1, 0, 0]), Ok((String::new(), MessageKind(kind), 0)));
    }
}

#[test]
fn c5_c6_c8_sizes_that_are_not_there() {
    assert_eq!(compact::<Vec<i32>>(b"\x19\xf5\xff\xff\xff\xff\x0f"), Err(ErrorKind::NegativeSize));
    assert_eq!(compact::<Vec<i32>>(b"\x19\xf5\xff\xff\xff\xff\x07"), Err(ErrorKind::ContainerTooLarge));
    assert_eq!(compact::<Vec<i32>>(b"\x19\xf5\xc0\x84\x3d"), Err(ErrorKind::UnexpectedEnd));
    for size in 1..15 {
        assert_eq!(compact::<Vec<i32>>(&[0x19, size << 4 | 5]), Err(ErrorKind::UnexpectedEnd));
    }
    assert_eq!(compact::<VecMap<i32, i32>>(b"\x1b\xff\xff\xff\xff\x07\x00"), Err(ErrorKind::ContainerTooLarge));
    assert_eq!(compact::<VecMap<i32, i32>>(b"\x1b\xff\xff\xff\xff\x0f\x00"), Err(ErrorKind::NegativeSize));
    assert_eq!(compact::<VecMap<i32, i32>>(b"\x1b\x01\x0d"), Err(ErrorKind::UnexpectedEnd));
    assert_eq!(compact::<VecMap<i32, i32>>(b"\x1b\x01\x05\x00\x00"), Err(ErrorKind::UnknownType));
    // The byte behind an empty map is the next field.
    assert_eq!(compact::<VecMap<i32, i32>>(b"\x1b\x00\x15\x02\x00"), Ok(Some(VecMap(vec![]))));
}

#[test]
fn c11_c12_numbers_of_fields() {
    // Field 20, a struct with field 3; then field 1 by its own number, then one 15 further that is of another type.
    let body = b"\x0c\x28\x35\x02\x00\x05\x02\x54\xf1\x00";
    assert_eq!(compact::<i32>(body), Ok(Some(42)));
    assert_eq!(compact::<i32>(b"\x05\x01\x08\x25\x04\x00"), Ok(Some(2)), "from -1 by two");
    assert_eq!(compact::<i32>(b"\x05\x00\x08\x15\x04\x00"), Ok(Some(2)), "from 0 by one");
    assert_eq!(compact::<i32>(b"\x05\xfe\xff\x03\x00\x15\x00\x00"), Err(ErrorKind::NumberOutOfRange), "past the last");
    let inner = Inner { text: "t".into(), far: 1, below: true };
    let list = vec![inner.clone(), inner.clone()];
    let bytes = encode(Codec::Compact, &One(Some(list.clone())));
    assert_eq!(decode::<One<Vec<Inner>>>(Codec::Compact, &bytes, &Limits::default()).unwrap().0, One(Some(list)));
}

#[test]
fn c13_c15_values_that_are_cut() {
    for length in [&b"\xff\xff\xff\xff\x07"[..], b"\x80\x80\xc0\x03"] {
        let short = compact::<Bytes>(&[b"\x18", length, b"abc"].concat()).unwrap_err();
        assert!(matches!(short, ErrorKind::StringTooLong | ErrorKind::UnexpectedEnd));
    }
    assert_eq!(compact::<Bytes>(b"\x18\xff\xff\xff\xff\x0fabc"), Err(ErrorKind::NegativeSize));
    assert_eq!(compact::<f64>(b"\x17\0\0\0\0\0\0\0"), Err(ErrorKind::UnexpectedEnd));
    assert_eq!(compact::<i8>(b"\x13"), Err(ErrorKind::UnexpectedEnd));
}

#[test]
fn c17_bools_in_fields_and_among_elements() {
    assert_eq!(compact::<bool>(b"\x11\x00"), Ok(Some(true)));
    assert_eq!(compact::<bool>(b"\x12\x00"), Ok(Some(false)));
    assert_eq!(compact::<bool>(b"\x02\x02\x00"), Ok(Some(false)));
    for named in [0x11, 0x12] {
        assert_eq!(compact::<Vec<bool>>(&[0x19, named, 1, 0]), Ok(Some(vec![true])));
    }
    assert_eq!(compact::<VecMap<bool, bool>>(b"\x1b\x01\x21\x01\x02\x00"), Ok(Some(VecMap(vec![(true, false)]))));
    for unknown in [0x1e, 0x1f] {
        assert_eq!(compact::<bool>(&[unknown, 0]), Err(ErrorKind::UnknownType));
    }
}

//! Binary messages that someone may send, and what becomes of each. Names begin with the numbers of the cases in the list of
//! hostile inputs; some of these hold for more codecs than one.

use bytes::Bytes;
use farthing::wire::{Codec, ErrorKind, Limits, MessageKind, Output, Uuid, VecMap};

use crate::memory::peak;
use crate::one::{One, binary, compact, head, json, message, nobody_reads, read};
use crate::sample::{Inner, decode, encode, skip};

#[test]
fn b1_to_b4_heads_that_are_none() {
    let bad = |bytes: &[u8]| head(Codec::Binary, bytes).unwrap_err();
    assert_eq!(bad(b"\x80\x01\x00\x01\x7f\xff\xff\xff"), ErrorKind::MethodTooLong);
    assert_eq!(bad(b"\x80\x01\x00\x01\xff\xff\xff\xff"), ErrorKind::NegativeSize);
    assert_eq!(bad(b"\x7f\xff\xff\xff"), ErrorKind::MethodTooLong);
    assert_eq!(head(Codec::Binary, b"\0\0\0\x05hello\x01\0\0\0\0"), Ok(("hello".into(), MessageKind::CALL, 0)));
    for version in [b"\x80\x02\x00\x01", b"\x00\x01\x00\x01", b"\x81\x01\x00\x01"] {
        nobody_reads(&[&version[..], b"\0\0\0\x01m\0\0\0\0"].concat());
    }
}

#[test]
fn b7_b8_sizes_that_are_not_there() {
    for size in [&b"\x7f\xff\xff\xff"[..], b"\x40\x00\x00\x00", b"\x00\x0f\x42\x41"] {
        let list = [b"\x0f\x00\x01\x08", size].concat();
        assert_eq!(binary::<Vec<i32>>(&list), Err(ErrorKind::ContainerTooLarge));
        let map = [b"\x0d\x00\x01\x08\x08", size].concat();
        assert_eq!(binary::<VecMap<i32, i32>>(&map), Err(ErrorKind::ContainerTooLarge));
    }
    assert_eq!(binary::<Vec<i32>>(b"\x0f\x00\x01\x08\x00\x0f\x42\x40"), Err(ErrorKind::UnexpectedEnd));
    for size in [b"\xff\xff\xff\xff", b"\x80\x00\x00\x00"] {
        assert_eq!(binary::<Vec<i32>>(&[b"\x0f\x00\x01\x08", &size[..]].concat()), Err(ErrorKind::NegativeSize));
        assert_eq!(binary::<VecMap<i32, i32>>(&[b"\x0d\x00\x01\x08\x08", &size[..]].concat()), Err(ErrorKind::NegativeSize));
        assert_eq!(binary::<Bytes>(&[b"\x0b\x00\x01", &size[..]].concat()), Err(ErrorKind::NegativeSize));
    }
}

#[test]
fn b11_a_byte_of_wire_for_a_struct_of_memory() {
    for codec in [Codec::Binary, Codec::Compact] {
        let body = match codec {
            Codec::Binary => [&b"\x0f\x00\x01\x0c\x00\x0f\x42\x40"[..], &vec![0; 1_000_001]].concat(),
            _ => [&b"\x19\xfc\xc0\x84\x3d"[..], &vec![0; 1_000_001]].concat(),
        };
        // Thirty-two bytes or less of each: whether it is read is a question of memory, which `read` checks.
        assert!(matches!(read::<Vec<Inner>>(codec, &body), Ok(Some(_)) | Err(ErrorKind::HeapBudget)));
    }
    let body = format!(r#"{{"1":{{"lst":["rec",300000{}]}}}}"#, ",{}".repeat(300_000));
    assert_eq!(read::<Vec<Inner>>(Codec::Json, body.as_bytes()).map(|list| list.unwrap().len()), Ok(300_000));
}

#[test]
fn b12_c9_bools_that_are_neither() {
    for (byte, expected) in [(0, false), (1, true), (2, true), (0xff, true)] {
        assert_eq!(binary::<bool>(&[2, 0, 1, byte, 0]), Ok(Some(expected)));
    }
    assert_eq!(compact::<Vec<bool>>(&[0x19, 0x51, 0, 1, 2, 3, 0xff, 0]), Ok(Some(vec![false, true, false, false, false])));
    assert_eq!(encode(Codec::Compact, &One(Some(vec![true, false])))[14..], [0x19, 0x21, 1, 2, 0]);
}

#[test]
fn b13_text_that_is_none() {
    for bad in [&b"\xc3\x28"[..], b"\xed\xa0\x80", b"\xc0\x80"] {
        let length = bad.len() as u8;
        let bodies = [
            (Codec::Binary, [&[0x0b, 0, 1, 0, 0, 0, length], bad, &[0]].concat()),
            (Codec::Compact, [&[0x18, length], bad, &[0]].concat()),
        ];
        for (codec, body) in bodies {
            assert_eq!(read::<String>(codec, &body), Err(ErrorKind::InvalidUtf8));
            assert_eq!(read::<Bytes>(codec, &body), Ok(Some(Bytes::copy_from_slice(bad))));
        }
    }
    assert_eq!(compact::<String>(b"\x18\x01\0\0"), Ok(Some("\0".into())));
}

#[test]
fn b17_known_fields_of_another_type_are_read_over() {
    for (codec, body) in [
        (Codec::Binary, &b"\x0b\0\x01\0\0\0\x01x\0"[..]),
        (Codec::Compact, b"\x18\x01x\0"),
        (Codec::Json, br#"{"1":{"str":"not base64!"}}"#),
    ] {
        assert_eq!(read::<i32>(codec, body), Ok(None));
    }
}

#[test]
fn b21_c19_every_seqid_comes_back() {
    for codec in Codec::ALL {
        for seqid in [0, -1, i32::MIN, i32::MAX] {
            let mut out = Output::new();
            codec.write(&mut out, 64, ("m", MessageKind::REPLY, seqid), &One::<i32>(None));
            assert_eq!(head(codec, &out.to_vec()), Ok(("m".into(), MessageKind::REPLY, seqid)));
        }
    }
    let mut out = Output::new();
    Codec::Compact.write(&mut out, 64, ("", MessageKind::CALL, -1), &One::<i32>(None));
    assert_eq!(out.to_vec(), b"\x82\x21\xff\xff\xff\xff\x0f\x00\x00");
}

#[test]
fn b26_doubles_keep_their_bits() {
    for bits in [0x7ff8_0000_dead_beef, 0x7ff0_0000_0000_0001, 0x8000_0000_0000_0000, 1, 0xfff8_0000_0000_0000] {
        let value = One(Some(f64::from_bits(bits)));
        for codec in [Codec::Binary, Codec::Compact] {
            let (read, _) = decode::<One<f64>>(codec, &encode(codec, &value), &Limits::default()).unwrap();
            assert_eq!(read.0.map(f64::to_bits), Some(bits));
        }
    }
}

#[test]
fn b27_j16_uuids_that_are_short() {
    assert_eq!(binary::<Uuid>(&[&[0x10, 0, 1][..], &[7; 15]].concat()), Err(ErrorKind::UnexpectedEnd));
    assert_eq!(compact::<Uuid>(&[&[0x1d][..], &[7; 15]].concat()), Err(ErrorKind::UnexpectedEnd));
    assert_eq!(json::<Uuid>("uid", r#""00112233-4455""#), Err(ErrorKind::InvalidUuid));
    let uuid: Uuid = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
    for text in [r#""{00112233-4455-6677-8899-aabbccddeeff}""#, r#""00112233-4455-6677-8899-AABBCCDDEEFF""#] {
        assert_eq!(json("uid", text), Ok(Some(uuid)));
    }
}

#[test]
fn b28_reading_over_much_takes_no_memory() {
    let text = "x\\u0041".repeat(200_000);
    for (codec, bytes) in [
        (Codec::Binary, encode(Codec::Binary, &One(Some(text.clone())))),
        (Codec::Compact, encode(Codec::Compact, &One(Some(text.clone())))),
        (Codec::Json, message(Codec::Json, format!(r#"{{"1":{{"str":"{text}"}}}}"#).as_bytes())),
    ] {
        let (used, taken) = peak(|| skip(codec, &bytes, &Limits::default()));
        assert_eq!(used, Ok(bytes.len()));
        assert!(taken <= 64 * 1024, "{codec:?} took {taken}");
    }
}

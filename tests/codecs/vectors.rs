//! Bytes that someone may send, by codec: what each is an example of, and what becomes of it.
//!
//! Names begin with the number of the case in the list of hostile inputs: B for binary, C for compact, D for depth, J for JSON.

#![allow(clippy::large_stack_arrays)] // borrowed constants: they are in the binary, not on the stack

use std::fmt::Write as _;
use std::time::Instant;

use bytes::Bytes;
use farthing::wire::{
    Codec, Decode, Encode, Error, ErrorKind, Input, Limits, MessageKind, Output, Reader, Scan, Scanner, Typed, Uuid, VecMap,
    WireType, Writer,
};

use crate::memory::peak;
use crate::sample::{Inner, decode, encode, skip};

const BINARY_HEAD: &[u8] = b"\x80\x01\x00\x01\x00\x00\x00\x01m\x00\x00\x00\x01";
const COMPACT_HEAD: &[u8] = b"\x82\x21\x01\x01m";

/// A struct with one field, 1, of any type; all others are read over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct One<T>(pub(crate) Option<T>);

impl<T> Typed for One<T> {
    const TYPE: WireType = WireType::Struct;
}

impl<T: Encode> Encode for One<T> {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        if let Some(value) = &self.0 {
            writer.field(1, value);
        }
        writer.struct_end();
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for One<T> {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut one = Self(None);
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            if field.id == 1 && field.kind == T::TYPE {
                one.0 = Some(T::decode(reader)?);
            } else {
                reader.skip(field.kind)?;
            }
        }
        Ok(one)
    }
}

/// A message of this codec whose struct is `body`.
pub(crate) fn message(codec: Codec, body: &[u8]) -> Vec<u8> {
    match codec {
        Codec::Binary => [BINARY_HEAD, body].concat(),
        Codec::Compact => [COMPACT_HEAD, body].concat(),
        _ => [br#"[1,"m",1,1,"#, body, b"]"].concat(),
    }
}

/// Reads field 1 of a message with this struct. It takes no more memory than a message of its size may.
fn read<T: for<'a> Decode<'a>>(codec: Codec, body: &[u8]) -> Result<Option<T>, ErrorKind> {
    let bytes = message(codec, body);
    let (read, taken) = peak(|| decode::<One<T>>(codec, &bytes, &Limits::default()));
    assert!(taken <= 32 * bytes.len() + 64 * 1024, "{codec:?} took {taken} bytes for {}", bytes.len());
    read.map(|(one, _)| one.0).map_err(|error| error.kind)
}

fn compact<T: for<'a> Decode<'a>>(body: &[u8]) -> Result<Option<T>, ErrorKind> {
    read(Codec::Compact, body)
}

fn binary<T: for<'a> Decode<'a>>(body: &[u8]) -> Result<Option<T>, ErrorKind> {
    read(Codec::Binary, body)
}

/// Reads field 1 of a JSON message, which is written as this.
fn json<T: for<'a> Decode<'a>>(tag: &str, value: &str) -> Result<Option<T>, ErrorKind> {
    read(Codec::Json, format!(r#"{{"1":{{"{tag}":{value}}}}}"#).as_bytes())
}

/// What reading the head of a message comes to.
fn head(codec: Codec, bytes: &[u8]) -> Result<(String, MessageKind, i32), ErrorKind> {
    let limits = Limits::default();
    let (read, taken) = peak(|| codec.head(Input::new(bytes, &limits)).map(|(head, _)| head));
    assert!(taken <= 64 * 1024);
    read.map(|head| (head.name.into_owned(), head.kind, head.seqid)).map_err(|error| error.kind)
}

fn nobody_reads(bytes: &[u8]) {
    let is_refused = Codec::sniff(bytes).is_none_or(|codec| head(codec, bytes).is_err());
    assert!(is_refused, "{bytes:x?}");
}

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
            Codec::Binary => [&b"\x0f\x00\x01\x0c\x00\x0f\x42\x40"[..], &[0; 1_000_001]].concat(),
            _ => [&b"\x19\xfc\xc0\x84\x3d"[..], &[0; 1_000_001]].concat(),
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
    for codec in crate::sample::CODECS {
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

/// A chain of structs, each in field 1 of the one around it.
#[derive(Debug, PartialEq)]
struct Chain(Option<Box<Chain>>);

impl Typed for Chain {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Chain {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        if let Some(next) = &self.0 {
            writer.field(1, next);
        }
        writer.struct_end();
    }
}

impl<'a> Decode<'a> for Chain {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut next = None;
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::Struct) => next = Some(Decode::decode(reader)?),
                (_, kind) => reader.skip(kind)?,
            }
        }
        Ok(Self(next))
    }
}

/// The bytes of a chain with this many structs.
pub(crate) fn chain(codec: Codec, depth: usize) -> Vec<u8> {
    let body = match codec {
        Codec::Binary => [b"\x0c\0\x01".repeat(depth - 1), vec![0; depth]].concat(),
        Codec::Compact => [b"\x1c".repeat(depth - 1), vec![0; depth]].concat(),
        _ => [br#"{"1":{"rec":"#.repeat(depth - 1), b"{}".to_vec(), b"}}".repeat(depth - 1)].concat(),
    };
    message(codec, &body)
}

fn scan(codec: Codec, bytes: &[u8]) -> Result<Scan, ErrorKind> {
    Scanner::new(codec).scan(bytes, &Limits::default()).map_err(|error| error.kind)
}

#[test]
fn d1_c16_j1_chains_of_structs() {
    for codec in crate::sample::CODECS {
        for depth in [1, 63, 64, 65, 1000, 200_000] {
            let bytes = chain(codec, depth);
            let expected = if depth <= 64 { Ok(bytes.len()) } else { Err(ErrorKind::TooDeep) };
            let start = Instant::now();
            let read = decode::<Chain>(codec, &bytes, &Limits::default());
            assert_eq!(read.map(|(_, used)| used).map_err(|error| error.kind), expected, "{codec:?} {depth}");
            let unknown = decode::<One<i32>>(codec, &bytes, &Limits::default());
            assert_eq!(unknown.map(|(_, used)| used).map_err(|error| error.kind), expected, "{codec:?} {depth}");
            assert_eq!(scan(codec, &bytes), expected.map(Scan::End), "{codec:?} {depth}");
            assert!(start.elapsed().as_millis() < 500, "{codec:?} {depth} took {:?}", start.elapsed());
        }
    }
    for (codec, body) in [
        (Codec::Compact, [&b"\x19"[..], &[0x19; 100_000]].concat()),
        (Codec::Compact, [&b"\x1b"[..], &b"\x01\xbb".repeat(50_000)].concat()),
        (Codec::Binary, [&b"\x0f\0\x01"[..], &b"\x0f\0\0\0\x01".repeat(50_000)].concat()),
        (Codec::Json, [&br#"{"1":{"lst":"#[..], &br#"["lst",1,"#.repeat(50_000)].concat()),
    ] {
        assert_eq!(read::<i32>(codec, &body), Err(ErrorKind::TooDeep), "{codec:?}");
        assert_eq!(scan(codec, &message(codec, &body)), Err(ErrorKind::TooDeep), "{codec:?}");
    }
    assert_eq!(scan(Codec::Json, &[b'['; 1_000_000]), Err(ErrorKind::TooDeep));
}

#[test]
fn d3_depth_is_given_back() {
    let body: Vec<u8> = (0..1000).flat_map(|_| [vec![0x0c, 4], vec![0x1c; 62], vec![0; 63]].concat()).chain([0]).collect();
    assert_eq!(compact::<i32>(&body), Ok(None));
    let field = [br#""2":{"rec":"#, &br#"{"1":{"rec":"#.repeat(62)[..], b"{}", &b"}}".repeat(62), b"}"].concat();
    let body = [b"{", vec![field; 1000].join(&b',').as_slice(), b"}"].concat();
    assert_eq!(read::<i32>(Codec::Json, &body), Ok(None));
}

#[test]
fn d8_a_value_too_deep_is_not_written() {
    let value = (0..64).fold(Chain(None), |chain, _| Chain(Some(Box::new(chain))));
    for codec in crate::sample::CODECS {
        let mut out = Output::new();
        codec.write(&mut out, 65, ("m", MessageKind::CALL, 1), &value);
        assert_eq!((out.error(), out.to_vec()), (None, chain(codec, 65)));
        codec.write(&mut out, 64, ("m", MessageKind::CALL, 1), &value);
        assert_eq!(out.error(), Some(ErrorKind::TooDeep));
    }
}

#[test]
fn j3_numbers_that_are_none() {
    for bad in ["-", "+1", "01", "1.", ".5", "0x10", "1e", "--1", "NaN", "nan", "Infinity", "-Infinity", "null", "true", ""] {
        assert_eq!(json::<f64>("dbl", bad), Err(ErrorKind::InvalidJson), "{bad}");
        assert_eq!(json::<i32>("i32", bad), Err(ErrorKind::InvalidJson), "{bad}");
        assert_eq!(json::<i32>("i64", bad), Err(ErrorKind::InvalidJson), "{bad} read over");
    }
    assert_eq!(json::<f64>("dbl", "1e999999"), Err(ErrorKind::NumberOutOfRange));
    let long = "1".repeat(1_000_000);
    assert_eq!(json::<f64>("dbl", &long), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i64>("i64", &long), Err(ErrorKind::NumberOutOfRange));
}

#[test]
fn j4_integers_out_of_their_range() {
    assert_eq!(json::<i8>("i8", "128"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i16>("i16", "32768"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i32>("i32", "2147483648"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i64>("i64", "9223372036854775808"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i64>("i64", "-9223372036854775808"), Ok(Some(i64::MIN)));
    assert_eq!(json::<i64>("i64", "9007199254740993"), Ok(Some((1 << 53) + 1)));
    assert_eq!(json::<i32>("i32", "1.0"), Err(ErrorKind::InvalidJson));
    assert_eq!(json::<i32>("i32", "1e3"), Err(ErrorKind::InvalidJson));
    assert_eq!(json::<i32>("i32", r#""-12""#), Ok(Some(-12)), "in quotes");
    assert_eq!(json::<i32>("i32", r#""12 ""#), Err(ErrorKind::InvalidJson));
}

#[test]
fn j5_doubles_that_json_has_no_number_for() {
    assert!(json::<f64>("dbl", r#""NaN""#).unwrap().unwrap().is_nan());
    assert_eq!(json("dbl", r#""Infinity""#), Ok(Some(f64::INFINITY)));
    assert_eq!(json("dbl", r#""-Infinity""#), Ok(Some(f64::NEG_INFINITY)));
    assert_eq!(json("dbl", r#""1.5""#), Ok(Some(1.5)));
    assert_eq!(json("dbl", "1.000000000000000055511"), Ok(Some(1.0)));
    assert_eq!(json::<f64>("dbl", r#""nan""#), Err(ErrorKind::InvalidJson));
    assert_eq!(json::<f64>("dbl", r#""infinity""#), Err(ErrorKind::InvalidJson));
}

#[test]
fn j7_strings_that_are_none() {
    for control in 0..0x20 {
        let body = [br#"{"1":{"str":"a"#, &[control][..], br#"b"}}"#].concat();
        assert_eq!(read::<String>(Codec::Json, &body), Err(ErrorKind::InvalidJson));
        assert_eq!(read::<i32>(Codec::Json, &body), Err(ErrorKind::InvalidJson), "read over");
    }
    for bad in [&b"\xc3\x28"[..], b"\xed\xa0\x80", b"\xc0\x80", b"\xff"] {
        let body = [br#"{"1":{"str":""#, bad, br#""}}"#].concat();
        assert_eq!(read::<String>(Codec::Json, &body), Err(ErrorKind::InvalidUtf8));
        assert_eq!(read::<i32>(Codec::Json, &body), Err(ErrorKind::InvalidUtf8), "read over");
    }
    for bad in [r#""\ud800""#, r#""\udc00\ud800""#, r#""\x41""#, r#""\u12""#] {
        assert_eq!(json::<String>("str", bad), Err(ErrorKind::InvalidJson), "{bad}");
        assert_eq!(json::<i32>("str", bad), Err(ErrorKind::InvalidJson), "{bad} read over");
    }
    assert_eq!(json("str", r#""\/\u00E9\ud83d\ude00""#), Ok(Some("/é😀".to_owned())));
    nobody_reads(b"\xef\xbb\xbf[1,\"m\",1,1,{}]");
}

#[test]
fn j8_strings_over_the_limit() {
    let limits = Limits { string_max: 100, ..Limits::default() };
    let over = |body: String| decode::<One<String>>(Codec::Json, &message(Codec::Json, body.as_bytes()), &limits);
    for text in ["x".repeat(101), "\\u0041".repeat(101)] {
        let body = format!(r#"{{"1":{{"str":"{text}"}}}}"#);
        assert_eq!(over(body).unwrap_err().kind, ErrorKind::StringTooLong);
    }
    assert!(over(format!(r#"{{"1":{{"str":"{}"}}}}"#, "\\u0041".repeat(100))).is_ok());
    let name = format!(r#"{{"{}":{{"str":""}}}}"#, "1".repeat(65536));
    assert_eq!(over(name).unwrap_err().kind, ErrorKind::NumberOutOfRange);
    let endless = [&br#"[1,"m",1,1,{"1":{"str":""#[..], &[b'x'; 700]].concat();
    assert_eq!(Scanner::new(Codec::Json).scan(&endless, &limits).unwrap_err().kind, ErrorKind::StringTooLong);
    let endless = [&br#"[1,""#[..], &[b'x'; 4000]].concat();
    assert_eq!(Scanner::new(Codec::Json).scan(&endless, &limits).unwrap_err().kind, ErrorKind::MethodTooLong);
}

#[test]
fn j9_heads_that_are_none() {
    assert_eq!(head(Codec::Json, br#"[1,"m",9,1,{}]"#), Ok(("m".into(), MessageKind(9), 1)));
    assert_eq!(head(Codec::Json, br#" [ 1 , "s:\u006d" , 1 , -1 , {} ]"#), Ok(("s:m".into(), MessageKind::CALL, -1)));
    for (bad, kind) in [
        (r#"[2,"m",1,1,{}]"#, ErrorKind::BadVersion),
        (r#"["m",1,1,{}]"#, ErrorKind::InvalidJson),
        (r"[1,1,1,{}]", ErrorKind::InvalidJson),
        (r"[1,7,1,1,{}]", ErrorKind::InvalidJson),
        (r#"[1,"m"]"#, ErrorKind::InvalidJson),
        (r#"[1,"m",1,1]"#, ErrorKind::InvalidJson),
        (r#"[1,"m",256,1,{}]"#, ErrorKind::NumberOutOfRange),
        (r#"[1,"m",1,2147483648,{}]"#, ErrorKind::NumberOutOfRange),
        (r#"[1 "m",1,1,{}]"#, ErrorKind::InvalidJson),
    ] {
        assert_eq!(head(Codec::Json, bad.as_bytes()), Err(kind), "{bad}");
    }
    let long = format!(r#"[1,"{}",1,1,{{}}]"#, "m".repeat(513));
    assert_eq!(head(Codec::Json, long.as_bytes()), Err(ErrorKind::MethodTooLong));
    let surplus = decode::<One<i32>>(Codec::Json, br#"[1,"m",1,1,{},2]"#, &Limits::default());
    assert_eq!(surplus.unwrap_err().kind, ErrorKind::InvalidJson);
}

#[test]
fn j12_numbers_of_fields() {
    let field = |id: &str| read::<i32>(Codec::Json, format!(r#"{{"{id}":{{"i32":5}}}}"#).as_bytes());
    assert_eq!(field("1"), Ok(Some(5)));
    assert_eq!(field("-1"), Ok(None));
    assert_eq!(field("99999999999"), Err(ErrorKind::NumberOutOfRange));
    for bad in ["1.5", "", "__proto__", "01", " 1"] {
        assert_eq!(field(bad), Err(ErrorKind::InvalidJson), "{bad}");
    }
    assert_eq!(read::<i32>(Codec::Json, br#"{"1":{"i32":5},"1":{"i32":6}}"#), Ok(Some(6)), "the last one counts");
    for bad in [r#"{1:{"i32":5}}"#, r#"{"1":{"i32":5}"#, r#"{"1":{}}"#, r#"{"1":{"i32":5,"i32":6}}"#, r#"{"1":{"i32":5},}"#] {
        assert!(read::<i32>(Codec::Json, bad.as_bytes()).is_err(), "{bad}");
    }
    assert_eq!(read::<i32>(Codec::Json, br#"{"1":{"u32":5}}"#), Err(ErrorKind::UnknownType));
}

#[test]
fn j_containers_hold_what_they_declare() {
    assert_eq!(json("lst", r#"["i32",2,5,6]"#), Ok(Some(vec![5, 6])));
    for bad in [r#"["i32",1,5,6]"#, r#"["i32",3,5,6]        "#, r#"["i32",2,5 6]"#, r#"["i32",2,5,,6]"#, r#"["i32",2,5,6,]"#] {
        assert_eq!(json::<Vec<i32>>("lst", bad), Err(ErrorKind::InvalidJson), "{bad}");
    }
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",-1]"#), Err(ErrorKind::NegativeSize));
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",2147483648]"#), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",2147483647]"#), Err(ErrorKind::ContainerTooLarge));
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",1000000]"#), Err(ErrorKind::UnexpectedEnd));
    assert_eq!(json::<Vec<i32>>("lst", r#"["str",1,"5"]"#), Err(ErrorKind::TypeMismatch));
    assert_eq!(json::<Vec<i32>>("lst", r#"["???",1,5]"#), Err(ErrorKind::UnknownType));
    assert_eq!(json::<Vec<i32>>("lst", r#"["",0]"#), Ok(Some(vec![])));
    let map = |value| json::<VecMap<i32, bool>>("map", value);
    assert_eq!(map(r#"["i32","tf",2,{"1":1,"2":0}]"#), Ok(Some(VecMap(vec![(1, true), (2, false)]))));
    for bad in
        [r#"["i32","tf",1,{1:1}]"#, r#"["i32","tf",1,{"1":1,"2":0}]"#, r#"["i32","tf",2,{"1":1}]"#, r#"["i32","tf",1,{"1",1}]"#]
    {
        assert_eq!(map(bad), Err(ErrorKind::InvalidJson), "{bad}");
    }
}

#[test]
fn j_keys_that_json_has_no_form_for() {
    let value = VecMap(vec![(vec![1], 2)]);
    let mut out = Output::new();
    Codec::Json.write(&mut out, 64, ("m", MessageKind::CALL, 1), &One(Some(value)));
    assert_eq!(out.error(), Some(ErrorKind::KeyNotScalar));
    let keyed = json::<VecMap<Vec<i32>, i32>>("map", r#"["lst","i32",1,{["i32",1,1]:2}]"#);
    assert_eq!(keyed, Err(ErrorKind::KeyNotScalar));
    assert_eq!(json::<i32>("map", r#"["rec","i32",1,{{}:2}]"#), Err(ErrorKind::KeyNotScalar), "read over");
    let empty = One(Some(VecMap::<Vec<i32>, i32>(vec![])));
    let bytes = encode(Codec::Json, &empty);
    assert_eq!(decode::<One<VecMap<Vec<i32>, i32>>>(Codec::Json, &bytes, &Limits::default()).unwrap().0, empty);
}

#[test]
fn j_binaries_with_and_without_padding() {
    for text in [r#""AP8Q/g==""#, r#""AP8Q/g""#, r#""AP8Q\/g""#, r#""AP8Q/h=""#] {
        assert_eq!(json("str", text), Ok(Some(Bytes::from_static(&[0, 255, 16, 254]))), "{text}");
    }
    assert_eq!(json::<Bytes>("str", r#""AP8Q-g""#), Err(ErrorKind::InvalidBase64));
    assert_eq!(json::<Bytes>("str", r#""A""#), Err(ErrorKind::InvalidBase64));
}

/// How long reading takes, at best of some.
fn time<T: for<'a> Decode<'a>>(bytes: &[u8]) -> u128 {
    let once = || {
        let start = Instant::now();
        _ = decode::<One<T>>(Codec::Json, bytes, &Limits::default());
        _ = scan(Codec::Json, bytes);
        start.elapsed().as_micros()
    };
    (0..5).map(|_| once()).min().unwrap_or_default()
}

#[test]
fn j13_j14_time_is_linear() {
    let blanks = |n| message(Codec::Json, format!("{{{}}}", " \n".repeat(n)).as_bytes());
    let escapes = |n: usize| message(Codec::Json, format!(r#"{{"1":{{"str":"{}"}}}}"#, "\\u0041".repeat(n)).as_bytes());
    let strings = |n: usize| {
        let mut body = format!(r#"{{"1":{{"lst":["str",{n}"#);
        (0..n).for_each(|_| _ = write!(body, r#","x""#));
        message(Codec::Json, (body + "]}}").as_bytes())
    };
    let n = 100_000;
    let ratios = [
        (time::<i32>(&blanks(n)), time::<i32>(&blanks(4 * n))),
        (time::<String>(&escapes(n)), time::<String>(&escapes(4 * n))),
        (time::<Vec<String>>(&strings(n)), time::<Vec<String>>(&strings(4 * n))),
    ];
    for (once, four_times) in ratios {
        assert!(four_times <= 10 * once + 1000, "{once} µs and {four_times} µs for four times as much");
    }
}

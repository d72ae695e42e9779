//! Every limit in every codec, when a value is read, read over, and scanned for its end.

use bytes::Bytes;
use farthing::wire::{Codec, Decode, ErrorKind, Limits, Scanner, VecMap, VecSet};

use crate::memory::peak;
use crate::one::{One, chain, message};
use crate::sample::{Inner, decode, skip};

/// What a message with this struct comes to: decoded as a struct whose field 1 is a `T`, read over, and scanned.
struct Cell {
    decoded: Result<(), ErrorKind>,
    skipped: Result<(), ErrorKind>,
    scanned: Result<(), ErrorKind>,
}

fn cell<T: for<'a> Decode<'a>>(codec: Codec, bytes: &[u8], limits: &Limits) -> Cell {
    let (cell, taken) = peak(|| Cell {
        decoded: decode::<One<T>>(codec, bytes, limits).map(drop).map_err(|error| error.kind),
        skipped: skip(codec, bytes, limits).map(drop).map_err(|error| error.kind),
        scanned: Scanner::new(codec).scan(bytes, limits).map(drop).map_err(|error| error.kind),
    });
    assert!(taken <= 64 * 1024 + 32 * bytes.len(), "{codec:?} took {taken} bytes for {}", bytes.len());
    cell
}

/// One field 1, written in each codec.
fn in_each(binary: &[u8], compact: &[u8], json: &str) -> [(Codec, Vec<u8>); 3] {
    let json = format!(r#"{{"1":{json}}}"#);
    [
        (Codec::Binary, message(Codec::Binary, binary)),
        (Codec::Compact, message(Codec::Compact, compact)),
        (Codec::Json, message(Codec::Json, json.as_bytes())),
    ]
}

/// All three ways refuse, for this reason. The end of a JSON message is found without counting what is in it, and its numbers
/// are not read.
fn refused<T: for<'a> Decode<'a>>(messages: &[(Codec, Vec<u8>)], limits: &Limits, kind: ErrorKind) {
    for (codec, bytes) in messages {
        let cell = cell::<T>(*codec, bytes, limits);
        assert_eq!((cell.decoded, cell.skipped), (Err(kind), Err(kind)), "{codec:?}");
        let expected = if *codec == Codec::Json { Ok(()) } else { Err(kind) };
        assert_eq!(cell.scanned, expected, "{codec:?}");
    }
}

fn accepted<T: for<'a> Decode<'a>>(messages: &[(Codec, Vec<u8>)], limits: &Limits) {
    for (codec, bytes) in messages {
        let cell = cell::<T>(*codec, bytes, limits);
        assert_eq!((cell.decoded, cell.skipped, cell.scanned), (Ok(()), Ok(()), Ok(())), "{codec:?}");
    }
}

#[test]
fn string_max() {
    let limits = Limits { string_max: 3, ..Limits::default() };
    let fits = in_each(b"\x0b\0\x01\0\0\0\x03abc\0", b"\x18\x03abc\0", r#"{"str":"YWJj"}"#);
    accepted::<Bytes>(&fits, &limits);
    let over = in_each(b"\x0b\0\x01\0\0\0\x04abcd\0", b"\x18\x04abcd\0", r#"{"str":"YWJjZGVm"}"#);
    refused::<Bytes>(&over, &limits, ErrorKind::StringTooLong);
    let text = in_each(b"\x0b\0\x01\0\0\0\x04abcd\0", b"\x18\x04abcd\0", r#"{"str":"abcd"}"#);
    for (codec, bytes) in text {
        assert_eq!(cell::<String>(codec, &bytes, &limits).decoded, Err(ErrorKind::StringTooLong), "{codec:?}");
    }
}

#[test]
fn container_max() {
    let limits = Limits { container_max: 2, ..Limits::default() };
    let fits = in_each(b"\x0f\0\x01\x03\0\0\0\x02ab\0", b"\x19\x23ab\0", r#"{"lst":["i8",2,1,2]}"#);
    accepted::<Vec<i8>>(&fits, &limits);
    let list = in_each(b"\x0f\0\x01\x03\0\0\0\x03abc\0", b"\x19\x33abc\0", r#"{"lst":["i8",3,1,2,3]}"#);
    refused::<Vec<i8>>(&list, &limits, ErrorKind::ContainerTooLarge);
    let long = in_each(b"\x0f\0\x01\x03\0\0\0\x03abc\0", b"\x19\xf3\x03abc\0", r#"{"lst":["i8",3,1,2,3]}"#);
    refused::<Vec<i8>>(&long, &limits, ErrorKind::ContainerTooLarge);
    let map =
        in_each(b"\x0d\0\x01\x03\x03\0\0\0\x03aabbcc\0", b"\x1b\x03\x33aabbcc\0", r#"{"map":["i8","i8",3,{"1":1,"2":2,"3":3}]}"#);
    refused::<VecMap<i8, i8>>(&map, &limits, ErrorKind::ContainerTooLarge);
}

#[test]
fn depth_max() {
    for depth_max in [1, 2, 17, 64, 256] {
        let limits = Limits { depth_max, ..Limits::default() };
        for codec in Codec::ALL {
            let cell_at = |depth| cell::<i32>(codec, &chain(codec, depth), &limits);
            let fits = cell_at(depth_max);
            assert_eq!((fits.decoded, fits.skipped, fits.scanned), (Ok(()), Ok(()), Ok(())), "{codec:?} {depth_max}");
            let over = cell_at(depth_max + 1);
            let too_deep = Err(ErrorKind::TooDeep);
            assert_eq!((over.decoded, over.skipped, over.scanned), (too_deep, too_deep, too_deep), "{codec:?} {depth_max}");
        }
    }
}

#[test]
fn method_max() {
    let limits = Limits { method_max: 4, ..Limits::default() };
    for (length, expected) in [(8, Ok(())), (9, Err(ErrorKind::MethodTooLong))] {
        let name = "n".repeat(length);
        let messages = [
            (Codec::Binary, [b"\x80\x01\0\x01\0\0\0", &[length as u8][..], name.as_bytes(), b"\0\0\0\0\0"].concat()),
            (Codec::Binary, [b"\0\0\0", &[length as u8][..], name.as_bytes(), b"\x01\0\0\0\0\0"].concat()),
            (Codec::Compact, [b"\x82\x21\x01", &[length as u8][..], name.as_bytes(), b"\0"].concat()),
            (Codec::Json, format!(r#"[1,"{name}",1,1,{{}}]"#).into_bytes()),
        ];
        for (codec, bytes) in messages {
            let cell = cell::<i32>(codec, &bytes, &limits);
            assert_eq!((cell.decoded, cell.skipped), (expected, expected), "{codec:?} {length}");
            // The name may be six times as long where it is written in escapes, which the scan does not read.
            let scanned = if codec == Codec::Json { Ok(()) } else { expected };
            assert_eq!(cell.scanned, scanned, "{codec:?} {length}");
        }
    }
}

#[test]
fn message_max() {
    for codec in Codec::ALL {
        let bytes = chain(codec, 9);
        let scan = |message_max| cell::<i32>(codec, &bytes, &Limits { message_max, ..Limits::default() }).scanned;
        assert_eq!(scan(bytes.len()), Ok(()), "{codec:?}");
        (1..bytes.len()).for_each(|max| assert_eq!(scan(max), Err(ErrorKind::MessageTooLarge), "{codec:?} {max}"));
        let short = Limits { message_max: bytes.len() - 1, ..Limits::default() };
        let mut drip = (1..bytes.len()).map(|seen| Scanner::new(codec).scan(&bytes[..seen], &short).map_err(|error| error.kind));
        assert!(drip.next_back().is_some_and(|end| end == Err(ErrorKind::MessageTooLarge)), "{codec:?}");
    }
}

#[test]
fn negative_sizes() {
    let limits = Limits::default();
    let list = in_each(b"\x0f\0\x01\x08\xff\xff\xff\xff\0", b"\x19\xf5\xff\xff\xff\xff\x0f\0", r#"{"lst":["i32",-1]}"#);
    refused::<Vec<i32>>(&list, &limits, ErrorKind::NegativeSize);
    let set = in_each(b"\x0e\0\x01\x08\x80\0\0\0\0", b"\x1a\xf5\x80\x80\x80\x80\x08\0", r#"{"set":["i32",-2147483648]}"#);
    refused::<std::collections::BTreeSet<i32>>(&set, &limits, ErrorKind::NegativeSize);
    let map =
        in_each(b"\x0d\0\x01\x08\x08\xff\xff\xff\xff\0", b"\x1b\xff\xff\xff\xff\x0f\x55\0", r#"{"map":["i32","i32",-1,{}]}"#);
    refused::<VecMap<i32, i32>>(&map, &limits, ErrorKind::NegativeSize);
    // JSON does not declare the length of a string.
    let string = in_each(b"\x0b\0\x01\xff\xff\xff\xff\0", b"\x18\xff\xff\xff\xff\x0f\0", "");
    refused::<Bytes>(&string[..2], &limits, ErrorKind::NegativeSize);
}

#[test]
fn huge_counts() {
    let limits = Limits { container_max: i32::MAX as usize, ..Limits::default() };
    let lists =
        in_each(b"\x0f\0\x01\x0c\x7f\xff\xff\xff", b"\x19\xfc\xff\xff\xff\xff\x07", r#"{"lst":["rec",2147483647,{},{},{}"#);
    let maps = in_each(
        b"\x0d\0\x01\x0b\x0c\x7f\xff\xff\xff",
        b"\x1b\xff\xff\xff\xff\x07\x8c",
        r#"{"map":["str","rec",2147483647,{"":{}"#,
    );
    for (list, map) in lists.into_iter().zip(maps) {
        let cells = [cell::<Vec<Inner>>(list.0, &list.1, &limits), cell::<VecMap<String, Inner>>(map.0, &map.1, &limits)];
        for cell in cells {
            let short = Err(ErrorKind::UnexpectedEnd);
            assert_eq!((cell.decoded, cell.skipped), (short, short), "{:?}", list.0);
        }
    }
}

#[test]
fn unknown_types() {
    let limits = Limits::default();
    let field = in_each(b"\x07\0\x01\0", b"\x1e\0", r#"{"u64":1}"#);
    refused::<i32>(&field, &limits, ErrorKind::UnknownType);
    let element = in_each(b"\x0f\0\x01\x11\0\0\0\x01\0\0", b"\x19\x1f\0\0", r#"{"lst":["u64",1,1]}"#);
    refused::<Vec<i32>>(&element, &limits, ErrorKind::UnknownType);
    let nothing = in_each(b"\x0f\0\x01\0\0\0\0\x01\0\0", b"\x19\x10\0\0", r#"{"lst":["",1,1]}"#);
    refused::<Vec<i32>>(&nothing, &limits, ErrorKind::UnknownType);
    let key = in_each(b"\x0d\0\x01\x11\x08\0\0\0\x01\0\0\0\0\0\0", b"\x1b\x01\xe5\0\0\0", r#"{"map":["u64","i32",1,{"1":1}]}"#);
    refused::<VecMap<i32, i32>>(&key, &limits, ErrorKind::UnknownType);
    let empty = in_each(b"\x0f\0\x01\x11\0\0\0\0\0", b"\x19\x0f\0", r#"{"lst":["u64",0]}"#);
    accepted::<Vec<i32>>(&empty, &limits);
}

#[test]
fn empty_containers_may_name_any_type() {
    let limits = Limits::default();
    let list = in_each(b"\x0f\0\x01\x0b\0\0\0\0\0", b"\x19\x08\0", r#"{"lst":["str",0]}"#);
    accepted::<Vec<i32>>(&list, &limits);
    let long = [(Codec::Compact, message(Codec::Compact, b"\x19\xf8\0\0"))];
    accepted::<Vec<i32>>(&long, &limits);
    let set = in_each(b"\x0e\0\x01\x0c\0\0\0\0\0", b"\x1a\x0c\0", r#"{"set":["rec",0]}"#);
    accepted::<VecSet<i64>>(&set, &limits);
    let map = in_each(b"\x0d\0\x01\x0c\x02\0\0\0\0\0", b"\x1b\0\0", r#"{"map":["rec","tf",0,{}]}"#);
    accepted::<VecMap<i32, i32>>(&map, &limits);
    let filled = in_each(b"\x0f\0\x01\x0b\0\0\0\x01\0\0\0\0\0", b"\x19\x18\0\0", r#"{"lst":["str",1,""]}"#);
    for (codec, bytes) in &filled {
        let cell = cell::<Vec<i32>>(*codec, bytes, &limits);
        assert_eq!((cell.decoded, cell.skipped), (Err(ErrorKind::TypeMismatch), Ok(())), "{codec:?}");
    }
}

#[test]
fn varints() {
    for codec in [Codec::Compact] {
        for body in [&b"\x15\x80\x80\x80\x80\x80\0\0\0\0\0\0\0\0"[..], b"\x16\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\0\0"] {
            let messages = [(codec, message(codec, body))];
            refused::<i32>(&messages, &Limits::default(), ErrorKind::VarintTooLong);
        }
    }
}

//! Structs and containers inside one another, to the limit and past it.

use std::time::Instant;

use farthing::wire::{Codec, ErrorKind, Limits, MessageKind, Output, Scan};

use crate::one::{Chain, One, chain, compact, message, read, scan};
use crate::sample::decode;

#[test]
fn d1_c16_j1_chains_of_structs() {
    for codec in Codec::ALL {
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
        (Codec::Compact, [&b"\x19"[..], &vec![0x19; 100_000]].concat()),
        (Codec::Compact, [&b"\x1b"[..], &b"\x01\xbb".repeat(50_000)].concat()),
        (Codec::Binary, [&b"\x0f\0\x01"[..], &b"\x0f\0\0\0\x01".repeat(50_000)].concat()),
        (Codec::Json, [&br#"{"1":{"lst":"#[..], &br#"["lst",1,"#.repeat(50_000)].concat()),
    ] {
        assert_eq!(read::<i32>(codec, &body), Err(ErrorKind::TooDeep), "{codec:?}");
        assert_eq!(scan(codec, &message(codec, &body)), Err(ErrorKind::TooDeep), "{codec:?}");
    }
    assert_eq!(scan(Codec::Json, &vec![b'['; 1_000_000]), Err(ErrorKind::TooDeep));
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
    for codec in Codec::ALL {
        let mut out = Output::new();
        codec.write(&mut out, 65, ("m", MessageKind::CALL, 1), &value);
        assert_eq!((out.error(), out.to_vec()), (None, chain(codec, 65)));
        codec.write(&mut out, 64, ("m", MessageKind::CALL, 1), &value);
        assert_eq!(out.error(), Some(ErrorKind::TooDeep));
    }
}

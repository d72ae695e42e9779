//! Messages as Apache's library for Python writes them, in every codec.

use farthing::wire::{Codec, Limits, MessageKind};
use farthing::wire::{Input, MessageHead};

use crate::sample::{NAME, Rich, SEQID, decode, encode, golden};

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// What is written for the golden value.
fn golden_bytes(codec: Codec) -> Vec<u8> {
    match codec {
        Codec::Binary => from_hex(include_str!("golden/binary.hex")),
        Codec::Compact => from_hex(include_str!("golden/compact.hex")),
        _ => include_str!("golden/ours.json").trim_end().into(),
    }
}

#[test]
fn golden_bytes_are_written() {
    for codec in Codec::ALL {
        let written = encode(codec, &golden());
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&golden_bytes(codec)), "{codec:?}");
        assert_eq!(written, golden_bytes(codec), "{codec:?}");
    }
}

#[test]
fn golden_bytes_are_read() {
    let limits = Limits::default();
    let apache = include_str!("golden/apache.json").trim_end().as_bytes().to_vec();
    for (codec, bytes) in Codec::ALL.map(|codec| (codec, golden_bytes(codec))).into_iter().chain([(Codec::Json, apache)]) {
        assert_eq!(Codec::sniff(&bytes), Some(codec));
        let head = codec.head(&mut Input::new(&bytes, &limits)).unwrap();
        assert_eq!(head, MessageHead { name: NAME.into(), kind: MessageKind::CALL, seqid: SEQID });
        let (value, used) = decode::<Rich>(codec, &bytes, &limits).unwrap();
        assert_eq!((value, used), (golden(), bytes.len()), "{codec:?}");
    }
}

#[test]
fn json_is_read_with_blanks_between_tokens() {
    let text = include_str!("golden/apache.json");
    let mut spaced = String::new();
    let mut in_string = false;
    for (index, character) in text.trim_end().char_indices() {
        let is_quote = character == '"' && !text[..index].ends_with('\\');
        in_string ^= is_quote;
        let is_mark = !in_string && (is_quote || "[]{}:,".contains(character));
        spaced.push_str(if is_mark && !is_quote { " \n" } else { "" });
        spaced.push(character);
        spaced.push_str(if is_mark { "\t\r" } else { "" });
    }
    let (value, used) = decode::<Rich>(Codec::Json, spaced.as_bytes(), &Limits::default()).unwrap();
    assert_eq!((value, used), (golden(), spaced.len()));
}

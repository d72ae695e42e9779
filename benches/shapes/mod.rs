//! The values that codecs are measured with, the same in every run: one struct of many kinds of fields, and large ones of one
//! kind each.

#![allow(dead_code)] // each benchmark takes those that it needs

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

use farthing::generated::bench::{Inner, Payload};
use farthing::wire::{Bytes, Decode, Error, Reader, WireType};

#[path = "../../tests/in_memory/add.rs"]
mod add;

pub(crate) use self::add::Add;

/// A map of texts. Its hash has no seed, so that its order, and with it the count of instructions, is the same in every run;
/// otherwise it is the hash that maps have by default.
pub(crate) type Dict = HashMap<String, String, BuildHasherDefault<DefaultHasher>>;

impl<'a> Decode<'a> for Add {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut add = Self(0, 0);
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::I32) => add.0 = reader.i32()?,
                (2, WireType::I32) => add.1 = reader.i32()?,
                (_, kind) => reader.skip(kind)?,
            }
        }
        Ok(add)
    }
}

/// About 1.2 KiB in the binary protocol: twenty fields, lists, a map and nested structs.
pub(crate) fn payload() -> Payload {
    Payload {
        flag: true,
        tiny: -7,
        small: 1234,
        mid: -1_234_567,
        big: 1_234_567_890_123,
        ratio: 0.618_033_988_749,
        title: "A farthing is a quarter of an old penny.".into(),
        author: "Anne Queen of G.B.I.".into(),
        blob: Bytes::from(vec![0xa5; 200]),
        head: inner(0),
        ints: (0..32).map(|n| n * 7919 - 100_000).collect(),
        longs: (0..16).map(|n| n * 104_729 * 1_299_709).collect(),
        tags: (0..8).map(|n| format!("tag-{n:06}")).collect(),
        items: (1..5).map(inner).collect(),
        count1: 17,
        count2: -170_000,
        created: 1_700_000_000_000,
        updated: 1_700_000_123_456,
        note: "n".repeat(120),
        counters: (0..8).map(|n| (format!("count-{n:02}"), n * n * 1000)).collect(),
    }
}

/// A struct of five fields; 56 bytes in the binary protocol.
pub(crate) fn inner(n: i32) -> Inner {
    Inner {
        id: n * 31 + 7,
        ts: 1_700_000_000_000 + i64::from(n) * 1_000_003,
        name: format!("inner-name-{n:04}"),
        score: f64::from(n) * 0.5 + 0.25,
        active: n % 2 == 0,
    }
}

/// 1,000 structs.
pub(crate) fn structs() -> Vec<Inner> {
    (0..1000).map(inner).collect()
}

/// 10,000 numbers of all sizes.
pub(crate) fn longs() -> Vec<i64> {
    (0..10_000_i64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()) >> (n % 60)).collect()
}

/// 1,000 pairs of texts of 16 and 32 bytes.
pub(crate) fn dict() -> Dict {
    (0..1000).map(|n| (format!("key-of-entry-{n:03}"), format!("the-value-of-this-entry-is-{n:05}"))).collect()
}

/// 1 MiB.
pub(crate) fn blob() -> Bytes {
    Bytes::from((0..1 << 20).map(|n: u32| (n >> 3) as u8).collect::<Vec<_>>())
}

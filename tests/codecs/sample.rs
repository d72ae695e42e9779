//! A struct with something of everything, written by hand as the code generator would write it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use farthing::wire::{
    Codec, Decode, Encode, Error, Input, Limits, MessageKind, Output, Reader, Typed, Uuid, VecMap, WireType, Writer,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

pub(crate) const NAME: &str = "method";
pub(crate) const SEQID: i32 = -7;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Inner {
    pub(crate) text: String,
    pub(crate) far: i32,
    pub(crate) below: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rich {
    pub(crate) yes: bool,
    pub(crate) no: bool,
    pub(crate) byte: i8,
    pub(crate) short: i16,
    pub(crate) int: i32,
    pub(crate) long: i64,
    pub(crate) double: f64,
    pub(crate) text: String,
    pub(crate) data: Bytes,
    pub(crate) uuid: Uuid,
    pub(crate) ints: Vec<i32>,
    pub(crate) words: BTreeSet<String>,
    pub(crate) names: BTreeMap<i32, String>,
    pub(crate) inner: Inner,
    pub(crate) bools: Vec<bool>,
    pub(crate) longs: Vec<i64>,
    pub(crate) doubles: Vec<f64>,
    pub(crate) bytes: Vec<i8>,
    pub(crate) shorts: Vec<i16>,
    pub(crate) inners: Vec<Inner>,
    pub(crate) groups: BTreeMap<String, Vec<Inner>>,
    pub(crate) by_bool: BTreeMap<bool, i8>,
    pub(crate) by_double: VecMap<f64, i16>,
    pub(crate) by_uuid: BTreeMap<Uuid, i64>,
    pub(crate) by_long: BTreeMap<i64, BTreeMap<i16, bool>>,
    pub(crate) uuids: Vec<Uuid>,
    pub(crate) lists: Vec<Vec<Vec<i32>>>,
    pub(crate) blobs: Vec<Bytes>,
}

impl Typed for Inner {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Inner {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &self.text);
        writer.field(3000, &self.far);
        writer.field(-2, &self.below);
        writer.struct_end();
    }
}

impl<'a> Decode<'a> for Inner {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut inner = Self::default();
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::String) => inner.text = Decode::decode(reader)?,
                (3000, WireType::I32) => inner.far = Decode::decode(reader)?,
                (-2, WireType::Bool) => inner.below = Decode::decode(reader)?,
                (_, kind) => reader.skip(kind)?,
            }
        }
        Ok(inner)
    }
}

impl Typed for Rich {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Rich {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &self.yes);
        writer.field(2, &self.no);
        writer.field(3, &self.byte);
        writer.field(4, &self.short);
        writer.field(5, &self.int);
        writer.field(6, &self.long);
        writer.field(7, &self.double);
        writer.field(8, &self.text);
        writer.field(9, &self.data);
        writer.field(10, &self.uuid);
        writer.field(11, &self.ints);
        writer.field(12, &self.words);
        writer.field(13, &self.names);
        writer.field(14, &self.inner);
        writer.field(15, &self.bools);
        writer.field(16, &self.longs);
        writer.field(17, &self.doubles);
        writer.field(33, &self.bytes);
        writer.field(34, &self.shorts);
        writer.field(100, &self.inners);
        writer.field(101, &self.groups);
        writer.field(102, &self.by_bool);
        writer.field(103, &self.by_double);
        writer.field(104, &self.by_uuid);
        writer.field(105, &self.by_long);
        writer.field(106, &self.uuids);
        writer.field(107, &self.lists);
        writer.field(108, &self.blobs);
        writer.struct_end();
    }
}

impl<'a> Decode<'a> for Rich {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut rich = Self::default();
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::Bool) => rich.yes = Decode::decode(reader)?,
                (2, WireType::Bool) => rich.no = Decode::decode(reader)?,
                (3, WireType::I8) => rich.byte = Decode::decode(reader)?,
                (4, WireType::I16) => rich.short = Decode::decode(reader)?,
                (5, WireType::I32) => rich.int = Decode::decode(reader)?,
                (6, WireType::I64) => rich.long = Decode::decode(reader)?,
                (7, WireType::Double) => rich.double = Decode::decode(reader)?,
                (8, WireType::String) => rich.text = Decode::decode(reader)?,
                (9, WireType::String) => rich.data = Decode::decode(reader)?,
                (10, WireType::Uuid) => rich.uuid = Decode::decode(reader)?,
                (11, WireType::List) => rich.ints = Decode::decode(reader)?,
                (12, WireType::Set) => rich.words = Decode::decode(reader)?,
                (13, WireType::Map) => rich.names = Decode::decode(reader)?,
                (14, WireType::Struct) => rich.inner = Decode::decode(reader)?,
                (15, WireType::List) => rich.bools = Decode::decode(reader)?,
                (16, WireType::List) => rich.longs = Decode::decode(reader)?,
                (17, WireType::List) => rich.doubles = Decode::decode(reader)?,
                (33, WireType::List) => rich.bytes = Decode::decode(reader)?,
                (34, WireType::List) => rich.shorts = Decode::decode(reader)?,
                (100, WireType::List) => rich.inners = Decode::decode(reader)?,
                (101, WireType::Map) => rich.groups = Decode::decode(reader)?,
                (102, WireType::Map) => rich.by_bool = Decode::decode(reader)?,
                (103, WireType::Map) => rich.by_double = Decode::decode(reader)?,
                (104, WireType::Map) => rich.by_uuid = Decode::decode(reader)?,
                (105, WireType::Map) => rich.by_long = Decode::decode(reader)?,
                (106, WireType::List) => rich.uuids = Decode::decode(reader)?,
                (107, WireType::List) => rich.lists = Decode::decode(reader)?,
                (108, WireType::List) => rich.blobs = Decode::decode(reader)?,
                (_, kind) => reader.skip(kind)?,
            }
        }
        Ok(rich)
    }
}

/// The value that the golden bytes stand for.
pub(crate) fn golden() -> Rich {
    let inner = |text: &str, far, below| Inner { text: text.into(), far, below };
    let uuid: Uuid = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
    Rich {
        yes: true,
        no: false,
        byte: -5,
        short: 300,
        int: -70_000,
        long: 1 << 40,
        double: 1.5,
        text: "a \"q\" é\n".into(),
        data: Bytes::from_static(&[0, 255, 254, 16]),
        uuid,
        ints: vec![0, -1, 1, i32::MAX, i32::MIN],
        words: ["x", "y"].map(String::from).into(),
        names: [(-4, "minus".into()), (4, "plus".into())].into(),
        inner: inner("in", 77, true),
        bools: vec![true, false],
        longs: (0..16).map(|n| n * 100).collect(),
        doubles: vec![-0.0, 1e300],
        bytes: vec![1, -1],
        shorts: vec![i16::MIN, 9],
        inners: vec![inner("", 0, false), inner("z", -1, true)],
        groups: [("none".into(), vec![]), ("one".into(), vec![inner("o", 1, false)])].into(),
        by_bool: [(false, 0), (true, 1)].into(),
        by_double: VecMap(vec![(0.5, -1)]),
        by_uuid: [(uuid, i64::MIN)].into(),
        by_long: [(i64::MAX, BTreeMap::new()), (-1, [(2, true)].into())].into(),
        uuids: vec![uuid],
        lists: vec![vec![], vec![vec![], vec![7]]],
        blobs: vec![Bytes::new(), Bytes::from_static(b"fo")],
    }
}

fn any_inner() -> impl Strategy<Value = Inner> {
    (any::<String>(), any::<i32>(), any::<bool>()).prop_map(|(text, far, below)| Inner { text, far, below })
}

fn any_double() -> impl Strategy<Value = f64> {
    // One NaN only: the others look the same in JSON.
    any::<u64>().prop_map(f64::from_bits).prop_map(|double| if double.is_nan() { f64::NAN } else { double })
}

fn any_uuid() -> impl Strategy<Value = Uuid> {
    any::<[u8; 16]>().prop_map(Uuid)
}

fn any_blob() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..20).prop_map(Bytes::from)
}

/// Any value at all.
pub(crate) fn any_rich() -> impl Strategy<Value = Rich> {
    let scalars = (any::<(bool, bool, i8, i16, i32, i64)>(), any_double(), any::<String>(), any_blob(), any_uuid());
    let numbers = (
        vec(any::<i32>(), 0..20),
        vec(any::<bool>(), 0..20),
        vec(any::<i64>(), 0..20),
        vec(any_double(), 0..20),
        vec(any::<i8>(), 0..20),
        vec(any::<i16>(), 0..20),
    );
    let containers = (
        btree_set(any::<String>(), 0..4),
        btree_map(any::<i32>(), any::<String>(), 0..4),
        any_inner(),
        vec(any_inner(), 0..4),
        btree_map(any::<String>(), vec(any_inner(), 0..3), 0..3),
        vec(vec(vec(any::<i32>(), 0..3), 0..3), 0..20),
        vec(any_blob(), 0..3),
    );
    let keyed = (
        btree_map(any::<bool>(), any::<i8>(), 0..3),
        vec((any_double(), any::<i16>()), 0..3),
        btree_map(any_uuid(), any::<i64>(), 0..3),
        btree_map(any::<i64>(), btree_map(any::<i16>(), any::<bool>(), 0..3), 0..3),
        vec(any_uuid(), 0..3),
    );
    (scalars, numbers, containers, keyed).prop_map(|(scalars, numbers, containers, keyed)| {
        let ((yes, no, byte, short, int, long), double, text, data, uuid) = scalars;
        let (ints, bools, longs, doubles, bytes, shorts) = numbers;
        let (words, names, inner, inners, groups, lists, blobs) = containers;
        let (by_bool, by_double, by_uuid, by_long, uuids) = keyed;
        let by_double = VecMap(by_double);
        Rich {
            yes,
            no,
            byte,
            short,
            int,
            long,
            double,
            text,
            data,
            uuid,
            ints,
            words,
            names,
            inner,
            bools,
            longs,
            doubles,
            bytes,
            shorts,
            inners,
            groups,
            by_bool,
            by_double,
            by_uuid,
            by_long,
            uuids,
            lists,
            blobs,
        }
    })
}

/// A message with this value as its struct.
pub(crate) fn encode<T: Encode>(codec: Codec, value: &T) -> Vec<u8> {
    let mut out = Output::new();
    codec.write(&mut out, 64, (NAME, MessageKind::CALL, SEQID), value);
    assert_eq!(out.error(), None);
    out.to_vec()
}

/// Reads a message, and says how many bytes it took.
pub(crate) fn decode<T: for<'a> Decode<'a>>(codec: Codec, bytes: &[u8], limits: &Limits) -> Result<(T, usize), Error> {
    let mut input = Input::new(bytes, limits);
    codec.head(&mut input)?;
    let value = codec.body(&mut input)?;
    Ok((value, input.position()))
}

/// Reads over a message, and says how many bytes it took.
pub(crate) fn skip(codec: Codec, bytes: &[u8], limits: &Limits) -> Result<usize, Error> {
    let mut input = Input::new(bytes, limits);
    codec.head(&mut input)?;
    codec.skip_body(&mut input).map(|()| input.position())
}

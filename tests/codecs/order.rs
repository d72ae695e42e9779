//! A struct is read alike in whatever order its fields come: generated code asks for each where most writers put it, and must
//! mind it anywhere else.

use farthing::generated::bench::Inner;
use farthing::wire::{
    BinaryReader, BinaryWriter, Codec, CompactReader, CompactWriter, Decode, Encode, Input, JsonReader, JsonWriter, Limits,
    Output, Reader, Typed, WireType, Writer,
};

/// The fields of [`Inner`], and some that it does not have, by number and in this order. What is written a second time says
/// something else.
struct Fields<'f>(&'f [i16]);

impl Typed for Fields<'_> {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Fields<'_> {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        for (index, id) in self.0.iter().enumerate() {
            let is_second = self.0[..index].contains(id);
            let times = if is_second { 2 } else { 1 };
            match id {
                1 => writer.field(1, &(7 * times)),
                2 => writer.field(2, &(1_i64 << 40).wrapping_mul(i64::from(times))),
                3 => writer.field(3, if is_second { "other" } else { "name" }),
                4 => writer.field(4, &(0.5 * f64::from(times))),
                5 => writer.field(5, &!is_second),
                // Of another type than the field of this number has, and behind it in the protocols that count in steps.
                -1 => writer.field(1, "text"),
                other => writer.field(*other, &[1_i32, 2, 3][..]),
            }
        }
        writer.struct_end();
    }
}

/// What the fields say, the last of each.
fn expected(ids: &[i16]) -> Inner {
    let count = |id: i16| ids.iter().filter(|other| **other == id).count();
    let once = |id: i16| count(id) == 1;
    Inner {
        id: [0, 7, 14][count(1)],
        ts: [0, 1 << 40, 1 << 41][count(2)],
        name: ["", "name", "other"][count(3)].into(),
        score: [0.0, 0.5, 1.0][count(4)],
        active: once(5),
    }
}

fn read(codec: Codec, ids: &[i16]) -> Inner {
    let (mut out, limits) = (Output::new(), Limits::default());
    let fields = Fields(ids);
    match codec {
        Codec::Compact => fields.encode(&mut CompactWriter::new(&mut out, 64)),
        Codec::Json => fields.encode(&mut JsonWriter::new(&mut out, 64)),
        _ => fields.encode(&mut BinaryWriter::new(&mut out, 64)),
    }
    let bytes = out.to_vec();
    for cut in 0..bytes.len() {
        assert!(decoded(codec, &bytes[..cut], &limits).is_none(), "{codec:?} {ids:?} cut at {cut}");
    }
    decoded(codec, &bytes, &limits).expect("a struct")
}

fn decoded(codec: Codec, bytes: &[u8], limits: &Limits) -> Option<Inner> {
    let input = Input::new(bytes, limits);
    match codec {
        Codec::Compact => Inner::decode(&mut CompactReader::new(input)),
        Codec::Json => Inner::decode(&mut JsonReader::new(input)),
        _ => Inner::decode(&mut BinaryReader::new(input)),
    }
    .ok()
}

fn check(ids: &[i16]) {
    for codec in Codec::ALL {
        assert_eq!(read(codec, ids), expected(ids), "{codec:?} {ids:?}");
    }
}

/// All orders of what is left of `ids` behind `chosen`.
fn each_order(chosen: &mut Vec<i16>, ids: &[i16]) {
    check(chosen);
    for (index, id) in ids.iter().enumerate() {
        chosen.push(*id);
        each_order(chosen, &[&ids[..index], &ids[index + 1..]].concat());
        chosen.pop();
    }
}

#[test]
fn fields_are_minded_in_every_order_and_where_some_are_missing() {
    each_order(&mut Vec::new(), &[1, 2, 3, 4, 5]);
}

#[test]
fn unknown_fields_stand_anywhere() {
    for unknown in [6, 20, 300, -300, 0, -1] {
        for at in 0..=5 {
            let mut ids = vec![1, 2, 3, 4, 5];
            ids.insert(at, unknown);
            check(&ids);
        }
    }
}

#[test]
fn of_a_field_that_comes_twice_the_last_holds() {
    for id in 1..=5 {
        for at in 0..=5 {
            let mut ids = vec![1, 2, 3, 4, 5];
            ids.insert(at, id);
            check(&ids);
        }
    }
}

//! The structs of the conformance services, as generated code reads and writes them.

use std::fmt::Debug;

use farthing::generated::conformance::{
    Bonk, BoolTest, Bools, CrazyNesting, EmptyStruct, GuessProtocolStruct, Insanity, LargeDeltas, ListBonks,
    ListTypeVersioningV1, ListTypeVersioningV2, NestedListsBonk, NestedListsI32x2, NestedListsI32x3, NestedMixedx2, OneField,
    OptionalBinary, OptionalSetDefaultTest, SomeUnion, StructA, StructB, VersioningTestV1, VersioningTestV2, Xception, Xception2,
    Xtruct, Xtruct2, Xtruct3,
};
use farthing::wire::{Codec, Decode, Encode, ErrorKind, Input, Limits};

use super::codecs::{in_all_codecs, read, written};
use super::draw::draw;
use super::value::{Bytewise, Value};

/// What must hold for a struct of this name, and any bytes.
type Shape = fn(&str, &[u8]);

/// All of them, by name.
const SHAPES: [(&str, Shape); 28] = [
    ("Bonk", shape::<Bonk>),
    ("Bools", shape::<Bools>),
    ("Xtruct", shape::<Xtruct>),
    ("Xtruct2", shape::<Xtruct2>),
    ("Xtruct3", shape::<Xtruct3>),
    ("Insanity", shape::<Insanity>),
    ("CrazyNesting", shape::<CrazyNesting>),
    ("SomeUnion", shape::<SomeUnion>),
    ("Xception", shape::<Xception>),
    ("Xception2", shape::<Xception2>),
    ("EmptyStruct", shape::<EmptyStruct>),
    ("OneField", shape::<OneField>),
    ("VersioningTestV1", shape::<VersioningTestV1>),
    ("VersioningTestV2", shape::<VersioningTestV2>),
    ("ListTypeVersioningV1", shape::<ListTypeVersioningV1>),
    ("ListTypeVersioningV2", shape::<ListTypeVersioningV2>),
    ("GuessProtocolStruct", shape::<GuessProtocolStruct>),
    ("LargeDeltas", shape::<LargeDeltas>),
    ("NestedListsI32x2", shape::<NestedListsI32x2>),
    ("NestedListsI32x3", shape::<NestedListsI32x3>),
    ("NestedMixedx2", shape::<NestedMixedx2>),
    ("ListBonks", shape::<ListBonks>),
    ("NestedListsBonk", shape::<NestedListsBonk>),
    ("BoolTest", shape::<BoolTest>),
    ("StructA", shape::<StructA>),
    ("StructB", shape::<StructB>),
    ("OptionalSetDefaultTest", shape::<OptionalSetDefaultTest>),
    ("OptionalBinary", shape::<OptionalBinary>),
];

/// `[struct, how, bytes…]`: the bytes choose a value of the struct by its IDL, or are such a struct in some codec. Whatever a
/// struct is read from, it comes back from all codecs.
///
/// # Panics
/// Where a value that the IDL allows is not read, or comes back as another one.
pub fn typed(data: &[u8]) {
    let Some((&which, rest)) = data.split_first() else { return };
    let (name, shape) = SHAPES[usize::from(which) % SHAPES.len()];
    shape(name, rest);
}

fn shape<T>(name: &str, data: &[u8])
where
    T: Encode + for<'a> Decode<'a> + Clone + PartialEq + Debug,
{
    let Some((&how, data)) = data.split_first() else { return };
    match usize::from(how % 4) {
        3 => by_the_idl::<T>(name, data),
        codec => from_bytes::<T>(name, Codec::ALL[codec], data),
    }
}

/// What the IDL allows is read from every codec as the same value.
fn by_the_idl<T>(name: &str, data: &[u8])
where
    T: Encode + for<'a> Decode<'a> + PartialEq + Debug,
{
    let drawn = Bytewise(draw(name, data));
    let is_json = !drawn.0.any(&Value::is_map_of_containers);
    let (_, body) = written(Codec::Binary, &drawn).expect("the binary protocol writes anything");
    let value: T = read(Codec::Binary, &body);
    for codec in [Codec::Compact, Codec::Json] {
        match written(codec, &drawn) {
            Ok((_, body)) => assert_eq!(read::<T>(codec, &body), value, "{codec:?}: {drawn:?}"),
            Err(error) => assert!(!is_json && error == ErrorKind::KeyNotScalar, "{codec:?}: {error:?} for {drawn:?}"),
        }
    }
    in_all_codecs(&value, is_json);
}

/// What is accepted comes back.
fn from_bytes<T>(name: &str, codec: Codec, data: &[u8])
where
    T: Encode + for<'a> Decode<'a> + Clone + PartialEq + Debug,
{
    let limits = Limits::default();
    let mut input = Input::new(data, &limits);
    let Ok(mut value) = codec.body::<T>(&mut input) else { return };
    let mut over = Input::new(data, &limits);
    let skipped = codec.skip_body(&mut over).map(|()| over.position());
    assert_eq!(skipped, Ok(input.position()), "{codec:?}: {}", data.escape_ascii());
    if name == "SomeUnion" {
        // A union whose field nobody knows keeps no more than that, and is written as one without a field.
        value = read(Codec::Binary, &written(Codec::Binary, &value).expect("the binary protocol writes anything").1);
    }
    // A double that is no number is not equal to itself.
    if value.clone() == value {
        in_all_codecs(&value, written(Codec::Json, &value).is_ok());
    }
}

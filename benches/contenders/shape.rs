//! The shapes, as ourselves and the others see them.

use std::borrow::Cow;
use std::hint::black_box;

use farthing::generated::bench::{Inner, InnerRef, Payload, PayloadRef};
use farthing::wire::{
    Binary, BinaryReader, BinaryWriter, Bytes, Codec, CompactReader, CompactWriter, Decode, Encode, Input, MessageKind, Output,
    Reader, VecMap,
};

use crate::others::{self, Put, Take};
use crate::shapes::{Add, Dict};

/// As deep as values may be written.
pub(super) const DEPTH: usize = 64;

/// A shape as ourselves and the others see it.
pub(crate) trait Shape: Encode + for<'a> Decode<'a> {
    /// pilota 0.13 cannot read a bool in a struct of the compact protocol.
    const HAS_BOOL_FIELDS: bool = false;
    /// Whether there is anything that the message could lend.
    const LENDS: bool = true;
    /// The same with texts and binaries that the message lends.
    type Lent<'a>: Decode<'a>;

    /// Writes it by our own codec.
    #[inline]
    fn write(&self, codec: Codec, out: &mut Output) {
        match codec {
            Codec::Compact => self.encode(&mut CompactWriter::new(out, DEPTH)),
            _ => self.encode(&mut BinaryWriter::new(out, DEPTH)),
        }
    }
    /// Reads it by our own codec.
    #[inline]
    fn read(codec: Codec, input: Input<'_>) -> Self {
        decoded(codec, input)
    }
    /// Writes it by another's codec.
    fn put(&self, put: &mut impl Put);
    /// Reads it by another's codec and drops it.
    fn take(take: &mut impl Take);
}

#[inline]
pub(super) fn decoded<'a, T: Decode<'a>>(codec: Codec, input: Input<'a>) -> T {
    let value = match codec {
        Codec::Compact => T::decode(&mut CompactReader::new(input)),
        _ => T::decode(&mut BinaryReader::new(input)),
    };
    value.expect("what was encoded")
}

/// With the head of its message.
impl Shape for Add {
    const LENDS: bool = false;
    type Lent<'a> = Self;

    #[inline]
    fn write(&self, codec: Codec, out: &mut Output) {
        codec.write(out, DEPTH, ("add", MessageKind::CALL, 7), self);
    }
    #[inline]
    fn read(codec: Codec, mut input: Input<'_>) -> Self {
        black_box(codec.head(&mut input)).expect("what was encoded");
        codec.body(&mut input).expect("what was encoded")
    }
    fn put(&self, put: &mut impl Put) {
        others::put_call(put, self.0, self.1);
    }
    fn take(take: &mut impl Take) {
        black_box(others::take_call(take));
    }
}

impl Shape for Payload {
    const HAS_BOOL_FIELDS: bool = true;
    type Lent<'a> = PayloadRef<'a>;

    fn put(&self, put: &mut impl Put) {
        others::put_payload(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_payload(take)));
    }
}

impl Shape for Vec<i64> {
    const LENDS: bool = false;
    type Lent<'a> = Self;

    fn put(&self, put: &mut impl Put) {
        others::put_longs(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_longs(take)));
    }
}

impl Shape for Vec<Inner> {
    const HAS_BOOL_FIELDS: bool = true;
    type Lent<'a> = Vec<InnerRef<'a>>;

    fn put(&self, put: &mut impl Put) {
        others::put_structs(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_structs(take)));
    }
}

impl Shape for Dict {
    type Lent<'a> = VecMap<Cow<'a, str>, Cow<'a, str>>;

    fn put(&self, put: &mut impl Put) {
        others::put_dict(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_dict(take)));
    }
}

impl Shape for Bytes {
    type Lent<'a> = Binary<'a>;

    fn put(&self, put: &mut impl Put) {
        put.blob(self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(take.blob()));
    }
}

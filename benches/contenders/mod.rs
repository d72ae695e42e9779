//! One value, written and read by each of the libraries: what is compared with what.

use std::borrow::Cow;
use std::hint::black_box;

use farthing::generated::bench::{Inner, InnerRef, Payload, PayloadRef};
use farthing::wire::{
    Binary, BinaryReader, BinaryWriter, Bytes, Codec, CompactReader, CompactWriter, Decode, Encode, Input, Limits, MessageKind,
    Output, Reader, VecMap,
};
use pilota::thrift::{binary, compact};
use pilota::{BytesMut, LinkedBytes};
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol, TInputProtocol, TOutputProtocol,
};

use crate::others::apache::Apache;
use crate::others::pilota::{Pilota, put_unchecked, take_unchecked};
use crate::others::{self, Put, Take};
use crate::shapes::{Add, Dict};

/// The codecs that are compared.
pub(crate) const CODECS: [Codec; 2] = [Codec::Binary, Codec::Compact];
const DEPTH: usize = 64;
/// Ourselves.
pub(crate) const OWN: &str = "farthing";
/// Ourselves, with texts and binaries that the message lends.
pub(crate) const LENT: &str = "farthing, lent";
/// A copy of the bytes: what no codec is faster than.
pub(crate) const COPY: &str = "memcpy";

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
fn decoded<'a, T: Decode<'a>>(codec: Codec, input: Input<'a>) -> T {
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

/// One way to do the same.
pub(crate) struct Contender<'v> {
    /// Whose.
    pub(crate) name: &'static str,
    /// Does it as often as it is told to.
    pub(crate) repeat: Box<dyn FnMut(u64) + 'v>,
}

impl<'v> Contender<'v> {
    fn new(name: &'static str, mut once: impl FnMut() + 'v) -> Self {
        Self { name, repeat: Box::new(move |times| (0..times).for_each(|_| once())) }
    }
}

/// What a value is in a codec.
pub(crate) fn encoded<T: Shape>(codec: Codec, value: &T) -> Bytes {
    let mut out = Output::new();
    value.write(codec, &mut out);
    Bytes::from(out.to_vec())
}

/// All that write this value; `bytes` is what it is [`encoded`] to.
pub(crate) fn encoders<'v, T: Shape>(codec: Codec, value: &'v T, bytes: &'v Bytes) -> Vec<Contender<'v>> {
    let most = 2 * bytes.len() + 64;
    let mut out = Output::new();
    let mut all = vec![Contender::new(OWN, move || {
        out.clear();
        black_box(value).write(codec, black_box(&mut out));
    })];
    let mut room = BytesMut::with_capacity(most);
    let mut put = move || {
        room.clear();
        match codec {
            Codec::Compact => value.put(&mut Pilota(compact::TCompactOutputProtocol::new(&mut room, false))),
            _ => black_box(value).put(&mut Pilota(binary::TBinaryProtocol::new(&mut room, false))),
        }
        // Of what the compact protocol leaves open, it makes another choice.
        assert!(room.len() == bytes.len() || codec == Codec::Compact);
        black_box(&mut room);
    };
    put();
    all.push(Contender::new("pilota", put));
    if codec == Codec::Binary {
        let mut room = BytesMut::with_capacity(most);
        all.push(Contender::new("pilota, unchecked", move || {
            room.clear();
            put_unchecked(&mut room, black_box(value));
            black_box(&mut room);
        }));
        let mut room = LinkedBytes::new();
        all.push(Contender::new("pilota, linked", move || {
            room.reset();
            black_box(value).put(&mut Pilota(binary::TBinaryProtocol::new(&mut room, true)));
            black_box(&mut room);
        }));
    }
    let mut room = Vec::with_capacity(most);
    all.push(Contender::new("apache", move || {
        room.clear();
        match codec {
            Codec::Compact => apache_put(black_box(value), &mut TCompactOutputProtocol::new(&mut room)),
            _ => apache_put(black_box(value), &mut TBinaryOutputProtocol::new(&mut room, true)),
        }
        assert_eq!(room.len(), bytes.len());
        black_box(&mut room);
    }));
    let mut room = Vec::with_capacity(most);
    all.push(Contender::new(COPY, move || {
        room.clear();
        room.extend_from_slice(black_box(bytes));
        black_box(&mut room);
    }));
    all
}

/// All that read this value.
pub(crate) fn decoders<T: Shape>(codec: Codec, bytes: &Bytes) -> Vec<Contender<'_>> {
    let limits = Limits::default();
    let mut all = vec![Contender::new(OWN, move || {
        drop(black_box(T::read(codec, Input::shared(black_box(bytes), &limits))));
    })];
    let limits = Limits::default();
    if T::LENDS {
        all.push(Contender::new(LENT, move || {
            let value: T::Lent<'_> = decoded(codec, Input::shared(black_box(bytes), &limits));
            drop(black_box(value));
        }));
    }
    if !(T::HAS_BOOL_FIELDS && codec == Codec::Compact) {
        all.push(Contender::new("pilota", move || {
            let mut bytes = black_box(bytes).clone();
            match codec {
                Codec::Compact => T::take(&mut Pilota(compact::TCompactInputProtocol::new(&mut bytes))),
                _ => T::take(&mut Pilota(binary::TBinaryProtocol::new(&mut bytes, false))),
            }
        }));
    }
    if codec == Codec::Binary {
        all.push(Contender::new("pilota, unchecked", move || {
            take_unchecked(&mut black_box(bytes).clone(), |pilota| T::take(pilota));
        }));
    }
    all.push(Contender::new("apache", move || match codec {
        Codec::Compact => apache_take::<T>(&mut TCompactInputProtocol::new(&black_box(bytes)[..])),
        _ => apache_take::<T>(&mut TBinaryInputProtocol::new(&black_box(bytes)[..], true)),
    }));
    let mut room = Vec::with_capacity(bytes.len());
    all.push(Contender::new(COPY, move || {
        room.clear();
        room.extend_from_slice(black_box(bytes));
        black_box(&mut room);
    }));
    all
}

fn apache_put<T: Shape>(value: &T, protocol: &mut dyn TOutputProtocol) {
    value.put(&mut Apache(protocol));
}

fn apache_take<T: Shape>(protocol: &mut dyn TInputProtocol) {
    T::take(&mut Apache(protocol));
}

//! One value, written and read by each of the libraries: what is compared with what.

pub(crate) mod shape;

use std::hint::black_box;

use farthing::wire::{Bytes, Codec, Input, Limits, Output};
use pilota::thrift::{binary, compact};
use pilota::{BytesMut, LinkedBytes};
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol, TInputProtocol, TOutputProtocol,
};

use self::shape::{Shape, decoded};
use crate::others::apache::Apache;
use crate::others::pilota::{Pilota, put_unchecked, take_unchecked};

/// The codecs that are compared.
pub(crate) const CODECS: [Codec; 2] = [Codec::Binary, Codec::Compact];
/// Ourselves.
pub(crate) const OWN: &str = "farthing";
/// Ourselves, with texts and binaries that the message lends.
pub(crate) const LENT: &str = "farthing, lent";
/// A copy of the bytes: what no codec is faster than.
pub(crate) const COPY: &str = "memcpy";

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

//! Encoding and decoding, in time: the shapes of `shapes`, in the binary and in the compact protocol, beside pilota, Apache's crate
//! and `memcpy` of the same bytes in one process. Ratios hold from machine to machine; times do not.

mod others;
mod shapes;

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use farthing::generated::bench::{Inner, Payload};
use farthing::wire::{
    BinaryReader, BinaryWriter, Bytes, Codec, CompactReader, CompactWriter, Decode, Encode, Input, Limits, Output, Reader,
};
use pilota::thrift::{binary, compact};
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol, TInputProtocol, TOutputProtocol,
};

use self::others::apache::Apache;
use self::others::pilota::Pilota;
use self::others::{Put, Take};
use self::shapes::Dict;

const CODECS: [Codec; 2] = [Codec::Binary, Codec::Compact];
const DEPTH: usize = 64;

/// A shape as the others see it.
trait Shape: Encode + for<'a> Decode<'a> {
    /// pilota 0.13 cannot read a bool in a struct of the compact protocol.
    const HAS_BOOL_FIELDS: bool = false;
    fn put(&self, put: &mut impl Put);
    /// Reads it and drops it.
    fn take(take: &mut impl Take);
}

impl Shape for Payload {
    const HAS_BOOL_FIELDS: bool = true;

    fn put(&self, put: &mut impl Put) {
        others::put_payload(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_payload(take)));
    }
}

impl Shape for Vec<i64> {
    fn put(&self, put: &mut impl Put) {
        others::put_longs(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_longs(take)));
    }
}

impl Shape for Vec<Inner> {
    const HAS_BOOL_FIELDS: bool = true;

    fn put(&self, put: &mut impl Put) {
        others::put_structs(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_structs(take)));
    }
}

impl Shape for Dict {
    fn put(&self, put: &mut impl Put) {
        others::put_dict(put, self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(others::take_dict(take)));
    }
}

impl Shape for Bytes {
    fn put(&self, put: &mut impl Put) {
        put.blob(self);
    }
    fn take(take: &mut impl Take) {
        drop(black_box(take.blob()));
    }
}

fn encode<T: Shape>(codec: Codec, value: &T, out: &mut Output) {
    out.clear();
    match codec {
        Codec::Compact => value.encode(&mut CompactWriter::new(out, DEPTH)),
        _ => value.encode(&mut BinaryWriter::new(out, DEPTH)),
    }
}

fn shape<T: Shape>(criterion: &mut Criterion, name: &str, value: &T) {
    for codec in CODECS {
        let mut out = Output::new();
        encode(codec, value, &mut out);
        let bytes = Bytes::from(out.to_vec());
        let mut group = criterion.benchmark_group(format!("encode/{name}/{}", codec.name()));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("farthing", |bencher| bencher.iter(|| encode(codec, black_box(value), black_box(&mut out))));
        encoders(&mut group, codec, value, &bytes);
        group.finish();
        let mut group = criterion.benchmark_group(format!("decode/{name}/{}", codec.name()));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        decoders::<T>(&mut group, codec, &bytes);
        group.finish();
    }
}

fn encoders<T: Shape>(group: &mut BenchmarkGroup<'_, WallTime>, codec: Codec, value: &T, bytes: &[u8]) {
    let mut room = pilota::BytesMut::with_capacity(2 * bytes.len() + 64);
    let mut put = || {
        room.clear();
        match codec {
            Codec::Compact => value.put(&mut Pilota(compact::TCompactOutputProtocol::new(&mut room, false))),
            _ => value.put(&mut Pilota(binary::TBinaryProtocol::new(&mut room, false))),
        }
        black_box(&mut room);
    };
    put();
    group.bench_function("pilota", |bencher| bencher.iter(&mut put));
    // Of what the compact protocol leaves open, it makes another choice.
    assert!(room == bytes || codec == Codec::Compact);
    let mut room = Vec::with_capacity(2 * bytes.len() + 64);
    let mut put = || {
        room.clear();
        match codec {
            Codec::Compact => apache_put(value, &mut TCompactOutputProtocol::new(&mut room)),
            _ => apache_put(value, &mut TBinaryOutputProtocol::new(&mut room, true)),
        }
        black_box(&mut room);
    };
    put();
    group.bench_function("apache", |bencher| bencher.iter(&mut put));
    assert_eq!(room, bytes);
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| {
            room.clear();
            room.extend_from_slice(black_box(bytes));
            black_box(&mut room);
        });
    });
}

fn apache_put<T: Shape>(value: &T, protocol: &mut dyn TOutputProtocol) {
    value.put(&mut Apache(protocol));
}

fn apache_take<T: Shape>(protocol: &mut dyn TInputProtocol) {
    T::take(&mut Apache(protocol));
}

fn decoders<T: Shape>(group: &mut BenchmarkGroup<'_, WallTime>, codec: Codec, bytes: &Bytes) {
    let limits = Limits::default();
    group.bench_function("farthing", |bencher| {
        bencher.iter(|| {
            let input = Input::shared(black_box(bytes), &limits);
            let value = match codec {
                Codec::Compact => T::decode(&mut CompactReader::new(input)),
                _ => T::decode(&mut BinaryReader::new(input)),
            };
            drop(black_box(value.expect("what was encoded")));
        });
    });
    if !(T::HAS_BOOL_FIELDS && codec == Codec::Compact) {
        group.bench_function("pilota", |bencher| {
            bencher.iter(|| {
                let mut bytes = black_box(bytes).clone();
                match codec {
                    Codec::Compact => T::take(&mut Pilota(compact::TCompactInputProtocol::new(&mut bytes))),
                    _ => T::take(&mut Pilota(binary::TBinaryProtocol::new(&mut bytes, false))),
                }
            });
        });
    }
    group.bench_function("apache", |bencher| {
        bencher.iter(|| match codec {
            Codec::Compact => apache_take::<T>(&mut TCompactInputProtocol::new(&black_box(bytes)[..])),
            _ => apache_take::<T>(&mut TBinaryInputProtocol::new(&black_box(bytes)[..], true)),
        });
    });
}

fn codecs(criterion: &mut Criterion) {
    shape(criterion, "payload", &shapes::payload());
    shape(criterion, "longs", &shapes::longs());
    shape(criterion, "structs", &shapes::structs());
    shape(criterion, "dict", &shapes::dict());
    shape(criterion, "blob", &shapes::blob());
}

criterion_group!(benches, codecs);
criterion_main!(benches);

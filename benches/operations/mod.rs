//! The operations whose instructions are counted, by name.

use std::borrow::Cow;
use std::hint::black_box;

use farthing::generated::bench::{BenchClient, Inner, InnerRef, Payload, PayloadRef};
use farthing::transport::{self, Memo, Transport, sniff};
use farthing::wire::{
    BinaryReader, BinaryWriter, Bytes, Codec, CompactReader, CompactWriter, Decode, Encode, Input, JsonReader, JsonWriter,
    Limits, MessageKind, Output, Reader, Scanner, Typed, VecMap, WireType, Writer,
};

use crate::conversation::{Call, Near, Server, Way};
use crate::shapes::{self, Add, Dict};

/// Takes an operation: its name, how often to carry it out, and how.
pub(crate) type Visit<'v> = dyn FnMut(&str, u32, &mut dyn FnMut()) + 'v;

/// A map of texts that a message lends.
type Texts<'a> = VecMap<Cow<'a, str>, Cow<'a, str>>;

/// How deep values may nest.
const DEPTH: usize = 64;

/// Shows every operation to `visit`, always in the same order. The smallest come before any map: maps drop their entries in another
/// order each time, after that the allocator puts things elsewhere each time, and there comparing bytes takes other instructions.
pub(crate) fn each(mut visit: impl FnMut(&str, u32, &mut dyn FnMut())) {
    transports(&mut visit);
    for codec in Codec::ALL {
        shape::<Payload>("payload", codec, 40, &shapes::payload(), &mut visit);
        shape::<Inner>("inner", codec, 100, &shapes::inner(7), &mut visit);
        shape::<Vec<i64>>("longs", codec, 3, &shapes::longs(), &mut visit);
        shape::<Vec<Inner>>("structs", codec, 3, &shapes::structs(), &mut visit);
        shape::<Dict>("dict", codec, 3, &shapes::dict(), &mut visit);
        message(codec, &mut visit);
    }
    shape::<Bytes>("blob", Codec::Binary, 3, &shapes::blob(), &mut visit);
    for codec in [Codec::Binary, Codec::Compact] {
        lend("payload", (codec, 40), &shapes::payload(), |input| took::<PayloadRef<'_>>(codec, input), &mut visit);
        lend("structs", (codec, 3), &shapes::structs(), |input| took::<Vec<InnerRef<'_>>>(codec, input), &mut visit);
        lend("dict", (codec, 3), &shapes::dict(), |input| took::<Texts<'_>>(codec, input), &mut visit);
    }
    calls(&mut visit);
}

/// Encoding and decoding a value.
fn shape<T: Encode + for<'a> Decode<'a>>(name: &str, codec: Codec, n: u32, value: &T, visit: &mut Visit<'_>) {
    let mut out = Output::new();
    let mut encode = || {
        out.clear();
        put(codec, black_box(value), &mut out);
        black_box(&mut out);
    };
    encode();
    visit(&format!("encode/{name}/{}", codec.name()), n, &mut encode);
    let (bytes, limits) = (Bytes::from(out.to_vec()), Limits::default());
    visit(&format!("decode/{name}/{}", codec.name()), n, &mut || took::<T>(codec, Input::shared(black_box(&bytes), &limits)));
}

/// Decoding a value that borrows from its message.
fn lend<T: Encode>(name: &str, (codec, n): (Codec, u32), value: &T, took: impl Fn(Input<'_>), visit: &mut Visit<'_>) {
    let (mut out, limits) = (Output::new(), Limits::default());
    put(codec, value, &mut out);
    let bytes = Bytes::from(out.to_vec());
    visit(&format!("lend/{name}/{}", codec.name()), n, &mut || took(Input::shared(black_box(&bytes), &limits)));
}

#[inline]
fn put<T: Encode>(codec: Codec, value: &T, out: &mut Output) {
    match codec {
        Codec::Compact => value.encode(&mut CompactWriter::new(out, DEPTH)),
        Codec::Json => value.encode(&mut JsonWriter::new(out, DEPTH)),
        _ => value.encode(&mut BinaryWriter::new(out, DEPTH)),
    }
}

#[inline]
fn took<'a, T: Decode<'a>>(codec: Codec, input: Input<'a>) {
    let value = match codec {
        Codec::Compact => T::decode(&mut CompactReader::new(input)),
        Codec::Json => T::decode(&mut JsonReader::new(input)),
        _ => T::decode(&mut BinaryReader::new(input)),
    };
    drop(black_box(value.expect("what was encoded")));
}

/// A whole message: head and arguments of `add`.
fn message(codec: Codec, visit: &mut Visit<'_>) {
    let mut out = Output::new();
    let mut encode = || {
        out.clear();
        codec.write(&mut out, DEPTH, (black_box("add"), MessageKind::CALL, black_box(7)), black_box(&Add(40, 2)));
        black_box(&mut out);
    };
    encode();
    visit(&format!("encode/call/{}", codec.name()), 100, &mut encode);
    let (bytes, limits) = (out.to_vec(), Limits::default());
    visit(&format!("decode/call/{}", codec.name()), 100, &mut || {
        let mut input = Input::new(black_box(&bytes), &limits);
        let head = codec.head(&mut input).expect("a head");
        let Add(num1, num2) = codec.body(&mut input).expect("arguments");
        black_box((head.name, num1, num2));
    });
}

/// Whole calls: the server's side, one and sixteen at a time, and the client's.
fn calls(visit: &mut Visit<'_>) {
    for way in Way::ALL {
        for call in Call::ALL {
            for count in [1, 16] {
                let (requests, mut server) = (call.requests(way, count), Server::new());
                server.answer(&Call::Put.requests(way, 1));
                let n = 64 / count as u32;
                visit(&format!("serve/{}/{}/{count}", call.name(), way.name()), n, &mut || {
                    black_box(server.answer(black_box(&requests)));
                });
            }
            let mut near = Near::answered(way, call, &mut Server::new());
            let mut client = BenchClient::new(&mut near);
            visit(&format!("request/{}/{}", call.name(), way.name()), 64, &mut || call.make(&mut client));
        }
    }
}

/// Finding messages in a stream.
fn transports(visit: &mut Visit<'_>) {
    let limits = transport::Limits::default();
    for way in Way::ALL {
        let request = Call::Echo.requests(way, 1);
        visit(&format!("sniff/{}", way.name()), 100, &mut || {
            black_box(sniff(black_box(&request), &limits));
        });
        let (mut transport, mut memo) = (Transport::new(way.spoken()), Memo::new());
        visit(&format!("split/{}", way.name()), 100, &mut || {
            black_box(transport.split(black_box(&request), &limits, &mut memo).expect("a message"));
        });
    }
    for codec in Codec::ALL {
        let mut out = Output::new();
        codec.write(&mut out, DEPTH, ("echo", MessageKind::CALL, 1), &Echo(shapes::payload()));
        let message = out.to_vec();
        visit(&format!("scan/payload/{}", codec.name()), 40, &mut || {
            black_box(Scanner::new(codec).scan(black_box(&message), &limits.wire).expect("a message"));
        });
    }
}

/// The arguments of `echo`.
struct Echo(Payload);

impl Typed for Echo {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Echo {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &self.0);
        writer.struct_end();
    }
}

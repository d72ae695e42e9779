//! The same values through the codecs of two other libraries: pilota, and Apache's own crate. One walk over the fields serves
//! both, in the calls that their generated code makes.

pub(crate) mod apache;
pub(crate) mod pilota;

use std::hash::Hash;

use farthing::generated::bench::{Inner, Payload};
use farthing::wire::{Bytes, WireType};

use crate::shapes::Dict;

/// A codec that writes.
pub(crate) trait Put {
    /// The head of a call of `add`, number 7.
    fn call(&mut self);
    fn begin(&mut self);
    fn end(&mut self);
    fn head(&mut self, id: i16, kind: WireType);
    fn tail(&mut self);
    fn bool(&mut self, value: bool);
    fn i8(&mut self, value: i8);
    fn i16(&mut self, value: i16);
    fn i32(&mut self, value: i32);
    fn i64(&mut self, value: i64);
    fn double(&mut self, value: f64);
    fn text(&mut self, value: &str);
    fn blob(&mut self, value: &Bytes);
    fn list(&mut self, kind: WireType, len: usize);
    fn map(&mut self, key: WireType, value: WireType, len: usize);
}

/// A codec that reads what [`Put`] wrote; anything else is a panic.
pub(crate) trait Take {
    /// What its generated code makes of a string.
    type Text: Eq + Hash;
    /// What its generated code makes of a binary.
    type Blob;
    /// What its generated code makes of a map.
    type Map<K: Eq + Hash, V>: FromIterator<(K, V)>;
    /// The head that [`Put::call`] wrote.
    fn call(&mut self);
    fn begin(&mut self);
    /// The number of the next field, or `None` at the end of the struct.
    fn head(&mut self) -> Option<i16>;
    fn tail(&mut self);
    fn bool(&mut self) -> bool;
    fn i8(&mut self) -> i8;
    fn i16(&mut self) -> i16;
    fn i32(&mut self) -> i32;
    fn i64(&mut self) -> i64;
    fn double(&mut self) -> f64;
    fn text(&mut self) -> Self::Text;
    fn blob(&mut self) -> Self::Blob;
    fn list(&mut self) -> usize;
    fn map(&mut self) -> usize;
}

/// Writes a field.
fn field<P: Put>(put: &mut P, id: i16, kind: WireType, write: impl FnOnce(&mut P)) {
    put.head(id, kind);
    write(put);
    put.tail();
}

/// Writes a list.
fn list<P: Put, T>(put: &mut P, kind: WireType, values: &[T], write: impl Fn(&mut P, &T)) {
    put.list(kind, values.len());
    values.iter().for_each(|value| write(put, value));
}

/// The message of a call of `add`.
pub(crate) fn put_call<P: Put>(put: &mut P, num1: i32, num2: i32) {
    put.call();
    put.begin();
    field(put, 1, WireType::I32, |put| put.i32(num1));
    field(put, 2, WireType::I32, |put| put.i32(num2));
    put.end();
}

pub(crate) fn put_longs(put: &mut impl Put, longs: &[i64]) {
    list(put, WireType::I64, longs, |put, value| put.i64(*value));
}

pub(crate) fn put_structs(put: &mut impl Put, structs: &[Inner]) {
    list(put, WireType::Struct, structs, put_inner);
}

pub(crate) fn put_dict(put: &mut impl Put, dict: &Dict) {
    put.map(WireType::String, WireType::String, dict.len());
    for (key, value) in dict {
        put.text(key);
        put.text(value);
    }
}

fn put_inner<P: Put>(put: &mut P, inner: &Inner) {
    put.begin();
    field(put, 1, WireType::I32, |put| put.i32(inner.id));
    field(put, 2, WireType::I64, |put| put.i64(inner.ts));
    field(put, 3, WireType::String, |put| put.text(&inner.name));
    field(put, 4, WireType::Double, |put| put.double(inner.score));
    field(put, 5, WireType::Bool, |put| put.bool(inner.active));
    put.end();
}

pub(crate) fn put_payload<P: Put>(put: &mut P, payload: &Payload) {
    put.begin();
    field(put, 1, WireType::Bool, |put| put.bool(payload.flag));
    field(put, 2, WireType::I8, |put| put.i8(payload.tiny));
    field(put, 3, WireType::I16, |put| put.i16(payload.small));
    field(put, 4, WireType::I32, |put| put.i32(payload.mid));
    field(put, 5, WireType::I64, |put| put.i64(payload.big));
    field(put, 6, WireType::Double, |put| put.double(payload.ratio));
    field(put, 7, WireType::String, |put| put.text(&payload.title));
    field(put, 8, WireType::String, |put| put.text(&payload.author));
    field(put, 9, WireType::String, |put| put.blob(&payload.blob));
    field(put, 10, WireType::Struct, |put| put_inner(put, &payload.head));
    field(put, 11, WireType::List, |put| list(put, WireType::I32, &payload.ints, |put, value| put.i32(*value)));
    field(put, 12, WireType::List, |put| put_longs(put, &payload.longs));
    field(put, 13, WireType::List, |put| list(put, WireType::String, &payload.tags, |put, tag| put.text(tag)));
    field(put, 14, WireType::List, |put| put_structs(put, &payload.items));
    field(put, 15, WireType::I32, |put| put.i32(payload.count1));
    field(put, 16, WireType::I32, |put| put.i32(payload.count2));
    field(put, 17, WireType::I64, |put| put.i64(payload.created));
    field(put, 18, WireType::I64, |put| put.i64(payload.updated));
    field(put, 19, WireType::String, |put| put.text(&payload.note));
    field(put, 20, WireType::Map, |put| {
        put.map(WireType::String, WireType::I32, payload.counters.len());
        for (key, value) in &payload.counters {
            put.text(key);
            put.i32(*value);
        }
    });
    put.end();
}

/// `Inner`, with the strings of another library.
#[derive(Default)]
#[allow(dead_code)] // made, and dropped
pub(crate) struct InnerOf<T> {
    id: i32,
    ts: i64,
    name: Option<T>,
    score: f64,
    active: bool,
}

/// `Payload`, with the strings and binaries of another library.
#[allow(dead_code)] // made, and dropped
pub(crate) struct PayloadOf<T, B, M> {
    flag: bool,
    tiny: i8,
    small: i16,
    numbers: [i32; 3],
    times: [i64; 3],
    ratio: f64,
    texts: [Option<T>; 3],
    blob: Option<B>,
    head: Option<InnerOf<T>>,
    ints: Vec<i32>,
    longs: Vec<i64>,
    tags: Vec<T>,
    items: Vec<InnerOf<T>>,
    counters: Option<M>,
}

fn taken<R: Take, T>(take: &mut R, read: impl Fn(&mut R) -> T) -> Vec<T> {
    let len = take.list();
    let mut values = Vec::with_capacity(len);
    for _ in 0..len {
        values.push(read(take));
    }
    values
}

/// Reads the message of a call of `add`.
pub(crate) fn take_call<R: Take>(take: &mut R) -> (i32, i32) {
    let (mut num1, mut num2) = (0, 0);
    take.call();
    take.begin();
    while let Some(id) = take.head() {
        match id {
            1 => num1 = take.i32(),
            2 => num2 = take.i32(),
            other => panic!("field {other}"),
        }
        take.tail();
    }
    (num1, num2)
}

fn taken_map<R: Take, V>(take: &mut R, read: impl Fn(&mut R) -> V) -> R::Map<R::Text, V> {
    let len = take.map();
    (0..len).map(|_| (take.text(), read(take))).collect()
}

pub(crate) fn take_longs(take: &mut impl Take) -> Vec<i64> {
    taken(take, Take::i64)
}

pub(crate) fn take_structs<R: Take>(take: &mut R) -> Vec<InnerOf<R::Text>> {
    taken(take, take_inner)
}

pub(crate) fn take_dict<R: Take>(take: &mut R) -> R::Map<R::Text, R::Text> {
    taken_map(take, Take::text)
}

fn take_inner<R: Take>(take: &mut R) -> InnerOf<R::Text> {
    let mut inner = InnerOf { id: 0, ts: 0, name: None, score: 0.0, active: false };
    take.begin();
    while let Some(id) = take.head() {
        match id {
            1 => inner.id = take.i32(),
            2 => inner.ts = take.i64(),
            3 => inner.name = Some(take.text()),
            4 => inner.score = take.double(),
            5 => inner.active = take.bool(),
            other => panic!("field {other}"),
        }
        take.tail();
    }
    inner
}

/// What is made of a payload by a reader.
type PayloadBy<R> = PayloadOf<<R as Take>::Text, <R as Take>::Blob, <R as Take>::Map<<R as Take>::Text, i32>>;

pub(crate) fn take_payload<R: Take>(take: &mut R) -> PayloadBy<R> {
    let mut payload = PayloadOf {
        flag: false,
        tiny: 0,
        small: 0,
        numbers: [0; 3],
        times: [0; 3],
        ratio: 0.0,
        texts: [None, None, None],
        blob: None,
        head: None,
        ints: Vec::new(),
        longs: Vec::new(),
        tags: Vec::new(),
        items: Vec::new(),
        counters: None,
    };
    take.begin();
    while let Some(id) = take.head() {
        match id {
            1 => payload.flag = take.bool(),
            2 => payload.tiny = take.i8(),
            3 => payload.small = take.i16(),
            4 => payload.numbers[0] = take.i32(),
            5 => payload.times[0] = take.i64(),
            6 => payload.ratio = take.double(),
            7 => payload.texts[0] = Some(take.text()),
            8 => payload.texts[1] = Some(take.text()),
            9 => payload.blob = Some(take.blob()),
            10 => payload.head = Some(take_inner(take)),
            11 => payload.ints = taken(take, Take::i32),
            12 => payload.longs = take_longs(take),
            13 => payload.tags = taken(take, Take::text),
            14 => payload.items = take_structs(take),
            15 => payload.numbers[1] = take.i32(),
            16 => payload.numbers[2] = take.i32(),
            17 => payload.times[1] = take.i64(),
            18 => payload.times[2] = take.i64(),
            19 => payload.texts[2] = Some(take.text()),
            20 => payload.counters = Some(taken_map(take, Take::i32)),
            other => panic!("field {other}"),
        }
        take.tail();
    }
    payload
}

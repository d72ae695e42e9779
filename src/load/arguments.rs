//! What a call sends, and what its answer must be.

use bytes::Bytes;

use crate::dynamic;
use crate::generated::bench::{Inner, Payload};
use crate::rpc::{ApplicationException, Response, Success};
use crate::wire::{Decode, Encode, Error, Reader, Typed, WireType, Writer};

use super::rng::Rng;

/// The arguments of one call.
#[derive(Clone, Debug)]
pub enum Arguments {
    /// Those of `Bench.add`.
    Add(i32, i32),
    /// Those of `Bench.get`.
    Get(String),
    /// Those of `Bench.put`.
    Put(String, Bytes),
    /// Those of `Bench.echo`.
    Echo(Box<Payload>),
    /// Those of any method, made from JSON.
    Dynamic(dynamic::Arguments),
}

impl Typed for Arguments {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Arguments {
    fn encode<W: Writer>(&self, writer: &mut W) {
        if let Self::Dynamic(arguments) = self {
            return arguments.encode(writer);
        }
        writer.struct_begin();
        match self {
            Self::Add(num1, num2) => {
                writer.field(1, num1);
                writer.field(2, num2);
            }
            Self::Get(key) => writer.field(1, key),
            Self::Put(key, value) => {
                writer.field(1, key);
                writer.field(2, value);
            }
            Self::Echo(payload) => writer.field(1, &**payload),
            Self::Dynamic(_) => {}
        }
        writer.struct_end();
    }
}

/// What the answer to a call must be.
#[derive(Clone, Debug)]
pub enum Want {
    /// Anything that the method returns.
    Any {
        /// Whether it returns a value at all.
        value: bool,
        /// The names of the exceptions that it declares, by their numbers.
        throws: Vec<(i16, String)>,
    },
    /// No value.
    Void,
    /// This number.
    Number(i32),
    /// These bytes.
    Binary(Bytes),
    /// This struct.
    Payload(Box<Payload>),
    /// What this JSON says, of any method.
    Json(dynamic::Method<'static>, serde_json::Value),
}

/// What an answer was.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Right,
    /// A value, but another one.
    Wrong,
    /// An exception that the method declares.
    Thrown(String),
    /// One that it does not.
    Exception(ApplicationException),
}

impl Want {
    /// Reads an answer.
    pub(super) fn check(&self, response: &mut Response<'_>) -> Result<Found, Error> {
        match self {
            Self::Any { value, throws } => any(response, *value, throws),
            Self::Void => compare(response, &()),
            Self::Number(number) => compare(response, number),
            Self::Binary(bytes) => compare(response, bytes),
            Self::Payload(payload) => compare(response, &**payload),
            Self::Json(method, wanted) => json(response, *method, wanted),
        }
    }
}

fn compare<T: Success + PartialEq>(response: &mut Response<'_>, wanted: &T) -> Result<Found, Error> {
    Ok(match response.result::<T, ApplicationException>()? {
        Ok(value) if value == *wanted => Found::Right,
        Ok(_) => Found::Wrong,
        Err(exception) => Found::Exception(exception),
    })
}

fn any(response: &mut Response<'_>, value: bool, throws: &[(i16, String)]) -> Result<Found, Error> {
    if response.is_exception() {
        return response.body().map(Found::Exception);
    }
    Ok(match response.body::<FirstField>()?.0 {
        Some(0) => Found::Right,
        None if !value => Found::Right,
        None => {
            Found::Exception(ApplicationException::new(crate::rpc::ExceptionKind::MISSING_RESULT, "the answer holds no result"))
        }
        Some(id) => {
            let name = throws.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
            Found::Thrown(name.unwrap_or_else(|| format!("#{id}")))
        }
    })
}

fn json(response: &mut Response<'_>, method: dynamic::Method<'_>, wanted: &serde_json::Value) -> Result<Found, Error> {
    if response.is_exception() {
        return response.body().map(Found::Exception);
    }
    Ok(match response.read(|codec, input| dynamic::read_outcome(method, codec, input))? {
        dynamic::Outcome::Returned(value) if value.as_ref().unwrap_or(&serde_json::Value::Null) == wanted => Found::Right,
        dynamic::Outcome::Returned(_) => Found::Wrong,
        dynamic::Outcome::Thrown { kind, .. } => Found::Thrown(kind),
    })
}

/// Which field a result struct holds. The rest is only read over.
struct FirstField(Option<i16>);

impl Typed for FirstField {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> Decode<'a> for FirstField {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut first = None;
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            first.get_or_insert(field.id);
            reader.skip(field.kind)?;
        }
        Ok(Self(first))
    }
}

/// A payload whose strings, lists and blob make up about `size` bytes: 1,200 are like a record of everyday life.
pub(super) fn payload(rng: &mut Rng, size: usize) -> Payload {
    let inner = |rng: &mut Rng| Inner {
        id: rng.number() as i32,
        ts: rng.number() as i64 >> 16,
        name: rng.text(12),
        score: rng.unit() * 100.0,
        active: rng.below(2) == 1,
    };
    Payload {
        flag: true,
        tiny: rng.number() as i8,
        small: rng.number() as i16,
        mid: rng.number() as i32,
        big: rng.number() as i64,
        ratio: rng.unit(),
        title: rng.text(32),
        author: rng.text(16),
        blob: rng.bytes(size.saturating_sub(FIXED_PART)).into(),
        head: inner(rng),
        ints: (0..16).map(|_| rng.number() as i32).collect(),
        longs: (0..16).map(|_| rng.number() as i64).collect(),
        tags: (0..8).map(|_| rng.text(8)).collect(),
        items: (0..4).map(|_| inner(rng)).collect(),
        count1: rng.below(1000) as i32,
        count2: rng.below(1000) as i32,
        created: rng.number() as i64 >> 16,
        updated: rng.number() as i64 >> 16,
        note: rng.text(64),
        counters: (0..8).map(|n| (format!("counter{n}"), rng.below(1000) as i32)).collect(),
    }
}

/// The bytes of a payload in the binary protocol without its blob, about.
const FIXED_PART: usize = 950;

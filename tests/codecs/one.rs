//! Structs for messages that are written byte by byte, and what becomes of such a message.

use farthing::wire::{
    Codec, Decode, Encode, Error, ErrorKind, Input, Limits, MessageKind, Reader, Scan, Scanner, Typed, WireType, Writer,
};

use crate::memory::peak;
use crate::sample::decode;

const BINARY_HEAD: &[u8] = b"\x80\x01\x00\x01\x00\x00\x00\x01m\x00\x00\x00\x01";
const COMPACT_HEAD: &[u8] = b"\x82\x21\x01\x01m";

/// A struct with one field, 1, of any type; all others are read over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct One<T>(pub(crate) Option<T>);

impl<T> Typed for One<T> {
    const TYPE: WireType = WireType::Struct;
}

impl<T: Encode> Encode for One<T> {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        if let Some(value) = &self.0 {
            writer.field(1, value);
        }
        writer.struct_end();
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for One<T> {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut one = Self(None);
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            if field.id == 1 && field.kind == T::TYPE {
                one.0 = Some(T::decode(reader)?);
            } else {
                reader.skip(field.kind)?;
            }
        }
        Ok(one)
    }
}

/// A message of this codec whose struct is `body`.
pub(crate) fn message(codec: Codec, body: &[u8]) -> Vec<u8> {
    match codec {
        Codec::Binary => [BINARY_HEAD, body].concat(),
        Codec::Compact => [COMPACT_HEAD, body].concat(),
        _ => [br#"[1,"m",1,1,"#, body, b"]"].concat(),
    }
}

/// Reads field 1 of a message with this struct. It takes no more memory than a message of its size may.
pub(crate) fn read<T: for<'a> Decode<'a>>(codec: Codec, body: &[u8]) -> Result<Option<T>, ErrorKind> {
    let bytes = message(codec, body);
    let (read, taken) = peak(|| decode::<One<T>>(codec, &bytes, &Limits::default()));
    assert!(taken <= 32 * bytes.len() + 64 * 1024, "{codec:?} took {taken} bytes for {}", bytes.len());
    read.map(|(one, _)| one.0).map_err(|error| error.kind)
}

pub(crate) fn compact<T: for<'a> Decode<'a>>(body: &[u8]) -> Result<Option<T>, ErrorKind> {
    read(Codec::Compact, body)
}

pub(crate) fn binary<T: for<'a> Decode<'a>>(body: &[u8]) -> Result<Option<T>, ErrorKind> {
    read(Codec::Binary, body)
}

/// Reads field 1 of a JSON message, which is written as this.
pub(crate) fn json<T: for<'a> Decode<'a>>(tag: &str, value: &str) -> Result<Option<T>, ErrorKind> {
    read(Codec::Json, format!(r#"{{"1":{{"{tag}":{value}}}}}"#).as_bytes())
}

/// What reading the head of a message comes to.
pub(crate) fn head(codec: Codec, bytes: &[u8]) -> Result<(String, MessageKind, i32), ErrorKind> {
    let limits = Limits::default();
    let (read, taken) = peak(|| codec.head(&mut Input::new(bytes, &limits)));
    assert!(taken <= 64 * 1024);
    read.map(|head| (head.name.into_owned(), head.kind, head.seqid)).map_err(|error| error.kind)
}

pub(crate) fn nobody_reads(bytes: &[u8]) {
    let is_refused = Codec::sniff(bytes).is_none_or(|codec| head(codec, bytes).is_err());
    assert!(is_refused, "{bytes:x?}");
}

/// A chain of structs, each in field 1 of the one around it.
#[derive(Debug, PartialEq)]
pub(crate) struct Chain(pub(crate) Option<Box<Chain>>);

impl Typed for Chain {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Chain {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        if let Some(next) = &self.0 {
            writer.field(1, next);
        }
        writer.struct_end();
    }
}

impl<'a> Decode<'a> for Chain {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut next = None;
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::Struct) => next = Some(Decode::decode(reader)?),
                (_, kind) => reader.skip(kind)?,
            }
        }
        Ok(Self(next))
    }
}

/// The bytes of a chain with this many structs.
pub(crate) fn chain(codec: Codec, depth: usize) -> Vec<u8> {
    let body = match codec {
        Codec::Binary => [b"\x0c\0\x01".repeat(depth - 1), vec![0; depth]].concat(),
        Codec::Compact => [b"\x1c".repeat(depth - 1), vec![0; depth]].concat(),
        _ => [br#"{"1":{"rec":"#.repeat(depth - 1), b"{}".to_vec(), b"}}".repeat(depth - 1)].concat(),
    };
    message(codec, &body)
}

pub(crate) fn scan(codec: Codec, bytes: &[u8]) -> Result<Scan, ErrorKind> {
    Scanner::new(codec).scan(bytes, &Limits::default()).map_err(|error| error.kind)
}

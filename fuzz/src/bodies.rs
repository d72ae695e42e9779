//! The bodies of the fuzz targets: what must hold for any bytes whatsoever. A body returns nothing and panics where it does
//! not hold.

#![allow(unreachable_pub)] // the test that replays them is one crate, the fuzzer's is another

use bytes::Bytes;
use farthing::wire::{
    Codec, Decode, Encode, Error, Input, Limits, MessageKind, Output, Reader, Scan, Scanner, Typed, Uuid, WireType, Writer,
};

use crate::peer::Peer;
use crate::vectors::Answer;

/// `[n, n cuts, stream…]` against the server side of a connection: however the stream is cut, the same comes back.
///
/// # Panics
/// Where it does not.
pub fn connection(data: &[u8]) {
    let Some((&count, rest)) = data.split_first() else { return };
    let Some((cuts, stream)) = rest.split_at_checked(usize::from(count % 8)) else { return };
    let whole = converse(&[stream]);
    let mut pieces = Vec::new();
    let mut left = stream;
    for cut in cuts {
        let (piece, behind) = left.split_at(left.len().min(usize::from(*cut)));
        pieces.push(piece);
        left = behind;
    }
    pieces.push(left);
    compare(&whole, &converse(&pieces), stream);
    if stream.len() <= 300 {
        compare(&whole, &converse(&stream.chunks(1).collect::<Vec<_>>()), stream);
    }
}

/// What a conversation came to.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    answers: Vec<Answer>,
    closed: Option<&'static str>,
    entered: usize,
}

fn converse(pieces: &[&[u8]]) -> Outcome {
    let mut peer = Peer::new();
    for piece in pieces {
        if peer.is_open() {
            peer.feed(piece);
        }
        // The jobs of a piece run behind it, those of the whole behind the whole: the order of answers must not tell.
        while !peer.jobs.is_empty() {
            peer.run(0);
        }
    }
    let closed = peer.closed();
    if peer.is_open() {
        peer.end();
    }
    let without_text = |answer| match answer {
        Answer::Exception { method, seqid, kind, .. } => Answer::Exception { method, seqid, kind, text: String::new() },
        other => other,
    };
    Outcome { answers: peer.answers().into_iter().map(without_text).collect(), closed, entered: peer.calls.entered() }
}

/// A message that nothing delimits may show what is wrong with it before it is whole if it comes in one piece, and be waited
/// for if it does not: the scanner looks for its end and at nothing else.
fn compare(one: &Outcome, other: &Outcome, stream: &[u8]) {
    if one == other {
        return;
    }
    let (waits, ends) = if one.closed.is_none() { (one, other) } else { (other, one) };
    let (same, more) = ends.answers.split_at(waits.answers.len().min(ends.answers.len()));
    let told = matches!(more, [] | [Answer::Exception { kind: 7, .. }]);
    let is_unframed = matches!(ends.closed, Some("undelimited" | "message_head"));
    let explained = waits.closed.is_none() && is_unframed && told && same == waits.answers && waits.entered == ends.entered;
    assert!(explained, "cut and whole differ: {one:?} {other:?} from {}", stream.escape_ascii());
}

/// A struct of the binary protocol: what is accepted survives being written, and reading, skipping and scanning agree on where
/// it ends.
///
/// # Panics
/// Where they do not.
pub fn binary(data: &[u8]) {
    let limits = Limits::default();
    let (mut input, mut over) = (Input::new(data, &limits), Input::new(data, &limits));
    let read = Codec::Binary.body::<Dynamic>(&mut input);
    let skipped = Codec::Binary.skip_body(&mut over);
    let head = b"\x80\x01\0\x01\0\0\0\x01m\0\0\0\x01";
    let scanned = Scanner::new(Codec::Binary).scan(&[head, data].concat(), &limits);
    let Ok(value) = read else {
        assert!(skipped.is_err(), "skipped and not read: {}", data.escape_ascii());
        return;
    };
    let used = input.position();
    assert_eq!(skipped.map(|()| over.position()), Ok(used), "{}", data.escape_ascii());
    assert_eq!(scanned, Ok(Scan::End(head.len() + used)), "{}", data.escape_ascii());
    let mut output = Output::new();
    Codec::Binary.write(&mut output, limits.depth_max, ("m", MessageKind::CALL, 1), &value);
    assert_eq!(output.error(), None);
    let written = output.to_vec();
    assert_eq!(&written[..head.len()], head);
    let mut input = Input::new(&written[head.len()..], &limits);
    let Ok(again) = Codec::Binary.body::<Dynamic>(&mut input) else { panic!("written and not read: {}", data.escape_ascii()) };
    assert!(again == value && input.remaining() == 0, "another value: {}", data.escape_ascii());
    // Only bools and the types of empty containers have more than one way to be written.
    assert_eq!(written.len() - head.len(), used);
}

/// A struct of whatever fields.
#[derive(Debug, PartialEq)]
struct Dynamic(Vec<(i16, Value)>);

/// A value of whatever type.
#[derive(Debug, PartialEq)]
enum Value {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    /// As bits, so that a NaN is itself.
    Double(u64),
    Uuid(Uuid),
    Binary(Bytes),
    Struct(Dynamic),
    List(WireType, Vec<Value>),
    Set(WireType, Vec<Value>),
    Map(WireType, WireType, Vec<(Value, Value)>),
}

impl Typed for Dynamic {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> Decode<'a> for Dynamic {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut fields = Vec::new();
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            fields.push((field.id, Value::read(reader, field.kind)?));
        }
        Ok(Self(fields))
    }
}

impl Encode for Dynamic {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        for (id, value) in &self.0 {
            writer.field_begin(*id, value.kind());
            value.write(writer);
            writer.field_end();
        }
        writer.struct_end();
    }
}

impl Value {
    fn kind(&self) -> WireType {
        match self {
            Self::Bool(_) => WireType::Bool,
            Self::I8(_) => WireType::I8,
            Self::I16(_) => WireType::I16,
            Self::I32(_) => WireType::I32,
            Self::I64(_) => WireType::I64,
            Self::Double(_) => WireType::Double,
            Self::Uuid(_) => WireType::Uuid,
            Self::Binary(_) => WireType::String,
            Self::Struct(_) => WireType::Struct,
            Self::List(..) => WireType::List,
            Self::Set(..) => WireType::Set,
            Self::Map(..) => WireType::Map,
        }
    }

    fn read<'a, R: Reader<'a>>(reader: &mut R, kind: WireType) -> Result<Self, Error> {
        let all = |reader: &mut R, kind, len| (0..len).map(|_| Self::read(reader, kind)).collect::<Result<Vec<_>, _>>();
        Ok(match kind {
            WireType::Bool => Self::Bool(reader.bool()?),
            WireType::I8 => Self::I8(reader.i8()?),
            WireType::I16 => Self::I16(reader.i16()?),
            WireType::I32 => Self::I32(reader.i32()?),
            WireType::I64 => Self::I64(reader.i64()?),
            WireType::Double => Self::Double(reader.double()?.to_bits()),
            WireType::Uuid => Self::Uuid(reader.uuid()?),
            WireType::String => Self::Binary(reader.binary()?.into_bytes()),
            WireType::Struct => Self::Struct(Dynamic::decode(reader)?),
            WireType::List => {
                let head = reader.list()?;
                let kind = head.kind.unwrap_or(WireType::Bool);
                let values = all(reader, kind, head.len)?;
                reader.list_end()?;
                Self::List(kind, values)
            }
            WireType::Set => {
                let head = reader.set()?;
                let kind = head.kind.unwrap_or(WireType::Bool);
                let values = all(reader, kind, head.len)?;
                reader.set_end()?;
                Self::Set(kind, values)
            }
            WireType::Map => {
                let head = reader.map()?;
                let (key, value) = head.kinds.unwrap_or((WireType::Bool, WireType::Bool));
                let pair = |_| Ok((Self::read(reader, key)?, Self::read(reader, value)?));
                let pairs = (0..head.len).map(pair).collect::<Result<_, Error>>()?;
                reader.map_end()?;
                Self::Map(key, value, pairs)
            }
        })
    }

    fn write<W: Writer>(&self, writer: &mut W) {
        match self {
            Self::Bool(value) => writer.bool(*value),
            Self::I8(value) => writer.i8(*value),
            Self::I16(value) => writer.i16(*value),
            Self::I32(value) => writer.i32(*value),
            Self::I64(value) => writer.i64(*value),
            Self::Double(bits) => writer.double(f64::from_bits(*bits)),
            Self::Uuid(value) => writer.uuid(*value),
            Self::Binary(value) => writer.shared(value),
            Self::Struct(value) => value.encode(writer),
            Self::List(kind, values) => {
                writer.list_begin(*kind, values.len());
                values.iter().for_each(|value| value.write(writer));
                writer.list_end();
            }
            Self::Set(kind, values) => {
                writer.set_begin(*kind, values.len());
                values.iter().for_each(|value| value.write(writer));
                writer.set_end();
            }
            Self::Map(key, value, pairs) => {
                writer.map_begin(*key, *value, pairs.len());
                for (key, value) in pairs {
                    key.write(writer);
                    value.write(writer);
                }
                writer.map_end();
            }
        }
    }
}

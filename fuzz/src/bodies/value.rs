//! A struct of whatever fields, read from any codec and written to any other.

use bytes::Bytes;
use farthing::wire::{Decode, Encode, Error, Reader, Typed, Uuid, WireType, Writer};

/// A struct of whatever fields, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Struct(pub(super) Vec<(i16, Value)>);

/// A value of whatever type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    /// As bits, so that a NaN is itself.
    Double(u64),
    Uuid(Uuid),
    Binary(Bytes),
    Text(String),
    Struct(Struct),
    List(WireType, Vec<Value>),
    Set(WireType, Vec<Value>),
    Map(WireType, WireType, Vec<(Value, Value)>),
}

/// A struct whose strings are bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bytewise(pub(super) Struct);

/// A struct whose strings are text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Textwise(pub(super) Struct);

/// How strings are read.
#[derive(Clone, Copy)]
enum Strings {
    Bytes,
    Text,
}

impl Typed for Bytewise {
    const TYPE: WireType = WireType::Struct;
}

impl Typed for Textwise {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> Decode<'a> for Bytewise {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        Struct::read(reader, Strings::Bytes).map(Self)
    }
}

impl<'a> Decode<'a> for Textwise {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        Struct::read(reader, Strings::Text).map(Self)
    }
}

impl Encode for Bytewise {
    fn encode<W: Writer>(&self, writer: &mut W) {
        self.0.write(writer);
    }
}

impl Encode for Textwise {
    fn encode<W: Writer>(&self, writer: &mut W) {
        self.0.write(writer);
    }
}

impl Struct {
    fn read<'a, R: Reader<'a>>(reader: &mut R, strings: Strings) -> Result<Self, Error> {
        let mut fields = Vec::new();
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            fields.push((field.id, Value::read(reader, field.kind, strings)?));
        }
        Ok(Self(fields))
    }

    fn write<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        for (id, value) in &self.0 {
            writer.field_begin(*id, value.kind());
            value.write(writer);
            writer.field_end();
        }
        writer.struct_end();
    }

    /// Whether this holds for a value in it, or for one in those.
    pub(super) fn any(&self, is: &dyn Fn(&Value) -> bool) -> bool {
        self.0.iter().any(|(_, value)| value.any(is))
    }

    /// The same, where all that is no number is the same one: JSON has one word for them.
    pub(super) fn with_one_nan(self) -> Self {
        Self(self.0.into_iter().map(|(id, value)| (id, value.with_one_nan())).collect())
    }
}

impl Value {
    pub(super) fn kind(&self) -> WireType {
        match self {
            Self::Bool(_) => WireType::Bool,
            Self::I8(_) => WireType::I8,
            Self::I16(_) => WireType::I16,
            Self::I32(_) => WireType::I32,
            Self::I64(_) => WireType::I64,
            Self::Double(_) => WireType::Double,
            Self::Uuid(_) => WireType::Uuid,
            Self::Binary(_) | Self::Text(_) => WireType::String,
            Self::Struct(_) => WireType::Struct,
            Self::List(..) => WireType::List,
            Self::Set(..) => WireType::Set,
            Self::Map(..) => WireType::Map,
        }
    }

    /// Whether it is a map whose keys have an inside, which JSON cannot name.
    pub(super) fn is_map_of_containers(&self) -> bool {
        let has_inside = |kind| matches!(kind, WireType::Struct | WireType::List | WireType::Set | WireType::Map);
        matches!(self, Self::Map(key, _, pairs) if !pairs.is_empty() && has_inside(*key))
    }

    fn any(&self, is: &dyn Fn(&Value) -> bool) -> bool {
        is(self)
            || match self {
                Self::Struct(value) => value.any(is),
                Self::List(_, values) | Self::Set(_, values) => values.iter().any(|value| value.any(is)),
                Self::Map(_, _, pairs) => pairs.iter().any(|(key, value)| key.any(is) || value.any(is)),
                _ => false,
            }
    }

    fn with_one_nan(self) -> Self {
        let all = |values: Vec<Self>| values.into_iter().map(Self::with_one_nan).collect();
        match self {
            Self::Double(bits) if f64::from_bits(bits).is_nan() => Self::Double(f64::NAN.to_bits()),
            Self::Struct(value) => Self::Struct(value.with_one_nan()),
            Self::List(kind, values) => Self::List(kind, all(values)),
            Self::Set(kind, values) => Self::Set(kind, all(values)),
            Self::Map(key, value, pairs) => {
                Self::Map(key, value, pairs.into_iter().map(|(key, value)| (key.with_one_nan(), value.with_one_nan())).collect())
            }
            other => other,
        }
    }

    fn read<'a, R: Reader<'a>>(reader: &mut R, kind: WireType, strings: Strings) -> Result<Self, Error> {
        let all = |reader: &mut R, kind, len| (0..len).map(|_| Self::read(reader, kind, strings)).collect::<Result<Vec<_>, _>>();
        Ok(match kind {
            WireType::Bool => Self::Bool(reader.bool()?),
            WireType::I8 => Self::I8(reader.i8()?),
            WireType::I16 => Self::I16(reader.i16()?),
            WireType::I32 => Self::I32(reader.i32()?),
            WireType::I64 => Self::I64(reader.i64()?),
            WireType::Double => Self::Double(reader.double()?.to_bits()),
            WireType::Uuid => Self::Uuid(reader.uuid()?),
            WireType::String => match strings {
                Strings::Bytes => Self::Binary(reader.binary()?.into_bytes()),
                Strings::Text => Self::Text(reader.string()?),
            },
            WireType::Struct => Self::Struct(Struct::read(reader, strings)?),
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
                let pair = |_| Ok((Self::read(reader, key, strings)?, Self::read(reader, value, strings)?));
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
            Self::Text(value) => writer.str(value),
            Self::Struct(value) => value.write(writer),
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

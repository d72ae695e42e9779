//! A Thrift value whose type is known only at run time, checked against the model before it was made: writing it cannot fail.

use crate::idl::model::{Program, Type};
use crate::wire::{Uuid, WireType, Writer};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Double(f64),
    String(String),
    Binary(Vec<u8>),
    Uuid(Uuid),
    Struct(Vec<(i16, Value)>),
    List(WireType, Vec<Value>),
    Set(WireType, Vec<Value>),
    Map(WireType, WireType, Vec<(Value, Value)>),
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
            Self::String(_) | Self::Binary(_) => WireType::String,
            Self::Uuid(_) => WireType::Uuid,
            Self::Struct(_) => WireType::Struct,
            Self::List(..) => WireType::List,
            Self::Set(..) => WireType::Set,
            Self::Map(..) => WireType::Map,
        }
    }

    pub(super) fn write<W: Writer>(&self, writer: &mut W) {
        match self {
            Self::Bool(value) => writer.bool(*value),
            Self::I8(value) => writer.i8(*value),
            Self::I16(value) => writer.i16(*value),
            Self::I32(value) => writer.i32(*value),
            Self::I64(value) => writer.i64(*value),
            Self::Double(value) => writer.double(*value),
            Self::String(value) => writer.str(value),
            Self::Binary(value) => writer.bytes(value),
            Self::Uuid(value) => writer.uuid(*value),
            Self::Struct(fields) => write_fields(fields, writer),
            Self::List(kind, elements) => {
                writer.list_begin(*kind, elements.len());
                elements.iter().for_each(|element| element.write(writer));
                writer.list_end();
            }
            Self::Set(kind, elements) => {
                writer.set_begin(*kind, elements.len());
                elements.iter().for_each(|element| element.write(writer));
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

pub(super) fn write_fields<W: Writer>(fields: &[(i16, Value)], writer: &mut W) {
    writer.struct_begin();
    for (id, value) in fields {
        writer.field_begin(*id, value.kind());
        value.write(writer);
        writer.field_end();
    }
    writer.struct_end();
}

/// The type of such a value on the wire.
pub(super) fn kind(program: &Program, ty: &Type) -> WireType {
    match program.resolve(ty) {
        Type::Bool => WireType::Bool,
        Type::I8 => WireType::I8,
        Type::I16 => WireType::I16,
        Type::I32 | Type::Enum(_) => WireType::I32,
        Type::I64 => WireType::I64,
        Type::Double => WireType::Double,
        Type::String | Type::Binary | Type::Typedef(_) => WireType::String,
        Type::Uuid => WireType::Uuid,
        Type::List(_) => WireType::List,
        Type::Set(_) => WireType::Set,
        Type::Map(..) => WireType::Map,
        Type::Struct(_) => WireType::Struct,
    }
}

//! Values made by the IDL out of whatever bytes there are: every struct of the IDL can be drawn, and every choice has a byte.

use std::sync::OnceLock;

use bytes::Bytes;
use farthing::idl::model::{Requiredness, Struct as Record, StructKind, Type};
use farthing::idl::{Memory, Program, compile};
use farthing::wire::{Uuid, WireType};

use super::value::{Struct, Value};

/// A field that no struct of the IDL has.
const UNKNOWN_FIELD: i16 = 32_000;
/// Elements of a container, and bytes of a string, at most.
const LENGTH_MAX: u8 = 5;

/// The conformance services.
fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let text = include_bytes!("../../../idl/conformance.thrift").to_vec();
        let files = Memory([("conformance.thrift".into(), text)].into());
        compile(&["conformance.thrift".into()], &[], &files).0.expect("it compiles")
    })
}

/// A value of the struct of this name.
pub(super) fn draw(name: &str, data: &[u8]) -> Struct {
    let record = program().structs.iter().find(|record| record.head.name == name).expect("a struct of the IDL");
    Source { rest: data }.record(record)
}

/// Bytes to choose by; zeros once they are used up, which is what makes every value end.
struct Source<'d> {
    rest: &'d [u8],
}

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *byte
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn length(&mut self) -> u8 {
        self.byte() % LENGTH_MAX
    }

    /// All fields that must be there and some of the others, in their order or not, and perhaps one that nobody knows.
    fn record(&mut self, record: &Record) -> Struct {
        let choice = self.byte();
        if record.kind == StructKind::Union {
            let field = &record.fields[usize::from(choice) % record.fields.len()];
            return Struct(vec![(field.id, self.value(&field.ty.ty))]);
        }
        let mut fields = Vec::new();
        for field in &record.fields {
            if field.requiredness == Requiredness::Required || !self.byte().is_multiple_of(4) {
                fields.push((field.id, self.value(&field.ty.ty)));
            }
        }
        if choice & 1 != 0 {
            fields.reverse();
        }
        if choice & 2 != 0 {
            let unknown = self.value(&Type::Double);
            fields.insert(usize::from(choice >> 4) % (fields.len() + 1), (UNKNOWN_FIELD, unknown));
        }
        Struct(fields)
    }

    fn value(&mut self, kind: &Type) -> Value {
        let kind = program().resolve(kind);
        match kind {
            Type::Bool => Value::Bool(self.byte() % 2 == 1),
            Type::I8 => Value::I8(self.byte().cast_signed()),
            Type::I16 => Value::I16(i16::from_le_bytes(self.array())),
            Type::I32 | Type::Enum(_) => Value::I32(i32::from_le_bytes(self.array())),
            Type::I64 => Value::I64(i64::from_le_bytes(self.array())),
            Type::Double => Value::Double(self.double()),
            Type::String => Value::Text(String::from_utf8_lossy(&self.bytes()).into_owned()),
            Type::Binary => Value::Binary(Bytes::from(self.bytes())),
            Type::Uuid => Value::Uuid(Uuid(self.array())),
            Type::Struct(id) => Value::Struct(self.record(&program().structs[id.0])),
            Type::List(element) => Value::List(wire_type(&element.ty), self.values(&element.ty)),
            Type::Set(element) => Value::Set(wire_type(&element.ty), self.values(&element.ty)),
            Type::Map(key, value) => {
                let pairs = (0..self.length()).map(|_| (self.value(&key.ty), self.value(&value.ty))).collect();
                Value::Map(wire_type(&key.ty), wire_type(&value.ty), pairs)
            }
            Type::Typedef(_) => unreachable!("it was looked through"),
        }
    }

    fn values(&mut self, kind: &Type) -> Vec<Value> {
        (0..self.length()).map(|_| self.value(kind)).collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.length()).map(|_| self.byte()).collect()
    }

    /// Any but those that are not equal to themselves.
    fn double(&mut self) -> u64 {
        let value = f64::from_le_bytes(self.array());
        if value.is_nan() { 0 } else { value.to_bits() }
    }
}

fn wire_type(kind: &Type) -> WireType {
    match program().resolve(kind) {
        Type::Bool => WireType::Bool,
        Type::I8 => WireType::I8,
        Type::I16 => WireType::I16,
        Type::I32 | Type::Enum(_) => WireType::I32,
        Type::I64 => WireType::I64,
        Type::Double => WireType::Double,
        Type::String | Type::Binary => WireType::String,
        Type::Uuid => WireType::Uuid,
        Type::Struct(_) => WireType::Struct,
        Type::List(_) => WireType::List,
        Type::Set(_) => WireType::Set,
        Type::Map(..) => WireType::Map,
        Type::Typedef(_) => unreachable!("it was looked through"),
    }
}

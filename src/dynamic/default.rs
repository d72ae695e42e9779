//! Default values of the IDL, as what is written: generated clients write them where nothing was given, and so do we.

use crate::idl::model::{Field, Program, Requiredness, Type, Value as Constant};
use crate::wire::Uuid;

use super::value::{Value, kind};

/// What a field holds to which nothing was given. Optional ones are left out then, default or not.
pub(super) fn default(program: &Program, field: &Field) -> Option<Value> {
    if field.requiredness == Requiredness::Optional {
        return None;
    }
    value(program, &field.ty.ty, field.default.as_ref()?)
}

/// The resolver has checked that a constant fits its type; one that does not would be left out.
fn value(program: &Program, ty: &Type, constant: &Constant) -> Option<Value> {
    let all = |ty: &Type, constants: &[Constant]| -> Option<Vec<_>> {
        constants.iter().map(|constant| value(program, ty, constant)).collect()
    };
    Some(match (program.resolve(ty), constant) {
        (Type::Bool, Constant::Bool(value)) => Value::Bool(*value),
        (Type::I8, Constant::Int(value)) => Value::I8((*value).try_into().ok()?),
        (Type::I16, Constant::Int(value)) => Value::I16((*value).try_into().ok()?),
        (Type::I32, Constant::Int(value)) => Value::I32((*value).try_into().ok()?),
        (Type::I64, Constant::Int(value)) => Value::I64(*value),
        (Type::Double, Constant::Double(value)) => Value::Double(*value),
        (Type::String, Constant::String(value)) => Value::String(value.clone()),
        (Type::Binary, Constant::Bytes(value)) => Value::Binary(value.clone()),
        (Type::Uuid, Constant::Uuid(value)) => Value::Uuid(Uuid(*value)),
        (Type::Enum(_), Constant::Enum { id, index }) => Value::I32(program[*id].values.get(*index)?.number),
        (Type::List(element), Constant::List(values)) => Value::List(kind(program, &element.ty), all(&element.ty, values)?),
        (Type::Set(element), Constant::List(values)) => Value::Set(kind(program, &element.ty), all(&element.ty, values)?),
        (Type::Map(key, element), Constant::Map(pairs)) => {
            let pairs = pairs.iter().map(|(k, v)| Some((value(program, &key.ty, k)?, value(program, &element.ty, v)?)));
            Value::Map(kind(program, &key.ty), kind(program, &element.ty), pairs.collect::<Option<_>>()?)
        }
        (Type::Struct(id), Constant::Struct { fields: given, .. }) => {
            let fields = program[*id].fields.iter().enumerate().filter_map(|(index, field)| {
                let given = given.iter().find(|(at, _)| *at == index);
                let value = given.map_or_else(|| default(program, field), |(_, given)| value(program, &field.ty.ty, given));
                Some((field.id, value?))
            });
            Value::Struct(fields.collect())
        }
        _ => return None,
    })
}

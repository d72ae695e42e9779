//! Values and types without their text: how large a value is, how it reads as another type, what a type is called.

use super::super::model::{Program, Type, Value};
use super::resolver::underlying;

/// How many nodes a value has.
pub(super) fn size(value: &Value) -> usize {
    1 + match value {
        Value::List(list) => list.iter().map(size).sum(),
        Value::Map(pairs) => pairs.iter().map(|(key, value)| size(key) + size(value)).sum(),
        Value::Struct { fields, .. } => fields.iter().map(|(_, value)| size(value)).sum(),
        _ => 0,
    }
}

/// The structs that a value builds.
pub(super) fn structs_in(value: &Value) -> Vec<usize> {
    let mut found = Vec::new();
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::List(list) => pending.extend(list),
            Value::Map(pairs) => pending.extend(pairs.iter().flat_map(|(key, value)| [key, value])),
            Value::Struct { id, fields } => {
                found.push(id.0);
                pending.extend(fields.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The value of a constant of another type as `ty`, where it has one. Values of structs do not change type.
pub(super) fn convert(program: &Program, value: &Value, ty: &Type) -> Option<Value> {
    Some(match (underlying(program, ty)?, value) {
        (Type::Bool, Value::Bool(_))
        | (Type::Double, Value::Double(_))
        | (Type::String, Value::String(_))
        | (Type::Binary, Value::Bytes(_))
        | (Type::Uuid, Value::Uuid(_)) => value.clone(),
        (Type::Bool, Value::Int(number @ (0 | 1))) => Value::Bool(*number == 1),
        (Type::Double, Value::Int(number)) => Value::Double(double(*number)),
        (Type::Binary, Value::String(text)) => Value::Bytes(text.clone().into_bytes()),
        (Type::String, Value::Bytes(bytes)) => Value::String(String::from_utf8(bytes.clone()).ok()?),
        (Type::Uuid, Value::String(text)) => Value::Uuid(uuid(text)?),
        (Type::Enum(wanted), Value::Enum { id, .. }) if wanted == id => value.clone(),
        (Type::Enum(id), Value::Int(number)) => enum_number(program, *id, *number)?,
        (Type::Struct(wanted), Value::Struct { id, .. }) if wanted == id => value.clone(),
        (Type::List(element) | Type::Set(element), Value::List(list)) => {
            Value::List(list.iter().map(|value| convert(program, value, &element.ty)).collect::<Option<_>>()?)
        }
        (Type::Map(key_type, value_type), Value::Map(pairs)) => {
            let pair = |(key, value): &(Value, Value)| {
                Some((convert(program, key, &key_type.ty)?, convert(program, value, &value_type.ty)?))
            };
            Value::Map(pairs.iter().map(pair).collect::<Option<_>>()?)
        }
        (Type::List(_) | Type::Set(_), Value::Map(pairs)) if pairs.is_empty() => Value::List(Vec::new()),
        (Type::Map(..), Value::List(list)) if list.is_empty() => Value::Map(Vec::new()),
        (number, Value::Int(value)) => in_range(number, *value)?,
        (number, Value::Bool(value)) => in_range(number, i64::from(*value))?,
        (number, Value::Enum { id, index }) => in_range(number, i64::from(program[*id].values[*index].number))?,
        _ => return None,
    })
}

/// A whole number as a value of an integer type.
pub(super) fn in_range(ty: &Type, number: i64) -> Option<Value> {
    let (least, most) = range(ty)?;
    (least..=most).contains(&number).then_some(Value::Int(number))
}

/// A whole number where a double is wanted: beyond 2^53 the nearest there is, as every compiler takes it.
#[expect(clippy::cast_precision_loss, reason = "it is what the file asks for")]
pub(super) fn double(number: i64) -> f64 {
    number as f64
}

/// The least and the most that an integer type holds.
pub(super) fn range(ty: &Type) -> Option<(i64, i64)> {
    let bits = bits(ty)?;
    Some((i64::MIN >> (64 - bits), i64::MAX >> (64 - bits)))
}

/// How wide an integer type is.
pub(super) fn bits(ty: &Type) -> Option<u32> {
    Some(match ty {
        Type::I8 => 8,
        Type::I16 => 16,
        Type::I32 => 32,
        Type::I64 => 64,
        _ => return None,
    })
}

/// The first value of an enum with this number.
pub(super) fn enum_number(program: &Program, id: super::super::model::EnumId, number: i64) -> Option<Value> {
    let index = program[id].values.iter().position(|value| i64::from(value.number) == number)?;
    Some(Value::Enum { id, index })
}

/// Reads `6ba7b810-9dad-11d1-80b4-00c04fd430c8`, also in braces and also without hyphens.
pub(super) fn uuid(text: &str) -> Option<[u8; 16]> {
    let bare = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let hyphens: Vec<usize> = bare.match_indices('-').map(|(at, _)| at).collect();
    let digits = bare.replace('-', "");
    let shaped = hyphens.is_empty() || hyphens == [8, 13, 18, 23];
    if !shaped || digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes())
}

/// A type as its file writes it.
pub(super) fn describe(program: &Program, ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::I8 => "i8".to_owned(),
        Type::I16 => "i16".to_owned(),
        Type::I32 => "i32".to_owned(),
        Type::I64 => "i64".to_owned(),
        Type::Double => "double".to_owned(),
        Type::String => "string".to_owned(),
        Type::Binary => "binary".to_owned(),
        Type::Uuid => "uuid".to_owned(),
        Type::List(element) => format!("list<{}>", describe(program, &element.ty)),
        Type::Set(element) => format!("set<{}>", describe(program, &element.ty)),
        Type::Map(key, value) => format!("map<{}, {}>", describe(program, &key.ty), describe(program, &value.ty)),
        Type::Enum(id) => program[*id].head.name.clone(),
        Type::Struct(id) => program[*id].head.name.clone(),
        Type::Typedef(id) => program.typedefs.get(id.0).map_or_else(String::new, |typedef| typedef.head.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_read_in_the_forms_apache_reads() {
        let expected = Some(*b"\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8");
        assert_eq!(uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), expected);
        assert_eq!(uuid("{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}"), expected);
        assert_eq!(uuid("6ba7b8109dad11d180b400c04fd430c8"), expected);
        assert_eq!(uuid("6ba7b8109-dad-11d1-80b4-00c04fd430c8"), None);
        assert_eq!(uuid("+ba7b810-9dad-11d1-80b4-00c04fd430c8"), None);
    }

    #[test]
    fn ranges_are_those_of_twos_complement() {
        assert_eq!(range(&Type::I8), Some((-128, 127)));
        assert_eq!(range(&Type::I64), Some((i64::MIN, i64::MAX)));
        assert_eq!(range(&Type::Double), None);
    }
}

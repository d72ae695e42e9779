//! JSON to values, by the type that the model says.

use std::collections::HashSet;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value as Json};

use crate::idl::model::{EnumId, Field, Program, Requiredness, Struct, StructId, StructKind, Type};
use crate::wire::WireType;

use super::default::default;
use super::error::Error;
use super::near::hint;
use super::value::{Value, kind};

/// Base64 with padding or without.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The value of one field, with the field's name in any error.
pub(super) fn one(program: &Program, field: &Field, json: &Json) -> Result<Value, Error> {
    value(program, &field.ty.ty, json).map_err(|error| error.inside(&field.name))
}

/// The fields that an object names, in the order of the IDL, and the defaults of those that it does not. `null` leaves a field
/// out that has a default.
pub(super) fn named_fields(program: &Program, fields: &[Field], object: &Map<String, Json>) -> Result<Vec<(i16, Value)>, Error> {
    if let Some(unknown) = object.keys().find(|key| !fields.iter().any(|field| field.name == **key)) {
        let hint = hint(unknown, fields.iter().map(|field| &*field.name));
        return Err(Error::new(format!("no field of that name; {hint}")).inside(unknown));
    }
    let read = fields.iter().filter_map(|field| match object.get(&field.name) {
        Some(Json::Null) => None,
        Some(json) => Some(one(program, field, json).map(|value| (field.id, value))),
        None => default(program, field).map(|value| Ok((field.id, value))),
    });
    read.collect()
}

fn value(program: &Program, ty: &Type, json: &Json) -> Result<Value, Error> {
    Ok(match program.resolve(ty) {
        Type::Bool => Value::Bool(json.as_bool().ok_or_else(|| expected("true or false", json))?),
        Type::I8 => Value::I8(integer(json, "i8")?),
        Type::I16 => Value::I16(integer(json, "i16")?),
        Type::I32 => Value::I32(integer(json, "i32")?),
        Type::I64 => Value::I64(integer(json, "i64")?),
        Type::Double => Value::Double(double(json)?),
        Type::String => Value::String(json.as_str().ok_or_else(|| expected("string", json))?.to_owned()),
        Type::Binary => Value::Binary(binary(json)?),
        Type::Uuid => {
            let text = json.as_str().ok_or_else(|| expected("uuid in a string", json))?;
            Value::Uuid(text.parse().map_err(|error| Error::new(format!("{error}")))?)
        }
        Type::List(element) => {
            let (kind, elements) = elements(program, &element.ty, json, "list")?;
            Value::List(kind, elements)
        }
        Type::Set(element) => {
            let (kind, elements) = elements(program, &element.ty, json, "set, as a list")?;
            distinct(&elements).map_err(|(index, error)| error.inside(format!("[{index}]")))?;
            Value::Set(kind, elements)
        }
        Type::Map(key, element) => map(program, &key.ty, &element.ty, json)?,
        Type::Enum(id) => Value::I32(enumerated(program, *id, json)?),
        Type::Struct(id) => structure(program, *id, json)?,
        Type::Typedef(_) => return Err(Error::new("the IDL leaves this type unresolved")),
    })
}

fn expected(what: &str, found: &Json) -> Error {
    Error::new(format!("expected {what}, found {}", describe(found)))
}

pub(super) fn describe(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "number with a fraction or beyond 64 bits",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
    }
}

fn integer<T: TryFrom<i64>>(json: &Json, name: &str) -> Result<T, Error> {
    let number = json.as_i64().ok_or_else(|| match json {
        Json::Number(number) if number.is_u64() => Error::new(format!("{number} does not fit in an {name}")),
        other => expected(name, other),
    })?;
    T::try_from(number).map_err(|_| Error::new(format!("{number} does not fit in an {name}")))
}

fn double(json: &Json) -> Result<f64, Error> {
    match json {
        Json::String(text) if text == "NaN" => Ok(f64::NAN),
        Json::String(text) if text == "Infinity" => Ok(f64::INFINITY),
        Json::String(text) if text == "-Infinity" => Ok(f64::NEG_INFINITY),
        other => other.as_f64().ok_or_else(|| expected("double (\"NaN\", \"Infinity\" and \"-Infinity\" as strings)", other)),
    }
}

fn binary(json: &Json) -> Result<Vec<u8>, Error> {
    let text = json.as_str().ok_or_else(|| expected("binary as base64 in a string", json))?;
    BASE64.decode(text).map_err(|error| Error::new(format!("expected base64: {error}")))
}

fn elements(program: &Program, ty: &Type, json: &Json, name: &str) -> Result<(WireType, Vec<Value>), Error> {
    let list = json.as_array().ok_or_else(|| expected(name, json))?;
    let indexed = list.iter().enumerate();
    let read = indexed.map(|(index, json)| value(program, ty, json).map_err(|error| error.inside(format!("[{index}]"))));
    Ok((kind(program, ty), read.collect::<Result<_, _>>()?))
}

/// A map is an object where its keys can be its members' names, and a list of pairs always.
fn map(program: &Program, key: &Type, element: &Type, json: &Json) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    match json {
        Json::Object(object) => {
            for (name, json) in object {
                let inside = |error: Error| error.inside(format!("[{name:?}]"));
                pairs.push((key_from(program, key, name).map_err(inside)?, value(program, element, json).map_err(inside)?));
            }
        }
        Json::Array(list) => {
            for (index, pair) in list.iter().enumerate() {
                let inside = |error: Error| error.inside(format!("[{index}]"));
                let Some([k, v]) = pair.as_array().map(Vec::as_slice) else {
                    return Err(inside(expected("pair of a key and a value", pair)));
                };
                pairs.push((value(program, key, k).map_err(inside)?, value(program, element, v).map_err(inside)?));
            }
        }
        other => return Err(expected("map, as an object or a list of pairs", other)),
    }
    distinct(pairs.iter().map(|(key, _)| key)).map_err(|(index, error)| error.inside(format!("[{index}]")))?;
    Ok(Value::Map(kind(program, key), kind(program, element), pairs))
}

/// Elements of a set and keys of a map are there once each. Two ways to write one of them (a name and a number) are one.
fn distinct<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<(), (usize, Error)> {
    let mut seen = HashSet::new();
    match values.into_iter().position(|value| !seen.insert(format!("{value:?}"))) {
        Some(index) => Err((index, Error::new("the same value is there already"))),
        None => Ok(()),
    }
}

/// A key from a member's name: as it is where keys are texts, else as the JSON that it spells.
fn key_from(program: &Program, ty: &Type, name: &str) -> Result<Value, Error> {
    let text = Json::String(name.to_owned());
    match program.resolve(ty) {
        Type::String | Type::Binary | Type::Uuid => value(program, ty, &text),
        Type::Enum(_) if name.parse::<i32>().is_err() => value(program, ty, &text),
        _ => match serde_json::from_str(name) {
            Ok(json) => value(program, ty, &json),
            Err(_) => value(program, ty, &text),
        },
    }
}

fn enumerated(program: &Program, id: EnumId, json: &Json) -> Result<i32, Error> {
    let declared = &program.enums[id.0];
    let Some(name) = json.as_str() else {
        return if json.is_number() { integer(json, "i32") } else { Err(expected("enum, by name or number", json)) };
    };
    let bare = name.strip_prefix(&*declared.head.name).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
    let found = declared.values.iter().find(|value| value.name == bare);
    found.map(|value| value.number).ok_or_else(|| {
        let hint = hint(name, declared.values.iter().map(|value| &*value.name));
        Error::new(format!("the enum {} has no value {name:?}; {hint}", declared.head.name))
    })
}

fn structure(program: &Program, id: StructId, json: &Json) -> Result<Value, Error> {
    let declared = &program.structs[id.0];
    let object = json.as_object().ok_or_else(|| expected(&format!("{} as an object", declared.head.name), json))?;
    let fields = named_fields(program, &declared.fields, object)?;
    check(declared, &fields)?;
    Ok(Value::Struct(fields))
}

fn check(declared: &Struct, fields: &[(i16, Value)]) -> Result<(), Error> {
    let name = &declared.head.name;
    if declared.kind == StructKind::Union && fields.len() != 1 {
        return Err(Error::new(format!("expected exactly one field of the union {name}, found {}", fields.len())));
    }
    let required = declared.fields.iter().filter(|field| field.requiredness == Requiredness::Required);
    let missing = required.filter(|field| !fields.iter().any(|(id, _)| *id == field.id)).map(|field| &*field.name);
    match missing.collect::<Vec<_>>()[..] {
        [] => Ok(()),
        [one] => Err(Error::new(format!("{name} requires this field")).inside(one)),
        ref several => Err(Error::new(format!("{name} requires the fields {}", several.join(", ")))),
    }
}

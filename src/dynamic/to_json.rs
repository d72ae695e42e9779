//! Values to JSON while they are read, with the names of the model. What the model does not know is shown by its number.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value as Json};

use crate::idl::model::{EnumId, Field, Program, Type};
use crate::wire::{Codec, Error, Reader, WireType};

use super::value::kind as kind_of;

/// What values are read by.
#[derive(Clone, Copy)]
pub(super) struct Model<'p> {
    pub(super) program: &'p Program,
    /// In JSON nothing tells a text from a binary.
    pub(super) codec: Codec,
}

/// Reads a value that is declared as `ty` and is on the wire as `kind`.
pub(super) fn value<'a, R: Reader<'a>>(reader: &mut R, model: Model<'_>, ty: &Type, kind: WireType) -> Result<Json, Error> {
    if kind != kind_of(model.program, ty) {
        return undeclared(reader, model, kind);
    }
    Ok(match model.program.resolve(ty) {
        Type::Bool => reader.bool()?.into(),
        Type::I8 => reader.i8()?.into(),
        Type::I16 => reader.i16()?.into(),
        Type::I32 => reader.i32()?.into(),
        Type::I64 => reader.i64()?.into(),
        Type::Double => double(reader.double()?),
        Type::String => reader.str()?.into_owned().into(),
        Type::Binary => STANDARD.encode(&*reader.binary()?).into(),
        Type::Uuid => reader.uuid()?.to_string().into(),
        Type::Enum(id) => enumerated(model.program, *id, reader.i32()?),
        Type::Struct(id) => structure(reader, model, &model.program[*id].fields)?,
        Type::List(element) => {
            let list = reader.list()?;
            let elements = elements(reader, model, &element.ty, list.kind, list.len)?;
            reader.list_end()?;
            elements
        }
        Type::Set(element) => {
            let set = reader.set()?;
            let elements = elements(reader, model, &element.ty, set.kind, set.len)?;
            reader.set_end()?;
            elements
        }
        Type::Map(key, element) => map(reader, model, &key.ty, &element.ty)?,
        Type::Typedef(_) => undeclared(reader, model, kind)?,
    })
}

/// JSON has no such numbers: they are texts.
fn double(number: f64) -> Json {
    match Number::from_f64(number) {
        Some(number) => Json::Number(number),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

fn enumerated(program: &Program, id: EnumId, number: i32) -> Json {
    let known = program.enums[id.0].values.iter().find(|value| value.number == number);
    known.map_or_else(|| number.into(), |value| value.name.clone().into())
}

pub(super) fn structure<'a, R: Reader<'a>>(reader: &mut R, model: Model<'_>, fields: &[Field]) -> Result<Json, Error> {
    let mut object = Map::new();
    reader.struct_begin()?;
    while let Some(field) = reader.field()? {
        let (name, json) = match fields.iter().find(|declared| declared.id == field.id) {
            Some(declared) => (declared.name.clone(), value(reader, model, &declared.ty.ty, field.kind)?),
            None => (format!("#{}", field.id), undeclared(reader, model, field.kind)?),
        };
        object.insert(name, json);
    }
    Ok(Json::Object(object))
}

fn elements<'a, R: Reader<'a>>(
    reader: &mut R,
    model: Model<'_>,
    ty: &Type,
    kind: Option<WireType>,
    len: usize,
) -> Result<Json, Error> {
    let mut list = Vec::new();
    if let Some(kind) = kind {
        for _ in 0..len {
            list.push(value(reader, model, ty, kind)?);
        }
    }
    Ok(Json::Array(list))
}

fn map<'a, R: Reader<'a>>(reader: &mut R, model: Model<'_>, key: &Type, element: &Type) -> Result<Json, Error> {
    let map = reader.map()?;
    let mut pairs = Vec::new();
    if let Some((key_kind, kind)) = map.kinds {
        for _ in 0..map.len {
            let key = value(reader, model, key, key_kind)?;
            pairs.push((key, value(reader, model, element, kind)?));
        }
    }
    reader.map_end()?;
    Ok(object_or_pairs(pairs))
}

/// An object where every key can be the name of a member, else a list of pairs.
fn object_or_pairs(pairs: Vec<(Json, Json)>) -> Json {
    let name = |key: &Json| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    let mut seen = HashSet::new();
    // A peer may send a key twice: nothing of what it sent is to be lost.
    if pairs.iter().all(|(key, _)| !key.is_array() && !key.is_object() && seen.insert(name(key))) {
        return Json::Object(pairs.into_iter().map(|(key, value)| (name(&key), value)).collect());
    }
    pairs.into_iter().map(|(key, value)| Json::Array(vec![key, value])).collect()
}

/// A value of which nothing but its type on the wire is known. A string may be a binary: it is shown as text where it is
/// text, else as base64.
pub(super) fn undeclared<'a, R: Reader<'a>>(reader: &mut R, model: Model<'_>, kind: WireType) -> Result<Json, Error> {
    Ok(match kind {
        WireType::Bool => reader.bool()?.into(),
        WireType::I8 => reader.i8()?.into(),
        WireType::I16 => reader.i16()?.into(),
        WireType::I32 => reader.i32()?.into(),
        WireType::I64 => reader.i64()?.into(),
        WireType::Double => double(reader.double()?),
        WireType::Uuid => reader.uuid()?.to_string().into(),
        WireType::String if model.codec == Codec::Json => reader.str()?.into_owned().into(),
        WireType::String => {
            let bytes = reader.binary()?;
            str::from_utf8(&bytes).map_or_else(|_| STANDARD.encode(&*bytes).into(), Json::from)
        }
        WireType::Struct => {
            let mut object = Map::new();
            reader.struct_begin()?;
            while let Some(field) = reader.field()? {
                object.insert(format!("#{}", field.id), undeclared(reader, model, field.kind)?);
            }
            Json::Object(object)
        }
        WireType::List | WireType::Set => {
            let is_list = kind == WireType::List;
            let found = if is_list { reader.list()? } else { reader.set()? };
            let mut list = Vec::new();
            for _ in 0..found.len {
                list.push(undeclared(reader, model, found.kind.unwrap_or(WireType::Bool))?);
            }
            if is_list {
                reader.list_end()?;
            } else {
                reader.set_end()?;
            }
            Json::Array(list)
        }
        WireType::Map => {
            let map = reader.map()?;
            let (key, element) = map.kinds.unwrap_or((WireType::Bool, WireType::Bool));
            let mut pairs = Vec::new();
            for _ in 0..map.len {
                let key = undeclared(reader, model, key)?;
                pairs.push((key, undeclared(reader, model, element)?));
            }
            reader.map_end()?;
            object_or_pairs(pairs)
        }
    })
}

//! An example of the arguments that a method takes.

use serde_json::{Map, Value as Json, json};

use crate::idl::model::{Field, Program, Requiredness, StructKind, Type};

use super::find::Method;

/// Structs inside structs are shown this deep: a type that holds itself would have no end.
const DEPTH_MAX: usize = 4;

/// Arguments of the right form, to be filled in. Optional fields are there too, for they are hard to guess.
pub fn template(method: Method<'_>) -> Json {
    object(method.program, &method.function.arguments, 0)
}

fn object(program: &Program, fields: &[Field], depth: usize) -> Json {
    let shown = fields.iter().filter(|field| depth < DEPTH_MAX || field.requiredness == Requiredness::Required);
    let shown = shown.filter(|_| depth < 2 * DEPTH_MAX);
    Json::Object(shown.map(|field| (field.name.clone(), example(program, &field.ty.ty, depth + 1))).collect())
}

fn example(program: &Program, ty: &Type, depth: usize) -> Json {
    match program.resolve(ty) {
        Type::Bool => json!(false),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => json!(0),
        Type::Double => json!(0.0),
        Type::String | Type::Binary | Type::Typedef(_) => json!(""),
        Type::Uuid => json!("00000000-0000-0000-0000-000000000000"),
        Type::List(element) | Type::Set(element) => json!([example(program, &element.ty, depth)]),
        Type::Map(key, element) => map(program, &key.ty, &element.ty, depth),
        Type::Enum(id) => program.enums[id.0].values.first().map_or(json!(0), |value| json!(value.name)),
        Type::Struct(id) => {
            let declared = &program.structs[id.0];
            let fields = &declared.fields[..];
            let one = if declared.kind == StructKind::Union { &fields[..fields.len().min(1)] } else { fields };
            object(program, one, depth)
        }
    }
}

fn map(program: &Program, key: &Type, element: &Type, depth: usize) -> Json {
    let (key, element) = (example(program, key, depth), example(program, element, depth));
    match key {
        Json::Array(_) | Json::Object(_) => json!([[key, element]]),
        Json::String(text) => Json::Object(Map::from_iter([(text, element)])),
        other => Json::Object(Map::from_iter([(other.to_string(), element)])),
    }
}

//! Methods and types as text, the way the IDL writes them.

use std::fmt::Write;

use crate::idl::model::{Field, Program, Requiredness, StructKind, Type, TypeUse};

use super::find::{Method, services};

/// All methods of all services, one line each.
pub fn list(program: &Program) -> String {
    let mut text = String::new();
    for (id, service) in services(program) {
        for (_, function) in program.all_functions(id) {
            let method = Method { program, service, function, alias: None };
            _ = writeln!(text, "{}", signature(method));
        }
    }
    text
}

/// A method with its documentation and with the types that it names.
pub fn describe(method: Method<'_>) -> String {
    let mut text = String::new();
    for line in method.function.doc.iter().flat_map(|doc| doc.lines()) {
        _ = writeln!(text, "// {line}");
    }
    _ = writeln!(text, "{}", signature(method));
    let mut named = Vec::new();
    let fields = method.function.arguments.iter().chain(&method.function.throws).map(|field| &field.ty);
    fields.chain(&method.function.returns).for_each(|ty| collect(method.program, &ty.ty, &mut named));
    for ty in named {
        _ = write!(text, "\n{}", declaration(method.program, &ty));
    }
    text
}

fn signature(method: Method<'_>) -> String {
    let Method { program, service, function, .. } = method;
    let returns = function.returns.as_ref().map_or_else(|| "void".into(), |returns| name(program, &returns.ty));
    let oneway = if function.oneway { "oneway " } else { "" };
    let arguments = fields(program, &function.arguments);
    let throws =
        if function.throws.is_empty() { String::new() } else { format!(" throws ({})", fields(program, &function.throws)) };
    format!("{}.{}: {oneway}{returns} ({arguments}){throws}", service.head.name, function.name)
}

fn fields(program: &Program, fields: &[Field]) -> String {
    let one = |field: &Field| format!("{}: {} {}", field.id, name(program, &field.ty.ty), field.name);
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A type as the IDL writes it.
pub(super) fn name(program: &Program, ty: &Type) -> String {
    let of = |ty: &TypeUse| name(program, &ty.ty);
    match ty {
        Type::Bool => "bool".into(),
        Type::I8 => "i8".into(),
        Type::I16 => "i16".into(),
        Type::I32 => "i32".into(),
        Type::I64 => "i64".into(),
        Type::Double => "double".into(),
        Type::String => "string".into(),
        Type::Binary => "binary".into(),
        Type::Uuid => "uuid".into(),
        Type::List(element) => format!("list<{}>", of(element)),
        Type::Set(element) => format!("set<{}>", of(element)),
        Type::Map(key, element) => format!("map<{}, {}>", of(key), of(element)),
        Type::Enum(id) => program.enums[id.0].head.name.clone(),
        Type::Struct(id) => program.structs[id.0].head.name.clone(),
        Type::Typedef(id) => program.typedefs[id.0].head.name.clone(),
    }
}

/// The declared types that a type is made of, each once.
fn collect(program: &Program, ty: &Type, named: &mut Vec<Type>) {
    match ty {
        Type::List(element) | Type::Set(element) => collect(program, &element.ty, named),
        Type::Map(key, element) => {
            collect(program, &key.ty, named);
            collect(program, &element.ty, named);
        }
        Type::Enum(_) | Type::Struct(_) | Type::Typedef(_) if !named.contains(ty) => {
            named.push(ty.clone());
            match ty {
                Type::Struct(id) => program.structs[id.0].fields.iter().for_each(|field| collect(program, &field.ty.ty, named)),
                Type::Typedef(id) => collect(program, &program.typedefs[id.0].target.ty, named),
                _ => {}
            }
        }
        _ => {}
    }
}

fn declaration(program: &Program, ty: &Type) -> String {
    match ty {
        Type::Enum(id) => {
            let declared = &program.enums[id.0];
            let values: Vec<_> = declared.values.iter().map(|value| format!("{} = {}", value.name, value.number)).collect();
            format!("enum {} {{ {} }}\n", declared.head.name, values.join(", "))
        }
        Type::Typedef(id) => {
            let declared = &program.typedefs[id.0];
            format!("typedef {} {}\n", name(program, &declared.target.ty), declared.head.name)
        }
        Type::Struct(id) => {
            let declared = &program.structs[id.0];
            let keyword = match declared.kind {
                StructKind::Struct => "struct",
                StructKind::Union => "union",
                StructKind::Exception => "exception",
            };
            let mut text = format!("{keyword} {} {{\n", declared.head.name);
            for field in &declared.fields {
                let requiredness = match field.requiredness {
                    Requiredness::Required => "required ",
                    Requiredness::Optional if declared.kind != StructKind::Union => "optional ",
                    _ => "",
                };
                _ = writeln!(text, "  {}: {requiredness}{} {}", field.id, name(program, &field.ty.ty), field.name);
            }
            text + "}\n"
        }
        _ => String::new(),
    }
}

//! Constant values as Rust expressions.

use crate::idl::model::{Field, StructId, StructKind, Value};

use super::scope::Scope;
use super::types::{Form, Keyed, Rust};
use super::writer::Layout;

/// The value as an expression of this type.
pub(super) fn value(scope: &Scope<'_>, value: &Value, rust: &Rust) -> Layout {
    match (value, rust.resolved()) {
        (Value::Bool(value), _) => value.to_string().into(),
        (Value::Int(value), _) => integer(*value).into(),
        (Value::Double(value), _) => double(*value).into(),
        (Value::Uuid(bytes), _) => format!("{}({bytes:?})", scope.wire("Uuid")).into(),
        (Value::String(text), Rust::Text) => format!("{}::from({text:?})", scope.wire("Text")).into(),
        (Value::String(text), Rust::Str) => format!("std::borrow::Cow::Borrowed({text:?})").into(),
        (Value::Bytes(bytes), Rust::Binary) => format!("{}::from(&{}[..])", scope.wire("Binary"), byte_literal(bytes)).into(),
        (Value::Struct { id, fields }, Rust::Lent(_)) => structure(scope, Form::Lent, *id, fields),
        (Value::String(text), _) if text.is_empty() => format!("{}::new()", scope.std.string).into(),
        (Value::String(text), _) => format!("{}::from({text:?})", scope.std.string).into(),
        (Value::Bytes(bytes), Rust::ByteVec) => format!("{}.to_vec()", byte_literal(bytes)).into(),
        (Value::Bytes(bytes), _) => format!("{}::from_static({})", scope.wire("Bytes"), byte_literal(bytes)).into(),
        (Value::Enum { id, index }, _) => {
            format!("{}::{}", scope.spell(&Rust::Enum(*id)), scope.plan.values[id.0][*index]).into()
        }
        (Value::Struct { id, fields }, _) => structure(scope, Form::Owned, *id, fields),
        (Value::List(values), Rust::Set(keyed, element)) => set(scope, *keyed, element, values),
        (Value::List(values), Rust::List(element)) if !values.is_empty() => list(scope, element, values),
        (Value::List(_), _) => format!("{}::new()", scope.std.vec).into(),
        (Value::Map(pairs), Rust::Map(keyed, key, item)) => map(scope, *keyed, (key, item), pairs),
        (Value::Map(_), _) => format!("{}::default()", scope.spell(rust)).into(),
    }
}

/// Digits in groups of three where there are many.
pub(super) fn integer(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && digits.len() > 4 && (digits.len() - position).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

fn double(value: f64) -> String {
    if value.is_nan() {
        "f64::NAN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.to_owned()
    } else {
        format!("{value:?}")
    }
}

/// A byte string, as `&'static [u8; N]`.
pub(super) fn byte_literal(bytes: &[u8]) -> String {
    format!("b\"{}\"", bytes.escape_ascii().to_string().replace("\\'", "'"))
}

fn items(scope: &Scope<'_>, element: &Rust, values: &[Value]) -> Vec<Layout> {
    values.iter().map(|item| value(scope, item, element)).collect()
}

fn list(scope: &Scope<'_>, element: &Rust, values: &[Value]) -> Layout {
    Layout::group("vec![", items(scope, element, values), "]")
}

fn set(scope: &Scope<'_>, keyed: Keyed, element: &Rust, values: &[Value]) -> Layout {
    let name = scope.set(keyed);
    match keyed {
        _ if values.is_empty() => format!("{name}::default()").into(),
        Keyed::Not => list(scope, element, values).within(&format!("{name}("), ")"),
        _ => Layout::group(format!("{name}::from(["), items(scope, element, values), "])"),
    }
}

fn map(scope: &Scope<'_>, keyed: Keyed, (key, item): (&Rust, &Rust), pairs: &[(Value, Value)]) -> Layout {
    let name = scope.map(keyed);
    let pair = |(left, right): &(Value, Value)| Layout::group("(", [value(scope, left, key), value(scope, right, item)], ")");
    let pairs: Vec<Layout> = pairs.iter().map(pair).collect();
    match keyed {
        _ if pairs.is_empty() => format!("{name}::default()").into(),
        Keyed::Not => Layout::group(format!("{name}(vec!["), pairs, "])"),
        _ => Layout::group(format!("{name}::from(["), pairs, "])"),
    }
}

fn structure(scope: &Scope<'_>, form: Form, id: StructId, given: &[(usize, Value)]) -> Layout {
    let (path, names) = (scope.struct_in(form, id), &scope.plan.fields[id.0]);
    let fields = &scope.program[id].fields;
    if scope.program[id].kind == StructKind::Union {
        let Some((index, value)) = given.first() else { return format!("{path}::Unknown(0)").into() };
        return held(scope, form, (id, &fields[*index]), value).within(&format!("{path}::{}(", names[*index]), ")");
    }
    let mut items: Vec<Layout> = given
        .iter()
        .map(|(index, value)| held(scope, form, (id, &fields[*index]), value).within(&format!("{}: ", names[*index]), ""))
        .collect();
    if given.len() < fields.len() {
        items.push(format!("..{path}::default()").into());
    }
    Layout::group(format!("{path} {{"), items, "}")
}

/// The value as the field holds it in a form of its struct.
pub(super) fn held(scope: &Scope<'_>, form: Form, (id, field): (StructId, &Field), given: &Value) -> Layout {
    let shape = scope.types.shape(id, field);
    let mut layout = value(scope, given, &scope.types.field_in(form, id, field));
    if shape.boxed {
        layout = layout.within(&format!("{}::new(", scope.std.boxed), ")");
    }
    if shape.optional {
        layout = layout.within(&format!("{}(", scope.std.some), ")");
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (value, text) in [(0, "0"), (-1234, "-1234"), (12345, "12_345"), (i64::MIN, "-9_223_372_036_854_775_808")] {
            assert_eq!(integer(value), text);
        }
        assert_eq!(double(1.0), "1.0");
        assert_eq!(double(-1e300), "-1e300");
        assert_eq!(double(f64::INFINITY), "f64::INFINITY");
        assert_eq!(byte_literal(b"a\"'\xff\0"), r#"b"a\"'\xff\x00""#);
    }
}

//! Reading and writing the fields of a struct. Structs, exceptions and the arguments of methods share it.
//!
//! A field that is absent, or on the wire as another type, has the value that it has in `Default`. Values that cost nothing
//! are there from the start; others are only made where the field was absent.

use crate::idl::model::{Field, Requiredness, StructId, Value};

use super::names::plain;
use super::scope::{Scope, Std};
use super::types::{Form, Keyed, Rust, Shape};
use super::values;
use super::writer::{Layout, Writer};

/// Fields that are looked for at their place.
const GUESSES_MAX: usize = 32;

/// A field while it is decoded.
#[derive(Debug)]
pub(super) struct Slot {
    id: i16,
    name: String,
    /// The variable, which must not be called like those of the decoder.
    local: String,
    wire_type: &'static str,
    /// The expression that reads the value.
    read: String,
    start: Start,
}

/// What a field's variable begins with.
#[derive(Debug)]
enum Start {
    /// The value of an absent field.
    Value(String),
    /// An `Option`, which the field is too: this one when it is absent.
    Option(String),
    /// `None`; the field is an `Option` and this when it is absent.
    LateOption(Layout),
    /// `None`; the value is made at the end.
    Late(Layout),
    /// `None`, for a value that `Default` makes at the end.
    LateDefault,
    /// `None`, which is an error at the end.
    Required,
}

impl Slot {
    /// A field of a struct or exception in one of its forms.
    pub(super) fn of_field(scope: &Scope<'_>, form: Form, id: StructId, field: &Field, name: &str) -> Self {
        let rust = scope.types.field_in(form, id, field);
        let shape = scope.types.shape(id, field);
        let start = start(scope, form, (id, field), &rust, shape);
        Self::new(scope, field.id, name, &rust, start)
    }

    /// An argument of a method.
    pub(super) fn of_argument(scope: &Scope<'_>, field: &Field, rust: &Rust, name: &str) -> Self {
        let start = match (field.requiredness, &field.default) {
            (Requiredness::Required, _) => Start::Required,
            (_, default) => by_default(scope, rust, default.as_ref()),
        };
        Self::new(scope, field.id, name, rust, start)
    }

    fn new(scope: &Scope<'_>, id: i16, name: &str, rust: &Rust, start: Start) -> Self {
        let local = if matches!(name, "reader" | "field" | "kind" | "found") { format!("{name}_") } else { name.to_owned() };
        Self { id, name: name.to_owned(), local, wire_type: rust.wire_type(), read: read(scope, rust), start }
    }

    fn declare(&self, std: &Std) -> String {
        let none = std.none;
        match &self.start {
            Start::Value(value) | Start::Option(value) => format!("let mut {} = {value};", self.local),
            _ => format!("let mut {} = {none};", self.local),
        }
    }

    fn assign(&self, std: &Std, value: &str) -> String {
        match self.start {
            Start::Value(_) => format!("{} = {value}", self.local),
            _ => format!("{} = {}({value})", self.local, std.some),
        }
    }

    /// The field in the literal of the struct.
    fn initialiser(&self) -> Layout {
        let local = &self.local;
        let value: Layout = match &self.start {
            Start::LateOption(value) => value.clone().within(&format!("{local}.or_else(|| "), ")"),
            Start::Late(value) => value.clone().within(&format!("{local}.unwrap_or_else(|| "), ")"),
            Start::LateDefault => format!("{local}.unwrap_or_default()").into(),
            _ if *local == self.name => return local.as_str().into(),
            _ => local.as_str().into(),
        };
        value.within(&format!("{}: ", self.name), "")
    }
}

/// What a field of a struct begins with.
fn start(scope: &Scope<'_>, form: Form, (id, field): (StructId, &Field), rust: &Rust, shape: Shape) -> Start {
    match &field.default {
        _ if field.requiredness == Requiredness::Required && !shape.optional => Start::Required,
        None if shape.optional => Start::Option(scope.std.none.to_owned()),
        Some(default) if shape.optional => match values::held(scope, form, (id, field), default) {
            Layout::Text(value) if rust.is_copy() || *rust.resolved() == Rust::Str => Start::Option(value),
            value => Start::LateOption(value),
        },
        Some(default) if shape.boxed => Start::Late(values::held(scope, form, (id, field), default)),
        default => by_default(scope, rust, default.as_ref()),
    }
}

fn by_default(scope: &Scope<'_>, rust: &Rust, default: Option<&Value>) -> Start {
    match (default, zero(scope, rust)) {
        (None, Some(zero)) => Start::Value(zero),
        (None, None) => Start::LateDefault,
        (Some(default), zero) => match values::value(scope, default, rust) {
            Layout::Text(value) if rust.is_copy() || *rust.resolved() == Rust::Str || zero.is_some_and(|zero| zero == value) => {
                Start::Value(value)
            }
            value => Start::Late(value),
        },
    }
}

/// The zero value, where making it costs nothing.
fn zero(scope: &Scope<'_>, rust: &Rust) -> Option<String> {
    Some(match rust.resolved() {
        Rust::Bool => "false".to_owned(),
        Rust::I8 | Rust::I16 | Rust::I32 | Rust::I64 => "0".to_owned(),
        Rust::Double => "0.0".to_owned(),
        Rust::String => format!("{}::new()", scope.std.string),
        Rust::Str => "std::borrow::Cow::Borrowed(\"\")".to_owned(),
        Rust::Binary => format!("{}::default()", scope.wire("Binary")),
        Rust::Set(Keyed::Not, _) => format!("{}::default()", scope.wire("VecSet")),
        Rust::Map(Keyed::Not, ..) => format!("{}::default()", scope.wire("VecMap")),
        Rust::Uuid => format!("{}::default()", scope.wire("Uuid")),
        Rust::Enum(_) => format!("{}(0)", scope.spell(rust.resolved())),
        Rust::List(_) | Rust::ByteVec => format!("{}::new()", scope.std.vec),
        _ => return None,
    })
}

/// The zero value in any case.
pub(super) fn default_of(scope: &Scope<'_>, form: Form, id: StructId, field: &Field) -> Layout {
    let shape = scope.types.shape(id, field);
    match &field.default {
        Some(default) => values::held(scope, form, (id, field), default),
        None if shape.optional => scope.std.none.into(),
        None if shape.boxed => format!("{}::default()", scope.std.boxed).into(),
        None => {
            let rust = scope.types.field_in(form, id, field);
            zero(scope, &rust).unwrap_or_else(|| format!("{}::default()", scope.std.default)).into()
        }
    }
}

/// The expression that reads a value: the reader's own method for a scalar.
fn read(scope: &Scope<'_>, rust: &Rust) -> String {
    match rust.resolved() {
        Rust::Bool => "reader.bool()?".to_owned(),
        Rust::I8 => "reader.i8()?".to_owned(),
        Rust::I16 => "reader.i16()?".to_owned(),
        Rust::I32 => "reader.i32()?".to_owned(),
        Rust::I64 => "reader.i64()?".to_owned(),
        Rust::Double => "reader.double()?".to_owned(),
        Rust::Uuid => "reader.uuid()?".to_owned(),
        Rust::Enum(_) => format!("{}(reader.i32()?)", scope.spell(rust.resolved())),
        _ => "wire::Decode::decode(reader)?".to_owned(),
    }
}

/// `impl Typed`: everything here is a struct on the wire.
pub(super) fn write_typed(w: &mut Writer, target: &str, wire_type: &str) {
    w.blank();
    w.block(format!("impl wire::Typed for {target}"), |w| {
        w.line(format!("const TYPE: wire::WireType = wire::WireType::{wire_type};"));
    });
}

/// The head of `impl Decode` and of its method, around `body`.
pub(super) fn write_decode_around(w: &mut Writer, scope: &Scope<'_>, target: &str, body: impl FnOnce(&mut Writer)) {
    let (reader, result) = (scope.generic("R"), scope.std.result);
    w.blank();
    w.block(format!("impl<'a> wire::Decode<'a> for {target}"), |w| {
        let head = format!("fn decode<{reader}: wire::Reader<'a>>(reader: &mut {reader}) -> {result}<Self, wire::Error>");
        w.block(head, body);
    });
}

/// The head of `impl Encode` and of its method, around `body`.
pub(super) fn write_encode_around(w: &mut Writer, scope: &Scope<'_>, target: &str, body: impl FnOnce(&mut Writer)) {
    let writer = scope.generic("W");
    w.blank();
    w.block(format!("impl wire::Encode for {target}"), |w| {
        w.block(format!("fn encode<{writer}: wire::Writer>(&self, writer: &mut {writer})"), body);
    });
}

/// `impl Decode` for a struct of these fields.
pub(super) fn write_decode(w: &mut Writer, scope: &Scope<'_>, target: &str, slots: &[Slot]) {
    let Std { some, ok, err, .. } = scope.std;
    write_decode_around(w, scope, target, |w| {
        for slot in slots {
            w.line(slot.declare(&scope.std));
        }
        w.line("reader.struct_begin()?;");
        write_guesses(w, scope, slots);
        w.block("if !reader.take_struct_end()", |w| write_search(w, scope, slots));
        for Slot { local, id, .. } in slots.iter().filter(|slot| matches!(slot.start, Start::Required)) {
            w.block_or_line(
                &format!("let {some}({local}) = {local} else {{"),
                &format!("return {err}(reader.error(wire::ErrorKind::MissingField({id})));"),
                "};",
            );
        }
        let fields = slots.iter().map(Slot::initialiser);
        w.layout(&Layout::group("Self {", fields, "}").within(&format!("{ok}("), ")"));
    });
}

/// Most writers put down all fields in the order of their numbers. So each is asked for at its place first, which takes a
/// comparison; whatever comes otherwise is left to the loop behind. In a struct of very many fields, most will be missing.
fn write_guesses(w: &mut Writer, scope: &Scope<'_>, slots: &[Slot]) {
    let some = scope.std.some;
    let mut slots: Vec<&Slot> = slots.iter().collect();
    slots.sort_by_key(|slot| slot.id);
    for slot in slots.into_iter().take(GUESSES_MAX) {
        w.block(format!("if let {some}(found) = wire::Decode::due(reader, {})?", slot.id), |w| {
            w.line(format!("{};", slot.assign(&scope.std, "found")));
        });
    }
}

/// Reads what comes until the struct ends, known fields and others.
fn write_search(w: &mut Writer, scope: &Scope<'_>, slots: &[Slot]) {
    w.block(format!("while let {}(field) = reader.field()?", scope.std.some), |w| {
        if slots.is_empty() {
            return w.line("reader.skip(field.kind)?;");
        }
        w.block("match (field.id, field.kind)", |w| {
            for slot in slots {
                w.arm(&format!("({}, wire::WireType::{})", slot.id, slot.wire_type), &slot.assign(&scope.std, &slot.read));
            }
            w.arm("(_, kind)", "reader.skip(kind)?");
        });
    });
}

/// A field while it is encoded: its id, the expression of a reference to it, and whether it is an `Option`.
pub(super) type Entry = (i16, String, bool);

/// `impl Encode` for a struct of these fields, by ascending id.
pub(super) fn write_encode(w: &mut Writer, scope: &Scope<'_>, target: &str, mut entries: Vec<Entry>) {
    entries.sort_by_key(|(id, ..)| *id);
    write_encode_around(w, scope, target, |w| {
        w.line("writer.struct_begin();");
        for (id, reference, optional) in entries {
            if optional {
                w.block(format!("if let {}(value) = {reference}", scope.std.some), |w| {
                    w.line(format!("writer.field({id}, value);"));
                });
            } else {
                w.line(format!("writer.field({id}, {reference});"));
            }
        }
        w.line("writer.struct_end();");
    });
}

/// The first line of a field's doc comment.
pub(super) fn headline(field: &Field) -> String {
    format!("{}: `{}`", field.id, plain(&field.name))
}

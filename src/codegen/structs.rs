//! Structs, exceptions and unions.

use crate::idl::model::{Field, Struct, StructId, StructKind};

use super::conversions;
use super::docs;
use super::fields::{self, Slot};
use super::scope::{Scope, Std};
use super::types::{Abilities, Form};
use super::writer::{Layout, Writer};

/// A struct, exception or union.
pub(super) fn write(w: &mut Writer, scope: &Scope<'_>, id: StructId) {
    write_form(w, scope, &Item::new(scope, Form::Owned, id));
    if scope.program[id].kind == StructKind::Exception {
        write_error(w, &scope.plan.structs[id.0]);
    }
    if scope.types.lends(id) {
        write_form(w, scope, &Item::new(scope, Form::Lent, id));
        conversions::write(w, scope, id);
    }
}

/// One form of a struct, exception or union: a Rust type.
struct Item<'g> {
    form: Form,
    id: StructId,
    fields: Vec<(&'g Field, &'g String)>,
    /// Its name, as it is declared; that is, with the lifetime of what it borrows.
    declared: String,
    /// Its name where the lifetime need not be told.
    elided: String,
}

impl<'g> Item<'g> {
    fn new(scope: &Scope<'g>, form: Form, id: StructId) -> Self {
        let (program, plan) = (scope.program, scope.plan);
        let fields = program[id].fields.iter().zip(&plan.fields[id.0]).collect();
        let name = scope.struct_in(form, id);
        let (declared, elided) = match form {
            Form::Owned => (name.clone(), name),
            Form::Lent => (format!("{name}<'a>"), format!("{name}<'_>")),
        };
        Self { form, id, fields, declared, elided }
    }
}

fn write_form(w: &mut Writer, scope: &Scope<'_>, item: &Item<'_>) {
    match scope.program[item.id].kind {
        StructKind::Struct | StructKind::Exception => write_struct(w, scope, item),
        StructKind::Union => write_union(w, scope, item),
    }
}

/// `Display`, which shows all fields, and `Error`.
fn write_error(w: &mut Writer, name: &str) {
    w.blank();
    w.block(format!("impl std::fmt::Display for {name}"), |w| {
        w.block("fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result", |w| {
            w.line("write!(f, \"{self:?}\")");
        });
    });
    w.blank();
    w.line(format!("impl std::error::Error for {name} {{}}"));
}

fn write_struct(w: &mut Writer, scope: &Scope<'_>, item: &Item<'_>) {
    let Item { form, id, fields, declared, elided } = item;
    let derives_default = fields.iter().all(|(field, _)| field.default.is_none());
    write_head(w, scope, item, derives_default);
    w.block(format!("pub struct {declared}"), |w| {
        for (field, name) in fields {
            write_field_head(w, scope, item, field);
            w.line(format!("pub {name}: {},", field_type(scope, item, field)));
        }
    });
    if !derives_default {
        write_default(w, scope, elided, |w| {
            let initialisers = fields.iter().map(|(field, name)| {
                let value = fields::default_of(scope, *form, *id, field);
                value.within(&format!("{name}: "), "")
            });
            w.layout(&Layout::group("Self {", initialisers, "}"));
        });
    }
    fields::write_typed(w, elided, "Struct");
    let entry = |(field, name): &(&Field, &String)| (field.id, format!("&self.{name}"), scope.types.shape(*id, field).optional);
    fields::write_encode(w, scope, elided, fields.iter().map(entry).collect());
    let slots: Vec<Slot> = fields.iter().map(|(field, name)| Slot::of_field(scope, *form, *id, field, name)).collect();
    fields::write_decode(w, scope, declared, &slots);
}

fn write_head(w: &mut Writer, scope: &Scope<'_>, item: &Item<'_>, derives_default: bool) {
    let Struct { head, kind, .. } = &scope.program[item.id];
    let kind = match kind {
        StructKind::Struct => "struct",
        StructKind::Union => "union",
        StructKind::Exception => "exception",
    };
    w.blank();
    if item.form == Form::Lent {
        docs::write_below(w, &format!("The {kind} `{}`, borrowed from a message.", head.name), head.doc.as_deref());
        let default = if derives_default { ", Default" } else { "" };
        return w.line(format!("#[derive(Clone, Debug{default}, PartialEq)]"));
    }
    docs::write(w, head.doc.as_deref(), &format!("The {kind} `{}`.", head.name));
    let Abilities { eq, hash, ord } = scope.types.of_struct(item.id);
    let ord = ord && scope.types.wants_ord();
    let derives = [
        ("Clone", true),
        ("Debug", true),
        ("Default", derives_default),
        ("PartialEq", true),
        ("Eq", eq),
        ("Hash", eq && hash),
        ("PartialOrd", eq && ord),
        ("Ord", eq && ord),
    ];
    let derives: Vec<&str> = derives.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect();
    w.line(format!("#[derive({})]", derives.join(", ")));
    scope.options.type_attributes(&scope.types.place(head)).for_each(|attribute| w.line(attribute));
}

fn write_field_head(w: &mut Writer, scope: &Scope<'_>, item: &Item<'_>, field: &Field) {
    docs::write_below(w, &fields::headline(field), field.doc.as_deref());
    if item.form == Form::Owned {
        let mut place = scope.types.place(&scope.program[item.id].head);
        place.push(&field.name);
        scope.options.field_attributes(&place).for_each(|attribute| w.line(attribute));
    }
}

fn field_type(scope: &Scope<'_>, item: &Item<'_>, field: &Field) -> String {
    let Std { option, boxed, .. } = scope.std;
    let shape = scope.types.shape(item.id, field);
    let mut text = scope.spell(&scope.types.field_in(item.form, item.id, field));
    if shape.boxed {
        text = format!("{boxed}<{text}>");
    }
    if shape.optional {
        text = format!("{option}<{text}>");
    }
    text
}

fn write_default(w: &mut Writer, scope: &Scope<'_>, name: &str, body: impl FnOnce(&mut Writer)) {
    w.blank();
    w.block(format!("impl {} for {name}", scope.std.default), |w| w.block("fn default() -> Self", body));
}

/// An enum with a variant per field and one more. Exactly one field is set. Of a union with several fields on the wire the first
/// that is known holds, as in Apache's Rust and Java libraries, which refuse or never read the others.
fn write_union(w: &mut Writer, scope: &Scope<'_>, item: &Item<'_>) {
    let Item { form, id, fields, declared, elided } = item;
    write_head(w, scope, item, false);
    w.block(format!("pub enum {declared}"), |w| {
        for (field, variant) in fields {
            write_field_head(w, scope, item, field);
            w.line(format!("{variant}({}),", field_type(scope, item, field)));
        }
        w.line("/// A field that is not known here, by its id; 0 where none was set. Its value is not kept: it is written as a");
        w.line("/// union without a field.");
        w.line("Unknown(i16),");
    });
    let default = fields.iter().find_map(|(field, variant)| Some((field, variant, field.default.as_ref()?)));
    write_default(w, scope, elided, |w| match default {
        Some((field, variant, value)) => {
            w.layout(&super::values::held(scope, *form, (*id, field), value).within(&format!("Self::{variant}("), ")"));
        }
        None => w.line("Self::Unknown(0)"),
    });
    fields::write_typed(w, elided, "Struct");
    write_union_encode(w, scope, item);
    write_union_decode(w, scope, item);
}

fn write_union_encode(w: &mut Writer, scope: &Scope<'_>, Item { fields, elided, .. }: &Item<'_>) {
    fields::write_encode_around(w, scope, elided, |w| {
        w.line("writer.struct_begin();");
        if !fields.is_empty() {
            w.block("match self", |w| {
                for (field, variant) in fields {
                    w.arm(&format!("Self::{variant}(value)"), &format!("writer.field({}, value)", field.id));
                }
                w.arm("Self::Unknown(_)", "{}");
            });
        }
        w.line("writer.struct_end();");
    });
}

fn write_union_decode(w: &mut Writer, scope: &Scope<'_>, Item { id, fields, declared, .. }: &Item<'_>) {
    let Std { some, none, ok, .. } = scope.std;
    fields::write_decode_around(w, scope, declared, |w| {
        if !fields.is_empty() {
            w.line(format!("let mut known = {none};"));
        }
        w.line("let mut unknown = 0;");
        w.line("reader.struct_begin()?;");
        w.block(format!("while let {some}(field) = reader.field()?"), |w| {
            if fields.is_empty() {
                w.line("reader.skip(field.kind)?;");
                return w.line("unknown = field.id;");
            }
            w.block("match (field.id, field.kind)", |w| {
                for (field, variant) in fields {
                    let wire_type = scope.types.field(*id, field).wire_type();
                    let pattern = format!("({}, wire::WireType::{wire_type}) if known.is_none()", field.id);
                    w.arm(&pattern, &format!("known = {some}(Self::{variant}(wire::Decode::decode(reader)?))"));
                }
                w.block("(id, kind) =>", |w| {
                    w.line("unknown = id;");
                    w.line("reader.skip(kind)?;");
                });
            });
        });
        let value = if fields.is_empty() { "Self::Unknown(unknown)" } else { "known.unwrap_or(Self::Unknown(unknown))" };
        w.line(format!("{ok}({value})"));
    });
}

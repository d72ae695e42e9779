//! Enums. They are open: a number that the IDL does not name is kept and written as it came.

use std::collections::HashSet;

use crate::idl::model::{Enum, EnumId};

use super::docs;
use super::fields;
use super::scope::{Scope, Std};
use super::values;
use super::writer::Writer;

/// An enum, as a struct around its number.
pub(super) fn write(w: &mut Writer, scope: &Scope<'_>, id: EnumId) {
    let Enum { head, .. } = &scope.program[id];
    let name = &scope.plan.enums[id.0];
    w.blank();
    docs::write(w, head.doc.as_deref(), &format!("The enum `{}`.", head.name));
    w.line("#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]");
    scope.options.type_attributes(&scope.types.place(head)).for_each(|attribute| w.line(attribute));
    w.line(format!("pub struct {name}(pub i32);"));
    w.blank();
    w.block(format!("impl {name}"), |w| {
        write_values(w, scope, id);
        write_name(w, scope, id);
    });
    write_conversions(w, scope, name);
    write_wire(w, scope, name);
}

fn write_values(w: &mut Writer, scope: &Scope<'_>, id: EnumId) {
    let Enum { head, values } = &scope.program[id];
    for (value, name) in values.iter().zip(&scope.plan.values[id.0]) {
        docs::write_below(w, &format!("{}: `{}`", value.number, value.name), value.doc.as_deref());
        let mut place = scope.types.place(head);
        place.push(&value.name);
        scope.options.field_attributes(&place).for_each(|attribute| w.line(attribute));
        w.line(format!("pub const {name}: Self = Self({});", values::integer(value.number.into())));
    }
}

fn write_name(w: &mut Writer, scope: &Scope<'_>, id: EnumId) {
    let Std { option, some, none, .. } = scope.std;
    let mut seen = HashSet::new();
    let named: Vec<_> = scope.program[id].values.iter().filter(|value| seen.insert(value.number)).collect();
    w.blank();
    w.line("/// The name in the IDL, if it names this number.");
    w.block(format!("pub const fn name(self) -> {option}<&'static str>"), |w| {
        if named.is_empty() {
            return w.line(none);
        }
        w.block("match self.0", |w| {
            for value in named {
                w.arm(&values::integer(value.number.into()), &format!("{some}({:?})", value.name));
            }
            w.arm("_", none);
        });
    });
}

fn write_conversions(w: &mut Writer, scope: &Scope<'_>, name: &str) {
    let Std { some, none, from, .. } = scope.std;
    w.blank();
    w.block(format!("impl std::fmt::Display for {name}"), |w| {
        w.block("fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result", |w| {
            w.block("match self.name()", |w| {
                w.arm(&format!("{some}(name)"), "f.write_str(name)");
                w.arm(none, "write!(f, \"{}\", self.0)");
            });
        });
    });
    w.blank();
    w.block(format!("impl {from}<i32> for {name}"), |w| {
        w.block("fn from(number: i32) -> Self", |w| w.line("Self(number)"));
    });
    w.blank();
    w.block(format!("impl {from}<{name}> for i32"), |w| {
        w.block(format!("fn from(value: {name}) -> Self"), |w| w.line("value.0"));
    });
}

fn write_wire(w: &mut Writer, scope: &Scope<'_>, name: &str) {
    fields::write_typed(w, name, "I32");
    fields::write_encode_around(w, scope, name, |w| w.line("writer.i32(self.0);"));
    fields::write_decode_around(w, scope, name, |w| w.line("reader.i32().map(Self)"));
}

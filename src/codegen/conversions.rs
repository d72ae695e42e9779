//! Between the two forms of a struct: `into_owned`, which copies what is borrowed, and `From`, which lends what is owned.

use crate::idl::model::{Field, StructId, StructKind};

use super::scope::{Scope, Std};
use super::types::{Form, Keyed, Rust};
use super::writer::{Layout, Writer};

/// Both directions of a struct or union that has a lent form.
pub(super) fn write(w: &mut Writer, scope: &Scope<'_>, id: StructId) {
    let (owned, lent) = (scope.struct_in(Form::Owned, id), scope.struct_in(Form::Lent, id));
    let name = &scope.program[id].head.name;
    w.blank();
    w.block(format!("impl {lent}<'_>"), |w| {
        w.line(format!("/// The `{name}` that borrows nothing: what a handler keeps beyond the call."));
        w.block(format!("pub fn into_owned(self) -> {owned}"), |w| write_body(w, scope, id, Form::Owned));
    });
    w.blank();
    w.block(format!("impl {}<{owned}> for {lent}<'_>", scope.std.from), |w| {
        w.block(format!("fn from(value: {owned}) -> Self"), |w| write_body(w, scope, id, Form::Lent));
    });
}

/// The value of the other form: out of `self` where it becomes owned, out of `value` where it is lent.
fn write_body(w: &mut Writer, scope: &Scope<'_>, id: StructId, to: Form) {
    let declaration = &scope.program[id];
    let fields: Vec<(&Field, &String)> = declaration.fields.iter().zip(&scope.plan.fields[id.0]).collect();
    let (from, source, target) = match to {
        Form::Owned => ("Self".to_owned(), "self", scope.struct_in(Form::Owned, id)),
        Form::Lent => (scope.struct_in(Form::Owned, id), "value", "Self".to_owned()),
    };
    if declaration.kind == StructKind::Union {
        return w.block(format!("match {source}"), |w| {
            for (field, variant) in &fields {
                let value = convert_field(scope, id, field, to, "value");
                w.arm(&format!("{from}::{variant}(value)"), &format!("{target}::{variant}({value})"));
            }
            w.arm(&format!("{from}::Unknown(id)"), &format!("{target}::Unknown(id)"));
        });
    }
    let fields = fields.iter().map(|(field, name)| {
        let value = convert_field(scope, id, field, to, &format!("{source}.{name}"));
        format!("{name}: {value}")
    });
    w.layout(&Layout::group(format!("{target} {{"), fields, "}"));
}

/// The value of a field in the other form.
fn convert_field(scope: &Scope<'_>, id: StructId, field: &Field, to: Form, value: &str) -> String {
    let Std { boxed, .. } = scope.std;
    let (owned, lent) = (scope.types.field(id, field), scope.types.field_in(Form::Lent, id, field));
    let step = Step { scope, to };
    if owned == lent {
        return value.to_owned();
    }
    let shape = scope.types.shape(id, field);
    let inner = |value: &str| match to {
        _ if !shape.boxed => step.convert(&owned, &lent, value),
        Form::Owned => format!("{boxed}::new({value}.into_owned())"),
        Form::Lent => format!("{boxed}::new({}::from(*{value}))", step.path(&lent)),
    };
    match (shape.optional, step.function(&owned, &lent)) {
        (false, _) => inner(value),
        (true, Some(function)) if !shape.boxed => format!("{value}.map({function})"),
        (true, _) => format!("{value}.map(|value| {})", inner("value")),
    }
}

/// Conversion to one of the forms.
struct Step<'s, 'g> {
    scope: &'s Scope<'g>,
    to: Form,
}

impl Step<'_, '_> {
    /// The function that converts a value, where one does.
    fn function(&self, owned: &Rust, lent: &Rust) -> Option<String> {
        Some(match (self.to, lent.resolved()) {
            (Form::Lent, Rust::Str | Rust::Binary | Rust::Lent(_)) => format!("{}::from", self.path(lent)),
            (Form::Owned, Rust::Binary) if *owned.resolved() == Rust::ByteVec => return None,
            (Form::Owned, Rust::Binary) => format!("{}::into_bytes", self.path(lent)),
            (Form::Owned, Rust::Str | Rust::Lent(_)) => format!("{}::into_owned", self.path(lent)),
            _ => return None,
        })
    }

    /// A type of the lent form without its lifetime.
    fn path(&self, lent: &Rust) -> String {
        match lent.resolved() {
            Rust::Str => "std::borrow::Cow".to_owned(),
            other => self.scope.spell(other).replace("<'a>", ""),
        }
    }

    /// The expression of a converted value.
    fn convert(&self, owned: &Rust, lent: &Rust, value: &str) -> String {
        if owned == lent {
            return value.to_owned();
        }
        match (owned.resolved(), lent.resolved()) {
            (Rust::List(owned), Rust::List(lent)) => format!("{value}.into_iter(){}.collect()", self.each(owned, lent)),
            (Rust::Set(by, owned), Rust::Set(_, lent)) => self.collect(*by, "VecSet", value, &self.each(owned, lent)),
            (Rust::Map(by, owned, item), Rust::Map(_, lent, lent_item)) => {
                let pair = (self.convert(owned, lent, "key"), self.convert(item, lent_item, "value"));
                let each = if pair == ("key".to_owned(), "value".to_owned()) {
                    String::new()
                } else {
                    format!(".map(|(key, value)| ({}, {}))", pair.0, pair.1)
                };
                self.collect(*by, "VecMap", value, &each)
            }
            (Rust::ByteVec, _) if self.to == Form::Owned => format!("{value}.to_vec()"),
            _ => match self.to {
                Form::Lent => format!("{}::from({value})", self.path(lent)),
                Form::Owned if *lent.resolved() == Rust::Binary => format!("{value}.into_bytes()"),
                Form::Owned => format!("{value}.into_owned()"),
            },
        }
    }

    /// What converts each element of an iterator; nothing where they stay as they are.
    fn each(&self, owned: &Rust, lent: &Rust) -> String {
        match self.function(owned, lent) {
            Some(function) => format!(".map({function})"),
            None if owned == lent => String::new(),
            None => format!(".map(|value| {})", self.convert(owned, lent, "value")),
        }
    }

    /// A set or map out of another, of which the lent one is always a list.
    fn collect(&self, by: Keyed, list: &str, value: &str, each: &str) -> String {
        let list = self.scope.wire(list);
        match (by, self.to) {
            (Keyed::Not, _) if each.is_empty() => value.to_owned(),
            (Keyed::Not, _) => format!("{list}({value}.0.into_iter(){each}.collect())"),
            (_, Form::Owned) => format!("{value}.0.into_iter(){each}.collect()"),
            (_, Form::Lent) => format!("{list}({value}.into_iter(){each}.collect())"),
        }
    }
}

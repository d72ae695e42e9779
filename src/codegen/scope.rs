//! One module as its text is written: how it spells types, and which names of the prelude it must not use because it declares
//! such a name itself.

use std::cell::Cell;

use crate::idl::model::{Module, ModuleId, Program, StructId};

use super::options::Options;
use super::plan::Plan;
use super::types::{Form, Keyed, Rust, Types};

/// The module that is being written.
#[derive(Debug)]
pub(super) struct Scope<'g> {
    pub(super) program: &'g Program,
    pub(super) options: &'g Options,
    pub(super) plan: &'g Plan,
    pub(super) types: &'g Types<'g>,
    pub(super) id: ModuleId,
    pub(super) std: Std,
    /// Whether something was spelled that needs `use …::wire`.
    uses_wire: Cell<bool>,
}

/// The prelude as this module may name it: by its short names, except where the IDL declares the same ones.
#[derive(Debug)]
pub(super) struct Std {
    pub(super) option: &'static str,
    pub(super) some: &'static str,
    pub(super) none: &'static str,
    pub(super) result: &'static str,
    pub(super) ok: &'static str,
    pub(super) err: &'static str,
    pub(super) string: &'static str,
    pub(super) vec: &'static str,
    pub(super) boxed: &'static str,
    pub(super) default: &'static str,
    pub(super) from: &'static str,
    pub(super) send: &'static str,
    pub(super) sync: &'static str,
}

impl Std {
    fn new(is_free: impl Fn(&str) -> bool) -> Self {
        let name = |short: &'static str, long: &'static str| if is_free(short) { short } else { long };
        Self {
            option: name("Option", "std::option::Option"),
            some: name("Some", "std::option::Option::Some"),
            none: name("None", "std::option::Option::None"),
            result: name("Result", "std::result::Result"),
            ok: name("Ok", "std::result::Result::Ok"),
            err: name("Err", "std::result::Result::Err"),
            string: name("String", "std::string::String"),
            vec: name("Vec", "std::vec::Vec"),
            boxed: name("Box", "std::boxed::Box"),
            default: name("Default", "std::default::Default"),
            from: name("From", "std::convert::From"),
            send: name("Send", "std::marker::Send"),
            sync: name("Sync", "std::marker::Sync"),
        }
    }
}

impl<'g> Scope<'g> {
    /// The scope of one module.
    pub(super) fn new(
        program: &'g Program,
        options: &'g Options,
        (plan, types): (&'g Plan, &'g Types<'g>),
        id: ModuleId,
    ) -> Self {
        let items = &plan.items[id.0];
        let std = Std::new(|name| !items.has(name));
        Self { program, options, plan, types, id, std, uses_wire: Cell::new(false) }
    }

    /// The module.
    pub(super) fn module(&self) -> &'g Module {
        &self.program[self.id]
    }

    /// Whether something spelled needs `wire`.
    pub(super) fn uses_wire(&self) -> bool {
        self.uses_wire.get()
    }

    /// An item of `wire`.
    pub(super) fn wire(&self, name: &str) -> String {
        self.uses_wire.set(true);
        format!("wire::{name}")
    }

    /// An item of a module of this program.
    pub(super) fn path(&self, module: ModuleId, name: &str) -> String {
        if module == self.id { name.to_owned() } else { format!("super::{}::{name}", self.plan.modules[module.0]) }
    }

    /// A struct, union or exception.
    pub(super) fn struct_path(&self, id: StructId) -> String {
        self.path(self.program[id].head.module, &self.plan.structs[id.0])
    }

    /// A struct or union in one of its forms, without the lifetime of the lent one.
    pub(super) fn struct_in(&self, form: Form, id: StructId) -> String {
        match form {
            Form::Owned => self.struct_path(id),
            Form::Lent => self.path(self.program[id].head.module, &self.plan.lent[id.0]),
        }
    }

    /// A type parameter that no item of the module is called like.
    pub(super) fn generic(&self, letter: &str) -> String {
        let mut name = letter.to_owned();
        while self.plan.items[self.id.0].has(&name) {
            name.push('_');
        }
        name
    }

    /// The type as this module writes it. What it borrows, it borrows for `'a`.
    pub(super) fn spell(&self, rust: &Rust) -> String {
        let Std { string, vec, .. } = self.std;
        match rust {
            Rust::Bool => "bool".to_owned(),
            Rust::I8 => "i8".to_owned(),
            Rust::I16 => "i16".to_owned(),
            Rust::I32 => "i32".to_owned(),
            Rust::I64 => "i64".to_owned(),
            Rust::Double => "f64".to_owned(),
            Rust::String => string.to_owned(),
            Rust::Text => self.wire("Text"),
            Rust::Bytes => self.wire("Bytes"),
            Rust::ByteVec => format!("{vec}<u8>"),
            Rust::Uuid => self.wire("Uuid"),
            Rust::Enum(id) => self.path(self.program[*id].head.module, &self.plan.enums[id.0]),
            Rust::Struct(id) => self.struct_path(*id),
            Rust::Alias(id, _) => self.path(self.program[*id].head.module, &self.plan.typedefs[id.0]),
            Rust::List(element) => format!("{vec}<{}>", self.spell(element)),
            Rust::Str => "std::borrow::Cow<'a, str>".to_owned(),
            Rust::Binary => self.wire("Binary<'a>"),
            Rust::Lent(id) => format!("{}<'a>", self.struct_in(Form::Lent, *id)),
            Rust::Set(keyed, element) => format!("{}<{}>", self.set(*keyed), self.spell(element)),
            Rust::Map(keyed, key, value) => format!("{}<{}, {}>", self.map(*keyed), self.spell(key), self.spell(value)),
        }
    }

    /// The set type, without its element.
    pub(super) fn set(&self, keyed: Keyed) -> String {
        match keyed {
            Keyed::Hash => "std::collections::HashSet".to_owned(),
            Keyed::Tree => "std::collections::BTreeSet".to_owned(),
            Keyed::Not => self.wire("VecSet"),
        }
    }

    /// The map type, without key and value.
    pub(super) fn map(&self, keyed: Keyed) -> String {
        match keyed {
            Keyed::Hash => "std::collections::HashMap".to_owned(),
            Keyed::Tree => "std::collections::BTreeMap".to_owned(),
            Keyed::Not => self.wire("VecMap"),
        }
    }
}

//! Names inside of constant values: other constants, and the values of enums.
//!
//! A name stands for a copy of the value, so what copies may add up to is limited: ten constants that name one another ten
//! times each would fill any memory.

use super::super::ast::ConstNode;
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{ConstantId, Declaration, EnumId, Type, Value};
use super::super::names::closest;
use super::check::Checker;
use super::resolver::{BROKEN, underlying};
use super::scope::Found;
use super::values::{convert, describe, size};

/// How many nodes all copies of named constants may have together.
const MAX_COPIED: usize = 1_000_000;

impl Checker<'_, '_> {
    pub(super) fn numbered(&mut self, node: &ConstNode, id: EnumId, number: i64) -> Option<Value> {
        let value = self.members.enum_numbers.get(&(id.0, number)).map(|index| Value::Enum { id, index: *index });
        if value.is_none() {
            let name = &self.program[id].head.name;
            let message = format!("the enum `{name}` has no value with the number {number}");
            self.report.add(Diagnostic::new(Code::NoSuchEnumValue, node.span, message));
        }
        value
    }

    /// A name in a place where a `ty` is wanted.
    pub(super) fn named(&mut self, node: &ConstNode, name: &str, ty: &Type) -> Option<Value> {
        if let Type::Enum(wanted) = ty {
            return self.enum_value(node, name, *wanted);
        }
        match self.enum_and_value(name) {
            Some((id, Some(index))) => self.converted(node, name, &Value::Enum { id, index }, "an enum value", ty),
            Some((id, None)) => self.no_such_enum_value(node, name, id),
            None => self.named_constant(node, name, ty),
        }
    }

    fn named_constant(&mut self, node: &ConstNode, name: &str, ty: &Type) -> Option<Value> {
        match self.scopes.find_constant(self.module, name) {
            Found::One(id) => self.copy(node, name, id, ty),
            Found::Unclear => None,
            Found::NoPrefix => {
                self.report.add(self.scopes.unknown_prefix(self.module, name, node.span));
                None
            }
            Found::Nothing => {
                let help = if self.report.is_full() { None } else { self.scopes.suggest_constant(self.module, name) };
                let finding = Diagnostic::new(Code::UnknownConstant, node.span, format!("unknown constant `{name}`"));
                self.report.add(finding.maybe_help(help));
                None
            }
        }
    }

    fn copy(&mut self, node: &ConstNode, name: &str, id: ConstantId, ty: &Type) -> Option<Value> {
        let value = self.values[id.0].take()?;
        let within = self.copied <= MAX_COPIED;
        self.copied += size(&value);
        let copied = if self.copied <= MAX_COPIED {
            let own = format!("a constant of type `{}`", describe(self.program, &self.program[id].ty.ty));
            self.converted(node, name, &value, &own, ty)
        } else {
            if within {
                let message = format!("constants that name one another grow beyond {MAX_COPIED} values");
                self.report.add(Diagnostic::new(Code::ConstantTooLarge, node.span, message));
            }
            None
        };
        self.values[id.0] = Some(value);
        copied
    }

    fn converted(&mut self, node: &ConstNode, name: &str, value: &Value, what: &str, ty: &Type) -> Option<Value> {
        let converted = convert(self.program, value, ty);
        if converted.is_none() {
            let wanted = describe(self.program, ty);
            let message = format!("expected a value of type `{wanted}`, but `{name}` is {what}");
            self.report.add(Diagnostic::new(Code::WrongType, node.span, message));
        }
        converted
    }

    /// Reads `name` as `Enum.VALUE` or `file.Enum.VALUE`: the enum, and which of its values, if it has it.
    fn enum_and_value(&self, name: &str) -> Option<(EnumId, Option<usize>)> {
        let (path, last) = name.rsplit_once('.')?;
        let declared = match self.scopes.find_type(self.module, path) {
            Found::One(Declaration::Enum(id)) => Type::Enum(id),
            Found::One(Declaration::Typedef(id)) => Type::Typedef(id),
            _ => BROKEN,
        };
        let Type::Enum(id) = underlying(self.program, &declared)? else { return None };
        Some((*id, self.members.enum_names.get(&(id.0, last)).copied()))
    }

    /// A name where a value of the enum `wanted` is needed. Apache's compiler looks only at what follows the last dot.
    fn enum_value(&mut self, node: &ConstNode, name: &str, wanted: EnumId) -> Option<Value> {
        let found = self.enum_and_value(name);
        if let Some((id, Some(index))) = found
            && id == wanted
        {
            return Some(Value::Enum { id, index });
        }
        let ty = Type::Enum(wanted);
        if found.is_none() && matches!(self.scopes.find_constant(self.module, name), Found::One(_)) {
            return self.named_constant(node, name, &ty);
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let program = self.program;
        let owner = &program[wanted].head.name;
        if let Some(index) = self.members.enum_names.get(&(wanted.0, last)).copied() {
            let message = format!("`{name}` is taken as `{owner}.{last}`");
            let help = if name.contains('.') {
                "what stands before the dot is not that enum"
            } else {
                "Apache's compiler refuses a bare name"
            };
            let finding = Diagnostic::new(Code::LooseEnumValue, node.span, message);
            self.report.add(finding.help(format!("write `{owner}.{last}`; {help}")));
            return Some(Value::Enum { id: wanted, index });
        }
        match found {
            Some((id, Some(index))) => self.converted(node, name, &Value::Enum { id, index }, "a value of another enum", &ty),
            _ if name.contains('.') && found.is_none() => self.named_constant(node, name, &ty),
            _ => self.no_such_enum_value(node, name, wanted),
        }
    }

    fn no_such_enum_value(&mut self, node: &ConstNode, name: &str, id: EnumId) -> Option<Value> {
        let owner = &self.program[id];
        let last = name.rsplit('.').next().unwrap_or(name);
        if self.scopes.files.list[owner.head.module.0].tree.may_declare(last) {
            return None;
        }
        let known = if self.report.is_full() { &[] } else { owner.values.as_slice() };
        let near = closest(last, known.iter().map(|value| value.name.as_str()));
        let message = format!("the enum `{}` has no value `{last}`", owner.head.name);
        let finding = Diagnostic::new(Code::NoSuchEnumValue, node.span, message);
        self.report.add(finding.maybe_help(near.map(|near| format!("did you mean `{}.{near}`?", owner.head.name))));
        None
    }
}

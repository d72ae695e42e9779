//! Whether a constant value fits the type it is given to, and what it is as a value of that type.
//!
//! Names inside of values are looked up next door, in `named`, and the members of structs in `records`.

use std::collections::{HashMap, HashSet};

use super::super::ast::{ConstKind, ConstNode};
use super::super::diagnostic::{Code, Diagnostic, Report};
use super::super::model::{Program, Type, TypeUse, Value};
use super::resolver::underlying;
use super::scope::Scopes;
use super::values::{bits, describe, double, in_range, range, uuid};

/// Where the members of enums and structs are, by the position of their owner and their name or number.
pub(super) struct Members<'a> {
    pub enum_names: HashMap<(usize, &'a str), usize>,
    pub enum_numbers: HashMap<(usize, i64), usize>,
    pub fields: HashMap<(usize, &'a str), usize>,
}

impl<'a> Members<'a> {
    pub(super) fn new(program: &'a Program) -> Members<'a> {
        let mut members = Members { enum_names: HashMap::new(), enum_numbers: HashMap::new(), fields: HashMap::new() };
        for (owner, declared) in program.enums.iter().enumerate() {
            for (index, value) in declared.values.iter().enumerate() {
                members.enum_names.entry((owner, value.name.as_str())).or_insert(index);
                members.enum_numbers.entry((owner, i64::from(value.number))).or_insert(index);
            }
        }
        for (owner, declared) in program.structs.iter().enumerate() {
            for (index, field) in declared.fields.iter().enumerate() {
                members.fields.entry((owner, field.name.as_str())).or_insert(index);
            }
        }
        members
    }
}

pub(super) struct Checker<'a, 'r> {
    pub scopes: &'a Scopes<'a>,
    pub program: &'a Program,
    pub members: Members<'a>,
    /// By constant; `None` while it is not known, and for ever where it is wrong.
    pub values: Vec<Option<Value>>,
    /// How many nodes have been copied from named constants.
    pub copied: usize,
    /// The file whose names are being looked up.
    pub module: usize,
    pub report: &'r mut Report,
}

impl Checker<'_, '_> {
    /// The value that `node` has as a `ty`; `None` where it has none, which has then been reported.
    pub(super) fn value(&mut self, node: &ConstNode, ty: &Type) -> Option<Value> {
        let program = self.program;
        let known = underlying(program, ty)?;
        match (known, &node.kind) {
            (_, ConstKind::Name(name)) => self.named(node, name, known),
            (Type::Enum(id), ConstKind::Int { value, .. }) => self.numbered(node, *id, *value),
            (Type::Bool, ConstKind::Bool(value)) => Some(Value::Bool(*value)),
            (Type::Bool, ConstKind::Int { value, .. }) => Some(self.loose_bool(node, *value)),
            (Type::Double, ConstKind::Int { value, .. }) => Some(Value::Double(double(*value))),
            (Type::Double, ConstKind::Double(value)) => Some(Value::Double(*value)),
            (Type::I8 | Type::I16 | Type::I32 | Type::I64, ConstKind::Int { value, hex }) => self.int(node, *value, *hex, known),
            (Type::I8 | Type::I16 | Type::I32 | Type::I64, ConstKind::Bool(value)) => Some(self.bool_as_int(node, *value)),
            (Type::String, ConstKind::Literal(text)) => Some(Value::String(text.clone())),
            (Type::Binary, ConstKind::Literal(text)) => Some(Value::Bytes(text.clone().into_bytes())),
            (Type::Uuid, ConstKind::Literal(text)) => self.uuid(node, text),
            (Type::List(element), ConstKind::List(nodes)) => self.list(nodes, element, false),
            (Type::Set(element), ConstKind::List(nodes)) => self.list(nodes, element, true),
            (Type::Map(key, value), ConstKind::Map(pairs)) => self.map(pairs, &key.ty, &value.ty),
            (Type::List(_) | Type::Set(_), ConstKind::Map(pairs)) if pairs.is_empty() => Some(Value::List(Vec::new())),
            (Type::Map(..), ConstKind::List(nodes)) if nodes.is_empty() => Some(Value::Map(Vec::new())),
            (Type::Struct(id), ConstKind::Map(pairs)) => self.record(node, *id, pairs),
            _ => self.wrong_type(node, ty),
        }
    }

    fn wrong_type(&mut self, node: &ConstNode, ty: &Type) -> Option<Value> {
        let found = match &node.kind {
            ConstKind::Bool(_) => "a bool",
            ConstKind::Int { .. } => "a whole number",
            ConstKind::Double(_) => "a number with a fraction",
            ConstKind::Literal(_) => "a literal",
            ConstKind::Name(_) => "a name",
            ConstKind::List(_) => "a list",
            ConstKind::Map(_) => "a map",
        };
        let wanted = describe(self.program, ty);
        let help = match (&node.kind, underlying(self.program, ty)?) {
            (ConstKind::Int { .. } | ConstKind::Double(_), Type::String) => Some("put it in quotes".to_owned()),
            (ConstKind::Map(_), Type::List(_) | Type::Set(_)) => Some("write `[…]`".to_owned()),
            (ConstKind::List(_), Type::Map(..)) => Some("write `{key: value}`".to_owned()),
            (ConstKind::List(_) | ConstKind::Literal(_), Type::Struct(_)) => Some("write `{\"field\": value}`".to_owned()),
            _ => None,
        };
        let finding = Diagnostic::new(Code::WrongType, node.span, format!("expected a value of type `{wanted}`, found {found}"));
        self.report.add(finding.maybe_help(help));
        None
    }

    fn int(&mut self, node: &ConstNode, number: i64, hex: bool, ty: &Type) -> Option<Value> {
        if let Some(value) = in_range(ty, number) {
            return Some(value);
        }
        let (name, width) = (describe(self.program, ty), bits(ty)?);
        if hex && number >> width == 0 {
            let wrapped = number << (64 - width) >> (64 - width);
            let message = format!("the number is too large for `{name}` and is taken as {wrapped}");
            self.report.add(Diagnostic::new(Code::WrappedHex, node.span, message));
            return Some(Value::Int(wrapped));
        }
        let (least, most) = range(ty)?;
        let finding = Diagnostic::new(Code::OutOfRange, node.span, format!("{number} does not fit in `{name}`"));
        self.report.add(finding.help(format!("`{name}` goes from {least} to {most}")));
        None
    }

    fn loose_bool(&mut self, node: &ConstNode, number: i64) -> Value {
        if !(0..=1).contains(&number) {
            let finding = Diagnostic::new(Code::LooseBool, node.span, format!("{number} stands for a bool"));
            self.report.add(finding.label("taken as `true`").help("write `true`"));
        }
        Value::Bool(number != 0)
    }

    fn bool_as_int(&mut self, node: &ConstNode, value: bool) -> Value {
        let number = i64::from(value);
        let finding = Diagnostic::new(Code::LooseBool, node.span, format!("`{value}` stands for a number"));
        self.report.add(finding.label(format!("taken as {number}")).help(format!("write `{number}`")));
        Value::Int(number)
    }

    fn uuid(&mut self, node: &ConstNode, text: &str) -> Option<Value> {
        let parsed = uuid(text).map(Value::Uuid);
        if parsed.is_none() {
            let finding = Diagnostic::new(Code::BadUuid, node.span, "the literal is not a UUID");
            self.report.add(finding.help("write it like `6ba7b810-9dad-11d1-80b4-00c04fd430c8`"));
        }
        parsed
    }

    fn list(&mut self, nodes: &[ConstNode], element: &TypeUse, distinct: bool) -> Option<Value> {
        let mut values = Vec::with_capacity(nodes.len());
        let mut seen = HashSet::new();
        let mut sound = true;
        for node in nodes {
            let Some(value) = self.value(node, &element.ty) else {
                sound = false;
                continue;
            };
            if distinct && !seen.insert(format!("{value:?}")) {
                self.duplicate_key(node, "the set has this element already", "the second is dropped");
                continue;
            }
            values.push(value);
        }
        sound.then_some(Value::List(values))
    }

    fn map(&mut self, pairs: &[(ConstNode, ConstNode)], key_type: &Type, value_type: &Type) -> Option<Value> {
        let mut values: Vec<(Value, Value)> = Vec::with_capacity(pairs.len());
        let mut seen = std::collections::HashMap::new();
        let mut sound = true;
        for (key_node, value_node) in pairs {
            let (key, value) = (self.value(key_node, key_type), self.value(value_node, value_type));
            let (Some(key), Some(value)) = (key, value) else {
                sound = false;
                continue;
            };
            if let Some(first) = seen.insert(format!("{key:?}"), values.len()) {
                self.duplicate_key(key_node, "the map has this key already", "the last value holds");
                seen.insert(format!("{key:?}"), first);
                values[first].1 = value;
                continue;
            }
            values.push((key, value));
        }
        sound.then_some(Value::Map(values))
    }

    pub(super) fn duplicate_key(&mut self, node: &ConstNode, message: &str, label: &str) {
        self.report.add(Diagnostic::new(Code::DuplicateKey, node.span, message).label(label));
    }
}

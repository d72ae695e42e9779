//! Constants of structs, unions and exceptions: maps from field names to values.

use std::collections::{HashMap, HashSet};

use super::super::ast::{Body, ConstKind, ConstNode};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{Requiredness, StructId, StructKind, Value};
use super::super::names::closest;
use super::check::Checker;

impl Checker<'_, '_> {
    pub(super) fn record(&mut self, node: &ConstNode, id: StructId, pairs: &[(ConstNode, ConstNode)]) -> Option<Value> {
        let record = &self.program[id];
        let mut fields: Vec<(usize, Value)> = Vec::with_capacity(pairs.len());
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut sound = true;
        for (key, value) in pairs {
            let field = self.field(key, id);
            let value = field.and_then(|index| self.value(value, &record.fields[index].ty.ty));
            match (field, value) {
                (Some(index), Some(value)) => {
                    if let Some(place) = places.get(&index).copied() {
                        self.duplicate_key(key, "the field is given already", "the last value holds");
                        fields[place].1 = value;
                    } else {
                        places.insert(index, fields.len());
                        fields.push((index, value));
                    }
                }
                _ => sound = false,
            }
        }
        if sound && record.kind == StructKind::Union && fields.len() != 1 {
            let message = format!("a constant of the union `{}` sets one field, not {}", record.head.name, fields.len());
            self.report.add(Diagnostic::new(Code::UnionConstant, node.span, message));
            return None;
        }
        if sound {
            self.missing_required(node, id, &fields);
        }
        sound.then_some(Value::Struct { id, fields })
    }

    /// The field that a key of a struct constant names.
    fn field(&mut self, key: &ConstNode, id: StructId) -> Option<usize> {
        let record = &self.program[id];
        let ConstKind::Literal(name) = &key.kind else {
            let help = match &key.kind {
                ConstKind::Name(name) => format!("write `\"{name}\"`"),
                _ => "keys are the fields' names in quotes".to_owned(),
            };
            let message = format!("a key of a constant of `{}` is not a literal", record.head.name);
            self.report.add(Diagnostic::new(Code::WrongType, key.span, message).help(help));
            return None;
        };
        let found = self.members.fields.get(&(id.0, name.as_str())).copied();
        if found.is_none() && !self.scopes.files.list[record.head.module.0].tree.may_declare(name) {
            let known = if self.report.is_full() { &[] } else { record.fields.as_slice() };
            let near = closest(name, known.iter().map(|field| field.name.as_str()));
            let message = format!("`{}` has no field `{name}`", record.head.name);
            let finding = Diagnostic::new(Code::UnknownField, key.span, message);
            self.report.add(finding.maybe_help(near.map(|near| format!("did you mean `{near}`?"))));
        }
        found
    }

    fn missing_required(&mut self, node: &ConstNode, id: StructId, given: &[(usize, Value)]) {
        let record = &self.program[id];
        let Body::Record(_, nodes) = &self.scopes.structs[id.0].node.body else { return };
        let given: HashSet<usize> = given.iter().map(|(index, _)| *index).collect();
        let missing = record.fields.iter().zip(nodes).enumerate().filter(|(index, (field, node))| {
            let required = field.requiredness == Requiredness::Required && node.default.is_none();
            required && !given.contains(index)
        });
        let names: Vec<String> = missing.map(|(_, (field, _))| format!("`{}`", field.name)).collect();
        if !names.is_empty() {
            let message = format!("a constant of `{}` leaves out what is required: {}", record.head.name, names.join(", "));
            let finding = Diagnostic::new(Code::MissingRequired, node.span, message);
            self.report.add(finding.help("left out, a required field is zero or empty"));
        }
    }
}

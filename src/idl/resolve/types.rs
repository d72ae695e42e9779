//! Types where they are used, typedefs, and the fields of structs and functions.

use std::collections::HashMap;

use super::super::ast::{Body, FieldNode, MAX_NESTING, TypeKind, TypeNode};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{Annotations, Declaration, Field, Requiredness, Struct, StructKind, Type, TypeUse, Typedef};
use super::super::source::Span;
use super::graph;
use super::resolver::{BROKEN, Resolver, shorten};
use super::scope::Found;

impl Resolver<'_, '_> {
    /// Resolves all typedefs, breaks those that stand for themselves, and measures the others.
    pub(super) fn typedefs(&mut self) {
        for origin in &self.scopes.typedefs {
            let head = self.head(origin);
            let (target, literals) = match &origin.node.body {
                Body::Typedef(node) => (self.named_type(origin.module, node), None),
                Body::Senum(literals) => (string(), Some(literals.clone())),
                _ => continue,
            };
            self.program.typedefs.push(Typedef { head, target, literals });
        }
        let edges: Vec<Vec<usize>> = self.program.typedefs.iter().map(|typedef| typedefs_in(&typedef.target.ty)).collect();
        self.typedef_depths = vec![1; edges.len()];
        for component in graph::components(&edges) {
            if graph::is_circle(&component, &edges) {
                self.typedef_circle(&graph::circle(&component, &edges));
                for id in component {
                    self.program.typedefs[id].target.ty = BROKEN;
                }
                continue;
            }
            let id = component[0];
            self.typedef_depths[id] = self.depth(&self.program.typedefs[id].target.ty);
            if self.typedef_depths[id] > MAX_NESTING {
                self.too_deep(self.scopes.typedefs[id].node.name.span);
                self.program.typedefs[id].target.ty = BROKEN;
                self.typedef_depths[id] = 1;
            }
        }
    }

    fn typedef_circle(&mut self, circle: &[usize]) {
        let name = |id: &usize| self.program.typedefs[*id].head.name.clone();
        let path = shorten(&circle.iter().chain(&circle[..1]).map(name).collect::<Vec<_>>()).join(" -> ");
        let span = self.scopes.typedefs[circle[0]].node.name.span;
        self.report.add(Diagnostic::new(Code::TypedefCycle, span, format!("a typedef stands for itself: {path}")));
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!("with its typedefs, the type is nested more than {MAX_NESTING} deep");
        self.report.add(Diagnostic::new(Code::TooDeep, span, message));
    }

    fn depth(&self, ty: &Type) -> usize {
        match ty {
            Type::List(element) | Type::Set(element) => 1 + self.depth(&element.ty),
            Type::Map(key, value) => 1 + self.depth(&key.ty).max(self.depth(&value.ty)),
            Type::Typedef(id) => self.typedef_depths.get(id.0).copied().unwrap_or(1),
            _ => 1,
        }
    }

    /// A type of a field, result or constant.
    pub(super) fn type_use(&mut self, module: usize, node: &TypeNode) -> TypeUse {
        let mut found = self.named_type(module, node);
        if self.depth(&found.ty) > MAX_NESTING {
            self.too_deep(node.span);
            found.ty = BROKEN;
        }
        found
    }

    /// A type with its names looked up. Recursion ends where the parser's ended.
    fn named_type(&mut self, module: usize, node: &TypeNode) -> TypeUse {
        let ty = match &node.kind {
            TypeKind::Base(ty) => ty.clone(),
            TypeKind::Named(name) => self.lookup(module, name, node.span),
            TypeKind::List(element) => Type::List(Box::new(self.named_type(module, element))),
            TypeKind::Set(element) => Type::Set(Box::new(self.named_type(module, element))),
            TypeKind::Map(key, value) => {
                Type::Map(Box::new(self.named_type(module, key)), Box::new(self.named_type(module, value)))
            }
        };
        TypeUse { ty, annotations: node.annotations.clone() }
    }

    fn lookup(&mut self, module: usize, name: &str, span: Span) -> Type {
        let finding = match self.scopes.find_type(module, name) {
            Found::One(Declaration::Typedef(id)) => return Type::Typedef(id),
            Found::One(Declaration::Enum(id)) => return Type::Enum(id),
            Found::One(Declaration::Struct(id)) => return Type::Struct(id),
            Found::One(_) => Diagnostic::new(Code::NotAType, span, format!("`{name}` is a service, not a type")),
            Found::Unclear => return BROKEN,
            Found::NoPrefix => self.scopes.unknown_prefix(module, name, span),
            Found::Nothing => {
                let help = if self.report.is_full() { None } else { self.type_hint(module, name) };
                Diagnostic::new(Code::UnknownType, span, format!("unknown type `{name}`")).maybe_help(help)
            }
        };
        self.report.add(finding);
        BROKEN
    }

    fn type_hint(&self, module: usize, name: &str) -> Option<String> {
        let foreign = foreign_type(name).map(|own| format!("use `{own}`"));
        foreign.or_else(|| self.scopes.suggest_type(module, name, false)).or_else(|| base_type_like(name))
    }

    pub(super) fn structs(&mut self) {
        for origin in &self.scopes.structs {
            let Body::Record(kind, nodes) = &origin.node.body else { continue };
            let head = self.head(origin);
            let mut fields = self.fields(origin.module, nodes, &format!("`{}`", head.name));
            if *kind == StructKind::Union {
                self.union_fields(&head.name, nodes, &mut fields);
            }
            self.program.structs.push(Struct { head, kind: *kind, fields });
        }
    }

    /// Fields without their default values, which come when all types are known. `owner` is for messages.
    pub(super) fn fields(&mut self, module: usize, nodes: &[FieldNode], owner: &str) -> Vec<Field> {
        self.warn_of_implicit_ids(nodes, owner);
        let ids = self.field_ids(nodes);
        self.duplicate_fields(nodes, &ids);
        let mut fields = Vec::with_capacity(nodes.len());
        for (node, id) in nodes.iter().zip(ids) {
            fields.push(Field {
                id,
                name: node.name.text.clone(),
                line: self.scopes.files.sources.line(node.name.span),
                ty: self.type_use(module, &node.ty),
                requiredness: node.requiredness.0,
                default: None,
                reference: node.reference,
                boxed: false,
                doc: node.doc.clone(),
                annotations: node.annotations.clone(),
            });
        }
        fields
    }

    /// Ids as Apache's compiler gives them: where the file has none, or none that is positive, -1, -2 and so on.
    fn field_ids(&mut self, nodes: &[FieldNode]) -> Vec<i16> {
        let mut next = -1_i64;
        let mut ids = Vec::with_capacity(nodes.len());
        for node in nodes {
            let mut id = node.id.map_or(0, |(id, _)| id);
            if id <= 0 {
                if let Some((written, span)) = node.id {
                    let finding =
                        Diagnostic::new(Code::NonPositiveFieldId, span, format!("the field id {written} is not positive"));
                    self.report.add(finding.help(format!("as with Apache's compiler, the id on the wire is {next}")));
                }
                id = next;
                next -= 1;
            }
            if i16::try_from(id).is_err() {
                let span = node.id.map_or(node.name.span, |(_, span)| span);
                let finding = Diagnostic::new(Code::FieldIdRange, span, format!("the field id {id} does not fit in 16 bits"));
                self.report.add(finding.help("ids go from 1 to 32767"));
            }
            ids.push(id as i16);
        }
        ids
    }

    /// One finding for a whole list: where one field has no id, its neighbours mostly have none either.
    fn warn_of_implicit_ids(&mut self, nodes: &[FieldNode], owner: &str) {
        let Some(first) = nodes.iter().find(|node| node.id.is_none()) else { return };
        let more = nodes.iter().filter(|node| node.id.is_none()).count() - 1;
        let others = if more == 0 { String::new() } else { format!(", and {more} more of {owner}") };
        let message = format!("the field `{}` has no id{others}", first.name.text);
        let finding = Diagnostic::new(Code::ImplicitFieldId, first.name.span, message);
        let help = "fields without ids are numbered -1, -2, … by position: they cannot be moved, added or removed";
        self.report.add(finding.help(help));
    }

    fn duplicate_fields(&mut self, nodes: &[FieldNode], ids: &[i16]) {
        let (mut names, mut numbers) = (HashMap::new(), HashMap::new());
        let free = ids.iter().max().map_or(1, |most| most.saturating_add(1).max(1));
        for (node, id) in nodes.iter().zip(ids) {
            if let Some(first) = names.insert(node.name.text.as_str(), node.name.span) {
                let message = format!("there is a field `{}` already", node.name.text);
                let finding = Diagnostic::new(Code::DuplicateField, node.name.span, message);
                self.report.add(finding.also(first, "first declared here"));
            }
            let span = node.id.map_or(node.name.span, |(_, span)| span);
            if let Some(first) = numbers.insert(*id, span) {
                let finding = Diagnostic::new(Code::DuplicateFieldId, span, format!("the id {id} is taken"));
                self.report.add(finding.also(first, "by this field").help(format!("{free} is free")));
            }
        }
    }

    fn union_fields(&mut self, name: &str, nodes: &[FieldNode], fields: &mut [Field]) {
        let mut first_default: Option<Span> = None;
        for (node, field) in nodes.iter().zip(fields) {
            field.requiredness = Requiredness::Optional;
            if node.requiredness.0 == Requiredness::Required {
                let message = format!("a field of the union `{name}` cannot be required");
                self.report.add(Diagnostic::new(Code::RequiredInUnion, node.requiredness.1, message).help("remove `required`"));
            }
            let Some(default) = &node.default else { continue };
            if let Some(first) = first_default {
                let message = format!("two fields of the union `{name}` have default values");
                let finding = Diagnostic::new(Code::UnionDefaults, default.span, message);
                self.report.add(finding.also(first, "the first one"));
            }
            first_default.get_or_insert(default.span);
        }
    }
}

fn string() -> TypeUse {
    TypeUse { ty: Type::String, annotations: Annotations::default() }
}

/// The typedefs that a type names.
fn typedefs_in(ty: &Type) -> Vec<usize> {
    match ty {
        Type::List(element) | Type::Set(element) => typedefs_in(&element.ty),
        Type::Map(key, value) => [typedefs_in(&key.ty), typedefs_in(&value.ty)].concat(),
        Type::Typedef(id) if id.0 != usize::MAX => vec![id.0],
        _ => Vec::new(),
    }
}

/// What Thrift calls a type that other languages (and other Thrifts) call so.
fn foreign_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "float" | "f64" | "f32" | "float32" | "float64" | "real" | "number" => "double",
        "int" | "int32" | "uint32" | "u32" | "integer" | "Integer" | "uint" => "i32",
        "long" | "int64" | "uint64" | "u64" | "Long" | "size_t" => "i64",
        "short" | "int16" | "uint16" | "u16" => "i16",
        "char" | "int8" | "uint8" | "u8" | "Byte" => "i8",
        "str" | "String" | "text" | "varchar" | "utf8" => "string",
        "boolean" | "Bool" | "Boolean" => "bool",
        "bytes" | "blob" | "Binary" | "bytearray" => "binary",
        _ => return None,
    })
}

fn base_type_like(name: &str) -> Option<String> {
    let base = ["bool", "byte", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid", "list", "map", "set"];
    super::super::names::closest(name, base.into_iter()).map(|near| format!("did you mean `{near}`?"))
}

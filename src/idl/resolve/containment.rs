//! Structs that contain themselves: which fields need a box, and which structs have no finite value.
//!
//! A container breaks the circle by itself, for it may be empty. So does `&`, which asks for a pointer.

use super::super::ast::Body;
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{Field, Requiredness, StructKind, Type};
use super::super::source::Span;
use super::{Resolver, graph, shorten};

impl Resolver<'_, '_> {
    pub(super) fn containment(&mut self) {
        self.box_fields();
        let endless = self.edges(|field| field.requiredness == Requiredness::Required && !field.reference);
        for component in circles(&endless) {
            let (path, span) =
                self.describe(&graph::circle(&component, &endless), |field| field.requiredness == Requiredness::Required);
            let finding = Diagnostic::new(Code::InfiniteStruct, span, format!("a struct requires itself: {path}"));
            self.report.add(finding.label("no value of this is ever complete").help("make one of the fields `optional`"));
        }
        let always = self.edges(|field| field.requiredness != Requiredness::Optional && !field.reference);
        for component in circles(&always) {
            let circle = graph::circle(&component, &always);
            let is_endless = |pair: (&usize, &usize)| endless[*pair.0].contains(pair.1);
            if circle.iter().zip(circle.iter().cycle().skip(1)).all(is_endless) {
                continue;
            }
            let (path, span) = self.describe(&circle, |field| field.requiredness == Requiredness::Default);
            let finding = Diagnostic::new(Code::DefaultRecursion, span, format!("a struct contains itself: {path}"));
            self.report.add(finding.help("say `optional`: the innermost one has to leave the field out"));
        }
    }

    fn box_fields(&mut self) {
        let edges = self.edges(|_| true);
        let mut component_of = vec![0; edges.len()];
        for (number, component) in graph::components(&edges).iter().enumerate() {
            component.iter().for_each(|id| component_of[*id] = number);
        }
        for owner in 0..edges.len() {
            for position in 0..self.program.structs[owner].fields.len() {
                let target = self.struct_in(&self.program.structs[owner].fields[position]);
                let boxed = target.is_some_and(|target| component_of[target] == component_of[owner]);
                self.program.structs[owner].fields[position].boxed = boxed;
            }
        }
    }

    /// For each struct, the structs it contains by value through fields that `counts`. Unions are looked through when boxes
    /// are placed, but never force a value to be endless: another of their fields may be set.
    fn edges(&self, counts: impl Fn(&Field) -> bool) -> Vec<Vec<usize>> {
        let targets =
            |fields: &[Field]| fields.iter().filter(|field| counts(field)).filter_map(|field| self.struct_in(field)).collect();
        self.program.structs.iter().map(|owner| targets(&owner.fields)).collect()
    }

    fn struct_in(&self, field: &Field) -> Option<usize> {
        match self.underlying(&field.ty.ty)? {
            Type::Struct(id) => Some(id.0),
            _ => None,
        }
    }

    /// The names on a circle, and the field to point at: the first on it that is `blamed`.
    fn describe(&self, circle: &[usize], blamed: impl Fn(&Field) -> bool) -> (String, Span) {
        let names: Vec<String> =
            circle.iter().chain(&circle[..1]).map(|id| self.program.structs[*id].head.name.clone()).collect();
        let steps = circle.iter().zip(circle.iter().cycle().skip(1));
        let field_of = |(owner, target): (&usize, &usize)| {
            let fields = &self.program.structs[*owner].fields;
            let position = fields.iter().position(|field| blamed(field) && self.struct_in(field) == Some(*target))?;
            let Body::Record(_, nodes) = &self.scopes.structs[*owner].node.body else { return None };
            Some(nodes[position].name.span)
        };
        let span = steps.filter_map(field_of).next();
        (shorten(&names).join(" -> "), span.unwrap_or(self.scopes.structs[circle[0]].node.name.span))
    }

    /// Default values that build their own struct again, and so never end.
    pub(super) fn endless_defaults(&mut self) {
        let structs = &self.program.structs;
        let built = |field: &Field| field.default.as_ref().map(super::values::structs_in).unwrap_or_default();
        let edges: Vec<Vec<usize>> = structs
            .iter()
            .map(|owner| if owner.kind == StructKind::Union { Vec::new() } else { owner.fields.iter().flat_map(built).collect() })
            .collect();
        for component in circles(&edges) {
            let circle = graph::circle(&component, &edges);
            let (path, _) = self.describe(&circle, |_| true);
            let next = circle[1 % circle.len()];
            let position = self.program.structs[circle[0]].fields.iter().position(|field| built(field).contains(&next));
            let Body::Record(_, nodes) = &self.scopes.structs[circle[0]].node.body else { continue };
            let span = nodes[position.unwrap_or(0)].name.span;
            let finding = Diagnostic::new(Code::EndlessDefault, span, format!("the default value contains itself: {path}"));
            self.report.add(finding.help("leave the default out, or make the field `optional` without one"));
        }
    }
}

fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    graph::components(edges).into_iter().filter(|component| graph::is_circle(component, edges)).collect()
}

//! Structs that contain themselves: which fields need a box, and which structs have no finite value unless a field that
//! is always written may be left out. Apache's compiler takes those, so they are only warned of.
//!
//! A container breaks the circle by itself, for it may be empty. So does `&`, which asks for a pointer.

use super::super::ast::Body;
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{Field, Requiredness, StructKind, Type};
use super::super::source::Span;
use super::graph;
use super::resolver::{Resolver, shorten};

impl Resolver<'_, '_> {
    pub(super) fn containment(&mut self) {
        self.box_fields();
        let edges = self.edges(|field| field.requiredness != Requiredness::Optional && !field.reference);
        for component in circles(&edges) {
            let circle = graph::circle(&component, &edges);
            let default = self.on_circle(&circle, |field| field.requiredness == Requiredness::Default);
            let first = self.on_circle(&circle, |_| true);
            let names = circle.iter().chain(&circle[..1]).map(|id| self.program.structs[*id].head.name.clone());
            let path = shorten(&names.collect::<Vec<_>>()).join(" -> ");
            let message = if default.is_some() { "contains" } else { "requires" };
            let span = default.or(first).unwrap_or(self.scopes.structs[circle[0]].node.name.span);
            let finding = Diagnostic::new(Code::StructRecursion, span, format!("a struct {message} itself: {path}"));
            let label = if default.is_some() { "the innermost one has to leave this out" } else { "no value is ever complete" };
            self.report.add(finding.label(label).help("say `optional`"));
        }
    }

    fn box_fields(&mut self) {
        let edges = self.edges(|_| true);
        let mut component_of = vec![0; edges.len()];
        for (number, component) in graph::components(&edges).iter().enumerate() {
            for id in component {
                component_of[*id] = number;
            }
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

    /// Where the first field on a circle stands that is `wanted`.
    fn on_circle(&self, circle: &[usize], wanted: impl Fn(&Field) -> bool) -> Option<Span> {
        let mut steps = circle.iter().zip(circle.iter().cycle().skip(1));
        steps.find_map(|(owner, target)| {
            let fields = &self.program.structs[*owner].fields;
            let leads = |field: &Field| self.struct_in(field) == Some(*target) && field.requiredness != Requiredness::Optional;
            let position = fields.iter().position(|field| leads(field) && wanted(field))?;
            let Body::Record(_, nodes) = &self.scopes.structs[*owner].node.body else { return None };
            Some(nodes[position].name.span)
        })
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
            let names = circle.iter().chain(&circle[..1]).map(|id| structs[*id].head.name.clone());
            let path = shorten(&names.collect::<Vec<_>>()).join(" -> ");
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

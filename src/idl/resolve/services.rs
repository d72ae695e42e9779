//! Services: what they extend, and what their functions may say.

use std::collections::HashMap;

use super::super::ast::{Body, FieldNode, FunctionNode, Name};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{Declaration, Field, Function, Requiredness, Service, ServiceId, StructKind, Type};
use super::super::source::Span;
use super::graph;
use super::resolver::{Resolver, shorten};
use super::scope::Found;

impl Resolver<'_, '_> {
    pub(super) fn services(&mut self) {
        for origin in &self.scopes.services {
            let Body::Service(node) = &origin.node.body else { continue };
            let head = self.head(origin);
            let parent = node.parent.as_ref().and_then(|name| self.parent(origin.module, name));
            let functions = node.functions.iter().map(|function| self.function(origin.module, function)).collect();
            self.duplicate_functions(&node.functions);
            self.program.services.push(Service { head, parent, functions });
        }
        self.extends_circles();
        self.inherited_functions();
    }

    fn parent(&mut self, module: usize, name: &Name) -> Option<ServiceId> {
        let finding = match self.scopes.find_type(module, &name.text) {
            Found::One(Declaration::Service(id)) => return Some(id),
            Found::One(_) => Diagnostic::new(Code::NotAService, name.span, format!("`{}` is a type, not a service", name.text)),
            Found::Unclear => return None,
            Found::NoPrefix => self.scopes.unknown_prefix(module, &name.text, name.span),
            Found::Nothing => {
                let help = if self.report.is_full() { None } else { self.scopes.suggest_type(module, &name.text, true) };
                Diagnostic::new(Code::UnknownService, name.span, format!("unknown service `{}`", name.text)).maybe_help(help)
            }
        };
        self.report.add(finding);
        None
    }

    fn function(&mut self, module: usize, node: &FunctionNode) -> Function {
        let mut returns = node.returns.as_ref().map(|result| self.type_use(module, result));
        let owner = format!("`{}`", node.name.text);
        let mut arguments = self.fields(module, &node.arguments, &owner);
        let mut throws = self.fields(module, &node.throws, &owner);
        self.never_optional(&node.arguments, &mut arguments);
        self.never_optional(&node.throws, &mut throws);
        self.only_exceptions(&node.throws, &throws);
        if node.oneway.is_some() {
            returns = None;
            self.oneway(node);
        }
        Function {
            name: node.name.text.clone(),
            line: self.scopes.files.sources.line(node.name.span),
            oneway: node.oneway.is_some(),
            returns,
            arguments,
            throws,
            doc: node.doc.clone(),
            annotations: node.annotations.clone(),
        }
    }

    fn never_optional(&mut self, nodes: &[FieldNode], fields: &mut [Field]) {
        for (node, field) in nodes.iter().zip(fields).filter(|(_, field)| field.requiredness == Requiredness::Optional) {
            field.requiredness = Requiredness::Default;
            let finding = Diagnostic::new(Code::OptionalArgument, node.requiredness.1, "`optional` has no meaning here");
            self.report.add(finding.help("Apache's compiler ignores it for arguments and exceptions; remove it"));
        }
    }

    fn only_exceptions(&mut self, nodes: &[FieldNode], fields: &[Field]) {
        for (node, field) in nodes.iter().zip(fields) {
            let (what, declared) = match self.underlying(&field.ty.ty) {
                None => continue,
                Some(Type::Struct(id)) if self.program[*id].kind == StructKind::Exception => continue,
                Some(Type::Struct(id)) => ("a struct or union", Some(self.scopes.structs[id.0].node.name.span)),
                Some(_) => ("no exception", None),
            };
            let message = format!("`{}` is {what}, and cannot be thrown", describe_name(node));
            let mut finding = Diagnostic::new(Code::ThrowsNotException, node.ty.span, message);
            if let Some(span) = declared {
                finding = finding.also(span, "declared here").help("declare it with `exception`");
            }
            self.report.add(finding);
        }
    }

    fn oneway(&mut self, node: &FunctionNode) {
        if let Some(result) = &node.returns {
            let message = format!("the oneway function `{}` has a result", node.name.text);
            let finding = Diagnostic::new(Code::OnewayResult, result.span, message);
            self.report.add(finding.label("it is taken as `void`").help("a oneway function has no reply; write `void`"));
        }
        if let Some(first) = node.throws.first() {
            let message = format!("the oneway function `{}` throws", node.name.text);
            let finding = Diagnostic::new(Code::OnewayThrows, first.name.span, message);
            self.report.add(finding.help("a oneway function has no reply that could carry an exception"));
        }
    }

    fn duplicate_functions(&mut self, nodes: &[FunctionNode]) {
        let mut names = HashMap::new();
        for node in nodes {
            if let Some(first) = names.insert(node.name.text.as_str(), node.name.span) {
                let message = format!("there is a function `{}` already", node.name.text);
                let finding = Diagnostic::new(Code::DuplicateFunction, node.name.span, message);
                self.report.add(finding.also(first, "first declared here"));
            }
        }
    }

    fn extends_circles(&mut self) {
        let parents = |service: &Service| service.parent.iter().map(|id| id.0).collect();
        let edges: Vec<Vec<usize>> = self.program.services.iter().map(parents).collect();
        for component in graph::components(&edges).iter().filter(|component| graph::is_circle(component, &edges)) {
            let circle = graph::circle(component, &edges);
            let name = |id: &usize| self.program.services[*id].head.name.clone();
            let path = shorten(&circle.iter().chain(&circle[..1]).map(name).collect::<Vec<_>>()).join(" -> ");
            let span = self.scopes.services[circle[0]].node.name.span;
            self.report.add(Diagnostic::new(Code::ExtendsCycle, span, format!("a service extends itself: {path}")));
            for id in component {
                self.program.services[*id].parent = None;
            }
        }
    }

    /// Looks a few generations up only: beyond, the cost would grow with the square of the file.
    fn inherited_functions(&mut self) {
        const GENERATIONS: usize = 16;
        let functions = self.scopes.services.iter().map(|origin| match &origin.node.body {
            Body::Service(node) => node.functions.as_slice(),
            _ => &[],
        });
        let functions: Vec<&[FunctionNode]> = functions.collect();
        let named = |list: &&[FunctionNode]| list.iter().map(|node| (node.name.text.clone(), node.name.span)).collect();
        let spans: Vec<HashMap<String, Span>> = functions.iter().map(named).collect();
        for (service, own) in self.program.services.iter().zip(functions) {
            let ancestors = || std::iter::successors(service.parent, |id| self.program[*id].parent).take(GENERATIONS);
            for function in own {
                let hidden = ancestors().find_map(|id| Some((id, *spans[id.0].get(&function.name.text)?)));
                let Some((ancestor, span)) = hidden else { continue };
                let (name, parent) = (&function.name.text, &self.program[ancestor].head.name);
                let message = format!("`{name}` hides the function of the same name of `{parent}`");
                let finding = Diagnostic::new(Code::InheritedFunction, function.name.span, message);
                self.report.add(finding.also(span, "the hidden function").help("Apache's compiler refuses this"));
            }
        }
    }
}

fn describe_name(node: &FieldNode) -> String {
    match &node.ty.kind {
        super::super::ast::TypeKind::Named(name) => name.clone(),
        _ => node.name.text.clone(),
    }
}

//! The order in which constants and default values can be known, and who gets which.
//!
//! Constants may be used before they are declared, which Apache's compiler refuses.

use super::super::ast::{Body, ConstKind, ConstNode};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::model::{Constant, Value};
use super::check::{Checker, Members};
use super::graph;
use super::resolver::{Resolver, shorten};
use super::scope::{Found, Scopes};

/// The default values of fields in the order of the fields.
type Defaults = Vec<Option<Value>>;

impl Resolver<'_, '_> {
    pub(super) fn constants(&mut self) {
        let scopes = self.scopes;
        let mut nodes = Vec::with_capacity(scopes.constants.len());
        for origin in &scopes.constants {
            let Body::Constant(ty, value) = &origin.node.body else { continue };
            let (head, ty) = (self.head(origin), self.type_use(origin.module, ty));
            self.program.constants.push(Constant { head, ty, value: Value::Bool(false) });
            nodes.push((origin.module, value));
        }
        let (values, structs, services) = self.values(&nodes);
        self.keep(values, structs, services);
        self.endless_defaults();
    }

    fn values(&mut self, nodes: &[(usize, &ConstNode)]) -> (Vec<Option<Value>>, Defaults, Defaults) {
        let edges: Vec<Vec<usize>> = nodes.iter().map(|(module, node)| constants_in(self.scopes, *module, node)).collect();
        let mut checker = Checker {
            scopes: self.scopes,
            program: &self.program,
            members: Members::new(&self.program),
            values: vec![None; nodes.len()],
            copied: 0,
            module: 0,
            report: self.report,
        };
        for component in graph::components(&edges) {
            if graph::is_circle(&component, &edges) {
                checker.constant_circle(&graph::circle(&component, &edges));
                continue;
            }
            let (module, node) = nodes[component[0]];
            checker.module = module;
            checker.values[component[0]] = checker.value(node, &checker.program.constants[component[0]].ty.ty);
        }
        let (structs, services) = checker.defaults();
        (checker.values, structs, services)
    }

    fn keep(&mut self, values: Vec<Option<Value>>, structs: Defaults, services: Defaults) {
        for (constant, value) in self.program.constants.iter_mut().zip(values) {
            constant.value = value.unwrap_or(Value::Bool(false));
        }
        let fields = self.program.structs.iter_mut().flat_map(|record| &mut record.fields);
        for (field, default) in fields.zip(structs) {
            field.default = default;
        }
        let functions = self.program.services.iter_mut().flat_map(|service| &mut service.functions);
        let fields = functions.flat_map(|function| function.arguments.iter_mut().chain(&mut function.throws));
        for (field, default) in fields.zip(services) {
            field.default = default;
        }
    }
}

impl Checker<'_, '_> {
    fn constant_circle(&mut self, circle: &[usize]) {
        let name = |id: &usize| self.program.constants[*id].head.name.clone();
        let path = shorten(&circle.iter().chain(&circle[..1]).map(name).collect::<Vec<_>>()).join(" -> ");
        let span = self.scopes.constants[circle[0]].node.name.span;
        self.report.add(Diagnostic::new(Code::ConstantCycle, span, format!("a constant is defined by itself: {path}")));
    }

    /// The default values of all fields of structs, and of all arguments and exceptions.
    fn defaults(&mut self) -> (Defaults, Defaults) {
        let (scopes, program) = (self.scopes, self.program);
        let (mut of_structs, mut of_services) = (Vec::new(), Vec::new());
        for (origin, record) in scopes.structs.iter().zip(&program.structs) {
            let Body::Record(_, nodes) = &origin.node.body else { continue };
            self.module = origin.module;
            let pairs = nodes.iter().zip(&record.fields);
            of_structs.extend(pairs.map(|(node, field)| self.value(node.default.as_ref()?, &field.ty.ty)));
        }
        for (origin, service) in scopes.services.iter().zip(&program.services) {
            let Body::Service(node) = &origin.node.body else { continue };
            self.module = origin.module;
            for (node, function) in node.functions.iter().zip(&service.functions) {
                let nodes = node.arguments.iter().chain(&node.throws);
                let pairs = nodes.zip(function.arguments.iter().chain(&function.throws));
                of_services.extend(pairs.map(|(node, field)| self.value(node.default.as_ref()?, &field.ty.ty)));
            }
        }
        (of_structs, of_services)
    }
}

/// The constants that a value names.
fn constants_in(scopes: &Scopes<'_>, module: usize, node: &ConstNode) -> Vec<usize> {
    let mut found = Vec::new();
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        match &node.kind {
            ConstKind::Name(name) => {
                if let Found::One(id) = scopes.find_constant(module, name) {
                    found.push(id.0);
                }
            }
            ConstKind::List(nodes) => pending.extend(nodes),
            ConstKind::Map(pairs) => pending.extend(pairs.iter().flat_map(|(key, value)| [key, value])),
            _ => {}
        }
    }
    found
}

//! The resolver itself: its passes in their order, and what they share.

use super::graph;
use super::scope::{Origin, Scopes};
use crate::idl::ast::Body;
use crate::idl::diagnostic::{Code, Diagnostic, Report};
use crate::idl::loader::Files;
use crate::idl::model::{Enum, EnumValue, Head, Module, ModuleId, Program, Type, TypedefId};

/// Stands for a type that could not be resolved. No program with it ever leaves this room.
pub(super) const BROKEN: Type = Type::Typedef(TypedefId(usize::MAX));

/// Joins the files to one program, which is sound only if the report has no error.
pub(in crate::idl) fn resolve(files: &Files, report: &mut Report) -> Program {
    let scopes = Scopes::new(files, report);
    let mut resolver = Resolver { scopes: &scopes, program: Program::default(), typedef_depths: Vec::new(), report };
    resolver.modules();
    resolver.include_circles();
    resolver.enums();
    resolver.typedefs();
    resolver.structs();
    resolver.containment();
    resolver.services();
    resolver.constants();
    scopes.missing_includes(resolver.report);
    resolver.program
}

pub(super) struct Resolver<'a, 'r> {
    pub(super) scopes: &'a Scopes<'a>,
    pub(super) program: Program,
    /// How deep each typedef's target is nested.
    pub(super) typedef_depths: Vec<usize>,
    pub(super) report: &'r mut Report,
}

impl Resolver<'_, '_> {
    pub(super) fn modules(&mut self) {
        let files = self.scopes.files;
        self.program.roots = files.roots.iter().map(|root| ModuleId(*root)).collect();
        for (file, declarations) in files.list.iter().zip(&self.scopes.declarations) {
            self.program.modules.push(Module {
                path: files.sources.0[self.program.modules.len()].path.clone(),
                stem: file.stem.clone(),
                doc: file.tree.doc.clone(),
                namespaces: file.tree.namespaces.clone(),
                includes: file.includes.iter().flatten().map(|target| ModuleId(*target)).collect(),
                cpp_includes: file.tree.cpp_includes.clone(),
                declarations: declarations.clone(),
            });
        }
    }

    /// Files that include one another: the model could have them, Apache's compiler and most languages cannot.
    pub(super) fn include_circles(&mut self) {
        let files = &self.scopes.files.list;
        let edges: Vec<Vec<usize>> = files.iter().map(|file| file.includes.iter().flatten().copied().collect()).collect();
        for component in graph::components(&edges).iter().filter(|component| graph::is_circle(component, &edges)) {
            let circle = graph::circle(component, &edges);
            let next = circle[1 % circle.len()];
            let position = files[circle[0]].includes.iter().position(|target| *target == Some(next)).unwrap_or(0);
            let span = files[circle[0]].tree.includes[position].span;
            let path = |file: &usize| self.program.modules[*file].path.display().to_string();
            let names: Vec<String> = circle.iter().chain(&circle[..1]).map(path).collect();
            let message = format!("files include one another in a circle: {}", shorten(&names).join(" -> "));
            let finding = Diagnostic::new(Code::IncludeCycle, span, message);
            self.report.add(finding.help("move what both need to a file of its own, and include that"));
        }
    }

    pub(super) fn head(&self, origin: &Origin<'_>) -> Head {
        let node = origin.node;
        Head {
            name: node.name.text.clone(),
            module: ModuleId(origin.module),
            line: self.scopes.files.sources.line(node.name.span),
            doc: node.doc.clone(),
            annotations: node.annotations.clone(),
        }
    }

    pub(super) fn enums(&mut self) {
        for origin in &self.scopes.enums {
            let head = self.head(origin);
            let Body::Enum(nodes) = &origin.node.body else { continue };
            let mut names = std::collections::HashMap::new();
            let mut numbers = std::collections::HashMap::new();
            for node in nodes {
                if let Some(first) = names.insert(node.name.text.as_str(), node.name.span) {
                    let message = format!("`{}` already has a value `{}`", head.name, node.name.text);
                    let finding = Diagnostic::new(Code::DuplicateEnumValue, node.name.span, message);
                    self.report.add(finding.also(first, "first declared here"));
                } else if let Some(first) = numbers.insert(node.number, node.name.span) {
                    let message = format!("`{}` has the number of another value, {}", node.name.text, node.number);
                    let finding = Diagnostic::new(Code::DuplicateEnumNumber, node.name.span, message);
                    self.report.add(finding.also(first, "this one is read back"));
                }
                if i32::try_from(node.number).is_err() {
                    let message = format!("the enum value {} does not fit in 32 bits", node.number);
                    self.report.add(Diagnostic::new(Code::EnumRange, node.number_span, message));
                }
            }
            let value = |node: &crate::idl::ast::EnumNode| EnumValue {
                name: node.name.text.clone(),
                number: node.number as i32,
                doc: node.doc.clone(),
                annotations: node.annotations.clone(),
            };
            self.program.enums.push(Enum { head, values: nodes.iter().map(value).collect() });
        }
    }

    /// Looks through typedefs; `None` for what is broken.
    pub(super) fn underlying<'t>(&'t self, ty: &'t Type) -> Option<&'t Type> {
        underlying(&self.program, ty)
    }
}

/// Looks through typedefs; `None` for what is broken.
pub(super) fn underlying<'t>(program: &'t Program, mut ty: &'t Type) -> Option<&'t Type> {
    while let Type::Typedef(id) = ty {
        ty = &program.typedefs.get(id.0)?.target.ty;
    }
    Some(ty)
}

/// The first and last few of a long list.
pub(super) fn shorten(names: &[String]) -> Vec<String> {
    if names.len() <= 10 {
        return names.to_vec();
    }
    let skipped = format!("… {} more …", names.len() - 8);
    names[..4].iter().cloned().chain([skipped]).chain(names[names.len() - 4..].iter().cloned()).collect()
}

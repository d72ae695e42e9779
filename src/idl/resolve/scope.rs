//! Which names exist, and which declaration a name means.
//!
//! Types and services of a file share one set of names, constants have another, as with Apache's compiler. A file sees its
//! own names bare and those of the files it includes itself behind the include's name; nothing further.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::super::ast::{Body, Definition};
use super::super::diagnostic::{Code, Diagnostic, Report};
use super::super::loader::Files;
use super::super::model::{ConstantId, Declaration, EnumId, ServiceId, StructId, TypedefId};
use super::super::names::closest;
use super::super::source::Span;

/// What looking up a name gives.
pub(super) enum Found<T> {
    /// The declaration.
    One(T),
    /// There is none.
    Nothing,
    /// The part before the dot is no include.
    NoPrefix,
    /// There may be one in a file that has errors of its own: better say nothing.
    Unclear,
}

/// The declarations of one kind, in the order of their ids.
pub(super) struct Origin<'a> {
    pub module: usize,
    pub node: &'a Definition,
}

#[derive(Default)]
struct Names<'a> {
    types: HashMap<&'a str, Declaration>,
    constants: HashMap<&'a str, ConstantId>,
    /// The files behind an include's name: several where directories hold files of the same name.
    prefixes: HashMap<&'a str, Vec<Option<usize>>>,
}

/// All names of all files.
pub(super) struct Scopes<'a> {
    pub files: &'a Files,
    modules: Vec<Names<'a>>,
    pub typedefs: Vec<Origin<'a>>,
    pub enums: Vec<Origin<'a>>,
    pub structs: Vec<Origin<'a>>,
    pub constants: Vec<Origin<'a>>,
    pub services: Vec<Origin<'a>>,
    /// Per file, in source order.
    pub declarations: Vec<Vec<Declaration>>,
    /// The includes that could not be read but are needed: the module, and the include's name.
    needed: RefCell<HashSet<(usize, String)>>,
}

impl<'a> Scopes<'a> {
    /// Gives every declaration its id, and reports names that are declared twice.
    pub(super) fn new(files: &'a Files, report: &mut Report) -> Scopes<'a> {
        let mut scopes = Scopes {
            files,
            modules: Vec::new(),
            typedefs: Vec::new(),
            enums: Vec::new(),
            structs: Vec::new(),
            constants: Vec::new(),
            services: Vec::new(),
            declarations: Vec::new(),
            needed: RefCell::default(),
        };
        for module in 0..files.list.len() {
            scopes.add_module(module, report);
        }
        scopes
    }

    fn add_module(&mut self, module: usize, report: &mut Report) {
        let file = &self.files.list[module];
        let mut names = Names::default();
        for (name, target) in file.tree.includes.iter().zip(&file.includes) {
            names.prefixes.entry(prefix_of(&name.text)).or_default().push(*target);
        }
        let mut declarations = Vec::new();
        let mut spans = HashMap::new();
        for node in &file.tree.definitions {
            let declaration = self.allocate(Origin { module, node });
            declarations.push(declaration);
            let is_constant = matches!(declaration, Declaration::Constant(_));
            match spans.entry((is_constant, node.name.text.as_str())) {
                Entry::Occupied(first) => report.add(duplicate(node, *first.get())),
                Entry::Vacant(entry) => _ = entry.insert(node.name.span),
            }
            match declaration {
                Declaration::Constant(id) => _ = names.constants.entry(&node.name.text).or_insert(id),
                _ => _ = names.types.entry(&node.name.text).or_insert(declaration),
            }
        }
        self.modules.push(names);
        self.declarations.push(declarations);
    }

    fn allocate(&mut self, origin: Origin<'a>) -> Declaration {
        let (list, make): (&mut Vec<Origin<'a>>, fn(usize) -> Declaration) = match origin.node.body {
            Body::Typedef(_) | Body::Senum(_) => (&mut self.typedefs, |id| Declaration::Typedef(TypedefId(id))),
            Body::Enum(_) => (&mut self.enums, |id| Declaration::Enum(EnumId(id))),
            Body::Record(..) => (&mut self.structs, |id| Declaration::Struct(StructId(id))),
            Body::Constant(..) => (&mut self.constants, |id| Declaration::Constant(ConstantId(id))),
            Body::Service(_) => (&mut self.services, |id| Declaration::Service(ServiceId(id))),
        };
        list.push(origin);
        make(list.len() - 1)
    }

    /// The type or service that `name` means in `module`.
    pub(super) fn find_type(&self, module: usize, name: &str) -> Found<Declaration> {
        self.find(module, name, |names, name| names.types.get(name).copied())
    }

    /// The constant that `name` means in `module`.
    pub(super) fn find_constant(&self, module: usize, name: &str) -> Found<ConstantId> {
        self.find(module, name, |names, name| names.constants.get(name).copied())
    }

    fn find<T>(&self, module: usize, name: &str, get: impl Fn(&Names<'a>, &str) -> Option<T>) -> Found<T> {
        let Some((prefix, name)) = name.rsplit_once('.') else {
            return self.find_in(&[Some(module)], name, get);
        };
        match self.modules[module].prefixes.get(prefix) {
            Some(targets) => {
                let found = self.find_in(targets, name, get);
                if matches!(found, Found::Unclear) {
                    self.needed.borrow_mut().insert((module, prefix.to_owned()));
                }
                found
            }
            None if self.files.list[module].tree.may_declare("include") => Found::Unclear,
            None => Found::NoPrefix,
        }
    }

    /// Where several files have the same name, the one included last wins, as with Apache's compiler.
    fn find_in<T>(&self, targets: &[Option<usize>], name: &str, get: impl Fn(&Names<'a>, &str) -> Option<T>) -> Found<T> {
        let mut nothing = Found::Nothing;
        for target in targets.iter().rev() {
            match target {
                Some(target) => match get(&self.modules[*target], name) {
                    Some(found) => return Found::One(found),
                    None if self.files.list[*target].tree.may_declare(name) => nothing = Found::Unclear,
                    None => {}
                },
                None => nothing = Found::Unclear,
            }
        }
        nothing
    }

    /// Reports the includes that no directory has: errors where something of theirs is used, as Apache's compiler has it.
    pub(super) fn missing_includes(&self, report: &mut Report) {
        for (module, file) in self.files.list.iter().enumerate() {
            for name in file.missing.iter().map(|position| &file.tree.includes[*position]) {
                let needed = self.needed.borrow().contains(&(module, prefix_of(&name.text).to_owned()));
                let code = if needed { Code::IncludeNotFound } else { Code::IncludeUnused };
                let finding = Diagnostic::new(code, name.span, format!("cannot find the included file `{}`", name.text));
                let finding = if needed { finding } else { finding.label("nothing of it is used") };
                report.add(finding.help("it is looked for beside this file, then in each directory given with `-I`"));
            }
        }
    }

    /// The names of types (or of services) that `module` could have meant by `name`.
    pub(super) fn suggest_type(&self, module: usize, name: &str, services: bool) -> Option<String> {
        let fits = |found: &Declaration| matches!(found, Declaration::Service(_)) == services;
        self.suggest(module, name, |names| {
            Box::new(names.types.iter().filter(move |(_, found)| fits(found)).map(|(name, _)| *name))
        })
    }

    /// The names of constants that `module` could have meant by `name`.
    pub(super) fn suggest_constant(&self, module: usize, name: &str) -> Option<String> {
        self.suggest(module, name, |names| Box::new(names.constants.keys().copied()))
    }

    fn suggest(
        &self,
        module: usize,
        name: &str,
        all: impl for<'n> Fn(&'n Names<'a>) -> Box<dyn Iterator<Item = &'a str> + 'n>,
    ) -> Option<String> {
        if let Some((prefix, last)) = name.rsplit_once('.') {
            let target = (*self.modules[module].prefixes.get(prefix)?.last()?)?;
            let found = closest(last, all(&self.modules[target]))?;
            return Some(format!("did you mean `{prefix}.{found}`?"));
        }
        let mut included = self.files.list[module].tree.includes.iter().zip(&self.files.list[module].includes);
        let elsewhere =
            included.find(|(_, target)| target.is_some_and(|target| all(&self.modules[target]).any(|known| known == name)));
        if let Some((include, _)) = elsewhere {
            return Some(format!("did you mean `{}.{name}`?", prefix_of(&include.text)));
        }
        closest(name, all(&self.modules[module])).map(|found| format!("did you mean `{found}`?"))
    }

    /// The finding for a prefix that no include has.
    pub(super) fn unknown_prefix(&self, module: usize, name: &str, span: Span) -> Diagnostic {
        let prefix = name.rsplit_once('.').map_or(name, |(prefix, _)| prefix);
        let finding = Diagnostic::new(Code::UnknownPrefix, span, format!("`{prefix}` is not the name of an included file"));
        let known = &self.modules[module].prefixes;
        let help = if self.files.list[module].stem == prefix {
            "what this file declares itself is named without a prefix".to_owned()
        } else if self.files.list.iter().any(|file| file.stem == prefix) {
            format!("another file includes `{prefix}.thrift`; this one must include it too")
        } else if let Some(near) = closest(prefix, known.keys().copied()) {
            format!("did you mean `{near}`?")
        } else {
            format!("write `include \"{prefix}.thrift\"` at the head of the file")
        };
        finding.help(help)
    }
}

/// `shared` for `dir/shared.thrift`: the name by which what a file declares is known to those that include it.
fn prefix_of(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn duplicate(node: &Definition, first: Span) -> Diagnostic {
    let message = format!("`{}` is declared twice", node.name.text);
    Diagnostic::new(Code::DuplicateName, node.name.span, message).label("declared again").also(first, "first declared here")
}

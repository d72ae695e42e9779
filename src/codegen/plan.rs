//! Which Rust name everything of a program gets. All names are given here, before a line is written, so that any file can
//! refer to any other. The same program always comes to the same names; adding a declaration changes none that stand before it,
//! except where it takes a name that another one was only derived from.

use std::collections::HashMap;

use crate::idl::model::{Declaration, Field, Module, Program, ServiceId, StructId, StructKind};

use super::names::{Case, Scope, part};

/// The names of a program, by the indices of its tables.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Of modules, as Rust writes them.
    pub(super) modules: Vec<String>,
    pub(super) typedefs: Vec<String>,
    pub(super) enums: Vec<String>,
    /// Of the values of every enum.
    pub(super) values: Vec<Vec<String>>,
    pub(super) structs: Vec<String>,
    /// Of the lent forms of structs.
    pub(super) lent: Vec<String>,
    /// Of the fields of every struct, or the variants of a union.
    pub(super) fields: Vec<Vec<String>>,
    pub(super) constants: Vec<String>,
    pub(super) services: Vec<ServiceNames>,
    /// All items of every module.
    pub(super) items: Vec<Scope>,
}

/// What a service comes to.
#[derive(Debug, Default, Clone)]
pub(super) struct ServiceNames {
    pub(super) handler: String,
    pub(super) deferred: String,
    pub(super) adapter: String,
    pub(super) deferred_adapter: String,
    pub(super) client: String,
    /// By the service's own functions.
    pub(super) methods: Vec<MethodNames>,
}

/// What a function of a service comes to.
#[derive(Debug, Default, Clone)]
pub(super) struct MethodNames {
    pub(super) method: String,
    pub(super) parameters: Vec<String>,
    /// The struct that a server decodes.
    pub(super) arguments: String,
    /// The struct that a client encodes.
    pub(super) call: String,
    /// The enum of what it throws, where it throws, and its variants.
    pub(super) error: Option<(String, Vec<String>)>,
}

impl Plan {
    /// Names everything.
    pub(super) fn new(program: &Program) -> Self {
        let mut plan = Self {
            modules: modules(program),
            typedefs: vec![String::new(); program.typedefs.len()],
            enums: vec![String::new(); program.enums.len()],
            structs: vec![String::new(); program.structs.len()],
            constants: vec![String::new(); program.constants.len()],
            services: vec![ServiceNames::default(); program.services.len()],
            ..Self::default()
        };
        for module in &program.modules {
            let scope = plan.declarations(program, module);
            plan.items.push(scope);
        }
        plan.values = program.enums.iter().map(|of| take(of.values.iter().map(|value| &*value.name), Case::Screaming)).collect();
        plan.fields = (0..program.structs.len()).map(|id| members(program, StructId(id))).collect();
        plan.services(program);
        plan.lent(program);
        plan
    }

    /// Names what a module declares, in one scope for types and constants alike.
    fn declarations(&mut self, program: &Program, module: &Module) -> Scope {
        let mut scope = Scope::default();
        let cased = |declaration: &Declaration| match declaration {
            Declaration::Constant(_) => (name_of(program, *declaration), Case::Screaming),
            _ => (name_of(program, *declaration), Case::Camel),
        };
        let names: Vec<_> = module.declarations.iter().map(cased).collect();
        for (declaration, name) in module.declarations.iter().zip(scope.take_cases(&names)) {
            *match declaration {
                Declaration::Typedef(id) => &mut self.typedefs[id.0],
                Declaration::Enum(id) => &mut self.enums[id.0],
                Declaration::Struct(id) => &mut self.structs[id.0],
                Declaration::Constant(id) => &mut self.constants[id.0],
                Declaration::Service(id) => &mut self.services[id.0].handler,
            } = name;
        }
        scope
    }

    /// Names the lent forms of structs, last: whether they are written is a matter of options, which change no other name.
    fn lent(&mut self, program: &Program) {
        for declaration in &program.structs {
            let name = format!("{}Ref", part(&declaration.head.name, Case::Camel));
            self.lent.push(self.items[declaration.head.module.0].take(&name));
        }
    }

    /// Names what services come to beyond their traits: first what users see, in the order of the declarations.
    fn services(&mut self, program: &Program) {
        let mut methods = HashMap::new();
        for (index, service) in program.services.iter().enumerate() {
            let scope = &mut self.items[service.head.module.0];
            let names = &mut self.services[index];
            let handler = names.handler.clone();
            names.deferred = scope.take(&format!("Deferred{handler}"));
            names.adapter = scope.take(&format!("{handler}Service"));
            names.deferred_adapter = scope.take(&format!("Deferred{handler}Service"));
            names.client = scope.take(&format!("{handler}Client"));
            method_names(program, ServiceId(index), &mut methods);
        }
        for (index, service) in program.services.iter().enumerate() {
            let scope = &mut self.items[service.head.module.0];
            let names = &mut self.services[index];
            for (function, method) in service.functions.iter().zip(&methods[&ServiceId(index)]) {
                let short = part(&function.name, Case::Camel);
                let long = format!("{}{short}", names.handler);
                let mut derived = |what: &str| scope.take_first([format!("{short}{what}"), format!("{long}{what}")]);
                let error = (!function.throws.is_empty()).then(|| (derived("Error"), variants(&function.throws, "Application")));
                let parameters = take(function.arguments.iter().map(|field| &*field.name), Case::Snake);
                let (arguments, call) = (derived("Arguments"), derived("Call"));
                names.methods.push(MethodNames { method: method.clone(), parameters, arguments, call, error });
            }
        }
    }
}

fn take<'n>(names: impl Iterator<Item = &'n str>, case: Case) -> Vec<String> {
    Scope::default().take_all(&names.collect::<Vec<_>>(), case)
}

/// Variants of an enum that has one more, `reserved`.
fn variants(fields: &[Field], reserved: &str) -> Vec<String> {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    Scope::reserving([reserved]).take_all(&names, Case::Camel)
}

fn members(program: &Program, id: StructId) -> Vec<String> {
    let fields = &program[id].fields;
    match program[id].kind {
        StructKind::Union => variants(fields, "Unknown"),
        _ => take(fields.iter().map(|field| &*field.name), Case::Snake),
    }
}

fn name_of(program: &Program, declaration: Declaration) -> &str {
    match declaration {
        Declaration::Typedef(id) => &program[id].head.name,
        Declaration::Enum(id) => &program[id].head.name,
        Declaration::Struct(id) => &program[id].head.name,
        Declaration::Constant(id) => &program[id].head.name,
        Declaration::Service(id) => &program[id].head.name,
    }
}

/// The last part of `namespace rs`, unless several files share it, else the stem of the file.
fn modules(program: &Program) -> Vec<String> {
    let wanted: Vec<Option<&str>> = program.modules.iter().map(namespace).collect();
    let shared = |name: &str| wanted.iter().flatten().filter(|other| **other == name).count() > 1;
    let names: Vec<&str> = program
        .modules
        .iter()
        .zip(&wanted)
        .map(|(module, namespace)| namespace.filter(|name| !shared(name)).unwrap_or(&module.stem))
        .collect();
    Scope::reserving(["r#mod", "mod"]).take_all(&names, Case::Snake)
}

fn namespace(module: &Module) -> Option<&str> {
    let named = module.namespaces.iter().rev().find(|namespace| namespace.scope == "rs")?;
    named.name.rsplit('.').next().filter(|name| !name.is_empty())
}

/// The methods of a service. They differ from inherited ones, which a client has too, unless they replace them.
fn method_names(program: &Program, id: ServiceId, known: &mut HashMap<ServiceId, Vec<String>>) {
    if known.contains_key(&id) {
        return;
    }
    let service = &program[id];
    let mut scope = Scope::reserving(["new"]);
    if let Some(parent) = service.parent {
        method_names(program, parent, known);
        let mut ancestor = Some(parent);
        while let Some(next) = ancestor {
            for (function, name) in program[next].functions.iter().zip(known.get(&next).into_iter().flatten()) {
                if !service.functions.iter().any(|own| own.name == function.name) {
                    scope.take(name);
                }
            }
            ancestor = program[next].parent;
        }
    }
    let names: Vec<&str> = service.functions.iter().map(|function| function.name.as_str()).collect();
    let names = scope.take_all(&names, Case::Snake);
    known.insert(id, names);
}

//! What one method of a service comes to: its types on both sides, the structs of its arguments and the enum of what it
//! throws.

use std::collections::HashSet;

use crate::idl::model::{Field, Function, Program, ServiceId};

use super::docs;
use super::fields::{self, Entry, Slot};
use super::names::plain;
use super::plan::MethodNames;
use super::scope::{Scope, Std};
use super::types::Rust;
use super::writer::Writer;

/// A method as seen from the service that has it, declared there or inherited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Method<'g> {
    /// The service that declares it.
    pub(super) owner: ServiceId,
    pub(super) function: &'g Function,
    pub(super) names: &'g MethodNames,
}

/// The service's own methods.
pub(super) fn own<'g>(scope: &Scope<'g>, id: ServiceId) -> Vec<Method<'g>> {
    let (program, plan) = (scope.program, scope.plan);
    let functions = program[id].functions.iter().zip(&plan.services[id.0].methods);
    functions.map(|(function, names)| Method { owner: id, function, names }).collect()
}

/// All methods that a service answers: its own, then its parent's and so on, without those that are hidden by a later one of
/// the same name on the wire.
pub(super) fn all<'g>(scope: &Scope<'g>, id: ServiceId) -> Vec<Method<'g>> {
    let mut seen = HashSet::new();
    let lineage = lineage(scope.program, id);
    lineage.into_iter().flat_map(|id| own(scope, id)).filter(|method| seen.insert(method.function.name.as_str())).collect()
}

/// A service and its ancestors, nearest first.
pub(super) fn lineage(program: &Program, id: ServiceId) -> Vec<ServiceId> {
    std::iter::successors(Some(id), |id| program[*id].parent).collect()
}

impl<'g> Method<'g> {
    /// The names on the wire besides the function's own.
    pub(super) fn aliases(&self) -> Vec<&'g str> {
        let aliases = self.function.annotations.get("farthing.alias").unwrap_or_default();
        aliases.split([',', ' ']).filter(|alias| !alias.is_empty()).collect()
    }

    /// Its arguments, each with its name and type.
    pub(super) fn arguments(&self, scope: &Scope<'_>) -> Vec<(&'g Field, &'g str, Rust)> {
        let head = &scope.program[self.owner].head;
        let fields = self.function.arguments.iter().zip(&self.names.parameters);
        let typed = fields.map(|(field, name)| {
            let mut place = scope.types.place(head);
            place.extend([self.function.name.as_str(), &field.name]);
            (field, name.as_str(), scope.types.of(&field.ty, &place))
        });
        typed.collect()
    }

    /// Its arguments as a handler gets them: text and bytes, and what can be lent, borrowed from the message.
    pub(super) fn received(&self, scope: &Scope<'_>) -> Vec<(&'g Field, &'g str, Rust)> {
        let head = &scope.program[self.owner].head;
        let mut arguments = self.arguments(scope);
        for (field, _, rust) in &mut arguments {
            let mut place = scope.types.place(head);
            place.extend([self.function.name.as_str(), &field.name]);
            let plain = matches!(rust.resolved(), Rust::String | Rust::Bytes | Rust::ByteVec);
            *rust = scope.types.lend(rust, plain || scope.options.borrow.lead_to(&place));
        }
        arguments
    }

    /// The type of what a handler returns, where that may borrow from the handler and its arguments.
    pub(super) fn lent_success(&self, scope: &Scope<'_>) -> Option<String> {
        let used = self.function.returns.as_ref()?;
        let lent = scope.types.lend(&scope.types.of(used, &[]), false);
        matches!(lent, Rust::Lent(_)).then(|| scope.spell(&lent))
    }

    /// The type of its result.
    pub(super) fn success(&self, scope: &Scope<'_>) -> String {
        let mut place = scope.types.place(&scope.program[self.owner].head);
        place.push(&self.function.name);
        self.function.returns.as_ref().map_or_else(|| "()".to_owned(), |used| scope.spell(&scope.types.of(used, &place)))
    }

    /// The type of its exceptions.
    pub(super) fn error(&self, scope: &Scope<'_>) -> String {
        match &self.names.error {
            Some((name, _)) => self.item(scope, name),
            None => "rpc::ApplicationException".to_owned(),
        }
    }

    /// An item that stands beside the service that declares the method.
    pub(super) fn item(&self, scope: &Scope<'_>, name: &str) -> String {
        scope.path(scope.program[self.owner].head.module, name)
    }

    /// The doc comment of the method.
    pub(super) fn write_doc(&self, w: &mut Writer) {
        docs::write(w, self.function.doc.as_deref(), &format!("The method `{}`.", self.function.name));
    }

    /// Whether the struct that a server decodes borrows from the message.
    pub(super) fn borrows(&self, scope: &Scope<'_>) -> bool {
        self.received(scope).iter().any(|(_, _, rust)| rust.borrows())
    }

    /// Whether the struct that a client encodes does.
    pub(super) fn lends(&self, scope: &Scope<'_>) -> bool {
        self.arguments(scope).iter().any(|(_, _, rust)| !rust.is_copy())
    }
}

/// The type of a parameter of a handler's method, which borrows for `'a` or for a lifetime without a name.
pub(super) fn handler_parameter(scope: &Scope<'_>, rust: &Rust, named: bool) -> String {
    match rust {
        Rust::Str if named => "&'a str".to_owned(),
        Rust::Str => "&str".to_owned(),
        _ if named => scope.spell(rust),
        _ => scope.spell(rust).replace("'a", "'_"),
    }
}

/// The type of a parameter of a client's method; `lifetime` is `'a ` or nothing.
pub(super) fn client_parameter(scope: &Scope<'_>, rust: &Rust, lifetime: &str) -> String {
    match rust.resolved() {
        Rust::String => format!("&{lifetime}str"),
        Rust::Bytes | Rust::ByteVec => format!("&{lifetime}[u8]"),
        Rust::List(element) => format!("&{lifetime}[{}]", scope.spell(element)),
        _ if rust.is_copy() => scope.spell(rust),
        _ => format!("&{lifetime}{}", scope.spell(rust)),
    }
}

/// The struct that a server decodes a method's arguments into.
pub(super) fn write_arguments(w: &mut Writer, scope: &Scope<'_>, method: Method<'_>) {
    let name = &method.names.arguments;
    let (lifetime, elided) = if method.borrows(scope) { ("<'a>", "<'_>") } else { ("", "") };
    let arguments = method.received(scope);
    w.blank();
    w.block(format!("pub(super) struct {name}{lifetime}"), |w| {
        for (_, name, rust) in &arguments {
            w.line(format!("pub(super) {name}: {},", scope.spell(rust)));
        }
    });
    fields::write_typed(w, &format!("{name}{elided}"), "Struct");
    let slots: Vec<Slot> = arguments.iter().map(|(field, name, rust)| Slot::of_argument(scope, field, rust, name)).collect();
    fields::write_decode(w, scope, &format!("{name}{lifetime}"), &slots);
}

/// The struct that a client encodes a method's arguments from.
pub(super) fn write_call(w: &mut Writer, scope: &Scope<'_>, method: Method<'_>) {
    let name = &method.names.call;
    let (lifetime, elided) = if method.lends(scope) { ("<'a>", "<'_>") } else { ("", "") };
    let arguments = method.arguments(scope);
    w.blank();
    w.block(format!("pub(super) struct {name}{lifetime}"), |w| {
        for (_, name, rust) in &arguments {
            w.line(format!("pub(super) {name}: {},", client_parameter(scope, rust, "'a ")));
        }
    });
    let name = format!("{name}{elided}");
    fields::write_typed(w, &name, "Struct");
    let entry = |(field, name, rust): &(&Field, &str, Rust)| -> Entry {
        (field.id, format!("{}self.{name}", if rust.is_copy() { "&" } else { "" }), false)
    };
    fields::write_encode(w, scope, &name, arguments.iter().map(entry).collect());
}

/// The enum of what a method throws, where it throws.
pub(super) fn write_error(w: &mut Writer, scope: &Scope<'_>, method: Method<'_>) {
    let Some((name, variants)) = &method.names.error else { return };
    let thrown: Vec<Thrown<'_>> = method
        .function
        .throws
        .iter()
        .zip(variants)
        .map(|(field, variant)| Thrown { field, variant, rust: scope.types.of(&field.ty, &[]) })
        .collect();
    write_error_enum(w, scope, (method, name), &thrown);
    write_error_from(w, scope, name, &thrown);
    write_throws(w, scope, name, &thrown);
    write_error_display(w, name, &thrown);
}

/// One exception of a throws clause.
struct Thrown<'g> {
    field: &'g Field,
    variant: &'g str,
    rust: Rust,
}

fn write_error_enum(w: &mut Writer, scope: &Scope<'_>, (method, name): (Method<'_>, &str), thrown: &[Thrown<'_>]) {
    w.blank();
    let service = &scope.plan.services[method.owner.0].handler;
    w.line(format!("/// What [`{service}::{}`] throws.", plain(&method.names.method)));
    let eq = thrown.iter().all(|thrown| scope.types.abilities(&thrown.rust).eq);
    w.line(if eq { "#[derive(Clone, Debug, PartialEq, Eq)]" } else { "#[derive(Clone, Debug, PartialEq)]" });
    w.block(format!("pub enum {name}"), |w| {
        for Thrown { field, variant, rust } in thrown {
            docs::write_below(w, &fields::headline(field), field.doc.as_deref());
            w.line(format!("{variant}({}),", scope.spell(rust)));
        }
        w.line("/// Any other.");
        w.line("Application(rpc::ApplicationException),");
    });
}

fn write_error_from(w: &mut Writer, scope: &Scope<'_>, name: &str, thrown: &[Thrown<'_>]) {
    let mut seen: Vec<&Rust> = Vec::new();
    let mut conversions = Vec::new();
    for Thrown { variant, rust, .. } in thrown {
        if !seen.contains(&rust.resolved()) {
            seen.push(rust.resolved());
            conversions.push((scope.spell(rust), *variant));
        }
    }
    conversions.push(("rpc::ApplicationException".to_owned(), "Application"));
    for (exception, variant) in conversions {
        w.blank();
        w.block(format!("impl {}<{exception}> for {name}", scope.std.from), |w| {
            w.block(format!("fn from(exception: {exception}) -> Self"), |w| w.line(format!("Self::{variant}(exception)")));
        });
    }
}

fn write_throws(w: &mut Writer, scope: &Scope<'_>, name: &str, thrown: &[Thrown<'_>]) {
    let Std { option, some, none, result, ok, .. } = scope.std;
    let reader = scope.generic("R");
    w.blank();
    w.block(format!("impl rpc::Throws for {name}"), |w| {
        w.block("fn answer(&self, reply: &mut rpc::Reply<'_>)", |w| {
            w.block("match self", |w| {
                for Thrown { field, variant, .. } in thrown {
                    w.arm(&format!("Self::{variant}(exception)"), &format!("reply.field({}, exception)", field.id));
                }
                w.arm("Self::Application(exception)", "reply.application(exception)");
            });
        });
        w.blank();
        let parameters = ["id: i16".to_owned(), "kind: wire::WireType".to_owned(), format!("reader: &mut {reader}")];
        let head = super::writer::Layout::group(
            format!("fn decode<'a, {reader}: wire::Reader<'a>>("),
            parameters,
            format!(") -> {result}<{option}<Self>, wire::Error>"),
        );
        w.layout_block(&head, |w| {
            w.block("match (id, kind)", |w| {
                for Thrown { field, variant, .. } in thrown {
                    let read = format!("wire::Decode::decode(reader).map(Self::{variant}).map({some})");
                    w.arm(&format!("({}, wire::WireType::Struct)", field.id), &read);
                }
                w.arm("_", &format!("{ok}({none})"));
            });
        });
    });
}

fn write_error_display(w: &mut Writer, name: &str, thrown: &[Thrown<'_>]) {
    w.blank();
    w.block(format!("impl std::fmt::Display for {name}"), |w| {
        w.block("fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result", |w| {
            w.block("match self", |w| {
                for (position, Thrown { rust, .. }) in thrown.iter().enumerate() {
                    let alike = |other: &&Thrown<'_>| other.rust.resolved() == rust.resolved();
                    if !thrown[..position].iter().any(|other| alike(&other)) {
                        let patterns = thrown.iter().filter(alike).map(|other| format!("Self::{}(exception)", other.variant));
                        w.arm(&patterns.collect::<Vec<_>>().join(" | "), "exception.fmt(f)");
                    }
                }
                w.arm("Self::Application(exception)", "exception.fmt(f)");
            });
        });
    });
    w.blank();
    w.line(format!("impl std::error::Error for {name} {{}}"));
}

/// `reply`, or another name where a parameter is called so.
pub(super) fn reply_name(method: Method<'_>) -> &'static str {
    if method.names.parameters.iter().any(|name| name == "reply") { "reply_" } else { "reply" }
}

//! Services: the traits that handlers implement, the adapters that serve them, and the client.

use crate::idl::model::ServiceId;

use super::docs;
use super::methods::{self, Method};
use super::scope::{Scope, Std};
use super::types::Rust;
use super::writer::{Layout, Writer};

/// How a handler answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// By what its methods return.
    Direct,
    /// By completing what its methods are given.
    Deferred,
}

/// A service.
pub(super) fn write(w: &mut Writer, scope: &Scope<'_>, id: ServiceId) {
    let own = methods::own(scope, id);
    write_trait(w, scope, id, Form::Direct);
    for method in &own {
        methods::write_error(w, scope, *method);
    }
    for method in &own {
        methods::write_arguments(w, scope, *method);
    }
    write_adapter(w, scope, id, Form::Direct);
    write_trait(w, scope, id, Form::Deferred);
    write_adapter(w, scope, id, Form::Deferred);
    for method in own {
        methods::write_call(w, scope, method);
    }
    write_client(w, scope, id);
}

impl Form {
    fn handler<'g>(self, scope: &Scope<'g>, id: ServiceId) -> &'g str {
        let names = &scope.plan.services[id.0];
        match self {
            Self::Direct => &names.handler,
            Self::Deferred => &names.deferred,
        }
    }

    fn adapter<'g>(self, scope: &Scope<'g>, id: ServiceId) -> &'g str {
        let names = &scope.plan.services[id.0];
        match self {
            Self::Direct => &names.adapter,
            Self::Deferred => &names.deferred_adapter,
        }
    }
}

/// The trait of a handler.
fn write_trait(w: &mut Writer, scope: &Scope<'_>, id: ServiceId, form: Form) {
    let service = &scope.program[id];
    let Std { send, sync, .. } = scope.std;
    w.blank();
    let what = match form {
        Form::Direct => "as its handler implements it",
        Form::Deferred => "for a handler that answers later, from any thread",
    };
    docs::write_below(w, &format!("The service `{}`, {what}.", service.head.name), service.head.doc.as_deref());
    scope.options.type_attributes(&scope.types.place(&service.head)).for_each(|attribute| w.line(attribute));
    let bounds = service.parent.map_or_else(
        || format!("{send} + {sync} + 'static"),
        |parent| scope.path(scope.program[parent].head.module, form.handler(scope, parent)),
    );
    w.block(format!("pub trait {}: {bounds}", form.handler(scope, id)), |w| {
        for method in methods::own(scope, id) {
            method.write_doc(w);
            write_signature(w, scope, method, form);
        }
    });
}

/// A handler's method.
fn write_signature(w: &mut Writer, scope: &Scope<'_>, method: Method<'_>, form: Form) {
    let lent = method.lent_success(scope).filter(|_| form == Form::Direct);
    let (generics, receiver) = if lent.is_some() { ("<'a>", "&'a self") } else { ("", "&self") };
    let mut parameters = vec![receiver.to_owned()];
    let arguments = method.received(scope);
    let parameter = |rust: &Rust| methods::handler_parameter(scope, rust, lent.is_some());
    parameters.extend(arguments.iter().map(|(_, name, rust)| format!("{name}: {}", parameter(rust))));
    let (success, error) = (method.success(scope), method.error(scope));
    let returns = match form {
        _ if method.function.oneway => ");".to_owned(),
        Form::Direct => format!(") -> {}<{}, {error}>;", scope.std.result, lent.unwrap_or(success)),
        Form::Deferred => {
            let error = if method.names.error.is_some() { format!(", {error}") } else { String::new() };
            parameters.push(format!("{}: rpc::Deferred<{success}{error}>", methods::reply_name(method)));
            ");".to_owned()
        }
    };
    w.layout(&Layout::group(format!("fn {}{generics}(", method.names.method), parameters, returns));
}

/// The `rpc::Service` of a handler.
fn write_adapter(w: &mut Writer, scope: &Scope<'_>, id: ServiceId, form: Form) {
    let (handler, adapter, generic) = (form.handler(scope, id), form.adapter(scope, id), scope.generic("H"));
    w.blank();
    w.line(format!("/// Serves a handler of [`{handler}`]."));
    w.line("#[derive(Debug)]");
    w.line(format!("pub struct {adapter}<{generic}>({generic});"));
    w.blank();
    w.block(format!("impl<{generic}: {handler}> {adapter}<{generic}>"), |w| {
        w.line("/// Serves `handler`.");
        w.block(format!("pub fn new(handler: {generic}) -> Self"), |w| w.line("Self(handler)"));
    });
    w.blank();
    w.block(format!("impl<{generic}: {handler}> rpc::Service for {adapter}<{generic}>"), |w| {
        w.block("fn name(&self) -> &'static str", |w| w.line(format!("{:?}", scope.program[id].head.name)));
        w.blank();
        write_methods(w, scope, id);
        w.blank();
        write_dispatch(w, scope, id, form);
    });
}

/// Every method with all its names on the wire. A name that is given twice belongs to the first.
fn answered<'g>(scope: &Scope<'g>, id: ServiceId) -> Vec<(Method<'g>, Vec<&'g str>)> {
    let all = methods::all(scope, id);
    let mut seen: Vec<&str> = all.iter().map(|method| method.function.name.as_str()).collect();
    let mut answered = Vec::new();
    for method in all {
        let mut names = vec![method.function.name.as_str()];
        for alias in method.aliases() {
            if !seen.contains(&alias) {
                seen.push(alias);
                names.push(alias);
            }
        }
        answered.push((method, names));
    }
    answered
}

fn write_methods(w: &mut Writer, scope: &Scope<'_>, id: ServiceId) {
    let answered = answered(scope, id);
    let rows = answered.iter().flat_map(|(method, names)| {
        let oneway = method.function.oneway;
        names.iter().map(move |name| format!("rpc::Method {{ name: {name:?}, oneway: {oneway} }}"))
    });
    w.block("fn methods(&self) -> &'static [rpc::Method]", |w| w.layout(&Layout::group("&[", rows, "]")));
}

fn write_dispatch(w: &mut Writer, scope: &Scope<'_>, id: ServiceId, form: Form) {
    let Std { result, ok, err, .. } = scope.std;
    let answered = answered(scope, id);
    let unused = if answered.is_empty() { "_" } else { "" };
    let head =
        ["&self".to_owned(), format!("{unused}request: &mut rpc::Request<'_>"), format!("{unused}reply: &mut rpc::Reply<'_>")];
    w.layout_block(&Layout::group("fn call(", head, format!(") -> {result}<(), rpc::Fault>")), |w| {
        if answered.is_empty() {
            return w.line(format!("{err}(rpc::Fault::UnknownMethod)"));
        }
        w.block("match request.method()", |w| {
            for (method, names) in answered {
                let pattern: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
                w.block(format!("{} =>", pattern.join(" | ")), |w| write_answer(w, scope, method, form));
            }
            w.arm("_", &format!("return {err}(rpc::Fault::UnknownMethod)"));
        });
        w.line(format!("{ok}(())"));
    });
}

/// Decodes the arguments and calls the handler.
fn write_answer(w: &mut Writer, scope: &Scope<'_>, method: Method<'_>, form: Form) {
    let arguments = method.received(scope);
    let lifetime = if method.borrows(scope) { "<'_>" } else { "" };
    let path = method.item(scope, &method.names.arguments);
    if arguments.is_empty() {
        w.line(format!("let {path} {{}} = request.arguments()?;"));
    } else {
        w.line(format!("let arguments: {path}{lifetime} = request.arguments()?;"));
    }
    let mut passed = vec!["&self.0".to_owned()];
    passed.extend(arguments.iter().map(|(_, name, rust)| match rust {
        Rust::Str => format!("&arguments.{name}"),
        _ => format!("arguments.{name}"),
    }));
    let handler = method.item(scope, form.handler(scope, method.owner));
    let call = |passed: Vec<String>| Layout::group(format!("{handler}::{}(", method.names.method), passed, ")");
    if method.function.oneway {
        w.line("reply.oneway();");
        w.layout(&call(passed).within("", ";"));
    } else if form == Form::Deferred {
        passed.push("reply.defer()".to_owned());
        w.layout(&call(passed).within("", ";"));
    } else {
        w.layout(&call(passed).within("reply.result(&", ");"));
    }
}

/// The client, with a method for everything that the service answers.
fn write_client(w: &mut Writer, scope: &Scope<'_>, id: ServiceId) {
    let (client, caller) = (&scope.plan.services[id.0].client, scope.generic("C"));
    w.blank();
    w.line(format!("/// Calls a server of `{}`.", scope.program[id].head.name));
    w.line("#[derive(Debug)]");
    w.line(format!("pub struct {client}<{caller}>({caller});"));
    w.blank();
    w.block(format!("impl<{caller}: rpc::Caller> {client}<{caller}>"), |w| {
        w.line("/// Calls through `caller`.");
        w.block(format!("pub fn new(caller: {caller}) -> Self"), |w| w.line("Self(caller)"));
        for method in methods::all(scope, id) {
            w.blank();
            write_client_method(w, scope, method);
        }
    });
}

fn write_client_method(w: &mut Writer, scope: &Scope<'_>, method: Method<'_>) {
    let arguments = method.arguments(scope);
    let mut parameters = vec!["&mut self".to_owned()];
    parameters.extend(arguments.iter().map(|(_, name, rust)| format!("{name}: {}", methods::client_parameter(scope, rust, ""))));
    let error = method.error(scope);
    let returns = format!(") -> {}<{}, rpc::CallError<{error}>>", scope.std.result, method.success(scope));
    method.write_doc(w);
    let head = Layout::group(format!("pub fn {}(", method.names.method), parameters, returns);
    w.layout_block(&head, |w| {
        let verb = if method.function.oneway { "send" } else { "call" };
        let path = method.item(scope, &method.names.call);
        let call = Layout::group(format!("&{path} {{"), method.names.parameters.iter().map(String::as_str), "}");
        let passed = [format!("{:?}", method.function.name).into(), call];
        w.layout(&Layout::group(format!("self.0.{verb}("), passed, ")"));
    });
}

//! Finding a method by the name that a person types.

use crate::idl::model::{Function, Program, Service, ServiceId};

use super::error::NotFound;
use super::near::hint;

/// A method of a service, its own or inherited.
#[derive(Clone, Copy, Debug)]
pub struct Method<'p> {
    /// The IDL it is from.
    pub program: &'p Program,
    /// The service that was named.
    pub service: &'p Service,
    /// The method.
    pub function: &'p Function,
    /// The other name that it was asked for by.
    pub alias: Option<&'p str>,
}

/// Finds `Service.method`; `method` alone where only one service has it. Names may also be the aliases that a server takes.
///
/// # Errors
/// Where there is none or more than one; the text names those that are near.
pub fn find<'p>(program: &'p Program, name: &str) -> Result<Method<'p>, NotFound> {
    let (service, method) = name.rsplit_once(['.', ':']).map_or((None, name), |(service, method)| (Some(service), method));
    let known = services(program);
    if let Some(service) = service
        && !known.iter().any(|(_, known)| known.head.name == service)
    {
        return Err(unknown("service", service, known.iter().map(|(_, service)| &*service.head.name)));
    }
    let candidates = known.iter().filter(|(_, known)| service.is_none_or(|service| known.head.name == service));
    let methods = candidates.flat_map(|(id, service)| {
        let functions = program.all_functions(*id).into_iter();
        functions.map(|(_, function)| Method { program, service, function, alias: None })
    });
    let methods: Vec<_> = methods.collect();
    let mut found = methods.iter().filter_map(|candidate| candidate.called(method));
    let first = found.next();
    // A method that is inherited is the same one in every service.
    let other = found.find(|other| first.is_some_and(|first| !std::ptr::eq(first.function, other.function)));
    match (first, other) {
        (Some(only), None) => Ok(only),
        (Some(one), Some(other)) => {
            let (one, other) = (&one.service.head.name, &other.service.head.name);
            let message = format!("{method:?} is a method of both {one} and {other}: write {one}.{method} or {other}.{method}");
            Err(NotFound { message })
        }
        (None, _) => Err(unknown("method", method, methods.iter().map(|known| &*known.function.name))),
    }
}

impl<'p> Method<'p> {
    /// The name that travels.
    pub fn wire_name(&self) -> &'p str {
        self.alias.unwrap_or(&self.function.name)
    }

    /// This method, if it answers to `name`.
    fn called(&self, name: &str) -> Option<Self> {
        if self.function.name == name {
            return Some(*self);
        }
        let mut aliases = self.function.annotations.get("farthing.alias")?.split(',').map(str::trim);
        aliases.find(|alias| *alias == name).map(|alias| Self { alias: Some(alias), ..*self })
    }
}

/// The services of the files that were named, and of those they include.
pub(super) fn services(program: &Program) -> Vec<(ServiceId, &Service)> {
    program.services.iter().enumerate().map(|(index, service)| (ServiceId(index), service)).collect()
}

fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> NotFound {
    NotFound { message: format!("the IDL has no {what} {name:?}; {}", hint(name, known)) }
}

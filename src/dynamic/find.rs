//! Finding a method by the name that a person types.

use crate::idl::model::{Function, Program, Service, ServiceId};

use super::error::NotFound;

/// A method of a service, its own or inherited.
#[derive(Clone, Copy, Debug)]
pub struct Method<'p> {
    /// The IDL it is from.
    pub program: &'p Program,
    /// The service that was named.
    pub service: &'p Service,
    /// The method.
    pub function: &'p Function,
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
        let names: Vec<_> = known.iter().map(|(_, service)| &*service.head.name).collect();
        return Err(unknown("service", service, &names));
    }
    let candidates = known.iter().filter(|(_, known)| service.is_none_or(|service| known.head.name == service));
    let methods = candidates.flat_map(|(id, service)| {
        let functions = program.all_functions(*id).into_iter();
        functions.map(|(_, function)| Method { program, service, function })
    });
    let methods: Vec<_> = methods.collect();
    let mut found = methods.iter().filter(|candidate| candidate.answers_to(method));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(*only),
        (Some(one), Some(other)) => {
            let (one, other) = (&one.service.head.name, &other.service.head.name);
            let message = format!("{method:?} is a method of both {one} and {other}: write {one}.{method} or {other}.{method}");
            Err(NotFound { message })
        }
        (None, _) => Err(unknown("method", method, &methods.iter().map(|m| &*m.function.name).collect::<Vec<_>>())),
    }
}

impl Method<'_> {
    fn answers_to(&self, name: &str) -> bool {
        let alias = self.function.annotations.get("farthing.alias");
        self.function.name == name || alias.is_some_and(|aliases| aliases.split(',').any(|alias| alias.trim() == name))
    }
}

/// The services of the files that were named, and of those they include.
pub(super) fn services(program: &Program) -> Vec<(ServiceId, &Service)> {
    program.services.iter().enumerate().map(|(index, service)| (ServiceId(index), service)).collect()
}

fn unknown(what: &str, name: &str, known: &[&str]) -> NotFound {
    let mut near: Vec<_> = known.iter().map(|known| (strsim::damerau_levenshtein(known, name), *known)).collect();
    near.sort_unstable();
    near.dedup();
    let hint = match near.first() {
        None => format!("the IDL has no {what}"),
        Some((distance, known)) if *distance <= 3 => format!("did you mean {known:?}?"),
        Some(_) => format!("there are: {}", near.iter().map(|(_, known)| *known).collect::<Vec<_>>().join(", ")),
    };
    NotFound { message: format!("there is no {what} {name:?}; {hint}") }
}

//! The arguments of one call.

use serde_json::Value as Json;

use crate::idl::model::{Field, Program, Type};
use crate::wire::{Encode, Typed, WireType, Writer};

use super::error::Error;
use super::find::Method;
use super::from_json::{describe, named_fields, one};
use super::value::{Value, write_fields};

/// Arguments made from JSON: they are encoded like those of generated code.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments(Vec<(i16, Value)>);

impl Arguments {
    /// Reads the arguments of `method`: an object by their names, a list by their places, or, where there is only one argument,
    /// its value alone. Those with a default in the IDL may be left out; `null` keeps any argument out of the message.
    ///
    /// # Errors
    /// Where the JSON is not what the IDL asks for.
    pub fn from_json(method: Method<'_>, json: &Json) -> Result<Self, Error> {
        let fields = &method.function.arguments;
        match json {
            Json::Object(object) if object.keys().all(|key| fields.iter().any(|field| field.name == *key)) => {
                let read = named_fields(method.program, fields, object)?;
                complete(fields, |field| object.contains_key(&field.name))?;
                Ok(Self(read))
            }
            Json::Null if fields.is_empty() => Ok(Self(Vec::new())),
            Json::Array(list) if list.len() == fields.len() && fields.len() != 1 => {
                let pairs = fields.iter().zip(list);
                let read = pairs.map(|(field, json)| Ok((field.id, one(method.program, field, json)?)));
                read.collect::<Result<_, Error>>().map(Self)
            }
            Json::Object(object) if !(fields.len() == 1 && takes_objects(method.program, &fields[0])) => {
                named_fields(method.program, fields, object).map(Self)
            }
            alone if fields.len() == 1 => Ok(Self(vec![(fields[0].id, one(method.program, &fields[0], alone)?)])),
            other => Err(unexpected(fields, other)),
        }
    }
}

/// Whether an object may be the value of this argument, instead of naming it.
fn takes_objects(program: &Program, field: &Field) -> bool {
    matches!(program.resolve(&field.ty.ty), Type::Struct(_) | Type::Map(..))
}

/// Whoever leaves an argument out has most likely forgotten it.
fn complete(fields: &[Field], given: impl Fn(&Field) -> bool) -> Result<(), Error> {
    let missing = fields.iter().filter(|field| field.default.is_none() && !given(field)).map(|field| &*field.name);
    match missing.collect::<Vec<_>>()[..] {
        [] => Ok(()),
        [one] => Err(Error::new("the argument is missing").inside(one)),
        ref several => Err(Error::new(format!("the arguments {} are missing", several.join(", ")))),
    }
}

#[cold]
fn unexpected(fields: &[Field], found: &Json) -> Error {
    let names = fields.iter().map(|field| &*field.name).collect::<Vec<_>>().join(", ");
    Error::new(match found {
        _ if fields.is_empty() => "expected {}: the method takes no arguments".to_owned(),
        Json::Array(list) => format!("expected a list of {} arguments ({names}), found {}", fields.len(), list.len()),
        found => format!("expected an object with the arguments {names}, found {}", describe(found)),
    })
}

impl Typed for Arguments {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Arguments {
    fn encode<W: Writer>(&self, writer: &mut W) {
        write_fields(&self.0, writer);
    }
}

//! The arguments of one call.

use serde_json::Value as Json;

use crate::idl::model::Field;
use crate::wire::{Encode, Typed, WireType, Writer};

use super::error::Error;
use super::find::Method;
use super::from_json::{named_fields, one};
use super::value::{Value, write_fields};

/// Arguments made from JSON: they are encoded like those of generated code.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments(Vec<(i16, Value)>);

impl Arguments {
    /// Reads the arguments of `method`: an object by their names, a list by their places, or, where there is only one argument,
    /// its value alone. Those with a default in the IDL may be left out.
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
            alone if fields.len() == 1 => Ok(Self(vec![(fields[0].id, one(method.program, &fields[0], alone)?)])),
            Json::Object(object) => named_fields(method.program, fields, object).map(Self),
            _ => {
                let names: Vec<_> = fields.iter().map(|field| &*field.name).collect();
                Err(Error::new(format!("expected an object with the arguments {}", names.join(", "))))
            }
        }
    }
}

/// Whoever leaves an argument out has most likely forgotten it.
fn complete(fields: &[Field], given: impl Fn(&Field) -> bool) -> Result<(), Error> {
    match fields.iter().find(|field| field.default.is_none() && !given(field)) {
        Some(missing) => Err(Error::new("the argument is missing").inside(&missing.name)),
        None => Ok(()),
    }
}

impl Typed for Arguments {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Arguments {
    fn encode<W: Writer>(&self, writer: &mut W) {
        write_fields(&self.0, writer);
    }
}

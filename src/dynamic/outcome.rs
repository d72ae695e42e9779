//! What came of a call, as JSON.

use serde_json::Value as Json;

use crate::wire::{Codec, Error, Input, Reader, Visit};

use super::describe::name;
use super::find::Method;
use super::to_json::{Model, undeclared, value};

/// What the result struct of a reply holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The method returned, perhaps nothing.
    Returned(Option<Json>),
    /// It threw a declared exception.
    Thrown {
        /// The name of its type; `#3` where the IDL does not declare the field that it came in.
        kind: String,
        /// What it holds.
        value: Json,
    },
}

/// Reads the result struct of a reply to `method`, and gives the cursor back at its end.
///
/// # Errors
/// Where the bytes are no such struct.
pub fn read_outcome<'a>(method: Method<'_>, codec: Codec, mut input: Input<'a>) -> Result<(Outcome, Input<'a>), Error> {
    Ok((codec.visit(&mut input, ResultStruct(method, codec))?, input))
}

struct ResultStruct<'p>(Method<'p>, Codec);

impl<'a> Visit<'a> for ResultStruct<'_> {
    type Output = Outcome;

    fn visit<R: Reader<'a>>(self, reader: &mut R) -> Result<Outcome, Error> {
        let Self(Method { program, function, .. }, codec) = self;
        let model = Model { program, codec };
        let mut outcome = Outcome::Returned(None);
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            outcome = match (field.id, &function.returns) {
                (0, Some(returns)) => Outcome::Returned(Some(value(reader, model, &returns.ty, field.kind)?)),
                (0, None) => Outcome::Returned(Some(undeclared(reader, model, field.kind)?)),
                (id, _) => match function.throws.iter().find(|declared| declared.id == id) {
                    Some(declared) => {
                        let value = value(reader, model, &declared.ty.ty, field.kind)?;
                        Outcome::Thrown { kind: name(program, &declared.ty.ty), value }
                    }
                    None => Outcome::Thrown { kind: format!("#{id}"), value: undeclared(reader, model, field.kind)? },
                },
            };
        }
        Ok(outcome)
    }
}

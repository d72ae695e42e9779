//! What came of a call, as JSON.

use serde_json::Value as Json;

use crate::wire::{Codec, Error, Input, Reader, Visit};

use super::find::Method;
use super::to_json::{undeclared, value};

/// What the result struct of a reply holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The method returned, perhaps nothing.
    Returned(Option<Json>),
    /// It threw a declared exception.
    Thrown {
        /// The name in the throws clause.
        name: String,
        /// The exception.
        exception: Json,
    },
}

/// Reads the result struct of a reply to `method`, and gives the cursor back at its end.
///
/// # Errors
/// Where the bytes are no such struct.
pub fn read_outcome<'a>(method: Method<'_>, codec: Codec, input: Input<'a>) -> Result<(Outcome, Input<'a>), Error> {
    codec.visit(input, ResultStruct(method))
}

struct ResultStruct<'p>(Method<'p>);

impl<'a> Visit<'a> for ResultStruct<'_> {
    type Output = Outcome;

    fn visit<R: Reader<'a>>(self, reader: &mut R) -> Result<Outcome, Error> {
        let Method { program, function, .. } = self.0;
        let mut outcome = Outcome::Returned(None);
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            outcome = match (field.id, &function.returns) {
                (0, Some(returns)) => Outcome::Returned(Some(value(reader, program, &returns.ty, field.kind)?)),
                (0, None) => Outcome::Returned(Some(undeclared(reader, field.kind)?)),
                (id, _) => match function.throws.iter().find(|declared| declared.id == id) {
                    Some(declared) => {
                        let exception = value(reader, program, &declared.ty.ty, field.kind)?;
                        Outcome::Thrown { name: declared.name.clone(), exception }
                    }
                    None => Outcome::Thrown { name: format!("#{id}"), exception: undeclared(reader, field.kind)? },
                },
            };
        }
        Ok(outcome)
    }
}

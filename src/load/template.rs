//! Calls of any method of any IDL, as a person writes them: a method, its arguments as JSON with places for values that change, and
//! perhaps the result.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::dynamic::{self, Method};
use crate::idl::model::Program;

use super::arguments::{Arguments, Want};
use super::placeholder::{Fill, Form};
use super::rng::Rng;
use super::workload::{Call, Make, Pick, Variants};

/// Arguments with places in them.
#[derive(Debug)]
struct Template {
    method: Method<'static>,
    form: Form,
}

impl Call {
    /// Reads a call: `[WEIGHT*]Service.method [JSON [=> RESULT]]`. Where there is a result, every answer is compared with it.
    ///
    /// # Errors
    /// Where it is none, or the method does not take it; the text says where.
    pub fn parse(text: &str, program: &'static Program) -> Result<Self, String> {
        let (weight, text) = weight(text.trim())?;
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let method = dynamic::find(program, name).map_err(|error| error.to_string())?;
        let (json, result) = values(rest)?;
        if result.is_some() && method.function.oneway {
            return Err(format!("{name} is oneway: it has no result"));
        }
        let want = want(method, result);
        let form = Form::read(&json)?;
        let template = Template { method, form };
        // Values at both ends must fit; what lies between does then.
        let first = template.arguments(&mut Fill::Smallest)?;
        template.arguments(&mut Fill::Largest)?;
        let variants = if template.form.is_fixed() {
            Variants::Prepared(Arc::new([(first, want)]), Pick::Sequence)
        } else {
            Variants::Made(Arc::new(template), want)
        };
        let wire_name = method.wire_name().to_owned();
        Ok(Self { label: name.to_owned(), method: wire_name.into(), oneway: method.function.oneway, weight, variants })
    }
}

impl Template {
    fn arguments(&self, with: &mut Fill<'_>) -> Result<Arguments, String> {
        let made = dynamic::Arguments::from_json(self.method, &self.form.fill(with));
        made.map(Arguments::Dynamic).map_err(|error| format!("{}: {error}", self.method.wire_name()))
    }
}

impl Make for Template {
    fn make(&self, rng: &mut Rng) -> Result<Arguments, String> {
        self.arguments(&mut Fill::Random(rng))
    }

    fn sample(&self) -> Result<Arguments, String> {
        self.arguments(&mut Fill::Smallest)
    }
}

fn want(method: Method<'static>, result: Option<Json>) -> Want {
    if let Some(result) = result {
        return Want::Json(method, result);
    }
    let throws = method.function.throws.iter().map(|declared| (declared.id, declared.name.clone()));
    Want::Any { value: method.function.returns.is_some(), throws: throws.collect() }
}

fn weight(text: &str) -> Result<(u32, &str), String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    match rest.trim_start().strip_prefix('*') {
        None => Ok((1, text)),
        Some(rest) => {
            let weight = number.parse().ok().filter(|weight| (1..=1_000_000).contains(weight));
            Ok((weight.ok_or("the weight in front of * is a number from 1 to 1000000")?, rest.trim_start()))
        }
    }
}

/// The arguments, and behind an arrow the result.
fn values(text: &str) -> Result<(Json, Option<Json>), String> {
    let read = dynamic::read_json(text).map_err(|error| format!("the arguments: {error}"))?;
    let (arguments, end) = read.unwrap_or((Json::Null, 0));
    let rest = text[end..].trim();
    match rest.strip_prefix("=>") {
        Some(result) => match dynamic::read_json(result) {
            Ok(Some((json, end))) if result[end..].trim().is_empty() => Ok((arguments, Some(json))),
            Ok(_) => Err("there is one value behind =>, and nothing else".into()),
            Err(error) => Err(format!("the result behind =>: {error}")),
        },
        None if rest.is_empty() => Ok((arguments, None)),
        None => Err(format!("{rest:?} behind the arguments: only => and a result may stand there")),
    }
}

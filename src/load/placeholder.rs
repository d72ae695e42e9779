//! JSON with places for values that differ from call to call: sequences, random numbers and texts, keys of which some are asked for
//! more often than others.
//!
//! A number stands as an object with one key: `{"$int": [1, 100]}`. Within a text, in a key or a value, it stands between braces:
//! `"user-{{int 1 100}}"`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Map, Value as Json};

use super::rng::Rng;
use super::zipf::Zipf;

/// The exponent of `zipf` where none is given: the one that caches are usually tested with.
const EXPONENT: f64 = 0.99;
/// The longest random text.
const TEXT_MAX: u64 = 1 << 20;

/// JSON with places for values.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// The same for every call.
    Fixed(Json),
    Value(Source),
    Text(Vec<Piece>),
    List(Vec<Form>),
    Object(Vec<(Vec<Piece>, Form)>),
    OneOf(Vec<Form>),
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Fixed(String),
    Value(Source),
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// One more than the last one, over all threads.
    Sequence(Arc<AtomicI64>),
    /// From the first to the second, each as often as any other.
    Int(i64, i64),
    Text(u64),
    /// From 1 on, small ones most often.
    Zipf(Zipf),
}

/// Which values to fill in.
#[derive(Debug)]
pub(super) enum Fill<'r> {
    Random(&'r mut Rng),
    /// The smallest ones, to see whether they fit; no sequence goes on.
    Smallest,
    /// The largest.
    Largest,
}

impl Form {
    /// Reads the places in `json`.
    pub(super) fn read(json: &Json) -> Result<Self, String> {
        Ok(match json {
            Json::String(text) => match pieces(text)? {
                pieces if pieces.iter().all(|piece| matches!(piece, Piece::Fixed(_))) => Self::Fixed(json.clone()),
                pieces => Self::Text(pieces),
            },
            Json::Array(list) => {
                let forms = list.iter().map(Self::read).collect::<Result<Vec<_>, _>>()?;
                if forms.iter().all(Self::is_fixed) { Self::Fixed(json.clone()) } else { Self::List(forms) }
            }
            Json::Object(object) => match object.iter().next() {
                Some((key, argument)) if object.len() == 1 && key.starts_with('$') => Self::place(&key[1..], argument)?,
                _ => {
                    let read = |(key, value): (&String, &Json)| Ok((pieces(key)?, Self::read(value)?));
                    let fields = object.iter().map(read).collect::<Result<Vec<_>, String>>()?;
                    let is_fixed = |piece: &Piece| matches!(piece, Piece::Fixed(_));
                    let fixed = fields.iter().all(|(key, value)| key.iter().all(is_fixed) && value.is_fixed());
                    if fixed { Self::Fixed(json.clone()) } else { Self::Object(fields) }
                }
            },
            other => Self::Fixed(other.clone()),
        })
    }

    fn place(name: &str, argument: &Json) -> Result<Self, String> {
        if name == "oneof" {
            let list = argument.as_array().filter(|list| !list.is_empty()).ok_or("$oneof wants a list of values")?;
            return list.iter().map(Self::read).collect::<Result<_, _>>().map(Self::OneOf);
        }
        let arguments: Vec<String> = match argument {
            Json::Array(list) => list.iter().map(ToString::to_string).collect(),
            one => vec![one.to_string()],
        };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Source::read(name, &arguments).map(Self::Value)
    }

    pub(super) fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    /// Fills the places.
    pub(super) fn fill(&self, with: &mut Fill<'_>) -> Json {
        match self {
            Self::Fixed(json) => json.clone(),
            Self::Value(source) => source.json(with),
            Self::Text(pieces) => Json::String(text(pieces, with)),
            Self::List(forms) => forms.iter().map(|form| form.fill(with)).collect(),
            Self::Object(fields) => {
                Json::Object(fields.iter().map(|(key, value)| (text(key, with), value.fill(with))).collect::<Map<_, _>>())
            }
            Self::OneOf(forms) => {
                let chosen = match with {
                    Fill::Random(rng) => rng.below(forms.len() as u64) as usize,
                    Fill::Smallest => 0,
                    Fill::Largest => forms.len() - 1,
                };
                forms[chosen].fill(with)
            }
        }
    }
}

fn text(pieces: &[Piece], with: &mut Fill<'_>) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Fixed(fixed) => text.push_str(fixed),
            Piece::Value(source) => match source.json(with) {
                Json::String(value) => text.push_str(&value),
                other => text.push_str(&other.to_string()),
            },
        }
    }
    text
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (place, after) = behind.split_once("}}").ok_or_else(|| format!("{text:?}: there is no }}}} behind {{{{"))?;
        let mut words = place.split_whitespace();
        let name = words.next().unwrap_or_default();
        pieces.push(Piece::Fixed(before.to_owned()));
        pieces.push(Piece::Value(Source::read(name, &words.collect::<Vec<_>>()).map_err(|error| format!("{text:?}: {error}"))?));
        rest = after;
    }
    pieces.push(Piece::Fixed(rest.to_owned()));
    Ok(pieces)
}

impl Source {
    fn read(name: &str, arguments: &[&str]) -> Result<Self, String> {
        let int = |text: &str| text.parse::<i64>().map_err(|_| format!("{text} is no whole number of 64 bits"));
        match (name, arguments) {
            ("seq", []) => Ok(Self::Sequence(Arc::new(AtomicI64::new(1)))),
            ("seq", [first]) => Ok(Self::Sequence(Arc::new(AtomicI64::new(int(first)?)))),
            ("int", [low, high]) => {
                let (low, high) = (int(low)?, int(high)?);
                if low <= high { Ok(Self::Int(low, high)) } else { Err(format!("int: {low} is more than {high}")) }
            }
            ("string", [length]) => match length.parse() {
                Ok(length) if length <= TEXT_MAX => Ok(Self::Text(length)),
                _ => Err(format!("string: {length} is no length from 0 to {TEXT_MAX}")),
            },
            ("zipf", [ranks, rest @ ..]) if rest.len() < 2 => {
                let exponent = rest.first().map_or(Ok(EXPONENT), |text| text.parse());
                match (ranks.parse::<u64>(), exponent) {
                    (Ok(ranks), Ok(exponent)) if ranks > 0 && (0.01..=10.0).contains(&exponent) => {
                        Ok(Self::Zipf(Zipf::new(ranks, exponent)))
                    }
                    _ => Err("zipf wants a number of ranks from 1, and perhaps an exponent from 0.01 to 10".into()),
                }
            }
            ("seq" | "int" | "string" | "zipf", _) => Err(format!("{name}: the wrong number of arguments; {FORMS}")),
            _ => Err(format!("there is no {name:?}; {FORMS}")),
        }
    }

    fn json(&self, with: &mut Fill<'_>) -> Json {
        match (self, with) {
            (Self::Sequence(next), Fill::Random(_)) => next.fetch_add(1, Ordering::Relaxed).into(),
            (Self::Sequence(next), _) => next.load(Ordering::Relaxed).into(),
            (Self::Int(low, high), Fill::Random(rng)) => between(rng, *low, *high).into(),
            (Self::Int(low, _), Fill::Smallest) => (*low).into(),
            (Self::Int(_, high), Fill::Largest) => (*high).into(),
            (Self::Text(length), Fill::Random(rng)) => rng.text(*length as usize).into(),
            (Self::Text(length), _) => "x".repeat(*length as usize).into(),
            (Self::Zipf(zipf), Fill::Random(rng)) => zipf.sample(rng).into(),
            (Self::Zipf(_), Fill::Smallest) => 1.into(),
            (Self::Zipf(zipf), Fill::Largest) => zipf.ranks().into(),
        }
    }
}

/// What there is, for those who wrote something else.
const FORMS: &str = "there are seq [FIRST], int LOW HIGH, string LENGTH, zipf RANKS [EXPONENT]; as values, {\"$int\": [LOW, HIGH]} and so on, and {\"$oneof\": [...]}";

/// Both ends are possible; the distance may take 64 bits.
fn between(rng: &mut Rng, low: i64, high: i64) -> i64 {
    let distance = high.abs_diff(low);
    let step = if distance == u64::MAX { rng.number() } else { rng.below(distance + 1) };
    low.wrapping_add_unsigned(step)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;

    fn fills(json: &Json, n: usize) -> Vec<Json> {
        let (form, mut rng) = (Form::read(json).expect("a form"), Rng::new(3));
        (0..n).map(|_| form.fill(&mut Fill::Random(&mut rng))).collect()
    }

    #[test]
    fn sequences_go_on_and_stand_anywhere() {
        let got = fills(&json!({"id": {"$seq": 7}, "name": "u{{seq}}!", "tags": ["a", "{{seq 5}}"], "k{{seq}}": 1}), 2);
        assert_eq!(got[0], json!({"id": 7, "name": "u1!", "tags": ["a", "5"], "k1": 1}));
        assert_eq!(got[1], json!({"id": 8, "name": "u2!", "tags": ["a", "6"], "k2": 1}));
    }

    #[test]
    fn random_numbers_reach_both_ends_and_are_even() {
        let mut counts = HashMap::new();
        for value in fills(&json!({"$int": [-2, 2]}), 50_000) {
            *counts.entry(value.as_i64().expect("a number")).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 5);
        assert!(counts.values().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        assert!(fills(&json!({"$int": [i64::MIN, i64::MAX]}), 100).iter().any(|value| value.as_i64() < Some(0)));
    }

    #[test]
    fn texts_zipf_and_choices() {
        let texts = fills(&json!({"$string": 12}), 100);
        assert!(texts.iter().all(|text| text.as_str().is_some_and(|text| text.len() == 12)));
        assert_ne!(texts[0], texts[1]);
        let ranks = fills(&json!("key{{zipf 100 1.2}}"), 10_000);
        let first = ranks.iter().filter(|rank| **rank == json!("key1")).count();
        assert!((2_400..3_100).contains(&first), "rank 1 of 100 with s = 1.2 has 27 %: {first}");
        let chosen = fills(&json!({"$oneof": ["a", {"$int": [1, 1]}]}), 1000);
        assert!(chosen.iter().all(|value| *value == json!("a") || *value == json!(1)));
        assert!((400..600).contains(&chosen.iter().filter(|value| value.is_string()).count()));
    }

    #[test]
    fn what_is_no_place_is_left_alone_and_mistakes_are_named() {
        let plain = json!({"a": ["$int", {"$x": 1, "b": 2}], "c": "} {"});
        assert!(Form::read(&plain).expect("a form").is_fixed());
        for wrong in [
            json!("{{seq"),
            json!("{{itn 1 2}}"),
            json!({"$int": 1}),
            json!({"$int": [2, 1]}),
            json!({"$oneof": []}),
            json!({"$zipf": 0}),
        ] {
            assert!(Form::read(&wrong).is_err(), "{wrong}");
        }
    }
}

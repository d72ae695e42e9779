//! JSON text to a JSON value, in which no name stands twice: of two members with one name nobody can say which was meant.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use super::error::Error;

/// The first JSON value in a text, and where it ends; `None` where there is nothing but white space.
///
/// # Errors
/// Where there is no JSON, or an object has two members of one name; the text says where.
pub fn read_json(text: &str) -> Result<Option<(Json, usize)>, Error> {
    if text.trim_ascii_start().is_empty() {
        return Ok(None);
    }
    let twice = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    // Whatever comes behind it is none of this value's business, and what is read of it stops at the value's end.
    match (Place { twice: &twice, path: None }).deserialize(&mut reader) {
        Ok(json) => {
            let mut ends = serde_json::Deserializer::from_str(text).into_iter::<de::IgnoredAny>();
            _ = ends.next();
            Ok(Some((json, ends.byte_offset())))
        }
        Err(error) => Err(twice.into_inner().unwrap_or_else(|| Error::new(format!("no JSON: {error}")))),
    }
}

/// A place in the value that is being read.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The name that stands twice, once it was met.
    twice: &'p RefCell<Option<Error>>,
    path: Option<&'p Path<'p>>,
}

/// The way to a place, from the inside out.
struct Path<'p> {
    step: String,
    outer: Option<&'p Path<'p>>,
}

impl Place<'_> {
    fn note_twice(self, name: &str) {
        let mut error = Error::new("the name stands twice in one object").inside(name);
        let mut path = self.path;
        while let Some(Path { step, outer }) = path {
            error = error.inside(step.as_str());
            path = *outer;
        }
        *self.twice.borrow_mut() = Some(error);
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // JSON has no other floating point numbers.
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        loop {
            let path = Path { step: format!("[{}]", all.len()), outer: self.path };
            match list.next_element_seed(Place { path: Some(&path), ..self })? {
                Some(value) => all.push(value),
                None => return Ok(Json::Array(all)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut all = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if all.contains_key(&name) {
                self.note_twice(&name);
                return Err(de::Error::custom("a name that stands twice"));
            }
            let path = Path { step: name.clone(), outer: self.path };
            let value = object.next_value_seed(Place { path: Some(&path), ..self })?;
            all.insert(name, value);
        }
        Ok(Json::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(text: &str) -> String {
        read_json(text).unwrap_err().to_string()
    }

    #[test]
    fn every_value_is_read_as_it_stands() {
        let text =
            r#" {"a": [1, -1, 18446744073709551615, -9223372036854775808, 0.1, 1e300, "x\ny\u00e9", true, null], "b": {}} "#;
        let (json, end) = read_json(text).unwrap().unwrap();
        assert_eq!(json, serde_json::from_str::<Json>(text).unwrap());
        assert_eq!(&text[end..], " ");
        assert_eq!(read_json("5 => 6").unwrap(), Some((json!(5), 1)));
        assert_eq!(read_json(r#""a"=>1"#).unwrap(), Some((json!("a"), 3)));
        assert_eq!(read_json(" \n").unwrap(), None);
    }

    #[test]
    fn a_name_that_stands_twice_is_an_error_with_its_path() {
        assert_eq!(refused(r#"{"a": 1, "b": 2, "a": 1}"#), "a: the name stands twice in one object");
        assert_eq!(refused(r#"{"list": [{}, {"x": {"y": 1, "y": 2}}]}"#), "list[1].x.y: the name stands twice in one object");
        assert_eq!(refused(r#"{"a": 1, "\u0061": 1}"#), "a: the name stands twice in one object");
        assert!(read_json(r#"{"a": {"a": 1}, "b": {"a": 1}}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_says_where() {
        assert_eq!(refused("{"), "no JSON: EOF while parsing an object at line 1 column 1");
        assert!(refused("nope").starts_with("no JSON: expected ident at line 1"));
        assert!(refused(&"[".repeat(1000)).contains("recursion limit"));
    }
}

//! JSON to Thrift and back by the resolved model of an IDL file, for tools that meet their types only at run time.
//!
//! JSON here is for people: fields by name, enums by name or number, binary as base64, maps with scalar keys as objects and
//! others as lists of pairs. It is not the JSON protocol, which is `wire`'s. No sockets, and no calls.

mod annotate;
mod arguments;
mod default;
mod describe;
mod error;
mod find;
mod from_json;
mod json;
mod near;
mod outcome;
mod template;
mod to_json;
mod value;

pub use self::annotate::{Note, Part, annotate};
pub use self::arguments::Arguments;
pub use self::describe::{describe, list};
pub use self::error::{Error, NotFound};
pub use self::find::{Method, find};
pub use self::json::read_json;
pub use self::outcome::{Outcome, read_outcome};
pub use self::template::template;

//! The JSON protocol (TJSONProtocol): structs as objects of numbered members, each value beside the name of its type, and
//! containers as arrays that begin with their types and size.
//!
//! What is written is what the strictest of Apache's readers takes: no whitespace, no escape that is not needed, base64 without
//! padding. What is read is what any of its writers makes.

mod base64;
mod context;
mod lexer;
mod number;
mod reader;
mod tag;
mod text;
mod token;
mod writer;

pub use self::reader::JsonReader;
pub(in crate::wire) use self::token::{check_number, check_text};
pub use self::writer::JsonWriter;

//! From the resolved model of the IDL to Rust text: a plain writer, and no macro.
//!
//! [`configure`] is for a `build.rs`; [`generate`] takes a [`Program`](crate::idl::model::Program) and gives back files.
//!
//! Inside, names come first: `plan` gives every item its Rust name, `types` its Rust type. `module` then writes one file
//! after the other through a `Scope`, which spells names as that file must. `structs`, `enums` and `services` write one kind of
//! item each (`conversions` what leads from one form of a struct to the other), on top of `fields` (how fields are read and written), `methods`, `values` and `docs`; `writer` breaks long lines.

mod config;
mod conversions;
mod docs;
mod enums;
mod fields;
mod lints;
mod methods;
mod module;
mod names;
mod options;
mod plan;
mod scope;
mod services;
mod structs;
mod types;
mod values;
mod writer;

pub use self::config::{Config, Error, configure, load, write};
pub use self::module::generate;
pub use self::options::{GeneratedFile, Options};

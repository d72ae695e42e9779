//! Trees to the model: every name looked up, every rule of the language checked.
//!
//! The passes stand in [`resolve`] in the order they need one another. A pass that cannot make sense of something reports it
//! and leaves [`BROKEN`] in its place; later passes say nothing about what is broken, so one mistake gives one finding.

mod check;
mod constants;
mod containment;
mod graph;
mod named;
mod records;
mod resolver;
mod scope;
mod services;
mod types;
mod values;

pub(super) use self::resolver::resolve;

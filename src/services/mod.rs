//! The services that `farthing serve` offers. Each handler is an ordinary user of the generated code.

pub mod bench;
pub mod cache;
pub mod calculator;
pub mod conformance;
pub mod store;

//! Made by the code generator from `idl/`, and checked in. A test makes them again and fails on a difference.

pub mod cache;
pub mod calculator;

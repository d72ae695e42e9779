//! Where does a message end that nothing delimits? A scanner finds out in one pass over the bytes, however they drip in.
//!
//! It decodes nothing and keeps nothing but the open structs and containers. What it lets through is bounded by the limits,
//! but need not decode.

mod binary;
mod compact;
mod json;
mod nested;
mod scanner;
mod stop;

pub use self::scanner::{Scan, Scanner};

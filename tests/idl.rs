//! The Thrift language from outside: what must compile, what every diagnostic looks like, and that no input whatever makes
//! the compiler panic, overflow or crawl.
//!
//! `BLESS=1` rewrites the expected texts beside the examples in `tests/idl/errors`.
#![cfg(feature = "codegen")]

//! The Thrift language: `.thrift` text becomes a resolved [`model`], or diagnostics that say what to change.
//!
//! Text flows one way: [`source`] finds and reads the files, the lexer and the parser make an `ast` of each, and the
//! resolver joins them to one [`model::Program`]. Every stage reports into the same [`diagnostic::Diagnostics`] and goes on,
//! so that one run shows many mistakes. The room writes no code; that is `codegen`, which reads the model.
//!
//! The language is Apache's, version 0.25, and what older compilers took; reserved words may be names wherever their
//! position is unambiguous.

mod ast;
mod compile;
pub mod diagnostic;
mod lexer;
mod loader;
pub mod model;
mod names;
mod parser;
mod render;
mod resolve;
pub mod source;

pub use compile::compile;
pub use diagnostic::Diagnostics;
pub use model::Program;
pub use source::{FileSystem, Memory, SourceProvider};

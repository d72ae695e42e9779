//! The Thrift language from outside: what must compile, what every diagnostic looks like, and that no input whatever makes
//! the compiler panic, overflow or crawl.
#![cfg(feature = "codegen")]

mod diagnostics;
mod grammar;
mod hostile;
mod model;

use std::path::{Path, PathBuf};

use farthing::idl::{Diagnostics, Memory, Program, compile};

/// Compiles files held in memory; the first is the root.
fn compile_texts(files: &[(&str, &[u8])]) -> (Option<Program>, Diagnostics) {
    let memory = Memory(files.iter().map(|(path, text)| (PathBuf::from(path), text.to_vec())).collect());
    compile(&[PathBuf::from(files[0].0)], &[], &memory)
}

/// Compiles one text.
fn compile_text(text: &str) -> (Option<Program>, Diagnostics) {
    compile_texts(&[("a.thrift", text.as_bytes())])
}

/// Compiles one text that must have no error.
fn program(text: &str) -> Program {
    let (program, diagnostics) = compile_text(text);
    program.unwrap_or_else(|| panic!("{}", diagnostics.render(false)))
}

/// The `.thrift` files of a directory below `tests/idl`, by relative path, in order.
fn files_in(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new("tests/idl").join(directory);
    let entries = std::fs::read_dir(&directory).expect("the directory is part of the repository");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "thrift"));
    paths.sort();
    paths
}

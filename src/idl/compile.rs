//! The room's front door.

use std::path::PathBuf;

use super::diagnostic::{Diagnostics, Report};
use super::loader::load;
use super::model::Program;
use super::resolve::resolve;
use super::source::SourceProvider;

/// Compiles `roots` and everything they include. There is a program exactly when there is no error; warnings may come
/// with either.
///
/// An include is looked for beside the file that names it, then in `include_dirs` in their order.
///
/// ```
/// use farthing::idl::{Memory, compile};
///
/// let files = Memory([("a.thrift".into(), b"struct A { 1: i32 x }".to_vec())].into());
/// let (program, diagnostics) = compile(&["a.thrift".into()], &[], &files);
/// assert_eq!(program.unwrap().structs[0].fields[0].name, "x");
/// assert_eq!(diagnostics.errors() + diagnostics.warnings(), 0);
/// ```
pub fn compile(roots: &[PathBuf], include_dirs: &[PathBuf], provider: &dyn SourceProvider) -> (Option<Program>, Diagnostics) {
    let mut report = Report::default();
    let files = load(roots, include_dirs, provider, &mut report);
    let program = resolve(&files, &mut report);
    let program = (report.errors() == 0).then_some(program);
    (program, report.finish(files.sources))
}

//! The files in `grammar/` hold every construct of the language; each must compile without an error, and without a warning
//! unless its name says `deprecated`.

use farthing::idl::{FileSystem, compile};

#[test]
fn every_construct_compiles() {
    let files = super::files_in("grammar");
    assert!(files.len() >= 10);
    for path in files {
        let (program, diagnostics) = compile(std::slice::from_ref(&path), &[], &FileSystem);
        assert!(program.is_some(), "{}", diagnostics.render(false));
        let may_warn = path.to_string_lossy().contains("deprecated");
        assert!(may_warn || diagnostics.warnings() == 0, "{}", diagnostics.render(false));
    }
}

#[test]
fn the_repository_s_own_files_compile_without_a_warning() {
    for name in ["bench", "cache", "calculator"] {
        let path = std::path::PathBuf::from(format!("idl/{name}.thrift"));
        let (program, diagnostics) = compile(&[path], &[], &FileSystem);
        assert!(program.is_some() && diagnostics.warnings() == 0, "{}", diagnostics.render(false));
    }
}

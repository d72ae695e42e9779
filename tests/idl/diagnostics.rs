//! Every diagnostic has an example in `errors/`, with the text it gives beside it. `BLESS=1` rewrites those texts.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use farthing::idl::diagnostic::Code;
use farthing::idl::{FileSystem, SourceProvider, compile};

/// Files that would be too large for a repository.
struct Vast;

impl SourceProvider for Vast {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let number = path.file_stem().and_then(|stem| stem.to_str()?.strip_prefix('n')?.parse::<u32>().ok());
        Ok(match number {
            Some(number) => format!("include \"n{}.thrift\"\nstruct A {{}}", number + 1).into_bytes(),
            None => vec![b' '; limit as usize + 1],
        })
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.to_path_buf()
    }
}

/// Compares with the text kept in `path`, or keeps it.
fn check(path: &Path, text: &str, wrong: &mut Vec<String>) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, text).expect("the expected text can be written");
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected != text {
        wrong.push(format!("{}: expected\n{expected}\nfound\n{text}", path.display()));
    }
}

#[test]
fn every_code_has_an_example_and_every_example_its_text() {
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    let examples = super::files_in("errors");
    assert!(examples.len() >= Code::TABLE.len() - 2);
    let generated = [
        (PathBuf::from("tests/idl/errors/too_large.thrift"), "large.thrift"),
        (PathBuf::from("tests/idl/errors/too_many_files.thrift"), "n0.thrift"),
    ];
    let on_disk = examples.iter().map(|path| (path.clone(), compile(std::slice::from_ref(path), &[], &FileSystem).1));
    let in_memory = generated.map(|(path, root)| (path, compile(&[PathBuf::from(root)], &[], &Vast).1));
    for (path, diagnostics) in on_disk.chain(in_memory) {
        let codes: BTreeSet<&str> = diagnostics.iter().map(|finding| finding.code.id()).collect();
        assert!(!codes.is_empty(), "{} is an example of nothing", path.display());
        let own =
            Code::TABLE.iter().find(|(code, ..)| path.file_stem().is_some_and(|stem| *stem == *snake(&format!("{code:?}"))));
        if let Some((_, id, _)) = own {
            assert!(codes.contains(id), "{} does not show {id}", path.display());
            seen.insert(*id);
        }
        check(&path.with_extension("stderr"), &diagnostics.render(false), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<&str> = Code::TABLE.iter().map(|(_, id, _)| *id).filter(|id| !seen.contains(id)).collect();
    assert!(missing.is_empty(), "no example named after {missing:?}");
}

/// `FieldIdRange` as `field_id_range`.
fn snake(name: &str) -> String {
    let word = |(at, letter): (usize, char)| {
        let gap = if letter.is_uppercase() && at > 0 { "_" } else { "" };
        format!("{gap}{}", letter.to_lowercase())
    };
    name.char_indices().map(word).collect()
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let (_, diagnostics) = super::compile_text("struct A { 1: Missing a }");
    let coloured = diagnostics.render(true);
    assert!(coloured.contains("\x1b[1;31merror[E031]\x1b[0m"));
    let mut plain = coloured;
    for code in ["\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, diagnostics.render(false));
}

#[test]
fn a_missing_root_is_reported_without_a_place() {
    let (program, diagnostics) = compile(&[PathBuf::from("no/such.thrift")], &[], &FileSystem);
    assert!(program.is_none());
    assert_eq!(diagnostics.render(false), "error[E001]: cannot read `no/such.thrift`: entity not found\n\n1 error\n");
}

//! What is checked in as generated is what the generator makes now.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use farthing::codegen::{Options, generate, load};

/// Files whose maps and sets are ordered. Cross-test clients compare the sets they get with those they sent, some of them element
/// by element, and Apache's own test server answers in order.
const ORDERED: [&str; 1] = ["conformance"];

/// Files whose structs handlers get borrowed from the message.
const LENT: [&str; 1] = ["bench"];

/// Regenerates `src/generated` from `idl`. A file that differs is written anew, and the test fails once.
#[test]
fn checked_in_code_is_what_the_generator_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("idl")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "thrift"));
    files.sort();
    let (program, diagnostics) = load(&files, &[]);
    let program = program.unwrap_or_else(|| panic!("{}", diagnostics.render(false)));
    let mut changed = Vec::new();
    for (name, text) in generate(&program, &Options::default().runtime_path("crate").btree(ORDERED).borrow(LENT)) {
        let path = root.join("src/generated").join(name);
        let text = formatted(root, &text);
        if fs::read_to_string(&path).unwrap_or_default() != text {
            fs::write(&path, text).unwrap();
            changed.push(path);
        }
    }
    assert!(changed.is_empty(), "generated anew, so build again: {changed:?}");
}

/// Neither the order of the files nor the directory they are found from changes a word.
#[test]
fn the_same_files_come_to_the_same_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codegen/idl");
    let names = ["inheritance.thrift", "defaults.thrift", "prelude.thrift"];
    let texts = |files: Vec<PathBuf>| {
        let (program, diagnostics) = load(&files, &[]);
        let program = program.unwrap_or_else(|| panic!("{}", diagnostics.render(false)));
        generate(&program, &Options::default()).into_iter().collect::<BTreeMap<_, _>>()
    };
    let forwards = texts(names.iter().map(|name| root.join(name)).collect());
    let backwards = texts(names.iter().rev().map(|name| root.join("other/..").join(name)).collect());
    assert!(forwards == backwards);
}

/// The text as `cargo fmt` leaves it.
fn formatted(root: &Path, text: &str) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is needed to compare generated code with what is checked in");
    rustfmt.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = rustfmt.wait_with_output().unwrap();
    assert!(output.status.success(), "rustfmt refuses what was generated");
    String::from_utf8(output.stdout).unwrap()
}

/// Everything in `tests/codegen/idl` compiles without a warning, and does what its tests there say.
#[test]
fn the_corpus_compiles_and_its_values_survive() {
    nested(&["test", "--manifest-path", "tests/codegen/Cargo.toml"]);
}

#[test]
fn the_build_script_example_runs() {
    let output = nested(&["run", "--manifest-path", "examples/build-script/Cargo.toml"]);
    assert!(output.contains("\"paint the fence\" of priority NORMAL"), "{output}");
}

/// What Cargo prints for a package inside of this one. Nothing is downloaded: it needs no crate that this package does not.
fn nested(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--quiet", "--target-dir", concat!(env!("CARGO_TARGET_TMPDIR"), "/nested")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

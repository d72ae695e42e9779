//! The structure of the source, held by a test: who may import whom, and the rules of CONTRIBUTING.md that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room by room, what it may import. The same table stands in ARCHITECTURE.md.
const IMPORTS: [(&str, &[&str]); 14] = [
    ("wire", &[]),
    ("reactor", &[]),
    ("idl", &[]),
    ("tls", &[]),
    ("transport", &["wire"]),
    ("rpc", &["transport", "wire"]),
    ("codegen", &["idl"]),
    ("generated", &["rpc", "wire"]),
    ("dynamic", &["idl", "wire"]),
    ("services", &["generated", "rpc", "wire"]),
    ("client", &["rpc", "tls", "transport", "wire"]),
    ("server", &["rpc", "transport", "reactor", "tls", "wire"]),
    ("load", &["dynamic", "generated", "idl", "reactor", "rpc", "transport", "wire"]),
    (
        "cli",
        &[
            "client",
            "codegen",
            "dynamic",
            "generated",
            "idl",
            "load",
            "reactor",
            "rpc",
            "server",
            "services",
            "tls",
            "transport",
            "wire",
        ],
    ),
];

/// A file longer than this has begun to do two things.
const LINES_MAX: usize = 500;
/// The same of a function.
const FUNCTION_MAX: usize = 70;
/// Names that say nothing.
const BANNED_NAMES: [&str; 5] = ["util", "utils", "helpers", "common", "misc"];

struct Source {
    path: PathBuf,
    room: String,
    text: String,
}

/// All hand-written sources below `src/`, generated ones included where `generated` says so.
fn sources(generated: bool) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).expect("below src");
                let first = relative.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).expect("UTF-8");
                sources.push(Source { path: relative.to_path_buf(), room: first, text });
            }
        }
    }
    sources.retain(|source| generated || source.room != "generated");
    assert!(sources.len() > 50, "only {} sources were found", sources.len());
    sources
}

/// The code without comments and without its own unit tests.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn fail_on(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn rooms_import_only_what_the_table_says() {
    let table: BTreeMap<_, BTreeSet<_>> = IMPORTS.iter().map(|(room, may)| (*room, may.iter().copied().collect())).collect();
    let mut findings = Vec::new();
    for source in sources(true) {
        let Some(may) = table.get(source.room.as_str()) else {
            if source.path.components().count() > 1 {
                findings.push(format!("{}: the room is not in the table", source.path.display()));
            }
            continue;
        };
        for part in code(&source.text).split("crate::").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name != source.room && !may.contains(name.as_str()) {
                findings.push(format!("{}: {} may not import {name:?}", source.path.display(), source.room));
            }
        }
    }
    fail_on(&findings);
}

#[test]
fn the_table_has_no_circle() {
    let mut left: BTreeMap<_, BTreeSet<_>> = IMPORTS.iter().map(|(room, may)| (*room, may.iter().copied().collect())).collect();
    while !left.is_empty() {
        let free: Vec<_> = left.iter().filter(|(_, may)| may.is_empty()).map(|(room, _)| *room).collect();
        assert!(!free.is_empty(), "a circle among {left:?}");
        for room in free {
            left.remove(room);
            left.values_mut().for_each(|may| _ = may.remove(room));
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    let mut findings = Vec::new();
    for source in sources(false) {
        let path = source.path.display();
        if !source.text.starts_with("//!") {
            findings.push(format!("{path}: does not open with `//!`"));
        }
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            findings.push(format!("{path}: {lines} lines, more than {LINES_MAX}: which second thing does it do?"));
        }
        let stem = source.path.file_stem().expect("a name").to_string_lossy().into_owned();
        if BANNED_NAMES.contains(&&*stem) {
            findings.push(format!("{path}: a name that says nothing"));
        }
    }
    fail_on(&findings);
}

#[test]
fn functions_stay_short() {
    let mut findings = Vec::new();
    for source in sources(false) {
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in source.text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let starts = line.trim_start();
            let is_function = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn ", "pub const fn "];
            match &open {
                None if is_function.iter().any(|start| starts.starts_with(start)) && !line.trim_end().ends_with([';', '}']) => {
                    open = Some((indent, number, starts.to_owned()));
                }
                Some((at, from, name)) if line.trim_end() == format!("{}}}", " ".repeat(*at)) => {
                    if number - from > FUNCTION_MAX {
                        findings.push(format!("{}:{}: {} lines: {name}", source.path.display(), from + 1, number - from));
                    }
                    open = None;
                }
                _ => {}
            }
        }
    }
    fail_on(&findings);
}

#[test]
fn no_macros_no_unsafe_and_features_only_at_modules() {
    let mut findings = Vec::new();
    for source in sources(true) {
        let path = source.path.display();
        let code = code(&source.text);
        // The one macro: only a macro can look up the `OUT_DIR` of the crate that uses it.
        if code.contains("macro_rules!") && source.path != Path::new("include.rs") {
            findings.push(format!("{path}: a macro"));
        }
        let is_vouched = source.path == Path::new("wire/vouched.rs");
        if (code.contains("unsafe ") || code.contains("allow(unsafe_code)")) && !is_vouched {
            findings.push(format!("{path}: unsafe code"));
        }
        let mut lines = code.lines();
        while let Some(line) = lines.next() {
            let gates = line.contains("cfg(feature") || line.contains("cfg_attr(feature");
            if gates && !lines.next().is_some_and(|next| next.trim_start().starts_with("pub mod") || next.starts_with("mod ")) {
                findings.push(format!("{path}: a feature somewhere else than at a `mod` line: {}", line.trim()));
            }
        }
    }
    fail_on(&findings);
}

#[test]
fn module_roots_define_nothing() {
    let mut findings = Vec::new();
    for source in sources(true) {
        let name = source.path.file_name().expect("a name");
        if name != "mod.rs" && name != "lib.rs" {
            continue;
        }
        for line in code(&source.text).lines() {
            let starts = line.trim_start_matches("pub ").split_whitespace().next().unwrap_or_default();
            if ["fn", "struct", "enum", "trait", "impl", "const", "static", "type"].contains(&starts) {
                findings.push(format!("{}: defines something: {line}", source.path.display()));
            }
        }
    }
    fail_on(&findings);
}

#[test]
fn architecture_shows_the_same_table() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for (room, may) in IMPORTS {
        let may = if may.is_empty() { "nothing of ours".to_owned() } else { may.join(", ") };
        let row = format!("| `{room}` | {may} |");
        assert!(text.contains(&row), "ARCHITECTURE.md lacks the row {row}");
    }
}

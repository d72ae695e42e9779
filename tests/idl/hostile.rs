//! No input makes the compiler panic, overflow its stack, or take more than linear time.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{compile_text, compile_texts};
use farthing::idl::{Memory, compile};

/// Compiles and renders; what it says does not matter.
fn survive(text: &[u8]) {
    let (program, diagnostics) = compile_texts(&[("a.thrift", text)]);
    assert_eq!(program.is_none(), diagnostics.errors() > 0);
    diagnostics.render(false);
}

fn corpus() -> Vec<Vec<u8>> {
    let mut files = [super::files_in("grammar"), super::files_in("errors")].concat();
    // What is slow by its nature is not made slow a thousand times.
    files.retain(|path| !path.ends_with("constant_too_large.thrift"));
    files.into_iter().map(|path| std::fs::read(path).expect("it is part of the repository")).collect()
}

#[test]
fn every_truncation_is_survived() {
    for text in corpus() {
        for end in 0..text.len() {
            survive(&text[..end]);
        }
    }
}

#[test]
fn every_single_change_is_survived() {
    let replacements = b"{}()<>[]\"'\\/*:;,=.@-x0 \n\xff";
    for (number, text) in corpus().into_iter().enumerate() {
        for at in (number % 3..text.len()).step_by(3) {
            let mut changed = text.clone();
            changed[at] = replacements[(at + number) % replacements.len()];
            survive(&changed);
            changed.remove(at);
            survive(&changed);
        }
    }
}

#[test]
fn tokens_in_any_order_are_survived() {
    let words = [
        "struct",
        "union",
        "enum",
        "service",
        "const",
        "typedef",
        "include",
        "namespace",
        "list",
        "map",
        "set",
        "i32",
        "string",
        "A",
        "b.C",
        "\"x\"",
        "1",
        "-0x1",
        "1.5",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        ",",
        ";",
        ":",
        "=",
        "*",
        "&",
        "@",
        "oneway",
        "throws",
        "extends",
        "optional",
        "required",
        "void",
        "\n",
        "/** d */",
        "# c\n",
        "xsd_attrs",
        "cpp_type",
        "true",
        "senum",
    ];
    let mut state = 1_u64;
    for _ in 0..5_000 {
        let mut text = String::new();
        for _ in 0..60 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(words[(state >> 33) as usize % words.len()]);
            text.push(' ');
        }
        survive(text.as_bytes());
    }
}

#[test]
fn deep_nesting_is_an_error_not_an_overflow() {
    const DEPTH: usize = 100_000;
    for (before, unit, after) in [
        ("struct A { 1: ", "list<", ""),
        ("struct A { 1: ", "map<i32,", ""),
        ("const i32 A = ", "{", ""),
        ("const i32 A = ", "{1:", ""),
        ("const i32 A = ", "[", "]"),
        ("struct A { 1: i32 a ", "xsd_attrs { 1: i32 a ", "}"),
        ("struct A ", "(", ")"),
        ("", "{", "}"),
        ("service A { ", "void f(", ")"),
        ("struct A { 1: i32 a (a = ", "(", ""),
    ] {
        let text = format!("{before}{}{}", unit.repeat(DEPTH), after.repeat(DEPTH));
        let (program, _) = compile_text(&text);
        assert!(program.is_none(), "{before}{unit}");
    }
}

/// `count` declarations, each naming the one before.
fn chain(first: &str, count: usize, link: impl Fn(usize) -> String) -> String {
    let mut text = first.to_owned();
    for number in 1..count {
        writeln!(text, "{}", link(number)).expect("a string takes everything");
    }
    text
}

#[test]
fn long_chains_of_names_do_not_overflow() {
    const LENGTH: usize = 50_000;
    for text in [
        chain("typedef i32 T0\n", LENGTH, |n| format!("typedef T{} T{n}", n - 1)),
        chain("typedef i32 T0\n", LENGTH, |n| format!("typedef list<T{}> T{n}", n - 1)),
        chain("const i32 C0 = 1\n", LENGTH, |n| format!("const i32 C{n} = C{}", n - 1)),
        chain("struct S0 {}\n", LENGTH, |n| format!("struct S{n} {{ 1: required S{} a }}", n - 1)),
        chain("struct S0 { 1: S49999 a }\n", LENGTH, |n| format!("struct S{n} {{ 1: required S{} a }}", n - 1)),
        chain("service S0 {}\n", LENGTH, |n| format!("service S{n} extends S{} {{}}", n - 1)),
        chain("service S0 extends S49999 {}\n", LENGTH, |n| format!("service S{n} extends S{} {{}}", n - 1)),
        chain("struct S { 1: optional S s } const S C0 = {}\n", 5_000, |n| format!("const S C{n} = {{\"s\": C{}}}", n - 1)),
    ] {
        survive(text.as_bytes());
    }
}

#[test]
fn long_chains_of_includes_end_in_an_error() {
    let file = |number: usize| (PathBuf::from(format!("n{number}.thrift")), format!("include \"n{}.thrift\"", number + 1));
    let files = (0..20_000).map(file).map(|(path, text)| (path, text.into_bytes()));
    let (program, diagnostics) = compile(&[PathBuf::from("n0.thrift")], &[], &Memory(files.collect()));
    assert!(program.is_none());
    assert_eq!(diagnostics.iter().next().map(|finding| finding.code.id()), Some("E003"));
}

/// Text of about `bytes` bytes made of one repeated declaration.
fn repeated(bytes: usize, declaration: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(bytes + 1024);
    let mut number = 0;
    while text.len() < bytes {
        text.push_str(&declaration(number));
        number += 1;
    }
    text
}

fn time(text: &str) -> Duration {
    let start = Instant::now();
    survive(text.as_bytes());
    start.elapsed()
}

/// Ten times the text may take four times as long as ten times the time, at the second try too.
fn assert_linear(name: &str, text: impl Fn(usize) -> String) {
    let (short, long) = (text(60_000), text(600_000));
    let small = time(&short).min(time(&short));
    let allowed = small * 40 + Duration::from_millis(300);
    let large = Some(time(&long)).filter(|large| *large < allowed).unwrap_or_else(|| time(&long));
    assert!(large < allowed, "{name}: {small:?} for 60 kB, {large:?} for 600 kB");
}

#[test]
fn time_grows_with_the_length_alone() {
    type Make = fn(usize) -> String;
    let shapes: [(&str, Make); 9] = [
        ("structs", |n| {
            format!("/** doc */\nstruct S{n} {{\n  1: required i32 a = {n} (x = \"y\"),\n  2: optional list<S{n}> b\n}}\n")
        }),
        ("services", |n| format!("service S{n} {{ i32 f{n}(1: i32 a) oneway void g(); }}\n")),
        ("unknown names", |n| format!("struct S{n} {{ 1: T{n} a }}\n")),
        ("syntax errors", |_| "struct { 1 2 3 } ; = struct\n".to_owned()),
        ("open quotes", |_| "\\\"\n".to_owned()),
        ("open brackets", |_| "({[<".to_owned()),
        ("duplicates", |_| "struct S { 1: i32 a 1: i32 a }\n".to_owned()),
        ("constants", |n| format!("const map<string, i32> C{n} = {{\"a\": {n}, \"b\": {n}}}\n")),
        ("one line", |n| format!("const i32 C{n} = \"x\" ")),
    ];
    for (name, make) in shapes {
        assert_linear(name, |bytes| repeated(bytes, make));
    }
}

#[test]
fn one_body_with_very_many_members_takes_linear_time() {
    type Make = fn(usize) -> String;
    let shapes: [(&str, &str, Make, &str); 6] = [
        ("fields", "struct A {\n", |n| format!("i32 field{n}\n"), "}"),
        ("values", "enum A {\n", |n| format!("VALUE{n}\n"), "}"),
        ("functions", "service A {\n", |n| format!("void f{n}()\n"), "}"),
        ("map", "const map<i32, string> A = {", |n| format!("{n}: \"v\", "), "}"),
        ("annotations", "struct A {} (", |n| format!("key{n} = \"v\", "), ")"),
        ("equal fields", "struct A {\n", |_| "1: i32 a\n".to_owned(), "}"),
    ];
    for (name, before, make, after) in shapes {
        assert_linear(name, |bytes| format!("{before}{}{after}", repeated(bytes, make)));
    }
}

#[test]
fn five_megabytes_compile() {
    let text = repeated(5_000_000, |n| {
        format!("struct S{n} {{\n  1: i32 a\n  2: list<S{n}> b\n  3: map<string, i64> c = {{\"k\": {n}}}\n}}\n")
    });
    let start = Instant::now();
    let (program, diagnostics) = compile_text(&text);
    assert!(program.is_some(), "{}", diagnostics.render(false));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

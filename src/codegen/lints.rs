//! Which lints generated code must be spared: those about names, sizes and words, which are the IDL's and not the generator's.
//! Only what the text could set off is allowed, and nothing that is about correctness.

use super::writer::Writer;

/// A lint, and whether this text could set it off.
type Lint = (&'static str, fn(&str) -> bool);

const LINTS: [Lint; 11] = [
    ("clippy::approx_constant", |text| declares(text, "f64")),
    ("clippy::doc_markdown", |text| docs(text).any(|line| has_capital_inside(&line) || line.contains('_'))),
    ("clippy::large_enum_variant", |text| text.contains("pub enum ") && longest_run(text, "    pub ") > 5),
    ("clippy::many_single_char_names", has_many_short_names),
    ("clippy::result_large_err", |text| text.contains("impl rpc::Throws for") && longest_run(text, "    pub ") > 5),
    ("clippy::struct_excessive_bools", |text| text.matches(": bool,").count() > 3),
    ("clippy::too_many_arguments", |text| most_parameters(text) > 7),
    ("clippy::too_many_lines", |text| longest_function(text) > 100),
    ("clippy::type_complexity", |text| text.lines().any(|line| depth(line) > 3)),
    ("clippy::unnecessary_lazy_evaluations", |text| text.split("else(|| ").skip(1).any(is_plain)),
    ("clippy::unreadable_literal", |text| has_long_number(text)),
];

/// One `allow` for the module, where it needs any.
pub(super) fn write(w: &mut Writer, text: &str) {
    let needed: Vec<&str> = LINTS.iter().filter(|(_, could)| could(text)).map(|(name, _)| *name).collect();
    if !needed.is_empty() {
        w.blank();
        w.layout(&super::writer::Layout::group("#![allow(", needed, ")]"));
    }
}

/// What doc comments say, without code spans.
fn docs(text: &str) -> impl Iterator<Item = String> {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    comments.map(|line| line.split('`').step_by(2).collect())
}

/// Whether a constant of this type is declared.
fn declares(text: &str, ty: &str) -> bool {
    text.lines().any(|line| line.starts_with("pub const") && line.contains(ty))
}

/// The most lines that begin so, with only comments and attributes between them.
fn longest_run(text: &str, start: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['/', '#'])) {
        run = if line.starts_with(start) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn has_capital_inside(line: &str) -> bool {
    line.as_bytes().windows(2).any(|pair| pair[0].is_ascii_alphanumeric() && pair[1].is_ascii_uppercase())
}

/// How deep the type arguments of a line are nested.
fn depth(line: &str) -> usize {
    let mut depth: usize = 0;
    let mut deepest = 0;
    for letter in line.chars() {
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The most parameters of a function, in one line or in one line each.
fn most_parameters(text: &str) -> usize {
    let in_one = text.lines().filter(|line| line.contains("fn ")).map(|line| line.matches(": ").count()).max();
    let one_each = text.split('(').map(|rest| rest.lines().skip(1).take_while(|line| is_parameter(line)).count()).max();
    in_one.max(one_each).unwrap_or_default()
}

/// Whether what follows is a struct made of nothing that must be called.
fn is_plain(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    line.contains(" {") && !line.contains('(')
}

/// Whether a function has many variables of one letter.
fn has_many_short_names(text: &str) -> bool {
    let is_short = |line: &&str| line.strip_prefix("        let mut ").is_some_and(|rest| rest.find(' ') == Some(1));
    text.split("    fn ").any(|function| function.lines().filter(is_short).count() > 4)
}

fn is_parameter(line: &str) -> bool {
    let indented = line.strip_prefix("        ").filter(|rest| !rest.starts_with(' '));
    indented.is_some_and(|rest| rest.contains(": ") || rest.ends_with("self,"))
}

/// Whether a number has many digits in a row.
fn has_long_number(text: &str) -> bool {
    let code = text.lines().filter(|line| !line.trim_start().starts_with('/'));
    code.into_iter().any(|line| line.as_bytes().windows(6).any(|run| run.iter().all(u8::is_ascii_digit)))
}

/// Lines of the longest function: functions of generated code are one or two blocks deep.
fn longest_function(text: &str) -> usize {
    let mut longest = 0;
    let mut lines = 0;
    for line in text.lines() {
        if line.starts_with("    fn ") || line.starts_with("    pub fn ") {
            lines = 0;
        }
        lines += 1;
        longest = longest.max(lines);
        if line == "    }" || line == "}" {
            lines = 0;
        }
    }
    longest
}

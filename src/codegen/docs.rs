//! Comments of the IDL as doc comments of Rust: the text stays, and what rustdoc would take for code to run, links or tags is
//! made harmless.

use super::writer::Writer;

/// A doc comment: the text of the IDL, or `fallback` where there is none.
pub(super) fn write(w: &mut Writer, doc: Option<&str>, fallback: &str) {
    match lines(doc) {
        lines if lines.is_empty() => w.line(format!("/// {fallback}")),
        lines => write_lines(w, "///", &lines),
    }
}

/// A doc comment of `first`, and below it the text of the IDL.
pub(super) fn write_below(w: &mut Writer, first: &str, doc: Option<&str>) {
    w.line(format!("/// {first}"));
    let lines = lines(doc);
    if !lines.is_empty() {
        w.line("///");
        write_lines(w, "///", &lines);
    }
}

/// Lines behind a comment sign.
pub(super) fn write_lines(w: &mut Writer, sign: &str, lines: &[String]) {
    for line in lines {
        w.line(format!("{sign} {line}").trim_end());
    }
}

/// The lines of a text, without empty ones around it.
pub(super) fn lines(doc: Option<&str>) -> Vec<String> {
    let mut fenced = false;
    let text = doc.unwrap_or_default().replace('\t', " ").replace('\r', "");
    let lines = text.trim_matches('\n').lines().map(|line| harmless(line, &mut fenced));
    let mut lines: Vec<String> = lines.skip_while(|line| line.trim().is_empty()).collect();
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    if fenced {
        lines.push("```".to_owned());
    }
    lines
}

/// One line: an indented line would be code to test, as would be a fence without a language.
fn harmless(line: &str, fenced: &mut bool) -> String {
    let line = line.trim_end();
    let text = line.trim_start();
    if text.starts_with("```") {
        *fenced = !*fenced;
        return String::from(if *fenced { "```text" } else { "```" });
    }
    if *fenced {
        return line.to_owned();
    }
    let indent = (line.len() - text.len()).min(3);
    " ".repeat(indent) + &escaped(text)
}

/// Escapes brackets and tags outside of code spans.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let balanced = text.matches('`').count().is_multiple_of(2);
    let mut code = false;
    for letter in text.chars() {
        match letter {
            '`' if balanced => code = !code,
            '`' | '[' | ']' | '<' | '>' if !code => out.push('\\'),
            _ => {}
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_and_code_is_never_run() {
        let doc = "\nSee `map<a>` or [x] <b>.\n\n      indented\n```\ncode<T>\n```\n\n";
        let expected = ["See `map<a>` or \\[x\\] \\<b\\>.", "", "   indented", "```text", "code<T>", "```"];
        assert_eq!(lines(Some(doc)), expected);
        assert_eq!(lines(Some("a ` b\n```")), ["a \\` b", "```text", "```"]);
        assert!(lines(Some(" \n ")).is_empty());
    }
}

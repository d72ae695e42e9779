//! Findings as text, in the form people know from rustc.
//!
//! It writes to a string and knows no terminal; whether colours are wanted is the caller's to say.

use std::fmt::Write;

use super::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use super::source::Source;

/// The widest piece of a source line that is shown; of longer lines, the part around the place.
const MAX_WIDTH: usize = 160;
/// How many columns a tab takes when shown.
const TAB: usize = 4;

impl Diagnostics {
    /// All findings and a last line that counts them; empty where there are none. With `colour`, ANSI escapes.
    pub fn render(&self, colour: bool) -> String {
        let mut text = String::new();
        for finding in &self.list {
            Renderer { all: self, out: &mut text, colour }.finding(finding);
        }
        if self.errors + self.warnings > 0 {
            let _ = writeln!(text, "{}", self.summary());
        }
        text
    }

    /// `2 errors, 1 warning`, and how many of them are not shown.
    pub fn summary(&self) -> String {
        let counts = [counted(self.errors, "error"), counted(self.warnings, "warning")];
        let counts = counts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        match self.errors + self.warnings - self.list.len() {
            0 => counts,
            hidden => format!("{counts} ({hidden} not shown)"),
        }
    }
}

fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        many => Some(format!("{many} {noun}s")),
    }
}

#[derive(Clone, Copy)]
enum Style {
    Error,
    Warning,
    Frame,
    Bold,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Error => "\x1b[1;31m",
            Style::Warning => "\x1b[1;33m",
            Style::Frame => "\x1b[1;34m",
            Style::Bold => "\x1b[1m",
        }
    }
}

struct Renderer<'a> {
    all: &'a Diagnostics,
    out: &'a mut String,
    colour: bool,
}

impl Renderer<'_> {
    fn finding(&mut self, finding: &Diagnostic) {
        let (word, style) = match finding.code.severity() {
            Severity::Error => ("error", Style::Error),
            Severity::Warning => ("warning", Style::Warning),
        };
        self.styled(style, &format!("{word}[{}]", finding.code.id()));
        self.styled(Style::Bold, &format!(": {}", finding.message));
        self.out.push('\n');
        let labels: Vec<&Label> = finding.primary.iter().chain(&finding.secondary).collect();
        let gutter = labels.iter().map(|label| self.all.sources.line(label.span).to_string().len()).max().unwrap_or(0);
        for (position, label) in labels.iter().enumerate() {
            let previous = position.checked_sub(1).map(|before| labels[before]);
            self.place(label, previous, gutter, style);
        }
        if let Some(help) = &finding.help {
            self.frame(&format!("{:gutter$} = ", ""));
            self.styled(Style::Bold, "help");
            let _ = writeln!(self.out, ": {help}");
        }
        self.out.push('\n');
    }

    /// The head of a place (left out where the place before was in the same file), its line, and the underline.
    fn place(&mut self, label: &Label, previous: Option<&Label>, gutter: usize, style: Style) {
        let source = self.all.sources.of(label.span);
        let line = source.line(label.span.start);
        if previous.is_none_or(|before| before.span.file != label.span.file) {
            self.frame(&format!("{:gutter$}{} ", "", if previous.is_none() { "-->" } else { ":::" }));
            let path = source.path.display();
            let _ = writeln!(self.out, "{path}:{line}:{}", source.column(label.span.start));
            self.frame(&format!("{:gutter$} |\n", ""));
        } else {
            self.frame(&format!("{:gutter$} :\n", ""));
        }
        let shown = Shown::new(source, label);
        self.frame(&format!("{line:>gutter$} |"));
        let _ = writeln!(self.out, "{}{}", if shown.text.is_empty() { "" } else { " " }, shown.text.trim_end());
        self.frame(&format!("{:gutter$} | ", ""));
        let (mark, style) = if previous.is_none() { ("^", style) } else { ("-", Style::Frame) };
        let underline = format!("{:skip$}{} {}", "", mark.repeat(shown.width), label.text, skip = shown.skip);
        self.styled(style, underline.trim_end());
        self.out.push('\n');
    }

    fn frame(&mut self, text: &str) {
        self.styled(Style::Frame, text);
    }

    fn styled(&mut self, style: Style, text: &str) {
        if self.colour {
            let _ = write!(self.out, "{}{text}\x1b[0m", style.code());
        } else {
            self.out.push_str(text);
        }
    }
}

/// A source line ready to print, and where the underline goes, in columns of the terminal.
struct Shown {
    text: String,
    skip: usize,
    width: usize,
}

impl Shown {
    fn new(source: &Source, label: &Label) -> Shown {
        let (line, start) = source.line_text(source.line(label.span.start));
        let from = ((label.span.start - start) as usize).min(line.len());
        let to = (label.span.end.saturating_sub(start) as usize).clamp(from, line.len());
        let first = window_start(line, from);
        let mut shown = Shown { text: String::new(), skip: 0, width: 0 };
        let mut columns = 0;
        for (at, character) in line[first..].char_indices().map(|(at, character)| (first + at, character)) {
            let width = push_visible(&mut shown.text, character);
            if at < from {
                shown.skip += width;
            } else if at < to {
                shown.width += width;
            }
            columns += width;
            if columns >= MAX_WIDTH {
                break;
            }
        }
        shown.width = shown.width.max(1);
        shown
    }
}

/// Where to begin showing a line so that byte `place` of it is on the screen.
fn window_start(line: &str, place: usize) -> usize {
    if place <= MAX_WIDTH / 2 {
        return 0;
    }
    let mut start = place - MAX_WIDTH / 2;
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    start
}

/// Appends a character in a form that cannot disturb the terminal, and tells how many columns it takes.
fn push_visible(text: &mut String, character: char) -> usize {
    match character {
        '\t' => text.push_str(&" ".repeat(TAB)),
        control if control.is_control() => text.push('\u{fffd}'),
        other => text.push(other),
    }
    match character {
        '\t' => TAB,
        control if control.is_control() => 1,
        other => columns(other),
    }
}

/// Near enough for a caret: combining marks take no column, East Asian wide characters and emoji take two.
fn columns(character: char) -> usize {
    match character as u32 {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f | 0x20d0..=0x20ff => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

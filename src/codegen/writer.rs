//! Text that grows line by line at an indentation, and lists that stand in one line where they fit and in one line per entry
//! where they do not. It knows no Rust beyond that.

/// Lines are at most this long where they can be broken.
const WIDTH: usize = 130;

/// Text under construction.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    indent: usize,
}

/// A piece of code that may be broken over lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// Never broken.
    Text(String),
    /// Entries between brackets.
    Group(String, Vec<Layout>, String),
}

impl From<String> for Layout {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Layout {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Layout {
    /// Entries between brackets.
    pub(super) fn group<I: Into<Layout>>(
        open: impl Into<String>,
        items: impl IntoIterator<Item = I>,
        close: impl Into<String>,
    ) -> Self {
        Self::Group(open.into(), items.into_iter().map(Into::into).collect(), close.into())
    }

    /// The same with text before and behind.
    #[must_use]
    pub(super) fn within(self, before: &str, behind: &str) -> Self {
        match self {
            Self::Text(text) => Self::Text(format!("{before}{text}{behind}")),
            Self::Group(open, items, close) => Self::Group(format!("{before}{open}"), items, close + behind),
        }
    }

    /// In one line.
    pub(super) fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Group(open, items, close) => {
                let space = if open.ends_with('{') && !items.is_empty() { " " } else { "" };
                let items: Vec<String> = items.iter().map(Self::flat).collect();
                format!("{open}{space}{}{space}{close}", items.join(", "))
            }
        }
    }
}

impl Writer {
    /// One line, or an empty one.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.indent));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// An empty line, unless there is one already or a block has just begun.
    pub(super) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// A line that begins a block.
    pub(super) fn open(&mut self, line: impl AsRef<str>) {
        self.line(line);
        self.indent += 1;
    }

    /// A line that ends a block.
    pub(super) fn close(&mut self, line: &str) {
        self.indent -= 1;
        self.line(line);
    }

    /// A block: `head {`, what `body` writes, and `}`. A block without lines is `head {}`.
    pub(super) fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Self)) {
        let head = head.as_ref();
        self.open(format!("{head} {{"));
        let start = self.text.len();
        body(self);
        self.indent -= 1;
        if self.text.len() == start {
            self.text.pop();
            self.text.push_str("}\n");
        } else {
            self.line("}");
        }
    }

    /// A piece of code in as few lines as it fits in.
    pub(super) fn layout(&mut self, layout: &Layout) {
        let flat = layout.flat();
        match layout {
            Layout::Group(open, items, close) if self.indent * 4 + flat.len() > WIDTH && !items.is_empty() => {
                self.open(open);
                for item in items {
                    let last = matches!(item, Layout::Text(text) if text.starts_with(".."));
                    self.layout(&item.clone().within("", if last { "" } else { "," }));
                }
                self.close(close);
            }
            _ => self.line(flat),
        }
    }

    /// A block whose head is broken over lines where it is too long.
    pub(super) fn layout_block(&mut self, head: &Layout, body: impl FnOnce(&mut Self)) {
        self.layout(&head.clone().within("", " {"));
        self.indent += 1;
        body(self);
        self.close("}");
    }

    /// A match arm, with its body in a block where both do not fit in one line.
    pub(super) fn arm(&mut self, pattern: &str, body: &str) {
        if self.indent * 4 + pattern.len() + body.len() + 5 > WIDTH {
            let end = if body.contains(" = ") { ";" } else { "" };
            self.block(format!("{pattern} =>"), |w| w.line(format!("{body}{end}")));
        } else if body == "{}" {
            self.line(format!("{pattern} => {body}"));
        } else {
            self.line(format!("{pattern} => {body},"));
        }
    }

    /// A block of one statement, in one line where it fits.
    pub(super) fn block_or_line(&mut self, head: &str, body: &str, tail: &str) {
        let line = format!("{head} {} {tail}", body.trim_end_matches(';'));
        if self.indent * 4 + line.len() > WIDTH {
            self.open(head);
            self.line(body);
            self.close(tail);
        } else {
            self.line(line);
        }
    }

    /// Everything written.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_broken_only_where_it_does_not_fit() {
        let mut writer = Writer::default();
        writer.block("fn f()", |w| {
            w.layout(&Layout::group("Self {", ["a", "b"], "}"));
            w.layout(&Layout::group("g(", [Layout::group("[", ["x".repeat(60), "y".repeat(70)], "]"), "..z".into()], ");"));
        });
        writer.block("struct Empty", |_| ());
        let (x, y) = ("x".repeat(60), "y".repeat(70));
        let broken = format!("    g(\n        [\n            {x},\n            {y},\n        ],\n        ..z\n    );\n");
        assert_eq!(writer.finish(), format!("fn f() {{\n    Self {{ a, b }}\n{broken}}}\nstruct Empty {{}}\n"));
    }
}

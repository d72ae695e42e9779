//! Text to tokens.
//!
//! A token is a kind and a range; its text stays in the source. Keywords are words here: only the parser knows whether the
//! place makes `list` a type or a name. What the lexer cannot read it reports and steps over, so there is always a list.

use super::diagnostic::{Code, Diagnostic, Report};
use super::source::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or a name, with the dots inside it.
    Word,
    /// Decimal or `0x` hexadecimal, with its sign.
    Int,
    /// A number with a fraction or an exponent.
    Double,
    /// With its quotes and escapes still in place.
    Literal,
    /// One ASCII character.
    Symbol(u8),
    /// Behind the last token; there is always exactly one.
    End,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// It is the first on its line.
    pub starts_line: bool,
    /// Where its text is.
    pub span: Span,
}

/// The tokens of a file, and its doc comments.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Ends with [`TokenKind::End`].
    pub list: Vec<Token>,
    /// `/** … */` comments, each with the index of the token it stands before, in order.
    pub docs: Vec<(usize, Span)>,
    /// A comment that is not closed hides the rest of the file.
    pub cut_short: bool,
}

/// Reads a whole file.
pub(super) fn lex(text: &str, file: u32, report: &mut Report) -> Tokens {
    let tokens = Tokens::default();
    let bytes = text.as_bytes();
    let mut lexer = Lexer { bytes, text, at: 0, file, starts_line: true, one_line_literals: false, tokens, report };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.push(TokenKind::End, lexer.at);
    lexer.tokens
}

struct Lexer<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    file: u32,
    starts_line: bool,
    /// A literal was left open: from here on each must close on its own line, or the rest would be read again and again.
    one_line_literals: bool,
    tokens: Tokens,
    report: &'a mut Report,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            b'\n' => {
                self.starts_line = true;
                self.at += 1;
            }
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'#' => self.line_comment(),
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'\'' | b'"' => self.literal(),
            first if first.is_ascii_alphabetic() || first == b'_' => self.word(),
            b'+' | b'-' if self.peek(1).is_ascii_digit() || (self.peek(1) == b'.' && self.peek(2).is_ascii_digit()) => {
                self.number();
            }
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'0'..=b'9' => self.number(),
            symbol if symbol.is_ascii_punctuation() => {
                self.at += 1;
                self.push(TokenKind::Symbol(symbol), start);
            }
            _ => self.unknown(),
        }
    }

    /// The byte `ahead` of the current one; 0 behind the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn span(&self, start: usize) -> Span {
        Span { file: self.file, start: start as u32, end: self.at as u32 }
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = self.span(start);
        self.tokens.list.push(Token { kind, starts_line: self.starts_line, span });
        self.starts_line = false;
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| wanted(*byte)) {
            self.at += 1;
        }
    }

    fn line_comment(&mut self) {
        self.skip_while(|byte| byte != b'\n');
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let Some(length) = self.text[start + 2..].find("*/") else {
            self.at = start + 2;
            let finding = Diagnostic::new(Code::UnterminatedComment, self.span(start), "the comment is not closed");
            self.report.add(finding.label("opened here").help("write `*/` where it ends"));
            self.at = self.bytes.len();
            self.tokens.cut_short = true;
            return;
        };
        self.at = start + 2 + length + 2;
        let inner = &self.bytes[start + 2..self.at - 2];
        // A row of asterisks alone, such as `/****/`, is decoration.
        if inner.first() == Some(&b'*') && inner.iter().any(|byte| *byte != b'*') {
            let span = self.span(start);
            self.tokens.docs.push((self.tokens.list.len(), span));
        }
        self.starts_line |= inner.contains(&b'\n');
    }

    fn word(&mut self) {
        let start = self.at;
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        self.skip_while(inside);
        while self.peek(0) == b'.' && inside(self.peek(1)) {
            self.at += 1;
            self.skip_while(inside);
        }
        self.push(TokenKind::Word, start);
    }

    fn number(&mut self) {
        let start = self.at;
        if matches!(self.bytes[start], b'+' | b'-') {
            self.at += 1;
        }
        if self.peek(0) == b'0' && self.peek(1) == b'x' && self.peek(2).is_ascii_hexdigit() {
            self.at += 2;
            self.skip_while(|byte| byte.is_ascii_hexdigit());
            return self.push(TokenKind::Int, start);
        }
        let mut kind = TokenKind::Int;
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            kind = TokenKind::Double;
            self.at += 1;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        let signed = matches!(self.peek(1), b'+' | b'-') as usize;
        if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + signed).is_ascii_digit() {
            kind = TokenKind::Double;
            self.at += 1 + signed;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        self.push(kind, start);
    }

    fn literal(&mut self) {
        let start = self.at;
        let quote = self.bytes[start];
        let mut first_break = None;
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            self.at += 1;
            match byte {
                b'\\' if self.at < self.bytes.len() => self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8),
                b'\n' if self.one_line_literals => {
                    first_break = Some(self.at - 1);
                    break;
                }
                b'\n' => _ = first_break.get_or_insert(self.at - 1),
                _ if byte == quote => return self.closed_literal(start, first_break),
                _ => {}
            }
        }
        // The rest of the file is not in the literal, most likely: go on in the next line.
        self.at = first_break.unwrap_or(self.bytes.len());
        self.one_line_literals = true;
        let finding = Diagnostic::new(Code::UnterminatedLiteral, self.span(start), "the literal is not closed");
        self.report.add(finding.help(format!("write `{}` where it ends", quote as char)));
        self.push(TokenKind::Literal, start);
    }

    fn closed_literal(&mut self, start: usize, first_break: Option<usize>) {
        if first_break.is_some() {
            let finding = Diagnostic::new(Code::LiteralSpansLines, self.span(start), "the literal goes on in the next line");
            let help = "Apache's compiler refuses this; write `\\n`, or close the literal if its end was forgotten";
            self.report.add(finding.label("opened here").help(help));
        }
        self.push(TokenKind::Literal, start);
    }

    /// Control characters and anything beyond ASCII; a run of them is one finding.
    fn unknown(&mut self) {
        let start = self.at;
        let known = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.skip_while(|byte| !known(byte));
        let found: String = self.text[start..self.at].chars().take(8).collect();
        let message = format!("`{}` has no meaning outside of comments and literals", found.escape_debug());
        self.report.add(Diagnostic::new(Code::UnexpectedCharacter, self.span(start), message));
    }
}

/// A literal's value: quotes removed and escapes replaced.
pub(super) fn unescape(raw: &str, span: Span, report: &mut Report) -> String {
    let quote = raw.chars().next().unwrap_or('"');
    let body = &raw[quote.len_utf8().min(raw.len())..];
    let body = body.strip_suffix(quote).unwrap_or(body);
    let mut value = String::with_capacity(body.len());
    let mut characters = body.char_indices();
    while let Some((at, character)) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next().map(|(_, escaped)| escaped) {
            Some('r') => value.push('\r'),
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some(same @ ('"' | '\'' | '\\')) => value.push(same),
            other => {
                let start = span.start + 1 + at as u32;
                let end = start + 1 + other.map_or(0, char::len_utf8) as u32;
                let shown = other.map_or(String::new(), |escaped| escaped.escape_debug().to_string());
                let finding = Diagnostic::new(Code::BadEscape, Span { start, end, ..span }, format!("`\\{shown}` is no escape"));
                report.add(finding.help("the escapes are \\n \\r \\t \\\" \\' \\\\; write `\\\\` for a backslash"));
            }
        }
    }
    value
}

/// A doc comment's text: without its frame, the asterisks at the line starts, and common indentation.
pub(super) fn clean_doc(comment: &str) -> String {
    let body = comment.trim_start_matches('/').trim_start_matches('*').trim_end_matches('/').trim_end_matches('*');
    let mut lines: Vec<&str> = body.lines().map(str::trim_end).collect();
    let rest = lines.get(1..).unwrap_or_default();
    if rest.iter().all(|line| line.is_empty() || line.trim_start().starts_with('*')) {
        for line in lines.iter_mut().skip(1) {
            *line = line.trim_start().trim_start_matches('*');
        }
    }
    if let Some(first) = lines.first_mut() {
        *first = first.trim_start();
    }
    let blank = |line: &&str| line.trim().is_empty();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().skip(1).filter(|line| !blank(line)).map(indent).min().unwrap_or(0);
    let dedented = lines.iter().enumerate().map(|(at, line)| if at == 0 { line } else { line.get(common..).unwrap_or("") });
    dedented.collect::<Vec<_>>().join("\n").trim_matches('\n').trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        lex(text, 0, &mut Report::default()).list.iter().map(|token| token.kind).collect()
    }

    #[test]
    fn numbers_and_words_end_where_apache_ends_them() {
        use TokenKind::{Double, End, Int, Symbol, Word};
        assert_eq!(kinds("1:i32 a.b"), [Int, Symbol(b':'), Word, Word, End]);
        assert_eq!(kinds("-0x1F +12 .5 1e5 -1.5E-3"), [Int, Int, Double, Double, Double, End]);
        assert_eq!(kinds("1.x e10 a."), [Int, Symbol(b'.'), Word, Word, Word, Symbol(b'.'), End]);
    }

    #[test]
    fn a_row_of_asterisks_is_no_doc() {
        let tokens = lex("/**/ /***/ /** a */ struct /*b*/ S", 0, &mut Report::default());
        assert_eq!(tokens.docs.len(), 1);
        assert_eq!(tokens.docs[0].0, 0);
    }

    #[test]
    fn docs_lose_their_frame_and_keep_their_shape() {
        assert_eq!(clean_doc("/** One line. */"), "One line.");
        assert_eq!(clean_doc("/**\n   * Title\n   *\n   *   indented\n   */"), "Title\n\n  indented");
        assert_eq!(clean_doc("/**\n  Plain text\n  * a point\n*/"), "Plain text\n* a point");
        assert_eq!(clean_doc("/** A\r\n  * B\r\n  */"), "A\nB");
    }
}

//! The cursor that all parts of the grammar share, and how it recovers from a mistake.

use crate::idl::ast::{File, Name};
use crate::idl::diagnostic::{Code, Diagnostic, MAX_KEPT, Report};
use crate::idl::lexer::{Token, TokenKind, Tokens, clean_doc, lex, unescape};
use crate::idl::names::closest;
use crate::idl::source::Span;

/// The words that Apache's compiler never takes as a name.
pub(super) const RESERVED: [&str; 41] = [
    "async",
    "binary",
    "bool",
    "byte",
    "const",
    "cpp_include",
    "cpp_type",
    "double",
    "enum",
    "exception",
    "extends",
    "false",
    "i16",
    "i32",
    "i64",
    "i8",
    "include",
    "list",
    "map",
    "namespace",
    "oneway",
    "optional",
    "required",
    "senum",
    "service",
    "set",
    "slist",
    "string",
    "struct",
    "throws",
    "true",
    "typedef",
    "union",
    "uuid",
    "void",
    "xsd_all",
    "xsd_attrs",
    "xsd_namespace",
    "xsd_nillable",
    "xsd_optional",
    "cpp_namespace",
];
/// Words that begin a declaration with a body in braces.
pub(super) const BRACED: [&str; 6] = ["enum", "exception", "senum", "service", "struct", "union"];
/// All words that begin a statement of a file.
pub(super) const STATEMENTS: [&str; 12] = [
    "const",
    "cpp_include",
    "enum",
    "exception",
    "include",
    "namespace",
    "senum",
    "service",
    "struct",
    "typedef",
    "union",
    "c_include",
];

/// What is expected outside of any body.
pub(super) const STATEMENT: &str = "a declaration";

/// Reads a whole file; what is wrong with it goes to the report.
pub(in crate::idl) fn parse(text: &str, file: u32, report: &mut Report) -> File {
    let tokens = lex(text, file, report);
    let mut parser = Parser { text, tokens: &tokens, at: 0, last_complaint: None, report, file: File::default() };
    parser.statements();
    let mut tree = parser.file;
    tree.incomplete = report.errors() >= MAX_KEPT || tokens.cut_short;
    tree
}

/// A mistake that has been reported; whoever gets it skips to a place from where reading can go on.
pub(super) struct Skip;

pub(super) type Parsed<T> = Result<T, Skip>;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a Tokens,
    pub(super) at: usize,
    /// The token of the last syntax error: a second complaint about the same token would say nothing new.
    pub(super) last_complaint: Option<usize>,
    pub(super) report: &'a mut Report,
    pub(super) file: File,
}

impl<'a> Parser<'a> {
    pub(super) fn statements(&mut self) {
        while self.token().kind != TokenKind::End && self.report.errors() < MAX_KEPT {
            let start = self.at;
            if self.statement().is_err() {
                self.skip_statement(start);
                self.lose(start);
            }
        }
        let nothing = self.file.definitions.is_empty() && self.file.includes.is_empty() && self.file.namespaces.is_empty();
        if nothing && self.tokens.list.len() == 1 && self.file.cpp_includes.is_empty() {
            let finding = Diagnostic::new(Code::EmptyFile, self.token().span, "the file declares nothing");
            self.report.add(finding);
        }
    }

    pub(super) fn statement(&mut self) -> Parsed<()> {
        if self.header()? {
            return Ok(());
        }
        let definition = self.definition()?;
        self.file.definitions.push(definition);
        Ok(())
    }

    // The cursor.

    pub(super) fn token(&self) -> Token {
        self.ahead(0)
    }

    /// The token `distance` behind the current one; the end again and again behind the end.
    pub(super) fn ahead(&self, distance: usize) -> Token {
        self.tokens.list[(self.at + distance).min(self.tokens.list.len() - 1)]
    }

    pub(super) fn text_of(&self, token: Token) -> &'a str {
        &self.text[token.span.start as usize..token.span.end as usize]
    }

    /// The current token's text where it is a word, else nothing.
    pub(super) fn word(&self) -> &'a str {
        self.word_ahead(0)
    }

    pub(super) fn word_ahead(&self, distance: usize) -> &'a str {
        let token = self.ahead(distance);
        if token.kind == TokenKind::Word { self.text_of(token) } else { "" }
    }

    pub(super) fn is_symbol(&self, distance: usize, symbol: u8) -> bool {
        self.ahead(distance).kind == TokenKind::Symbol(symbol)
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    /// The end of what was read last.
    pub(super) fn last_span(&self) -> Span {
        self.tokens.list[self.at.saturating_sub(1)].span
    }

    pub(super) fn eat(&mut self, symbol: u8) -> bool {
        let found = self.is_symbol(0, symbol);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn separator(&mut self) -> bool {
        self.eat(b',') || self.eat(b';')
    }

    pub(super) fn expect(&mut self, symbol: u8, place: &str) -> Parsed<Span> {
        if self.is_symbol(0, symbol) { Ok(self.advance().span) } else { Err(self.fail(&format!("`{}` {place}", symbol as char))) }
    }

    /// A separator where Apache's grammar has none.
    pub(super) fn stray_separator(&mut self) {
        let span = self.token().span;
        if self.separator() {
            let finding = Diagnostic::new(Code::StraySeparator, span, "Apache's compiler takes no separator here");
            self.report.add(finding.help("remove it"));
        }
    }

    /// The comment that documents what begins at the current token.
    pub(super) fn doc(&self) -> Option<String> {
        let behind = self.tokens.docs.partition_point(|(token, _)| *token <= self.at);
        let (token, span) = *self.tokens.docs.get(behind.checked_sub(1)?)?;
        (token == self.at).then(|| clean_doc(&self.text[span.start as usize..span.end as usize]))
    }

    /// A literal's value.
    pub(super) fn literal(&mut self, expected: &str) -> Parsed<Name> {
        if self.token().kind != TokenKind::Literal {
            return Err(self.fail(expected));
        }
        let token = self.advance();
        Ok(Name { text: unescape(self.text_of(token), token.span, self.report), span: token.span })
    }

    /// A name that is declared here: any word without a dot.
    pub(super) fn new_name(&mut self, role: &str) -> Parsed<Name> {
        let text = self.word();
        if text.is_empty() {
            return Err(self.fail(role));
        }
        let span = self.advance().span;
        if text.contains('.') {
            let finding = Diagnostic::new(Code::DottedName, span, format!("{role} contains a dot: `{text}`"));
            self.report.add(finding.help("a dot stands only between an include's name and what it declares"));
        } else if RESERVED.contains(&text) {
            let finding = Diagnostic::new(Code::ReservedWord, span, format!("`{text}` is a reserved word, used as {role}"));
            let fields = role == "a field name" && !text.starts_with("xsd_") && !["cpp_type", "true", "false"].contains(&text);
            let whose =
                if fields { "older versions of Apache's compiler refuse it here" } else { "Apache's compiler refuses it here" };
            self.report.add(finding.help(format!("{whose}; choose another name if the file must compile with it")));
        }
        Ok(Name { text: text.to_owned(), span })
    }

    /// A name that is declared elsewhere.
    pub(super) fn used_name(&mut self, role: &str) -> Parsed<Name> {
        match self.word() {
            "" => Err(self.fail(role)),
            text => Ok(Name { text: text.to_owned(), span: self.advance().span }),
        }
    }

    // Complaints.

    /// Reports that `expected` does not stand at the current token.
    pub(super) fn fail(&mut self, expected: &str) -> Skip {
        let token = self.token();
        if self.last_complaint.replace(self.at) == Some(self.at) {
            return Skip;
        }
        if let Some(foreign) = self.foreign() {
            self.report.add(foreign);
            return Skip;
        }
        let found = match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.text_of(token).lines().next().unwrap_or_default().chars().take(40).collect::<String>()),
        };
        let finding = Diagnostic::new(Code::Syntax, token.span, format!("expected {expected}, found {found}"));
        let statement = (expected == STATEMENT).then(|| closest(self.word(), STATEMENTS.iter().copied())).flatten();
        let hint = statement.map(|word| format!("did you mean `{word}`?"));
        self.report.add(finding.label(format!("expected {expected}")).maybe_help(hint));
        Skip
    }

    /// What other dialects write and Apache's has not, where that is what stands at the current token.
    pub(super) fn foreign(&self) -> Option<Diagnostic> {
        let token = self.token();
        let (message, help) = match (token.kind, self.text_of(token)) {
            (TokenKind::Symbol(b'@'), _) => {
                ("annotations with `@` are fbthrift's", "write `(key = \"value\")` behind the declaration")
            }
            (_, "package") => ("`package` is fbthrift's", "write `namespace * name`"),
            (_, "interaction" | "performs") => ("interactions are fbthrift's", "write a service"),
            (_, "stream" | "sink") => ("streams are fbthrift's", "return a list, or call again for the next part"),
            _ => return None,
        };
        Some(Diagnostic::new(Code::ForeignSyntax, token.span, message).help(help))
    }

    /// Reports that what was opened at `opener` is still open.
    pub(super) fn unclosed(&mut self, opener: Span) {
        if self.last_complaint.replace(self.at) == Some(self.at) {
            return;
        }
        let place = if self.token().kind == TokenKind::End { "the file ends" } else { "the next declaration begins" };
        let symbol = &self.text[opener.start as usize..opener.end as usize];
        let finding = Diagnostic::new(Code::Unclosed, opener, format!("`{symbol}` is not closed"));
        self.report.add(finding.label("opened here").also(self.token().span, format!("{place} here")));
    }

    // Recovery.

    /// A declaration begins at the current token, for sure even inside the body of another.
    pub(super) fn begins_definition(&self) -> bool {
        let word = self.word();
        if BRACED.contains(&word) {
            let third = self.ahead(2).kind;
            return self.ahead(1).kind == TokenKind::Word
                && (third == TokenKind::Symbol(b'{') || matches!(self.word_ahead(2), "extends" | "xsd_all"));
        }
        let typed = matches!(word, "const" | "typedef") && self.ahead(1).kind == TokenKind::Word;
        typed && self.token().starts_line && (self.ahead(2).kind == TokenKind::Word || self.is_symbol(2, b'<'))
    }

    /// After a mistake in a list of members: goes behind the next separator, to the next line, or to `closer`, but not
    /// beyond the end of the list.
    pub(super) fn skip_member(&mut self, start: usize, closer: u8) {
        let mut open = 0_usize;
        while self.token().kind != TokenKind::End && !self.begins_definition() {
            match self.token().kind {
                TokenKind::Symbol(symbol) if open == 0 && (symbol == closer || symbol == b'}') => return,
                TokenKind::Symbol(b',' | b';') if open == 0 => {
                    self.at += 1;
                    return;
                }
                _ if open == 0 && self.at > start && self.token().starts_line => return,
                TokenKind::Symbol(b'(' | b'[' | b'{') => open += 1,
                TokenKind::Symbol(b')' | b']' | b'}') => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    /// After a mistake outside of any body: goes to where a statement seems to begin.
    pub(super) fn skip_statement(&mut self, start: usize) {
        let mut open = 0_usize;
        while self.token().kind != TokenKind::End {
            let begins = STATEMENTS.contains(&self.word()) || (self.is_symbol(0, b'@') && self.token().starts_line);
            if self.at > start && (self.begins_definition() || (open == 0 && begins)) {
                return;
            }
            match self.token().kind {
                TokenKind::Symbol(b'(' | b'[' | b'{') => open += 1,
                TokenKind::Symbol(b')' | b']' | b'}') => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Remembers the words from token `start` to here: they may be names that are used elsewhere.
    pub(super) fn lose(&mut self, start: usize) {
        let skipped = &self.tokens.list[start..self.at];
        let words = skipped.iter().filter(|token| token.kind == TokenKind::Word).map(|token| self.text_of(*token).to_owned());
        self.file.lost.extend(words.collect::<Vec<_>>());
    }

    /// Reads members up to `closer`, going on behind mistakes. `opener` is where the list was opened.
    pub(super) fn members<T>(
        &mut self,
        opener: Span,
        closer: u8,
        mut member: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut list = Vec::new();
        loop {
            if self.eat(closer) {
                return Ok(list);
            }
            if self.token().kind == TokenKind::End || self.begins_definition() {
                self.unclosed(opener);
                return Ok(list);
            }
            if closer != b'}' && self.is_symbol(0, b'}') {
                return Err(self.fail(&format!("`{}`", closer as char)));
            }
            let start = self.at;
            match member(self) {
                Ok(member) => list.push(member),
                Err(Skip) if self.report.errors() >= MAX_KEPT => return Err(Skip),
                Err(Skip) => {
                    self.skip_member(start, closer);
                    self.lose(start);
                }
            }
        }
    }
}

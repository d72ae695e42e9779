//! What stands at the head of a file: includes and namespaces, in all their historic forms.
//!
//! Headers behind the first declaration are taken too, with a warning, for Apache's grammar has them only before.

use super::super::diagnostic::{Code, Diagnostic};
use super::super::lexer::{TokenKind, clean_doc};
use super::super::model::Namespace;
use super::cursor::{Parsed, Parser};

impl Parser<'_> {
    /// Reads one header, or tells that there is none.
    pub(super) fn header(&mut self) -> Parsed<bool> {
        let token = self.token();
        let word = self.word();
        let old_scope = old_scope(word);
        if !matches!(word, "include" | "cpp_include" | "c_include" | "namespace") && old_scope.is_none() {
            return Ok(false);
        }
        self.file_doc();
        if !self.file.definitions.is_empty() {
            let finding = Diagnostic::new(Code::LateHeader, token.span, format!("`{word}` stands behind a declaration"));
            self.report.add(finding.help("Apache's compiler refuses this; move it to the head of the file"));
        }
        self.advance();
        match (word, old_scope) {
            ("include", _) => {
                let path = self.literal("the path of a file, in quotes")?;
                self.file.includes.push(path);
            }
            ("cpp_include" | "c_include", _) => {
                let path = self.literal("a C++ header, in quotes")?;
                self.file.cpp_includes.push(path.text);
            }
            (_, Some(scope)) => {
                let help = format!("Apache's compiler refuses it; write `namespace {scope} …`");
                self.report.add(Diagnostic::new(Code::OldForm, token.span, format!("`{word}` is outdated")).help(help));
                self.namespace(scope.to_owned())?;
            }
            _ => {
                let scope = if self.eat(b'*') { "*".to_owned() } else { self.used_name("a language, or `*`")?.text };
                self.namespace(scope)?;
            }
        }
        self.stray_separator();
        Ok(true)
    }

    fn namespace(&mut self, scope: String) -> Parsed<()> {
        let name = self.namespace_name()?;
        let annotations = self.annotations()?;
        self.file.namespaces.push(Namespace { scope, name, annotations });
        Ok(())
    }

    /// A dotted name, a literal, or what older files have: words joined by hyphens.
    fn namespace_name(&mut self) -> Parsed<String> {
        if self.token().kind == TokenKind::Literal {
            return Ok(self.literal("a namespace")?.text);
        }
        let first = self.used_name("a namespace")?;
        let mut span = first.span;
        while self.token().span.start == span.end && self.joins_namespace() {
            span = span.to(self.advance().span);
        }
        if span == first.span {
            return Ok(first.text);
        }
        let name = self.text[span.start as usize..span.end as usize].to_owned();
        let finding = Diagnostic::new(Code::OldForm, span, format!("the namespace `{name}` is not a dotted name"));
        self.report.add(finding.help("Apache's compiler refuses it"));
        Ok(name)
    }

    fn joins_namespace(&self) -> bool {
        matches!(self.token().kind, TokenKind::Word | TokenKind::Int | TokenKind::Symbol(b'-' | b'.'))
    }

    /// The first comment before the first header describes the file.
    fn file_doc(&mut self) {
        let first = self.file.includes.is_empty() && self.file.namespaces.is_empty() && self.file.definitions.is_empty();
        if first && self.file.doc.is_none() {
            let own = self.tokens.docs.first().filter(|(token, _)| *token <= self.at);
            self.file.doc = own.map(|(_, span)| clean_doc(&self.text[span.start as usize..span.end as usize]));
        }
    }
}

/// The scope that an outdated namespace keyword stands for.
fn old_scope(word: &str) -> Option<&'static str> {
    Some(match word {
        "cpp_namespace" => "cpp",
        "csharp_namespace" => "csharp",
        "delphi_namespace" => "delphi",
        "php_namespace" => "php",
        "ruby_namespace" => "rb",
        "xsd_namespace" => "xsd",
        "java_package" => "java",
        "javame_package" => "javame",
        "perl_package" => "perl",
        "py_module" => "py",
        "cocoa_prefix" | "cocoa_package" => "cocoa",
        "smalltalk_category" => "smalltalk.category",
        "smalltalk_prefix" => "smalltalk.prefix",
        _ => return None,
    })
}

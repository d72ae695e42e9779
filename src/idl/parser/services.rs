//! Services and their functions.

use super::super::ast::{Body, Definition, FunctionNode, ServiceNode};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::lexer::TokenKind;
use super::cursor::{Parsed, Parser, Skip};
use crate::idl::source::Span;

impl Parser<'_> {
    pub(super) fn service(&mut self, doc: Option<String>) -> Parsed<Definition> {
        self.advance();
        let name = self.new_name("a service name")?;
        let parent = if self.eat_word("extends") { Some(self.used_name("the name of the extended service")?) } else { None };
        let opener = self.expect(b'{', "behind the service's name")?;
        let functions = self.members(opener, b'}', Self::function)?;
        let annotations = self.annotations()?;
        self.stray_separator();
        Ok(Definition { name, doc, annotations, body: Body::Service(ServiceNode { parent, functions }) })
    }

    fn function(&mut self) -> Parsed<FunctionNode> {
        let doc = self.doc();
        let oneway = self.oneway();
        let returns = self.result()?;
        let name = self.new_name("a function name")?;
        let opener = self.expect(b'(', "behind the function's name")?;
        let arguments = self.fields(opener, b')')?;
        let mut throws = Vec::new();
        if self.eat_word("throws") {
            let opener = self.expect(b'(', "behind `throws`")?;
            throws = self.fields(opener, b')')?;
        }
        let annotations = self.annotations()?;
        self.separator();
        Ok(FunctionNode { name, oneway, returns, arguments, throws, doc, annotations })
    }

    /// `oneway` or its old name, unless it is the name of the function's result type.
    fn oneway(&mut self) -> Option<Span> {
        let span = self.token().span;
        if self.word() == "async" && self.ahead(1).kind == TokenKind::Word {
            self.report.add(Diagnostic::new(Code::OldForm, span, "`async` is outdated").help("write `oneway`"));
            self.advance();
            return Some(span);
        }
        self.eat_word("oneway").then_some(span)
    }

    /// The result's type; `None` is `void`.
    fn result(&mut self) -> Parsed<Option<super::super::ast::TypeNode>> {
        if self.eat_word("void") {
            return Ok(None);
        }
        let name_comes_first = self.is_symbol(1, b'(') && matches!(self.ahead(2).kind, TokenKind::Int | TokenKind::Symbol(b')'));
        if self.token().kind == TokenKind::Word && name_comes_first {
            let message = format!("the function `{}` has no result type", self.word());
            self.report.add(Diagnostic::new(Code::Syntax, self.token().span, message).help("write `void` before the name"));
            self.last_complaint = Some(self.at);
            return Err(Skip);
        }
        self.type_use().map(Some)
    }
}

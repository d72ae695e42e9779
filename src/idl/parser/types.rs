//! Types and annotations.

use super::super::ast::{MAX_NESTING, TypeKind, TypeNode};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::lexer::TokenKind;
use super::super::model::{Annotations, Type};
use super::cursor::{Parsed, Parser, RESERVED, Skip};

impl Parser<'_> {
    /// A type with its annotations.
    pub(super) fn type_use(&mut self) -> Parsed<TypeNode> {
        self.nested_type(1)
    }

    fn nested_type(&mut self, depth: usize) -> Parsed<TypeNode> {
        let start = self.token().span;
        let word = self.word();
        if depth > MAX_NESTING {
            return Err(self.too_deep("types"));
        }
        if word.is_empty() {
            return Err(self.fail("a type"));
        }
        if word == "void" {
            let finding = Diagnostic::new(Code::VoidType, start, "`void` is no type of a value");
            self.report.add(finding.help("only the result of a function can be `void`"));
            return Err(Skip);
        }
        self.advance();
        let mut cpp_type = None;
        let kind = match word {
            "list" | "set" | "map" => self.container(word, depth, &mut cpp_type)?,
            _ => base_type(word).map_or_else(|| TypeKind::Named(word.to_owned()), TypeKind::Base),
        };
        if matches!(kind, TypeKind::Named(_)) && self.is_symbol(0, b'<') {
            return Err(self.unknown_container(word));
        }
        let span = start.to(self.last_span());
        let mut annotations = self.annotations()?;
        annotations.0.extend(cpp_type.map(|name| ("cpp.type".to_owned(), name)));
        Ok(TypeNode { kind, annotations, span })
    }

    /// What follows `list`, `set` or `map`.
    fn container(&mut self, word: &str, depth: usize, cpp_type: &mut Option<String>) -> Parsed<TypeKind> {
        self.cpp_type(cpp_type)?;
        let place = format!("behind `{word}`");
        self.expect(b'<', &place)?;
        let first = Box::new(self.nested_type(depth + 1)?);
        let kind = match word {
            "list" => TypeKind::List(first),
            "set" => TypeKind::Set(first),
            _ => {
                self.expect(b',', "between the key's type and the value's")?;
                TypeKind::Map(first, Box::new(self.nested_type(depth + 1)?))
            }
        };
        self.expect(b'>', "behind the element's type")?;
        self.cpp_type(cpp_type)?;
        Ok(kind)
    }

    fn cpp_type(&mut self, cpp_type: &mut Option<String>) -> Parsed<()> {
        if self.word() == "cpp_type" && self.ahead(1).kind == TokenKind::Literal {
            self.advance();
            *cpp_type = Some(self.literal("a C++ type, in quotes")?.text);
        }
        Ok(())
    }

    fn unknown_container(&mut self, word: &str) -> Skip {
        let span = self.last_span();
        let help = match word {
            "stream" | "sink" => "streams are fbthrift's; return a list, or call again for the next part",
            "hash_map" | "unordered_map" => "write `map<…>`",
            "hash_set" | "unordered_set" => "write `set<…>`",
            _ => "the containers are `list<…>`, `set<…>` and `map<…, …>`",
        };
        self.report.add(Diagnostic::new(Code::ForeignSyntax, span, format!("there is no container `{word}<…>`")).help(help));
        self.skip_parameters();
        Skip
    }

    /// Goes behind the `>` that closes the `<` at the current token, where there is one close by.
    fn skip_parameters(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.token().kind {
                TokenKind::Symbol(b'<') => open += 1,
                TokenKind::Symbol(b'>') => open -= 1,
                TokenKind::Word | TokenKind::Symbol(b',') => {}
                _ => return,
            }
            self.advance();
            if open == 0 {
                return;
            }
        }
    }

    pub(super) fn too_deep(&mut self, what: &str) -> Skip {
        if self.last_complaint.replace(self.at) != Some(self.at) {
            let message = format!("{what} are nested more than {MAX_NESTING} deep");
            self.report.add(Diagnostic::new(Code::TooDeep, self.token().span, message));
        }
        Skip
    }

    /// `(key = "value", other)`, or nothing.
    pub(super) fn annotations(&mut self) -> Parsed<Annotations> {
        if !self.is_symbol(0, b'(') {
            return Ok(Annotations::default());
        }
        let opener = self.advance().span;
        let list = self.members(opener, b')', |parser| {
            let key = parser.annotation_key()?;
            let value = if parser.eat(b'=') { parser.annotation_value()? } else { "1".to_owned() };
            parser.separator();
            Ok((key, value))
        })?;
        Ok(Annotations(list))
    }

    fn annotation_key(&mut self) -> Parsed<String> {
        let key = self.used_name("an annotation's name, or `)`")?;
        if RESERVED.contains(&key.text.as_str()) {
            let message = format!("`{}` is a reserved word, used as an annotation's name", key.text);
            let finding = Diagnostic::new(Code::ReservedWord, key.span, message);
            self.report
                .add(finding.help("Apache's compiler refuses it here; choose another name if the file must compile with it"));
        }
        Ok(key.text)
    }

    fn annotation_value(&mut self) -> Parsed<String> {
        Ok(self.literal("an annotation's value, in quotes")?.text)
    }
}

fn base_type(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "byte" | "i8" => Type::I8,
        "i16" => Type::I16,
        "i32" => Type::I32,
        "i64" => Type::I64,
        "double" => Type::Double,
        "string" | "slist" => Type::String,
        "binary" => Type::Binary,
        "uuid" => Type::Uuid,
        _ => return None,
    })
}

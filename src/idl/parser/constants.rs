//! Constant values.
//!
//! Whether a value fits its type is the resolver's to say.

use super::super::ast::{ConstKind, ConstNode, MAX_NESTING};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::lexer::{Token, TokenKind};
use super::cursor::{Parsed, Parser};

impl Parser<'_> {
    /// Any constant value.
    pub(super) fn constant(&mut self) -> Parsed<ConstNode> {
        self.nested_constant(1)
    }

    fn nested_constant(&mut self, depth: usize) -> Parsed<ConstNode> {
        let token = self.token();
        if depth > MAX_NESTING {
            return Err(self.too_deep("constants"));
        }
        let kind = match token.kind {
            TokenKind::Int => {
                let (value, hex) = self.int(token);
                ConstKind::Int { value, hex }
            }
            TokenKind::Double => ConstKind::Double(self.text_of(token).parse().unwrap_or_default()),
            TokenKind::Literal => {
                return self.literal("a literal").map(|name| ConstNode { kind: ConstKind::Literal(name.text), span: name.span });
            }
            TokenKind::Word => match self.text_of(token) {
                "true" => ConstKind::Bool(true),
                "false" => ConstKind::Bool(false),
                name => ConstKind::Name(name.to_owned()),
            },
            TokenKind::Symbol(b'[') => return self.list(depth),
            TokenKind::Symbol(b'{') => return self.map(depth),
            _ => return Err(self.fail("a value")),
        };
        self.advance();
        Ok(ConstNode { kind, span: token.span })
    }

    fn list(&mut self, depth: usize) -> Parsed<ConstNode> {
        let opener = self.advance().span;
        let list = self.members(opener, b']', |parser| {
            let element = parser.nested_constant(depth + 1)?;
            parser.separator();
            Ok(element)
        })?;
        Ok(ConstNode { kind: ConstKind::List(list), span: opener.to(self.last_span()) })
    }

    fn map(&mut self, depth: usize) -> Parsed<ConstNode> {
        let opener = self.advance().span;
        let list = self.members(opener, b'}', |parser| {
            let key = parser.nested_constant(depth + 1)?;
            parser.expect(b':', "between key and value")?;
            let value = parser.nested_constant(depth + 1)?;
            parser.separator();
            Ok((key, value))
        })?;
        Ok(ConstNode { kind: ConstKind::Map(list), span: opener.to(self.last_span()) })
    }

    /// A whole number where the grammar wants one; `true` and `false` are numbers to Apache's compiler.
    pub(super) fn whole_number(&mut self, expected: &str) -> Parsed<i64> {
        let token = self.token();
        let number = match (token.kind, self.word()) {
            (TokenKind::Int, _) => self.int(token).0,
            (_, "true") => 1,
            (_, "false") => 0,
            _ => return Err(self.fail(expected)),
        };
        self.advance();
        Ok(number)
    }

    /// The value of a number token, and whether it is hexadecimal.
    fn int(&mut self, token: Token) -> (i64, bool) {
        let text = self.text_of(token);
        let digits = text.trim_start_matches(['+', '-']);
        let (digits, radix) = digits.strip_prefix("0x").map_or((digits, 10), |hex| (hex, 16));
        let magnitude = i128::from_str_radix(digits, radix).ok();
        let signed = magnitude.map(|magnitude| if text.starts_with('-') { -magnitude } else { magnitude });
        let value = signed.and_then(|value| i64::try_from(value).ok()).or_else(|| wrapped(signed?, radix));
        if value.is_none() {
            self.report.add(Diagnostic::new(Code::NumberTooLarge, token.span, format!("`{text}` does not fit in 64 bits")));
        }
        (value.unwrap_or_default(), radix == 16)
    }
}

/// Sixteen hexadecimal digits are the bits of a number, whatever its sign.
fn wrapped(value: i128, radix: u32) -> Option<i64> {
    (radix == 16).then(|| u64::try_from(value).ok().map(|bits| bits as i64)).flatten()
}

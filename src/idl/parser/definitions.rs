//! Declarations, all but services: typedefs, constants, enums, and structs with their fields.

use super::super::ast::{Body, Definition, EnumNode, FieldNode};
use super::super::diagnostic::{Code, Diagnostic};
use super::super::lexer::TokenKind;
use super::super::model::{Annotations, Requiredness, StructKind};
use super::super::source::Span;
use super::cursor::{Parsed, Parser, STATEMENT};

impl Parser<'_> {
    /// Any declaration.
    pub(super) fn definition(&mut self) -> Parsed<Definition> {
        let doc = self.doc();
        match self.word() {
            "typedef" => self.typedef(doc),
            "const" => self.constant_definition(doc),
            "enum" => self.enumeration(doc),
            "senum" => self.senum(doc),
            "struct" => self.record(doc, StructKind::Struct),
            "union" => self.record(doc, StructKind::Union),
            "exception" => self.record(doc, StructKind::Exception),
            "service" => self.service(doc),
            _ => Err(self.fail(STATEMENT)),
        }
    }

    fn typedef(&mut self, doc: Option<String>) -> Parsed<Definition> {
        self.advance();
        let target = self.type_use()?;
        let name = self.new_name("a type name")?;
        let annotations = self.annotations()?;
        self.separator();
        Ok(Definition { name, doc, annotations, body: Body::Typedef(target) })
    }

    fn constant_definition(&mut self, doc: Option<String>) -> Parsed<Definition> {
        self.advance();
        let ty = self.type_use()?;
        let name = self.new_name("a constant's name")?;
        self.expect(b'=', "behind the constant's name")?;
        let value = self.constant()?;
        let annotations = self.annotations()?;
        self.separator();
        Ok(Definition { name, doc, annotations, body: Body::Constant(ty, value) })
    }

    fn senum(&mut self, doc: Option<String>) -> Parsed<Definition> {
        let keyword = self.advance().span;
        let help = "Apache's compiler no longer takes it; write `enum`, or `typedef string`";
        self.report.add(Diagnostic::new(Code::OldForm, keyword, "`senum` is outdated").help(help));
        let name = self.new_name("a type name")?;
        let opener = self.expect(b'{', "behind the name")?;
        let literals = self.members(opener, b'}', |parser| {
            let literal = parser.literal("a literal")?;
            parser.separator();
            Ok(literal.text)
        })?;
        let annotations = self.annotations()?;
        self.stray_separator();
        Ok(Definition { name, doc, annotations, body: Body::Senum(literals) })
    }

    fn enumeration(&mut self, doc: Option<String>) -> Parsed<Definition> {
        self.advance();
        let name = self.new_name("a type name")?;
        let opener = self.expect(b'{', "behind the enum's name")?;
        let mut next = 0;
        let values = self.members(opener, b'}', |parser| {
            let value = parser.enum_value(next)?;
            next = value.number.wrapping_add(1);
            Ok(value)
        })?;
        let annotations = self.annotations()?;
        self.stray_separator();
        Ok(Definition { name, doc, annotations, body: Body::Enum(values) })
    }

    fn enum_value(&mut self, implied: i64) -> Parsed<EnumNode> {
        let doc = self.doc();
        let name = self.new_name("the name of an enum value")?;
        let mut value = EnumNode { number: implied, number_span: name.span, name, doc, annotations: Annotations::default() };
        if self.eat(b'=') {
            value.number_span = self.token().span;
            value.number = self.whole_number("a whole number")?;
        }
        value.annotations = self.annotations()?;
        self.separator();
        Ok(value)
    }

    fn record(&mut self, doc: Option<String>, kind: StructKind) -> Parsed<Definition> {
        self.advance();
        let name = self.new_name("a type name")?;
        self.eat_word("xsd_all");
        let opener = self.expect(b'{', "behind the name")?;
        let fields = self.fields(opener, b'}')?;
        let annotations = self.annotations()?;
        self.stray_separator();
        Ok(Definition { name, doc, annotations, body: Body::Record(kind, fields) })
    }

    /// The fields of a struct, of an argument list, or of a throws clause.
    pub(super) fn fields(&mut self, opener: Span, closer: u8) -> Parsed<Vec<FieldNode>> {
        self.members(opener, closer, Self::field)
    }

    fn field(&mut self) -> Parsed<FieldNode> {
        let doc = self.doc();
        let id = self.field_id()?;
        let requiredness = self.requiredness();
        let ty = self.type_use()?;
        let reference = self.eat(b'&');
        let name = self.new_name("a field name")?;
        let default = if self.eat(b'=') { Some(self.constant()?) } else { None };
        self.xsd_clauses()?;
        let annotations = self.annotations()?;
        self.separator();
        Ok(FieldNode { id, requiredness, ty, reference, name, default, doc, annotations })
    }

    fn field_id(&mut self) -> Parsed<Option<(i64, Span)>> {
        let token = self.token();
        let is_bool = matches!(self.word(), "true" | "false") && self.is_symbol(1, b':');
        if token.kind != TokenKind::Int && !is_bool {
            return Ok(None);
        }
        let id = self.whole_number("a field id")?;
        self.expect(b':', "behind the field id")?;
        Ok(Some((id, token.span)))
    }

    fn requiredness(&mut self) -> (Requiredness, Span) {
        let span = self.token().span;
        if self.eat_word("required") {
            (Requiredness::Required, span)
        } else if self.eat_word("optional") {
            (Requiredness::Optional, span)
        } else {
            (Requiredness::Default, span)
        }
    }

    /// Read and dropped: they speak to Apache's XSD generator alone.
    fn xsd_clauses(&mut self) -> Parsed<()> {
        self.eat_word("xsd_optional");
        self.eat_word("xsd_nillable");
        if self.word() == "xsd_attrs" && self.is_symbol(1, b'{') {
            self.advance();
            let opener = self.advance().span;
            self.members(opener, b'}', Self::attribute)?;
        }
        Ok(())
    }

    /// A field of `xsd_attrs`: without `xsd_attrs` of its own, for nobody nests them and recursion must end.
    fn attribute(&mut self) -> Parsed<()> {
        self.field_id()?;
        self.requiredness();
        self.type_use()?;
        self.new_name("a field name")?;
        if self.eat(b'=') {
            self.constant()?;
        }
        self.annotations()?;
        self.separator();
        Ok(())
    }
}

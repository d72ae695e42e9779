//! What one file says, before any name is looked up.
//!
//! The tree owns its text and keeps a span wherever a finding may have to point. Types and constants are nested at most
//! [`MAX_NESTING`] deep, so recursion over them is safe.

use std::collections::HashSet;

use super::model::{Annotations, Requiredness, StructKind};
use super::source::Span;

/// How deep types and constants may be nested: far beyond what people write, far below what a stack holds.
pub(super) const MAX_NESTING: usize = 64;

/// One file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// The comment at its head.
    pub doc: Option<String>,
    /// Namespaces.
    pub namespaces: Vec<super::model::Namespace>,
    /// Includes in source order.
    pub includes: Vec<Name>,
    /// The texts of `cpp_include` and `c_include`.
    pub cpp_includes: Vec<String>,
    /// Declarations in source order.
    pub definitions: Vec<Definition>,
    /// The words of what was skipped after syntax errors: a name among them may well be declared.
    pub lost: HashSet<String>,
    /// Reading ended before the file did: any name may be declared.
    pub incomplete: bool,
}

impl File {
    /// Whether `name` may be declared in a part of the file that could not be read.
    pub(crate) fn may_declare(&self, name: &str) -> bool {
        self.incomplete || self.lost.contains(name)
    }
}

/// A piece of text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// A name as written, or the value of a literal.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A declaration.
#[derive(Debug)]
pub(super) struct Definition {
    /// Its name.
    pub name: Name,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
    /// What it declares.
    pub body: Body,
}

/// What a declaration declares.
#[derive(Debug)]
pub(super) enum Body {
    /// `typedef type name`
    Typedef(TypeNode),
    /// `senum name { "literals" }`
    Senum(Vec<String>),
    /// `enum`
    Enum(Vec<EnumNode>),
    /// `struct`, `union`, `exception`
    Record(StructKind, Vec<FieldNode>),
    /// `const type name = value`
    Constant(TypeNode, ConstNode),
    /// `service`
    Service(ServiceNode),
}

/// One value of an enum. The number is what was written, or follows from the value before.
#[derive(Debug)]
pub(super) struct EnumNode {
    /// Its name.
    pub name: Name,
    /// Its number, not yet checked against 32 bits.
    pub number: i64,
    /// Where the number stands, or the name where it is implied.
    pub number_span: Span,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
}

/// What stands behind `service name`.
#[derive(Debug)]
pub(super) struct ServiceNode {
    /// The service it extends.
    pub parent: Option<Name>,
    /// Its functions.
    pub functions: Vec<FunctionNode>,
}

/// A function.
#[derive(Debug)]
pub(super) struct FunctionNode {
    /// Its name.
    pub name: Name,
    /// Where `oneway` or `async` stands.
    pub oneway: Option<Span>,
    /// The result, `None` for `void`.
    pub returns: Option<TypeNode>,
    /// The arguments.
    pub arguments: Vec<FieldNode>,
    /// The exceptions.
    pub throws: Vec<FieldNode>,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
}

/// A field, argument or exception.
#[derive(Debug)]
pub(super) struct FieldNode {
    /// The id as written; absent ones are numbered by the resolver.
    pub id: Option<(i64, Span)>,
    /// The word before the type, and where it stands.
    pub requiredness: (Requiredness, Span),
    /// The type.
    pub ty: TypeNode,
    /// `&` was written.
    pub reference: bool,
    /// Its name.
    pub name: Name,
    /// The value behind `=`.
    pub default: Option<ConstNode>,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
}

/// A type where it is used.
#[derive(Debug)]
pub(super) struct TypeNode {
    /// What it is.
    pub kind: TypeKind,
    /// The annotations of this use.
    pub annotations: Annotations,
    /// Where it stands, without the annotations.
    pub span: Span,
}

/// The forms of a type.
#[derive(Debug)]
pub(super) enum TypeKind {
    /// One of the built-in types without parameters.
    Base(super::model::Type),
    /// A declared one, by its possibly dotted name.
    Named(String),
    /// `list<element>`
    List(Box<TypeNode>),
    /// `set<element>`
    Set(Box<TypeNode>),
    /// `map<key, value>`
    Map(Box<TypeNode>, Box<TypeNode>),
}

/// A constant value.
#[derive(Debug)]
pub(super) struct ConstNode {
    /// What it is.
    pub kind: ConstKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a constant value.
#[derive(Debug)]
pub(super) enum ConstKind {
    /// `true` or `false`
    Bool(bool),
    /// A whole number; `hex` when it was written as `0x…`.
    Int {
        /// The number.
        value: i64,
        /// Written in hexadecimal.
        hex: bool,
    },
    /// A number with a fraction or an exponent.
    Double(f64),
    /// A literal's value.
    Literal(String),
    /// The possibly dotted name of a constant or an enum value.
    Name(String),
    /// `[…]`
    List(Vec<ConstNode>),
    /// `{key: value}`
    Map(Vec<(ConstNode, ConstNode)>),
}

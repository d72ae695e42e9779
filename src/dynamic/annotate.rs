//! What each byte of a message is, for a person who looks at it. It shows what is there, whether or not the IDL declares it.

use crate::idl::model::{Field as Declared, Program, Type};
use crate::wire::{Codec, Error, Input, Reader, Visit, WireType};

use super::describe::name;
use super::find::Method;

/// Characters of a text that are shown, and bytes of a binary.
const SHOWN_MAX: usize = 48;
/// More pieces than this nobody reads.
const NOTES_MAX: usize = 2000;

/// A piece of a message, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it begins, in bytes from the start of the message.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How many structs and containers it stands in.
    pub depth: usize,
    /// What it is.
    pub text: String,
}

/// What the struct of a message is.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// The arguments of a call.
    Arguments,
    /// What a method returned or threw.
    Result,
    /// A TApplicationException.
    Exception,
}

/// Explains the struct of a message to `method` or from it, as far as it can be read; the error says why it goes no further.
pub fn annotate(method: Method<'_>, part: Part, codec: Codec, mut input: Input<'_>) -> (Vec<Note>, Option<Error>) {
    let mut notes = Vec::new();
    let outcome = codec.visit(&mut input, Annotator { method, part, codec, notes: &mut notes });
    (notes, outcome.err())
}

struct Annotator<'n, 'p> {
    method: Method<'p>,
    part: Part,
    codec: Codec,
    notes: &'n mut Vec<Note>,
}

/// Which names and types the fields of a struct have.
#[derive(Clone, Copy)]
enum Shape<'p> {
    Declared(&'p [Declared]),
    Result,
    Exception,
    Unknown,
}

impl<'a> Visit<'a> for Annotator<'_, '_> {
    type Output = ();

    fn visit<R: Reader<'a>>(mut self, reader: &mut R) -> Result<(), Error> {
        let shape = match self.part {
            Part::Arguments => Shape::Declared(&self.method.function.arguments),
            Part::Result => Shape::Result,
            Part::Exception => Shape::Exception,
        };
        self.structure(reader, shape, 0)
    }
}

impl<'p> Annotator<'_, 'p> {
    fn program(&self) -> &'p Program {
        self.method.program
    }

    /// Notes what was read since `start`.
    fn note<'a, R: Reader<'a>>(&mut self, reader: &mut R, start: usize, depth: usize, text: impl Into<String>) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push(Note { start, end: reader.input().position(), depth, text: text.into() });
        }
    }

    fn field(&self, shape: Shape<'p>, id: i16) -> (Option<&'p str>, Option<&'p Type>) {
        let function = self.method.function;
        let in_list = |fields: &'p [Declared]| fields.iter().find(|field| field.id == id);
        let declared = match shape {
            Shape::Declared(fields) => in_list(fields),
            Shape::Result if id == 0 => return (Some("what is returned"), function.returns.as_ref().map(|returns| &returns.ty)),
            Shape::Result => in_list(&function.throws),
            Shape::Exception if id == 1 => return (Some("message"), Some(&Type::String)),
            Shape::Exception if id == 2 => return (Some("type"), Some(&Type::I32)),
            Shape::Exception | Shape::Unknown => None,
        };
        (declared.map(|field| &*field.name), declared.map(|field| &field.ty.ty))
    }

    fn structure<'a, R: Reader<'a>>(&mut self, reader: &mut R, shape: Shape<'p>, depth: usize) -> Result<(), Error> {
        let start = reader.input().position();
        reader.struct_begin()?;
        if reader.input().position() > start {
            self.note(reader, start, depth, "struct");
        }
        loop {
            let start = reader.input().position();
            let Some(field) = reader.field()? else {
                self.note(reader, start, depth, "end of the struct");
                return Ok(());
            };
            let (known, ty) = self.field(shape, field.id);
            let ty = ty.filter(|ty| super::value::kind(self.program(), ty) == field.kind);
            let kind = ty.map_or_else(|| kind(field.kind).to_owned(), |ty| name(self.program(), ty));
            let text = match known {
                Some(known) if ty.is_some() => format!("field {}, {known}: {kind}", field.id),
                Some(known) => format!("field {}, {known}: {kind}, which the IDL does not say", field.id),
                None => format!("field {}, which the IDL does not declare: {kind}", field.id),
            };
            self.note(reader, start, depth, text);
            self.value(reader, ty, field.kind, depth + 1)?;
        }
    }

    fn value<'a, R: Reader<'a>>(
        &mut self,
        reader: &mut R,
        ty: Option<&'p Type>,
        kind: WireType,
        depth: usize,
    ) -> Result<(), Error> {
        let ty = ty.map(|ty| self.program().resolve(ty));
        let start = reader.input().position();
        let text = match kind {
            WireType::Struct => {
                let shape = match ty {
                    Some(Type::Struct(id)) => Shape::Declared(&self.program()[*id].fields),
                    _ => Shape::Unknown,
                };
                return self.structure(reader, shape, depth);
            }
            WireType::List | WireType::Set => return self.elements(reader, ty, kind, depth),
            WireType::Map => return self.map(reader, ty, depth),
            WireType::Bool => reader.bool()?.to_string(),
            WireType::I8 => reader.i8()?.to_string(),
            WireType::I16 => reader.i16()?.to_string(),
            WireType::I32 => self.number(ty, reader.i32()?),
            WireType::I64 => reader.i64()?.to_string(),
            WireType::Double => format!("{:?}", reader.double()?),
            WireType::Uuid => reader.uuid()?.to_string(),
            WireType::String if self.is_text(ty) => shown(&reader.str()?),
            WireType::String => {
                let bytes = reader.binary()?;
                str::from_utf8(&bytes).map_or_else(|_| format!("{} bytes", bytes.len()), shown)
            }
        };
        self.note(reader, start, depth, text);
        Ok(())
    }

    /// In JSON nothing but the IDL tells a binary from a text.
    fn is_text(&self, ty: Option<&Type>) -> bool {
        matches!(ty, Some(Type::String)) || (self.codec == Codec::Json && !matches!(ty, Some(Type::Binary)))
    }

    fn number(&self, ty: Option<&Type>, number: i32) -> String {
        let Some(Type::Enum(id)) = ty else { return number.to_string() };
        let known = self.program()[*id].values.iter().find(|value| value.number == number);
        known.map_or_else(|| format!("{number}, which has no name"), |value| format!("{} ({number})", value.name))
    }

    fn elements<'a, R: Reader<'a>>(
        &mut self,
        reader: &mut R,
        ty: Option<&'p Type>,
        kind: WireType,
        depth: usize,
    ) -> Result<(), Error> {
        let start = reader.input().position();
        let (word, found) = if kind == WireType::List { ("list", reader.list()?) } else { ("set", reader.set()?) };
        let of = found.kind.map_or(String::new(), |kind| format!(" of {}", self::kind(kind)));
        self.note(reader, start, depth, format!("{word}{of}, {} elements", found.len));
        let element = match ty {
            Some(Type::List(element) | Type::Set(element)) => Some(&element.ty),
            _ => None,
        };
        if let Some(kind) = found.kind {
            for _ in 0..found.len {
                self.value(reader, element, kind, depth + 1)?;
            }
        }
        let end = reader.input().position();
        if kind == WireType::List {
            reader.list_end()?;
        } else {
            reader.set_end()?;
        }
        self.end(reader, end, depth, word);
        Ok(())
    }

    fn map<'a, R: Reader<'a>>(&mut self, reader: &mut R, ty: Option<&'p Type>, depth: usize) -> Result<(), Error> {
        let start = reader.input().position();
        let found = reader.map()?;
        let of = found.kinds.map_or(String::new(), |(key, value)| format!(" of {} to {}", kind(key), kind(value)));
        self.note(reader, start, depth, format!("map{of}, {} pairs", found.len));
        let (key, value) = match ty {
            Some(Type::Map(key, value)) => (Some(&key.ty), Some(&value.ty)),
            _ => (None, None),
        };
        if let Some((key_kind, kind)) = found.kinds {
            for _ in 0..found.len {
                self.value(reader, key, key_kind, depth + 1)?;
                self.value(reader, value, kind, depth + 2)?;
            }
        }
        let end = reader.input().position();
        reader.map_end()?;
        self.end(reader, end, depth, "map");
        Ok(())
    }

    /// Only JSON writes something behind a container.
    fn end<'a, R: Reader<'a>>(&mut self, reader: &mut R, start: usize, depth: usize, word: &str) {
        if reader.input().position() > start {
            self.note(reader, start, depth, format!("end of the {word}"));
        }
    }
}

fn kind(kind: WireType) -> &'static str {
    match kind {
        WireType::Bool => "bool",
        WireType::I8 => "i8",
        WireType::I16 => "i16",
        WireType::I32 => "i32",
        WireType::I64 => "i64",
        WireType::Double => "double",
        WireType::String => "string",
        WireType::Struct => "struct",
        WireType::Map => "map",
        WireType::Set => "set",
        WireType::List => "list",
        WireType::Uuid => "uuid",
    }
}

fn shown(text: &str) -> String {
    let start: String = text.chars().take(SHOWN_MAX).collect();
    let more = if start.len() < text.len() { format!("... ({} bytes)", text.len()) } else { String::new() };
    format!("{start:?}{more}")
}

//! Which Rust type stands for a type of the IDL, and what can be done with its values.

use std::collections::HashSet;

use crate::idl::model::{
    Annotations, EnumId, Field, Head, Program, Requiredness, Struct, StructId, StructKind, Type, TypeUse, TypedefId,
};

use super::options::Options;

/// A Rust type. It is not text yet: how it is spelled depends on the module that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rust {
    Bool,
    I8,
    I16,
    I32,
    I64,
    Double,
    String,
    /// `wire::Text`, asked for by an annotation.
    Text,
    Bytes,
    /// `Vec<u8>`, asked for by an option.
    ByteVec,
    Uuid,
    Enum(EnumId),
    Struct(StructId),
    /// A typedef, and the type it stands for.
    Alias(TypedefId, Box<Rust>),
    List(Box<Rust>),
    Set(Keyed, Box<Rust>),
    Map(Keyed, Box<Rust>, Box<Rust>),
    /// `Cow<'a, str>`: text that a message lends.
    Str,
    /// `wire::Binary<'a>`: bytes that a message lends.
    Binary,
    /// The form of a struct whose contents a message lends.
    Lent(StructId),
}

/// The two forms that a struct can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Its contents are its own.
    Owned,
    /// They are borrowed from a message.
    Lent,
}

/// How a set or map finds its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyed {
    /// `HashSet`, `HashMap`.
    Hash,
    /// `BTreeSet`, `BTreeMap`.
    Tree,
    /// `wire::VecSet`, `wire::VecMap`: not at all.
    Not,
}

/// What the values of a type can do beyond what all can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) eq: bool,
    pub(super) hash: bool,
    pub(super) ord: bool,
}

const ALL: Abilities = Abilities { eq: true, hash: true, ord: true };
const NONE: Abilities = Abilities { eq: false, hash: false, ord: false };

impl Abilities {
    fn and(self, other: Self) -> Self {
        Self { eq: self.eq && other.eq, hash: self.hash && other.hash, ord: self.ord && other.ord }
    }
}

/// How a field holds its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// In an `Option`.
    pub(super) optional: bool,
    /// In a `Box`, inside the `Option`.
    pub(super) boxed: bool,
}

impl Rust {
    /// The type behind typedefs.
    pub(super) fn resolved(&self) -> &Self {
        match self {
            Self::Alias(_, target) => target.resolved(),
            other => other,
        }
    }

    /// The variant of `wire::WireType` that it travels as.
    pub(super) fn wire_type(&self) -> &'static str {
        match self.resolved() {
            Self::Bool => "Bool",
            Self::I8 => "I8",
            Self::I16 => "I16",
            Self::I32 | Self::Enum(_) => "I32",
            Self::I64 => "I64",
            Self::Double => "Double",
            Self::String | Self::Text | Self::Bytes | Self::ByteVec | Self::Str | Self::Binary => "String",
            Self::Uuid => "Uuid",
            Self::Struct(_) | Self::Lent(_) | Self::Alias(..) => "Struct",
            Self::List(_) => "List",
            Self::Set(..) => "Set",
            Self::Map(..) => "Map",
        }
    }

    /// Whether values borrow from a message.
    pub(super) fn borrows(&self) -> bool {
        match self {
            Self::Str | Self::Binary | Self::Lent(_) => true,
            Self::Alias(_, part) | Self::List(part) | Self::Set(_, part) => part.borrows(),
            Self::Map(_, key, value) => key.borrows() || value.borrows(),
            _ => false,
        }
    }

    /// Whether values are copied rather than lent.
    pub(super) fn is_copy(&self) -> bool {
        matches!(
            self.resolved(),
            Self::Bool | Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::Double | Self::Uuid | Self::Enum(_)
        )
    }
}

/// Knows the Rust type of everything in a program.
#[derive(Debug)]
pub(super) struct Types<'p> {
    program: &'p Program,
    options: &'p Options,
    /// By the structs of the program.
    structs: Vec<Abilities>,
    /// Which structs of the program have a lent form.
    lent: Vec<bool>,
}

impl<'p> Types<'p> {
    /// Works out what every struct can do: as much as all its fields can. Recursive structs can do what the rest of them can,
    /// so the search starts from "everything" and takes away.
    pub(super) fn new(program: &'p Program, options: &'p Options) -> Self {
        let count = program.structs.len();
        let mut types = Self { program, options, structs: vec![ALL; count], lent: vec![false; count] };
        loop {
            let structs: Vec<_> = (0..count).map(|id| types.of_fields(StructId(id))).collect();
            let lent: Vec<_> = (0..count).map(|id| types.can_lend(StructId(id))).collect();
            if structs == types.structs && lent == types.lent {
                return types;
            }
            (types.structs, types.lent) = (structs, lent);
        }
    }

    /// Whether a struct is to be lent, and has anything to lend as far as is known.
    fn can_lend(&self, id: StructId) -> bool {
        let Struct { head, kind, fields, .. } = &self.program[id];
        let wanted = *kind != StructKind::Exception && self.options.borrow.lead_to(&self.place(head));
        wanted && fields.iter().any(|field| self.lend(&self.field(id, field), true).borrows())
    }

    /// Whether a struct has a lent form.
    pub(super) fn lends(&self, id: StructId) -> bool {
        self.lent[id.0]
    }

    /// The type for a value of `rust` that a message lends: the structs that can be lent, and with `all` all that can be.
    pub(super) fn lend(&self, rust: &Rust, all: bool) -> Rust {
        let boxed = |part: &Rust| Box::new(self.lend(part, all));
        let keyed = |keyed: Keyed, lent: &Rust| if all || lent.borrows() { Keyed::Not } else { keyed };
        match rust {
            Rust::String if all => Rust::Str,
            Rust::Bytes | Rust::ByteVec if all => Rust::Binary,
            Rust::Struct(id) if self.lends(*id) => Rust::Lent(*id),
            Rust::Alias(_, target) => match self.lend(target, all) {
                same if same == **target => rust.clone(),
                lent => lent,
            },
            Rust::List(element) => Rust::List(boxed(element)),
            Rust::Set(by, element) => {
                let element = boxed(element);
                Rust::Set(keyed(*by, &element), element)
            }
            Rust::Map(by, key, value) => {
                let (key, value) = (boxed(key), boxed(value));
                Rust::Map(keyed(*by, &key), key, value)
            }
            other => other.clone(),
        }
    }

    fn of_fields(&self, id: StructId) -> Abilities {
        let fields = &self.program[id].fields;
        let of_field = |field: &Field| self.abilities(&self.field(id, field));
        fields.iter().map(of_field).fold(self.structs[id.0], Abilities::and)
    }

    /// What values of a struct can do.
    pub(super) fn of_struct(&self, id: StructId) -> Abilities {
        self.structs[id.0]
    }

    /// What values of a type can do.
    pub(super) fn abilities(&self, rust: &Rust) -> Abilities {
        match rust {
            Rust::Double | Rust::Set(Keyed::Not, _) | Rust::Map(Keyed::Not, ..) | Rust::Lent(_) => NONE,
            Rust::Struct(id) => self.structs[id.0],
            Rust::Alias(_, target) | Rust::List(target) | Rust::Set(Keyed::Tree, target) => self.abilities(target),
            Rust::Set(Keyed::Hash, element) => Abilities { eq: self.abilities(element).eq, ..NONE },
            Rust::Map(Keyed::Tree, key, value) => self.abilities(key).and(self.abilities(value)),
            Rust::Map(Keyed::Hash, key, value) => Abilities { eq: self.abilities(key).and(self.abilities(value)).eq, ..NONE },
            _ => ALL,
        }
    }

    /// Whether structs are to be ordered where they can be.
    pub(super) fn wants_ord(&self) -> bool {
        !(self.options.btree_map.is_empty() && self.options.btree_set.is_empty())
    }

    /// Where a declaration stands, for the paths of options.
    pub(super) fn place<'a>(&'a self, head: &'a Head) -> Vec<&'a str> {
        vec![&self.program[head.module].stem, &head.name]
    }

    /// The type of a field of a struct, without `Option` and `Box`.
    pub(super) fn field(&self, id: StructId, field: &Field) -> Rust {
        let mut place = self.place(&self.program[id].head);
        place.push(&field.name);
        self.of(&field.ty, &place)
    }

    /// The same in one of the forms of the struct.
    pub(super) fn field_in(&self, form: Form, id: StructId, field: &Field) -> Rust {
        let owned = self.field(id, field);
        if form == Form::Lent { self.lend(&owned, true) } else { owned }
    }

    /// How a field of a struct holds its value. What a struct contains itself by must be able to be absent, or no finite value
    /// would exist.
    pub(super) fn shape(&self, id: StructId, field: &Field) -> Shape {
        let is_struct = matches!(self.program.resolve(&field.ty.ty), Type::Struct(_));
        let boxed = (field.boxed || field.reference) && is_struct;
        let optional = match (self.program[id].kind, field.requiredness) {
            (StructKind::Union, _) => false,
            (_, Requiredness::Optional) => true,
            (_, Requiredness::Default) => boxed,
            (_, Requiredness::Required) => boxed && self.requires(field, id, &mut HashSet::new()),
        };
        Shape { optional, boxed }
    }

    /// Whether a value of a field cannot be without a value of `wanted`. A union always can: it may hold another field.
    fn requires(&self, field: &Field, wanted: StructId, seen: &mut HashSet<StructId>) -> bool {
        let Type::Struct(id) = self.program.resolve(&field.ty.ty) else { return false };
        if self.program[*id].kind == StructKind::Union || !seen.insert(*id) {
            return false;
        }
        let mut required = self.program[*id].fields.iter().filter(|field| field.requiredness == Requiredness::Required);
        *id == wanted || required.any(|field| self.requires(field, wanted, seen))
    }

    /// What a typedef stands for.
    pub(super) fn target(&self, id: TypedefId) -> Rust {
        let typedef = &self.program[id];
        if typedef.literals.is_some() {
            return Rust::String;
        }
        match self.of(&typedef.target, &self.place(&typedef.head)) {
            Rust::String if is_shared(&typedef.head.annotations) => Rust::Text,
            target => target,
        }
    }

    /// The type for a use of a type at a place.
    pub(super) fn of(&self, used: &TypeUse, place: &[&str]) -> Rust {
        match &used.ty {
            Type::Bool => Rust::Bool,
            Type::I8 => Rust::I8,
            Type::I16 => Rust::I16,
            Type::I32 => Rust::I32,
            Type::I64 => Rust::I64,
            Type::Double => Rust::Double,
            Type::String if is_shared(&used.annotations) => Rust::Text,
            Type::String => Rust::String,
            Type::Binary if self.options.byte_vec.lead_to(place) && !self.options.bytes.lead_to(place) => Rust::ByteVec,
            Type::Binary => Rust::Bytes,
            Type::Uuid => Rust::Uuid,
            Type::List(element) => Rust::List(Box::new(self.of(element, place))),
            Type::Set(element) => {
                let element = self.of(element, place);
                Rust::Set(self.keyed(&element, self.options.btree_set.lead_to(place)), Box::new(element))
            }
            Type::Map(key, value) => {
                let (key, value) = (self.of(key, place), self.of(value, place));
                Rust::Map(self.keyed(&key, self.options.btree_map.lead_to(place)), Box::new(key), Box::new(value))
            }
            Type::Enum(id) => Rust::Enum(*id),
            Type::Struct(id) => Rust::Struct(*id),
            Type::Typedef(id) => match self.target(*id) {
                target if *target.resolved() == Rust::String && is_shared(&used.annotations) => Rust::Text,
                target => Rust::Alias(*id, Box::new(target)),
            },
        }
    }

    fn keyed(&self, key: &Rust, ordered: bool) -> Keyed {
        let Abilities { eq, hash, ord } = self.abilities(key);
        if ordered && ord && eq {
            Keyed::Tree
        } else if hash && eq {
            Keyed::Hash
        } else {
            Keyed::Not
        }
    }
}

/// Whether a string is asked for as refcounted text.
fn is_shared(annotations: &Annotations) -> bool {
    annotations.get("farthing.shared").is_some_and(|value| value != "false")
}

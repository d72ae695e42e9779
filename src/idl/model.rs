//! The resolved model: what a set of `.thrift` files means, with every name looked up and every constant checked.
//!
//! A code generator reads this and nothing else of the room. Declarations live in flat tables of [`Program`] and refer to
//! one another by typed index, so recursive types are no trouble. It holds no spans and no unresolved name; a `Program`
//! exists only when there was no error. Guarantees: a type is nested at most
//! 64 deep with typedefs looked through, typedefs and `extends` are free of cycles, and
//! constant values fit their types, so a consumer may recurse over any of them without care.
//!
//! What is deliberately absent: `xsd_*` clauses, which are parsed and dropped.

use std::collections::HashSet;
use std::ops::Index;
use std::path::{Path, PathBuf};

/// Names one [`Module`] of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub usize);

/// Names one [`Typedef`] of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypedefId(pub usize);

/// Names one [`Enum`] of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub usize);

/// Names one [`Struct`] (or union, or exception) of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StructId(pub usize);

/// Names one [`Constant`] of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstantId(pub usize);

/// Names one [`Service`] of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId(pub usize);

/// Everything that was compiled together: the files asked for and all they include.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    /// One per file; a file reached by two paths stands here once. The order is that of first mention, roots first.
    pub modules: Vec<Module>,
    /// The modules that were asked for by name, in the order they were given.
    pub roots: Vec<ModuleId>,
    /// All typedefs (and senums) of all modules.
    pub typedefs: Vec<Typedef>,
    /// All enums of all modules.
    pub enums: Vec<Enum>,
    /// All structs, unions and exceptions of all modules.
    pub structs: Vec<Struct>,
    /// All constants of all modules.
    pub constants: Vec<Constant>,
    /// All services of all modules.
    pub services: Vec<Service>,
}

/// One `.thrift` file.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// The path as it was found: a root's as given, an include's joined to the directory it was found in.
    pub path: PathBuf,
    /// The file name without `.thrift`: the prefix by which other files name its declarations.
    pub stem: String,
    /// The comment at the head of the file, where it belongs to no declaration.
    pub doc: Option<String>,
    /// In source order; one scope may be declared again, and the last one holds.
    pub namespaces: Vec<Namespace>,
    /// The files this one includes itself, in source order.
    pub includes: Vec<ModuleId>,
    /// The texts of `cpp_include` and `c_include`.
    pub cpp_includes: Vec<String>,
    /// Everything the file declares, in source order.
    pub declarations: Vec<Declaration>,
}

/// `namespace SCOPE NAME (annotations)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// `rs`, `py.twisted`, `*`; old forms such as `cpp_namespace` are given the scope they stand for.
    pub scope: String,
    /// The dotted name.
    pub name: String,
    /// The annotations behind the name.
    pub annotations: Annotations,
}

/// One declaration of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Declaration {
    /// A typedef or senum.
    Typedef(TypedefId),
    /// An enum.
    Enum(EnumId),
    /// A struct, union or exception.
    Struct(StructId),
    /// A constant.
    Constant(ConstantId),
    /// A service.
    Service(ServiceId),
}

/// What every declaration has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The name as written.
    pub name: String,
    /// The module that declares it.
    pub module: ModuleId,
    /// The line of the name, counted from 1.
    pub line: u32,
    /// The `/** … */` comment before it, without its asterisks.
    pub doc: Option<String>,
    /// The annotations behind the declaration.
    pub annotations: Annotations,
}

/// `(key = "value", other)` in source order. A key without a value has the value `"1"`, as with Apache's compiler.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Annotations(pub Vec<(String, String)>);

/// A type where it is used, with the annotations of that one use. `cpp_type "X"` on a container is kept as `cpp.type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeUse {
    /// The type.
    pub ty: Type,
    /// The annotations behind it.
    pub annotations: Annotations,
}

/// A type. `byte` is [`Type::I8`] and the old `slist` is [`Type::String`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `i8` or `byte`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `double`
    Double,
    /// `string`
    String,
    /// `binary`
    Binary,
    /// `uuid`
    Uuid,
    /// `list<element>`
    List(Box<TypeUse>),
    /// `set<element>`
    Set(Box<TypeUse>),
    /// `map<key, value>`
    Map(Box<TypeUse>, Box<TypeUse>),
    /// An enum, an i32 on the wire.
    Enum(EnumId),
    /// A struct, union or exception.
    Struct(StructId),
    /// A name for another type; see [`Program::resolve`].
    Typedef(TypedefId),
}

/// `typedef target name`, or `senum name { "A", "B" }`, which is a string with a list of values nobody enforces.
#[derive(Debug, Clone, PartialEq)]
pub struct Typedef {
    /// Name, doc, annotations.
    pub head: Head,
    /// The type it stands for.
    pub target: TypeUse,
    /// The literals of a senum, in source order; `None` for a typedef.
    pub literals: Option<Vec<String>>,
}

/// `enum name { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Name, doc, annotations.
    pub head: Head,
    /// In source order. Names differ; numbers may repeat (Apache allows it), the first is then the canonical one.
    pub values: Vec<EnumValue>,
}

/// One value of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// The name as written.
    pub name: String,
    /// The number on the wire.
    pub number: i32,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
}

/// Which of the three record-like declarations a [`Struct`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StructKind {
    /// `struct`
    Struct,
    /// `union`: at most one field is set; every field is [`Requiredness::Optional`] and at most one has a default.
    Union,
    /// `exception`
    Exception,
}

/// A struct, union or exception.
#[derive(Debug, Clone, PartialEq)]
pub struct Struct {
    /// Name, doc, annotations.
    pub head: Head,
    /// Which of the three.
    pub kind: StructKind,
    /// In source order; names and ids differ.
    pub fields: Vec<Field>,
}

/// Whether a field must be present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requiredness {
    /// Always written; a reader refuses its absence.
    Required,
    /// Written when set.
    Optional,
    /// Neither word: always written, and a reader tolerates its absence.
    Default,
}

/// A field of a struct, an argument of a function, or one of its exceptions.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The id on the wire. Positive when the file gives one; -1, -2, … by position when it does not.
    pub id: i16,
    /// The name as written.
    pub name: String,
    /// The line of the name, counted from 1.
    pub line: u32,
    /// The type.
    pub ty: TypeUse,
    /// Arguments and exceptions are never [`Requiredness::Optional`].
    pub requiredness: Requiredness,
    /// The default value.
    pub default: Option<Value>,
    /// `&` was written: the author asks for a pointer. A reference that is not required may be absent.
    pub reference: bool,
    /// The field's type contains, by value, the struct the field stands in: it needs indirection. Where such a field of
    /// a struct is not [`Requiredness::Optional`] it must be able to be absent all the same, or no finite value may exist.
    pub boxed: bool,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
}

/// `const ty name = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// Name, doc, annotations (a constant has none).
    pub head: Head,
    /// The declared type.
    pub ty: TypeUse,
    /// The value, checked against the type, with references to other constants replaced by their values.
    pub value: Value,
}

/// A constant value that fits the type it was checked against; typedefs leave no trace.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// For `bool`.
    Bool(bool),
    /// For `i8` to `i64`, in the range of its type.
    Int(i64),
    /// For `double`.
    Double(f64),
    /// For `string`.
    String(String),
    /// For `binary`.
    Bytes(Vec<u8>),
    /// For `uuid`, in the order of its text.
    Uuid([u8; 16]),
    /// For `list` and `set`. A set has no element twice.
    List(Vec<Value>),
    /// For `map`, in source order, no key twice.
    Map(Vec<(Value, Value)>),
    /// For an enum: `index` into its values.
    Enum {
        /// The enum.
        id: EnumId,
        /// Which of [`Enum::values`].
        index: usize,
    },
    /// For a struct, union or exception: the fields given, as (index into [`Struct::fields`], value), in source order of
    /// the value. Fields left out have their defaults.
    Struct {
        /// The struct.
        id: StructId,
        /// The fields that are given.
        fields: Vec<(usize, Value)>,
    },
}

/// `service name extends parent { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Name, doc, annotations.
    pub head: Head,
    /// The service whose functions this one has too.
    pub parent: Option<ServiceId>,
    /// Its own functions in source order; see [`Program::all_functions`].
    pub functions: Vec<Function>,
}

/// One function of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The name as written, which is the name on the wire.
    pub name: String,
    /// The line of the name, counted from 1.
    pub line: u32,
    /// No reply is ever sent; `returns` is `None` and `throws` is empty.
    pub oneway: bool,
    /// The result's type, `None` for `void`.
    pub returns: Option<TypeUse>,
    /// The arguments.
    pub arguments: Vec<Field>,
    /// The declared exceptions, each of a [`StructKind::Exception`].
    pub throws: Vec<Field>,
    /// The comment before it.
    pub doc: Option<String>,
    /// The annotations behind it.
    pub annotations: Annotations,
}

impl Annotations {
    /// The value of `key`; the last one where it is given twice.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

impl Module {
    /// The namespace for `scope`, or else the one for `*`.
    pub fn namespace(&self, scope: &str) -> Option<&str> {
        let find = |wanted: &str| self.namespaces.iter().rev().find(|namespace| namespace.scope == wanted);
        find(scope).or_else(|| find("*")).map(|namespace| namespace.name.as_str())
    }
}

impl Program {
    /// Looks through typedefs: the result is never [`Type::Typedef`].
    pub fn resolve<'a>(&'a self, mut ty: &'a Type) -> &'a Type {
        while let Type::Typedef(id) = ty {
            ty = &self[*id].target.ty;
        }
        ty
    }

    /// The paths of `module` and of all it includes, directly or not: what a build must watch.
    pub fn files_of(&self, module: ModuleId) -> Vec<&Path> {
        let mut seen = HashSet::from([module]);
        let mut pending = vec![module];
        let mut paths = Vec::new();
        while let Some(next) = pending.pop() {
            paths.push(self[next].path.as_path());
            pending.extend(self[next].includes.iter().filter(|include| seen.insert(**include)));
        }
        paths
    }

    /// The functions a client of `service` can call, inherited ones first, each with the service that declares it.
    pub fn all_functions(&self, service: ServiceId) -> Vec<(ServiceId, &Function)> {
        let mut lineage = vec![service];
        while let Some(parent) = self[lineage[lineage.len() - 1]].parent {
            lineage.push(parent);
        }
        lineage.iter().rev().flat_map(|id| self[*id].functions.iter().map(|function| (*id, function))).collect()
    }
}

impl Index<ModuleId> for Program {
    type Output = Module;
    fn index(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }
}

impl Index<TypedefId> for Program {
    type Output = Typedef;
    fn index(&self, id: TypedefId) -> &Typedef {
        &self.typedefs[id.0]
    }
}

impl Index<EnumId> for Program {
    type Output = Enum;
    fn index(&self, id: EnumId) -> &Enum {
        &self.enums[id.0]
    }
}

impl Index<StructId> for Program {
    type Output = Struct;
    fn index(&self, id: StructId) -> &Struct {
        &self.structs[id.0]
    }
}

impl Index<ConstantId> for Program {
    type Output = Constant;
    fn index(&self, id: ConstantId) -> &Constant {
        &self.constants[id.0]
    }
}

impl Index<ServiceId> for Program {
    type Output = Service;
    fn index(&self, id: ServiceId) -> &Service {
        &self.services[id.0]
    }
}

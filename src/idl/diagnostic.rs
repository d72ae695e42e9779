//! What the compiler has to say: the list of all codes, and the list of one run's findings.
//!
//! A finding is data here; `render` makes text of it. Every code stands in [`Code::TABLE`] once, with the
//! sentence that explains it, and keeps its number for ever.

use super::source::{Sources, Span};

/// Findings of one severity that are kept; more are only counted.
pub const MAX_KEPT: usize = 100;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// There is no model.
    Error,
    /// There is a model; something in the text deserves a second look.
    Warning,
}

/// The kind of a finding.
#[expect(missing_docs, reason = "the table below has a sentence for each")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    Unreadable,
    TooLarge,
    TooManyFiles,
    NotUtf8,
    IncludeNotFound,
    IncludeCycle,
    UnexpectedCharacter,
    UnterminatedLiteral,
    UnterminatedComment,
    BadEscape,
    NumberTooLarge,
    Syntax,
    TooDeep,
    Unclosed,
    ForeignSyntax,
    VoidType,
    DottedName,
    DuplicateName,
    UnknownType,
    UnknownPrefix,
    UnknownConstant,
    UnknownService,
    NotAType,
    NotAService,
    TypedefCycle,
    DuplicateField,
    DuplicateFieldId,
    FieldIdRange,
    UnionDefaults,
    EndlessDefault,
    DuplicateEnumValue,
    EnumRange,
    WrongType,
    OutOfRange,
    NoSuchEnumValue,
    UnknownField,
    UnionConstant,
    ConstantCycle,
    ConstantTooLarge,
    BadUuid,
    ExtendsCycle,
    DuplicateFunction,
    ThrowsNotException,
    OnewayThrows,
    InvalidUtf8,
    IncludeUnused,
    LiteralSpansLines,
    ReservedWord,
    OldForm,
    LateHeader,
    StraySeparator,
    EmptyFile,
    ImplicitFieldId,
    NonPositiveFieldId,
    RequiredInUnion,
    OptionalArgument,
    StructRecursion,
    DuplicateEnumNumber,
    DuplicateKey,
    MissingRequired,
    LooseEnumValue,
    WrappedHex,
    LooseBool,
    OnewayResult,
    InheritedFunction,
}

impl Code {
    /// Every code with its number and what it says, in the order of the numbers; `E` is an error, `W` a warning.
    pub const TABLE: [(Code, &'static str, &'static str); 65] = [
        (Code::Unreadable, "E001", "the file cannot be read"),
        (Code::TooLarge, "E002", "the file is larger than 64 MiB"),
        (Code::TooManyFiles, "E003", "more files are included than one run takes"),
        (Code::NotUtf8, "E004", "the file is UTF-16; Thrift files are UTF-8"),
        (Code::IncludeNotFound, "E005", "no directory has the included file"),
        (Code::IncludeCycle, "E006", "files include one another in a circle"),
        (Code::UnexpectedCharacter, "E010", "the character has no meaning in Thrift"),
        (Code::UnterminatedLiteral, "E011", "the literal's closing quote is missing"),
        (Code::UnterminatedComment, "E012", "the comment's end is missing"),
        (Code::BadEscape, "E013", "the backslash is followed by a character that is no escape"),
        (Code::NumberTooLarge, "E014", "the number does not fit in 64 bits"),
        (Code::Syntax, "E020", "something else is expected at this place"),
        (Code::TooDeep, "E021", "types or constants are nested more than 64 deep"),
        (Code::Unclosed, "E022", "the file ends before the bracket is closed"),
        (Code::ForeignSyntax, "E023", "the text is of another Thrift dialect, such as fbthrift's"),
        (Code::VoidType, "E024", "`void` is only the result of a function"),
        (Code::DottedName, "E025", "a declared name contains a dot"),
        (Code::DuplicateName, "E030", "two declarations of one file have the same name"),
        (Code::UnknownType, "E031", "the type is not declared"),
        (Code::UnknownPrefix, "E032", "the prefix is not the name of an included file"),
        (Code::UnknownConstant, "E033", "the constant or enum value is not declared"),
        (Code::UnknownService, "E034", "the service is not declared"),
        (Code::NotAType, "E035", "the name is a service's, where a type is needed"),
        (Code::NotAService, "E036", "the name is a type's, where a service is needed"),
        (Code::TypedefCycle, "E037", "a typedef stands for itself"),
        (Code::DuplicateField, "E041", "two fields have the same name"),
        (Code::DuplicateFieldId, "E042", "two fields have the same id"),
        (Code::FieldIdRange, "E043", "the field id does not fit in 16 bits"),
        (Code::UnionDefaults, "E044", "two fields of a union have default values"),
        (Code::EndlessDefault, "E045", "a default value contains itself"),
        (Code::DuplicateEnumValue, "E046", "two values of an enum have the same name"),
        (Code::EnumRange, "E047", "the enum value does not fit in 32 bits"),
        (Code::WrongType, "E050", "the constant is of another type"),
        (Code::OutOfRange, "E051", "the number does not fit in its type"),
        (Code::NoSuchEnumValue, "E052", "the enum has no such value"),
        (Code::UnknownField, "E053", "the struct has no such field"),
        (Code::UnionConstant, "E054", "a constant of a union sets one field"),
        (Code::ConstantCycle, "E055", "a constant is defined by itself"),
        (Code::ConstantTooLarge, "E056", "constants that name one another grow too large"),
        (Code::BadUuid, "E057", "the text is not a UUID"),
        (Code::ExtendsCycle, "E060", "a service extends itself"),
        (Code::DuplicateFunction, "E061", "two functions of a service have the same name"),
        (Code::ThrowsNotException, "E062", "only exceptions can be thrown"),
        (Code::OnewayThrows, "E063", "a oneway function has no reply that could carry an exception"),
        (Code::InvalidUtf8, "W001", "the file is not valid UTF-8"),
        (Code::IncludeUnused, "W002", "no directory has the included file, of which nothing is used"),
        (Code::LiteralSpansLines, "W010", "the literal goes on in the next line"),
        (Code::ReservedWord, "W020", "the name is a reserved word of Apache's compiler"),
        (Code::OldForm, "W021", "the form is outdated"),
        (Code::LateHeader, "W022", "a header stands behind the first declaration"),
        (Code::StraySeparator, "W023", "Apache's compiler takes no separator here"),
        (Code::EmptyFile, "W024", "the file declares nothing"),
        (Code::ImplicitFieldId, "W040", "the field has no id"),
        (Code::NonPositiveFieldId, "W041", "the field id is not positive, and is replaced"),
        (Code::RequiredInUnion, "W042", "fields of a union are always optional"),
        (Code::OptionalArgument, "W043", "`optional` has no meaning for arguments and exceptions"),
        (Code::StructRecursion, "W044", "a struct contains itself through fields that are not optional"),
        (Code::DuplicateEnumNumber, "W045", "two values of an enum have the same number"),
        (Code::DuplicateKey, "W050", "a map or set names a key twice"),
        (Code::MissingRequired, "W051", "a constant leaves out a required field"),
        (Code::LooseEnumValue, "W052", "the enum value is not named by its own enum"),
        (Code::WrappedHex, "W053", "the hexadecimal number wraps around to a negative one"),
        (Code::LooseBool, "W054", "a number stands for a bool, or a bool for a number"),
        (Code::OnewayResult, "W060", "a oneway function has no result"),
        (Code::InheritedFunction, "W061", "the function hides one of an extended service"),
    ];

    /// The short stable name: `E031`.
    pub fn id(self) -> &'static str {
        Self::TABLE[self as usize].1
    }

    /// What it says in general.
    pub fn explanation(self) -> &'static str {
        Self::TABLE[self as usize].2
    }

    /// Told by the id's letter.
    pub fn severity(self) -> Severity {
        if self.id().starts_with('E') { Severity::Error } else { Severity::Warning }
    }
}

/// A place in the text and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// May be empty: the underline alone then says it.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind.
    pub code: Code,
    /// The sentence, in lower case and without a full stop.
    pub message: String,
    /// The place to look at; `None` where there is no text to point into.
    pub primary: Option<Label>,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let primary = Some(Label { span, text: String::new() });
        Diagnostic { code, message: message.into(), primary, secondary: Vec::new(), help: None }
    }

    /// A finding about something that has no text.
    pub fn without_place(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), primary: None, secondary: Vec::new(), help: None }
    }

    /// Writes `text` beside the underline.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// Says what to do, where there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Diagnostic {
        self.help = text;
        self
    }
}

/// Collects findings while the compiler runs.
#[derive(Debug, Default)]
pub struct Report {
    list: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Report {
    /// Takes a finding; keeps it while there are fewer than [`MAX_KEPT`] of its severity.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        let count = match diagnostic.code.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= MAX_KEPT {
            self.list.push(diagnostic);
        }
    }

    /// How many errors were found, kept or not.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Further errors are only counted: their hints need not be looked for.
    pub fn is_full(&self) -> bool {
        self.errors >= MAX_KEPT
    }

    /// Orders the findings by file and place.
    pub fn finish(mut self, sources: Sources) -> Diagnostics {
        self.list.sort_by_key(|finding| (finding.primary.as_ref().map(|label| label.span), finding.code.severity()));
        Diagnostics { sources, list: self.list, errors: self.errors, warnings: self.warnings }
    }
}

/// What one run found, and the text it found it in.
#[derive(Debug)]
pub struct Diagnostics {
    pub(super) sources: Sources,
    pub(super) list: Vec<Diagnostic>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

impl Diagnostics {
    /// How many errors were found; more than [`MAX_KEPT`] are counted but not listed.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings were found, counted in the same way.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// The findings by file and place.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// The files that were read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum_and_of_the_ids() {
        for (position, (code, id, _)) in Code::TABLE.iter().enumerate() {
            assert_eq!(*code as usize, position, "{id}");
        }
        assert!(Code::TABLE.windows(2).all(|pair| pair[0].1 < pair[1].1));
    }
}

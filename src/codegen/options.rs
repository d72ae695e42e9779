//! What can be chosen about generated code, and how a path picks out a part of the IDL.

use std::path::PathBuf;

/// Paths of the IDL: `.` is everything, `stem` a whole file, `Type` (or `stem.Type`) a type, typedef or service, and
/// `Type.field` (or `stem.Type.field`) a field; `Service.method.argument` works too. The names are those of the IDL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Paths(Vec<String>);

impl Paths {
    /// Adds paths.
    pub(super) fn add(&mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) {
        self.0.extend(paths.into_iter().map(|path| path.as_ref().to_owned()));
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the paths is this place or leads to it.
    pub(super) fn lead_to(&self, place: &[&str]) -> bool {
        self.0.iter().any(|path| leads_to(path, place))
    }
}

/// Whether `path` is the start of `place`, with or without the stem of the file.
fn leads_to(path: &str, place: &[&str]) -> bool {
    let wanted: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
    place.starts_with(&wanted) || place.get(1..).is_some_and(|place| place.starts_with(&wanted))
}

/// What can be chosen about generated code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub(super) runtime_path: String,
    pub(super) type_attributes: Vec<(String, String)>,
    pub(super) field_attributes: Vec<(String, String)>,
    pub(super) bytes: Paths,
    pub(super) byte_vec: Paths,
    pub(super) btree_map: Paths,
    pub(super) btree_set: Paths,
    pub(super) borrow: Paths,
    /// Whether `mod.rs` is for `include!`, which refuses `//!`.
    pub(super) included: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            runtime_path: "::farthing".to_owned(),
            type_attributes: Vec::new(),
            field_attributes: Vec::new(),
            bytes: Paths::default(),
            byte_vec: Paths::default(),
            btree_map: Paths::default(),
            btree_set: Paths::default(),
            borrow: Paths::default(),
            included: false,
        }
    }
}

impl Options {
    /// Where generated code finds `wire` and `rpc`. Default `::farthing`; farthing itself says `crate`.
    #[must_use]
    pub fn runtime_path(mut self, path: impl Into<String>) -> Self {
        self.runtime_path = path.into();
        self
    }

    /// Makes `map` a `BTreeMap` and `set` a `BTreeSet` at these paths, where their keys have an order.
    #[must_use]
    pub fn btree(mut self, paths: impl IntoIterator<Item = impl AsRef<str> + Clone> + Clone) -> Self {
        self.btree_map.add(paths.clone());
        self.btree_set.add(paths);
        self
    }

    /// Makes `binary` at these paths `Vec<u8>`.
    #[must_use]
    pub fn byte_vec(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.byte_vec.add(paths);
        self
    }

    /// Lends handlers what a message holds at these paths, instead of making values of it.
    #[must_use]
    pub fn borrow(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.borrow.add(paths);
        self
    }

    /// The attributes to set on the type at `place`.
    pub(super) fn type_attributes(&self, place: &[&str]) -> impl Iterator<Item = &str> {
        self.type_attributes.iter().filter(move |(path, _)| leads_to(path, place)).map(|(_, attribute)| attribute.as_str())
    }

    /// The attributes to set on the field at `place`.
    pub(super) fn field_attributes(&self, place: &[&str]) -> impl Iterator<Item = &str> {
        self.field_attributes.iter().filter(move |(path, _)| leads_to(path, place)).map(|(_, attribute)| attribute.as_str())
    }
}

/// One file that was generated: its path inside the output directory, and its text.
pub type GeneratedFile = (PathBuf, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_what_it_names_and_to_what_is_inside() {
        let place = ["calc", "Work", "op"];
        for path in [".", "calc", "calc.Work", "Work", "Work.op", "calc.Work.op"] {
            assert!(leads_to(path, &place), "{path}");
        }
        for path in ["op", "cal", "Work.o", "calc.op", "Work.op.x"] {
            assert!(!leads_to(path, &place), "{path}");
        }
    }
}

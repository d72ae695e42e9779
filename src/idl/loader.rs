//! From the files asked for to all files needed: reads, parses, and follows includes.
//!
//! An include is looked for beside the file that names it and then in each include directory. A file is read once however
//! many paths lead to it. The search is a queue, so a chain of includes may be as long as [`MAX_FILES`] allows.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::ast::{File, Name};
use super::diagnostic::{Code, Diagnostic, Report};
use super::parser::parse;
use super::source::{MAX_FILE_BYTES, Source, SourceProvider, Sources};

/// The most files one run reads.
pub(super) const MAX_FILES: usize = 4096;

/// A file that was read, under the number its spans carry.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The file name without its extension.
    pub stem: String,
    /// What it says.
    pub tree: File,
    /// For each include of the tree, the number of the file it leads to; `None` where it could not be read.
    pub includes: Vec<Option<usize>>,
    /// The positions of the includes that no directory has.
    pub missing: Vec<usize>,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By number.
    pub list: Vec<Loaded>,
    /// The files asked for, those that could be read.
    pub roots: Vec<usize>,
    /// Their texts, by the same numbers.
    pub sources: Sources,
}

/// Reads `roots` and all they include.
pub(super) fn load(roots: &[PathBuf], include_dirs: &[PathBuf], provider: &dyn SourceProvider, report: &mut Report) -> Files {
    let mut loader = Loader { provider, include_dirs, known: HashMap::new(), files: Files::default(), report };
    for root in roots {
        loader.root(root);
    }
    let mut next = 0;
    while next < loader.files.list.len() {
        loader.follow(next);
        next += 1;
    }
    loader.files
}

/// Where an include leads.
enum Found {
    File(usize),
    /// It is there and cannot be used, which has been reported.
    Unusable,
    /// No directory has it; whether that is an error depends on whether anything of it is used.
    Nowhere,
}

struct Loader<'a> {
    provider: &'a dyn SourceProvider,
    include_dirs: &'a [PathBuf],
    /// By identity: the file's number, or `None` for one that cannot be used.
    known: HashMap<PathBuf, Option<usize>>,
    files: Files,
    report: &'a mut Report,
}

impl Loader<'_> {
    fn root(&mut self, path: &Path) {
        match self.open(path, None) {
            Ok(Some(file)) if !self.files.roots.contains(&file) => self.files.roots.push(file),
            Ok(_) => {}
            Err(error) => {
                let message = format!("cannot read `{}`: {}", path.display(), error.kind());
                self.report.add(Diagnostic::without_place(Code::Unreadable, message));
            }
        }
    }

    /// Loads what `file` includes.
    fn follow(&mut self, file: usize) {
        let names = self.files.list[file].tree.includes.clone();
        for (position, name) in names.iter().enumerate() {
            let found = self.include(file, name);
            let loaded = &mut self.files.list[file];
            loaded.missing.extend(matches!(found, Found::Nowhere).then_some(position));
            loaded.includes.push(if let Found::File(number) = found { Some(number) } else { None });
        }
    }

    fn include(&mut self, file: usize, name: &Name) -> Found {
        let beside = self.files.sources.0[file].path.parent().unwrap_or(Path::new("")).to_path_buf();
        let directories = std::iter::once(&beside).chain(self.include_dirs);
        let candidates: Vec<PathBuf> = directories.map(|directory| directory.join(&name.text)).collect();
        for candidate in candidates {
            match self.open(&candidate, Some(name)) {
                Ok(found) => return found.map_or(Found::Unusable, Found::File),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let message = format!("cannot read `{}`: {}", candidate.display(), error.kind());
                    self.report.add(Diagnostic::new(Code::Unreadable, name.span, message));
                    return Found::Unusable;
                }
            }
        }
        Found::Nowhere
    }

    /// The number of the file at `path`; `Ok(None)` where it cannot be used and that has been reported.
    fn open(&mut self, path: &Path, wanted_by: Option<&Name>) -> io::Result<Option<usize>> {
        let identity = self.provider.identity(path);
        if let Some(known) = self.known.get(&identity) {
            return Ok(*known);
        }
        let bytes = self.provider.read(path, MAX_FILE_BYTES)?;
        let file = self.add(path, &bytes, wanted_by);
        self.known.insert(identity, file);
        Ok(file)
    }

    fn add(&mut self, path: &Path, bytes: &[u8], wanted_by: Option<&Name>) -> Option<usize> {
        let unusable = if bytes.len() as u64 > MAX_FILE_BYTES {
            Some((Code::TooLarge, "is larger than 64 MiB"))
        } else if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            Some((Code::NotUtf8, "is UTF-16; save it as UTF-8"))
        } else if self.files.list.len() >= MAX_FILES {
            Some((Code::TooManyFiles, "is one file too many: a run takes 4096"))
        } else {
            None
        };
        if let Some((code, problem)) = unusable {
            let message = format!("`{}` {problem}", path.display());
            let place = |name: &Name| Diagnostic::new(code, name.span, message.clone());
            self.report.add(wanted_by.map_or_else(|| Diagnostic::without_place(code, message.clone()), place));
            return None;
        }
        Some(self.parse(path, bytes))
    }

    fn parse(&mut self, path: &Path, bytes: &[u8]) -> usize {
        let number = self.files.list.len();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Err(error) = std::str::from_utf8(bytes) {
            let start = error.valid_up_to() as u32;
            let span = super::source::Span { file: number as u32, start, end: start + 3 };
            let finding = Diagnostic::new(Code::InvalidUtf8, span, "the file is not valid UTF-8");
            self.report.add(
                finding
                    .label("the first such byte")
                    .help("what cannot be read is replaced by `\u{fffd}`; save the file as UTF-8"),
            );
        }
        let tree = parse(&text, number as u32, self.report);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.files.list.push(Loaded { stem, tree, includes: Vec::new(), missing: Vec::new() });
        self.files.sources.0.push(Source::new(path.to_path_buf(), text));
        number
    }
}

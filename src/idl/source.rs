//! Where text comes from: files, positions in them, and the one door to the file system.
//!
//! A [`Span`] is three numbers and means nothing without the [`Sources`] it points into. Nothing here reads an include
//! path or knows what an include is; that is the loader's.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The longest file that is read. Positions are 32-bit numbers, and no IDL written by people comes near.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Which of the [`Sources`].
    pub file: u32,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// From the start of this span to the end of `last`.
    #[must_use]
    pub fn to(self, last: Span) -> Span {
        Span { end: last.end.max(self.start), ..self }
    }
}

/// How the compiler reads files. Two stand ready: [`FileSystem`] and, for tests and editors, [`Memory`].
pub trait SourceProvider {
    /// The bytes of the file, at most `limit + 1` of them.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] sends the search for an include on to the next directory; any other error is reported.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// A path that is equal for two paths to the same file.
    fn identity(&self, path: &Path) -> PathBuf;
}

/// Files as the operating system has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileSystem;

impl SourceProvider for FileSystem {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| without_dots(path))
    }
}

/// Files held in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl SourceProvider for Memory {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.0.get(&without_dots(path)).ok_or(io::ErrorKind::NotFound)?;
        Ok(bytes[..bytes.len().min(limit as usize + 1)].to_vec())
    }

    fn identity(&self, path: &Path) -> PathBuf {
        without_dots(path)
    }
}

/// `a/./b/../c` as `a/c`, without asking the file system.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// One file's text and where its lines begin.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as it was found.
    pub path: PathBuf,
    /// The text, without a byte order mark.
    pub text: String,
    line_starts: Vec<u32>,
}

impl Source {
    /// Indexes the lines of `text`.
    pub fn new(path: PathBuf, text: String) -> Source {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Source { path, text, line_starts }
    }

    /// The line that holds byte `offset`, counted from 1.
    pub fn line(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|start| *start <= offset) as u32
    }

    /// The text of a line counted from 1, without its line break, and the offset of its first byte.
    pub fn line_text(&self, line: u32) -> (&str, u32) {
        let start = self.line_starts[line as usize - 1];
        let end = self.line_starts.get(line as usize).map_or(self.text.len(), |next| *next as usize);
        (self.text[start as usize..end].trim_end_matches(['\n', '\r']), start)
    }

    /// The column of byte `offset` in its line, counted in characters from 1.
    pub fn column(&self, offset: u32) -> u32 {
        let start = self.line_starts[self.line(offset) as usize - 1] as usize;
        self.text.get(start..offset as usize).map_or(1, |before| before.chars().count() as u32 + 1)
    }
}

/// All files of one compilation, by [`Span::file`].
#[derive(Debug, Clone, Default)]
pub struct Sources(pub Vec<Source>);

impl Sources {
    /// The file a span lies in.
    pub fn of(&self, span: Span) -> &Source {
        &self.0[span.file as usize]
    }

    /// The line a span begins on, counted from 1.
    pub fn line(&self, span: Span) -> u32 {
        self.of(span).line(span.start)
    }
}

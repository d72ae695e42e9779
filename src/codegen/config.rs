//! Generating code from a `build.rs`: choose, compile, and write files where `include_thrift!` finds them.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use crate::idl::{self, Diagnostics, FileSystem, Program};

use super::module::generate;
use super::options::Options;

/// Begins to configure the generation of code; [`Config::compile`] ends it.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), farthing::codegen::Error> {
///     farthing::codegen::configure().btree_map(["."]).compile(&["idl/calculator.thrift"], &["idl"])
/// }
/// ```
///
/// and in the crate:
///
/// ```ignore
/// mod idl {
///     farthing::include_thrift!();
/// }
/// use idl::calculator::{Calculator, CalculatorService};
/// ```
pub fn configure() -> Config {
    Config::default()
}

/// What is to be generated, and where to. See [`configure`].
///
/// Wherever paths are asked for, they are of the IDL and in its names: `.` is everything, `work` the file `work.thrift`, `Task` a
/// type, typedef or service, `Task.name` a field, and `Tasks.add.task` an argument; a type may have its file before it
/// (`work.Task.name`). What stands inside of what a path names is meant too.
#[derive(Debug, Clone, Default)]
pub struct Config {
    out_dir: Option<PathBuf>,
    options: Options,
}

impl Config {
    /// Writes the files to this directory, and makes it where it is missing. Default: `$OUT_DIR`, which Cargo sets for a build
    /// script, for `include_thrift!()`; `include_thrift!("name")` is for a directory inside of it. In a directory elsewhere
    /// `mod.rs` is a file for `mod name;`.
    #[must_use]
    pub fn out_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(directory.into());
        self
    }

    /// Sets an attribute on the types at a path, behind their `#[derive]`: `type_attribute("Task", "#[derive(Serialize)]")`.
    #[must_use]
    pub fn type_attribute(mut self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.options.type_attributes.push((path.into(), attribute.into()));
        self
    }

    /// Sets an attribute on the fields, variants or values of enums at a path.
    #[must_use]
    pub fn field_attribute(mut self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.options.field_attributes.push((path.into(), attribute.into()));
        self
    }

    /// Makes `binary` at these paths [`wire::Bytes`](crate::wire::Bytes). This is the default; it takes back a
    /// [`byte_vec`](Self::byte_vec) for a part of what that names.
    #[must_use]
    pub fn bytes(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.options.bytes.add(paths);
        self
    }

    /// Makes `binary` at these paths `Vec<u8>`. Arguments of handlers are borrowed all the same.
    #[must_use]
    pub fn byte_vec(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.options.byte_vec.add(paths);
        self
    }

    /// Makes `map` at these paths a `BTreeMap`, where its keys have an order.
    #[must_use]
    pub fn btree_map(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.options.btree_map.add(paths);
        self
    }

    /// Makes `set` at these paths a `BTreeSet`, where its elements have an order.
    #[must_use]
    pub fn btree_set(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.options.btree_set.add(paths);
        self
    }

    /// Lends handlers the structs and unions at these paths: a `Task` as `TaskRef<'_>`, which borrows its strings and binaries
    /// from the message, and keeps maps and sets as lists in the order they came in, without looking for duplicates. A method
    /// whose result is such a struct returns the same form, which may borrow from the handler and from the arguments.
    /// `into_owned` makes a `Task` of it, `From<Task>` the reverse. A path that leads to an argument lends the texts inside of its
    /// lists, too. Clients and deferred answers use the owned form.
    #[must_use]
    pub fn borrow(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.options.borrow.add(paths);
        self
    }

    /// Where generated code finds this crate. Default `::farthing`.
    #[must_use]
    pub fn runtime_path(mut self, path: impl Into<String>) -> Self {
        self.options = self.options.runtime_path(path);
        self
    }

    /// Compiles the files and all they include to one Rust module each, and a `mod.rs` that declares them. An include is looked
    /// for beside the file that names it, then in the directories `includes`. Files that would not change are not written.
    ///
    /// In a build script it tells Cargo to run it again when any of the files changes.
    ///
    /// # Errors
    /// Where the IDL has errors, there is no directory to write to, or it cannot be written.
    pub fn compile(&self, files: &[impl AsRef<Path>], includes: &[impl AsRef<Path>]) -> Result<(), Error> {
        let of = |path: &dyn AsRef<Path>| path.as_ref().to_path_buf();
        let files: Vec<PathBuf> = files.iter().map(|path| of(path)).collect();
        let includes: Vec<PathBuf> = includes.iter().map(|path| of(path)).collect();
        let build = env::var_os("OUT_DIR").map(PathBuf::from);
        let directory = self.out_dir.as_ref().or(build.as_ref()).ok_or(Error::NoOutDir)?;
        let (program, diagnostics) = load(&files, &includes);
        watch(&diagnostics);
        let rendered = diagnostics.render(false);
        let program = program.ok_or_else(|| Error::Idl(rendered.clone()))?;
        eprint!("{rendered}");
        let for_include = build.as_ref().is_some_and(|build| directory.starts_with(build));
        write(directory, &program, &Options { included: for_include, ..self.options.clone() }).map(|_| ())
    }
}

/// Reads files and all they include from the file system.
pub fn load(files: &[PathBuf], includes: &[PathBuf]) -> (Option<Program>, Diagnostics) {
    idl::compile(files, includes, &FileSystem)
}

/// Generates a program into a directory, and makes it where it is missing. Files that would not change are not written. Returns
/// the paths of all.
///
/// # Errors
/// Where the directory or a file cannot be written.
pub fn write(directory: &Path, program: &Program, options: &Options) -> Result<Vec<PathBuf>, Error> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Write { path, source }
    };
    fs::create_dir_all(directory).map_err(failed(directory))?;
    let mut paths = Vec::new();
    for (name, text) in generate(program, options) {
        let path = directory.join(name);
        if !fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            fs::write(&path, text).map_err(failed(&path))?;
        }
        paths.push(path);
    }
    Ok(paths)
}

/// Tells Cargo which files were read, where it asked for it.
fn watch(diagnostics: &Diagnostics) {
    if env::var_os("CARGO").is_some() && env::var_os("OUT_DIR").is_some() {
        for source in &diagnostics.sources().0 {
            println!("cargo:rerun-if-changed={}", source.path.display());
        }
    }
}

/// Why no code was generated. `Debug` is as readable as `Display`, for it is what a build script that fails shows.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The IDL has errors: all that were found, as they are shown to a person.
    #[error("{0}")]
    Idl(String),
    /// There is no directory to write to.
    #[error("no directory to write to: `OUT_DIR` is not set, so this is no build script; choose one with `out_dir`")]
    NoOutDir,
    /// A file or directory cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Idl(_) = self {
            writeln!(f, "the IDL has errors")?;
        }
        fmt::Display::fmt(self, f)
    }
}

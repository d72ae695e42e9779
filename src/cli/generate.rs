//! `farthing gen`: Rust from `.thrift` files, for those who check it in. A `build.rs` calls `farthing::codegen` instead.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::codegen::{self, Options};

use super::check;
use super::exit::{Exit, fail};

/// Generates Rust from .thrift files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  farthing gen idl/calculator.thrift -o src/idl          then `mod idl;` in src/main.rs
  farthing gen -I vendor/idl idl/*.thrift -o src/idl
  farthing gen idl/cache.thrift -o src/idl --btree . --byte-vec Blob.data

One module per file, included ones too, and a mod.rs that declares them. Files
that would not change are not written. The paths of all of them go to stdout,
findings to stderr.
Paths of the IDL: `.` is everything, then a file's stem, Type, Type.field or
stem.Type.field.
Exit code: 0 when code was generated, 2 when it was not.")]
pub(super) struct Args {
    /// The files, each with all that it includes
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Look for included files here, after the directory of the file that includes them; may be repeated
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    includes: Vec<PathBuf>,

    /// Write the modules here; the directory is made where it is missing
    #[arg(short, long, value_name = "DIR")]
    out_dir: PathBuf,

    /// Use ordered collections (`BTreeMap`, `BTreeSet`) at this path of the IDL; may be repeated
    #[arg(long, value_name = "PATH")]
    btree: Vec<String>,

    /// Use `Vec<u8>` for binary at this path of the IDL; may be repeated
    #[arg(long, value_name = "PATH")]
    byte_vec: Vec<String>,

    /// Lend handlers the structs at this path of the IDL, borrowed from the message; may be repeated
    #[arg(long, value_name = "PATH")]
    borrow: Vec<String>,

    /// Where generated code finds the library
    #[arg(long, value_name = "PATH", default_value = "::farthing")]
    runtime_path: String,
}

/// Generates, reports, and says how it went.
pub(super) fn run(args: &Args) -> ExitCode {
    let (Some(program), _) = check::load(&args.files, &args.includes) else { return Exit::Usage.into() };
    let options =
        Options::default().runtime_path(&args.runtime_path).btree(&args.btree).byte_vec(&args.byte_vec).borrow(&args.borrow);
    match codegen::write(&args.out_dir, &program, &options) {
        Ok(paths) => {
            let mut stdout = io::stdout().lock();
            // A reader that went away has seen enough.
            let _ = paths.iter().try_for_each(|path| writeln!(stdout, "{}", path.display()));
            ExitCode::SUCCESS
        }
        Err(error) => fail(Exit::Usage, error).into(),
    }
}

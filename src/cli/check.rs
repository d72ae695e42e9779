//! `farthing check`: are these `.thrift` files right? It writes nothing but what it has to say.

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::codegen;
use crate::idl::{Diagnostics, Program};

use super::exit::Exit;

/// Checks .thrift files without generating anything
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  farthing check idl/calculator.thrift
  farthing check -I vendor/idl idl/*.thrift
  farthing check --deny-warnings idl/*.thrift     in CI

Findings go to stderr. Exit code: 0 when there is no error, 2 when there is one.
Colours are for terminals only; NO_COLOR switches them off.")]
pub(super) struct Args {
    /// The files, each with all that it includes
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Look for included files here, after the directory of the file that includes them; may be repeated
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    includes: Vec<PathBuf>,

    /// Fail on warnings too
    #[arg(long)]
    deny_warnings: bool,
}

/// Checks, reports, and says how it went.
pub(super) fn run(args: &Args) -> ExitCode {
    let (program, diagnostics) = load(&args.files, &args.includes);
    let denied = args.deny_warnings && diagnostics.warnings() > 0;
    if program.is_some() && !denied { ExitCode::SUCCESS } else { Exit::Usage.into() }
}

/// Reads the files and reports what was found in them. There is a program where there was no error.
pub(super) fn load(files: &[PathBuf], includes: &[PathBuf]) -> (Option<Program>, Diagnostics) {
    let (program, diagnostics) = codegen::load(files, includes);
    eprint!("{}", diagnostics.render(wants_colour()));
    (program, diagnostics)
}

/// Colours are for people at a terminal who did not ask for none (no-color.org).
fn wants_colour() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

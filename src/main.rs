//! The `farthing` binary: everything is in the library's `cli` room.

use std::process::ExitCode;

fn main() -> ExitCode {
    farthing::cli::run()
}

//! Exit codes: a contract that scripts depend on.

use std::fmt::Display;
use std::io::{Write, stderr};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// As it should.
    Ok = 0,
    /// The server raised an exception.
    Exception = 1,
    /// The command line, a configuration or an IDL file is wrong.
    Usage = 2,
    /// The server cannot be reached.
    Connect = 3,
    /// The time was up.
    Timeout = 4,
    /// The server speaks something else, or ended the connection.
    Protocol = 5,
    /// A figure is worse than it may be.
    Threshold = 6,
    /// The server was cut off at the end of its drain (EX_TEMPFAIL of sysexits).
    Cut = 75,
    /// An address cannot be listened at (EX_CONFIG of sysexits).
    CannotListen = 78,
    /// A signal ended it early.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Says what is wrong, on stderr.
pub(super) fn fail(exit: Exit, error: impl Display) -> Exit {
    say(format_args!("farthing: {error}"));
    exit
}

/// Writes a line to stderr. Where nobody can read it, that is no reason to end otherwise.
pub(super) fn say(line: impl Display) {
    _ = writeln!(stderr(), "{line}");
}

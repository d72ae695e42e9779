//! How short memory is, as far as conversations are concerned. What it is short of, and when, is for others to know.

use std::time::Duration;

/// What must be done without for the time being. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strain {
    /// The most that a connection may be silent between two messages, or before its first, where that is less than its limit.
    pub idle_max: Option<Duration>,
    /// Calls are answered that there is too much to do, and are not carried out.
    pub sheds: bool,
}

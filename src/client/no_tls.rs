//! What stands in for TLS in a build without it: who asks for it is told, and nothing else is left in the program.

use std::convert::Infallible;
use std::io::IoSlice;

use super::deadline::Deadline;
use super::error::Cause;
use super::stream::{Stop, Timed};

/// Nothing can be set about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Options;

/// How to secure connections, which this build cannot.
#[derive(Debug)]
pub(super) struct Security(Infallible);

/// A secured connection, of which there is none.
#[derive(Debug)]
pub(super) struct Session(Infallible);

impl Security {
    pub(super) fn new(_: &Options, _: Option<&str>) -> Result<Self, String> {
        Err("this program was built without TLS: it needs farthing's feature `tls`".to_owned())
    }

    pub(super) fn secure(&self, _: &mut Timed, _: Deadline) -> Result<Box<Session>, Cause> {
        match self.0 {}
    }
}

impl Session {
    pub(super) fn read(&mut self, _: &mut Timed, _: &mut [u8], _: Deadline) -> Result<usize, Stop> {
        match self.0 {}
    }

    pub(super) fn write(&mut self, _: &mut Timed, _: &[IoSlice<'_>], _: Deadline) -> Result<usize, Stop> {
        match self.0 {}
    }

    pub(super) fn is_quiet(&mut self, _: &mut Timed) -> bool {
        match self.0 {}
    }

    pub(super) fn goodbye(&mut self) -> Vec<u8> {
        match self.0 {}
    }
}

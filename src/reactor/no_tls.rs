//! What stands in for TLS in a build without it: types that no value has, so that nothing of them is left in the program.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::time::Instant;

use super::platform::Stream;

/// The TLS of listeners. This build has none.
#[derive(Clone, Debug)]
pub struct Tls(Infallible);

/// The TLS of connections of our own. This build has none.
#[derive(Clone, Debug)]
pub struct TlsClient(Infallible);

/// What secures a stream, of which there is none.
#[derive(Debug)]
pub(super) struct Guard(Infallible);

impl Guard {
    pub(super) fn new(tls: &Tls) -> Self {
        match tls.0 {}
    }

    pub(super) fn client(tls: &TlsClient) -> io::Result<Self> {
        match tls.0 {}
    }

    pub(super) fn shake_hands<S: Stream>(&mut self, _: &mut S) -> io::Result<bool> {
        match self.0 {}
    }

    pub(super) fn read<S: Stream>(&mut self, _: &mut S, _: &mut Vec<u8>) -> io::Result<usize> {
        match self.0 {}
    }

    pub(super) fn is_needless(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn write<S: Stream>(&mut self, _: &mut S, _: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.0 {}
    }

    pub(super) fn say_goodbye(&mut self) {
        match self.0 {}
    }

    pub(super) fn held(&self) -> usize {
        match self.0 {}
    }

    pub(super) fn buffered(&self) -> usize {
        match self.0 {}
    }

    pub(super) fn flush<S: Stream>(&mut self, _: &mut S) -> io::Result<()> {
        match self.0 {}
    }

    pub(super) fn paused(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn is_costly(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn handshake_since(&mut self, _: Instant) -> Option<Instant> {
        match self.0 {}
    }

    pub(super) fn record_since(&mut self, _: Instant, _: bool) -> Option<Instant> {
        match self.0 {}
    }
}

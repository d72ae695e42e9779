//! The scanner itself: one for every codec.

use crate::wire::codec::Codec;
use crate::wire::error::Error;
use crate::wire::limits::Limits;

use super::binary::Binary;
use super::compact::Compact;
use super::json::Json;
use super::nested::Nested;
use super::stop::Stop;

/// What a scan came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// The message goes on: call again with at least this many bytes, counted from the start of the message.
    Need(usize),
    /// The message takes this many bytes.
    End(usize),
}

/// The state of a scan between two reads.
#[derive(Debug)]
pub struct Scanner(State);

#[derive(Debug)]
enum State {
    Binary(Nested<Binary>),
    Compact(Nested<Compact>),
    Json(Json),
}

impl Scanner {
    /// A scanner at the start of a message of this codec.
    pub fn new(codec: Codec) -> Self {
        Self(match codec {
            Codec::Binary => State::Binary(Nested::new()),
            Codec::Compact => State::Compact(Nested::new()),
            Codec::Json => State::Json(Json::new()),
        })
    }

    /// Goes on with `bytes`, which begin where the message begins and hold at least what the last call asked for.
    ///
    /// # Errors
    /// Where the bytes cannot be a message, or a limit is passed.
    pub fn scan(&mut self, bytes: &[u8], limits: &Limits) -> Result<Scan, Error> {
        let (passed, at) = match &mut self.0 {
            State::Binary(scan) => (scan.run(bytes, limits), scan.at()),
            State::Compact(scan) => (scan.run(bytes, limits), scan.at()),
            State::Json(scan) => (scan.run(bytes, limits), scan.at()),
        };
        match passed {
            Ok(()) => Ok(Scan::End(at)),
            Err(Stop::Need(need)) => Ok(Scan::Need(need)),
            Err(Stop::Wrong(kind)) => Err(Error { kind, offset: at as u32 }),
        }
    }
}

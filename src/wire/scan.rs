//! Where does a message end that nothing delimits? A scanner finds out in one pass over the bytes, however they drip in.
//!
//! It decodes nothing and keeps nothing but the open structs and containers. What it lets through is bounded by the limits,
//! but need not decode.

use super::binary;
use super::codec::Codec;
use super::error::{Error, ErrorKind};
use super::limits::Limits;
use super::types::WireType;

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
pub struct Scanner {
    codec: Codec,
    /// Everything before this byte was scanned and is not looked at again, but for the head of one value: at most nine bytes.
    at: usize,
    in_body: bool,
    levels: Vec<Level>,
}

/// What is open around the byte that is scanned.
#[derive(Debug)]
enum Level {
    Struct,
    List {
        kind: WireType,
        left: usize,
    },
    /// `left` counts keys and values: a key is next where it is even.
    Map {
        kinds: (WireType, WireType),
        left: usize,
    },
}

/// The scan cannot go on: there are too few bytes, or wrong ones.
enum Stop {
    Need(usize),
    Wrong(ErrorKind),
}

impl Scanner {
    /// A scanner at the start of a message of this codec.
    pub fn new(codec: Codec) -> Self {
        Self { codec, at: 0, in_body: false, levels: Vec::new() }
    }

    /// Goes on with `bytes`, which begin where the message begins and hold at least what the last call asked for.
    ///
    /// # Errors
    /// Where the bytes cannot be a message, or a limit is passed.
    pub fn scan(&mut self, bytes: &[u8], limits: &Limits) -> Result<Scan, Error> {
        let stop = match self.codec {
            Codec::Binary => self.binary(bytes, limits),
        };
        let passed = match stop {
            Ok(()) => Scan::End(self.at),
            Err(Stop::Need(need)) => Scan::Need(need),
            Err(Stop::Wrong(kind)) => return Err(Error { kind, offset: self.at as u32 }),
        };
        let (Scan::Need(size) | Scan::End(size)) = passed;
        if size > limits.message_max {
            return Err(Error { kind: ErrorKind::MessageTooLarge, offset: self.at as u32 });
        }
        Ok(passed)
    }

    fn binary(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        if !self.in_body {
            self.at = binary_head(bytes, limits)?;
            self.in_body = true;
            self.levels.push(Level::Struct);
        }
        loop {
            let Some(level) = self.levels.last_mut() else { return self.reached(bytes) };
            match level {
                Level::Struct => {
                    let [kind] = array(bytes, self.at)?;
                    if kind == 0 {
                        self.at += 1;
                        self.levels.pop();
                    } else {
                        self.value(known(kind)?, 3, bytes, limits)?;
                    }
                }
                Level::List { left: 0, .. } | Level::Map { left: 0, .. } => drop(self.levels.pop()),
                Level::List { kind, .. } => {
                    let kind = *kind;
                    self.value(kind, 0, bytes, limits)?;
                }
                Level::Map { kinds: (key, value), left } => {
                    let kind = if *left % 2 == 0 { *key } else { *value };
                    self.value(kind, 0, bytes, limits)?;
                }
            }
        }
    }

    /// The bytes of the last value may still be missing.
    fn reached(&self, bytes: &[u8]) -> Result<(), Stop> {
        if self.at > bytes.len() { Err(Stop::Need(self.at)) } else { Ok(()) }
    }

    /// Goes over a scalar, or into what has an inside. `before` bytes of field header stand before the value.
    fn value(&mut self, kind: WireType, before: usize, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        let at = self.at + before;
        let (size, level) = match kind {
            WireType::String => {
                let length = count(array(bytes, at)?, limits.string_max, ErrorKind::StringTooLong)?;
                (4 + length, None)
            }
            WireType::Struct => (0, Some(Level::Struct)),
            WireType::List | WireType::Set => {
                let [kind, a, b, c, d] = array(bytes, at)?;
                let left = count([a, b, c, d], limits.container_max, ErrorKind::ContainerTooLarge)?;
                match if left == 0 { None } else { Some(known(kind)?) } {
                    None => (5, None),
                    Some(kind) => match binary::width(kind) {
                        Some(width) => (5 + left * width, None),
                        None => (5, Some(Level::List { kind, left })),
                    },
                }
            }
            WireType::Map => {
                let [key, value, a, b, c, d] = array(bytes, at)?;
                let left = count([a, b, c, d], limits.container_max, ErrorKind::ContainerTooLarge)?;
                let level =
                    if left == 0 { None } else { Some(Level::Map { kinds: (known(key)?, known(value)?), left: 2 * left }) };
                (6, level)
            }
            scalar => (binary::min_size(scalar), None),
        };
        if let Some(Level::List { left, .. } | Level::Map { left, .. }) = self.levels.last_mut() {
            *left -= 1;
        }
        self.at = at + size;
        if let Some(level) = level {
            if self.levels.len() >= limits.depth_max {
                return Err(Stop::Wrong(ErrorKind::TooDeep));
            }
            self.levels.push(level);
        }
        if self.at > limits.message_max { Err(Stop::Wrong(ErrorKind::MessageTooLarge)) } else { Ok(()) }
    }
}

/// How long the head of a binary message is.
fn binary_head(bytes: &[u8], limits: &Limits) -> Result<usize, Stop> {
    let first = array(bytes, 0)?;
    let strict = first[0] & 0x80 != 0;
    if strict && first[..2] != [0x80, 0x01] {
        return Err(Stop::Wrong(ErrorKind::BadVersion));
    }
    let length = if strict { array(bytes, 4)? } else { first };
    let length = count(length, 2 * limits.method_max, ErrorKind::MethodTooLong)?;
    let end = if strict { 8 + length + 4 } else { 4 + length + 5 };
    if end > bytes.len() { Err(Stop::Need(end)) } else { Ok(end) }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Stop> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Stop::Need(at + N))
}

fn count(declared: [u8; 4], max: usize, over: ErrorKind) -> Result<usize, Stop> {
    let count = usize::try_from(i32::from_be_bytes(declared)).map_err(|_| Stop::Wrong(ErrorKind::NegativeSize))?;
    if count > max { Err(Stop::Wrong(over)) } else { Ok(count) }
}

fn known(kind: u8) -> Result<WireType, Stop> {
    WireType::from_byte(kind).ok_or(Stop::Wrong(ErrorKind::UnknownType))
}

//! Messages that say what is in them before it comes, as binary and compact ones do: a scan keeps what is open around it.

use std::marker::PhantomData;

use crate::wire::error::ErrorKind;
use crate::wire::limits::Limits;
use crate::wire::types::WireType;

use super::stop::Stop;

/// How a codec writes the heads of what is in a message. Each looks at the bytes from `at` on, and at no more than it needs.
pub(super) trait Heads {
    /// How long the head of the message is.
    fn message(bytes: &[u8], limits: &Limits) -> Result<usize, Stop>;
    /// The next field of a struct, or its end.
    fn field(bytes: &[u8], at: usize) -> Result<FieldHead, Stop>;
    /// A value, or as much of it as stands before what is in it.
    fn value(kind: WireType, bytes: &[u8], at: usize, limits: &Limits) -> Result<Value, Stop>;
}

/// The head of a field, and how long it is.
pub(super) enum FieldHead {
    /// The end of the struct.
    Stop(usize),
    /// The value follows.
    Value(usize, WireType),
    /// The value is in the head.
    Whole(usize),
}

/// A value: how long it is, or how long what stands before its inside is.
pub(super) enum Value {
    /// There is nothing more to look at.
    Whole(usize),
    Open(usize, Level),
}

/// What is open around the byte that is scanned.
#[derive(Debug)]
pub(super) enum Level {
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

/// A scan of such a message.
#[derive(Debug)]
pub(super) struct Nested<H> {
    /// Everything before this byte was scanned and is not looked at again, but for the head of one value: at most sixteen
    /// bytes.
    at: usize,
    in_body: bool,
    levels: Vec<Level>,
    heads: PhantomData<H>,
}

impl<H: Heads> Nested<H> {
    pub(super) fn new() -> Self {
        Self { at: 0, in_body: false, levels: Vec::new(), heads: PhantomData }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Scans to the end of the message.
    pub(super) fn run(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        let passed = self.scan(bytes, limits);
        let size = if let Err(Stop::Need(need)) = passed { need } else { self.at };
        if size > limits.message_max && !matches!(passed, Err(Stop::Wrong(_))) {
            return Err(Stop::Wrong(ErrorKind::MessageTooLarge));
        }
        passed
    }

    fn scan(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        if !self.in_body {
            self.at = H::message(bytes, limits)?;
            self.in_body = true;
            self.enter(Level::Struct, limits)?;
        }
        while let Some(level) = self.levels.last() {
            match level {
                Level::Struct => self.field(bytes, limits)?,
                Level::List { left: 0, .. } | Level::Map { left: 0, .. } => drop(self.levels.pop()),
                Level::List { kind, .. } => self.value(*kind, self.at, bytes, limits)?,
                Level::Map { kinds: (key, value), left } => {
                    let kind = if left % 2 == 0 { *key } else { *value };
                    self.value(kind, self.at, bytes, limits)?;
                }
            }
        }
        // The bytes of the last value may still be missing.
        if self.at > bytes.len() { Err(Stop::Need(self.at)) } else { Ok(()) }
    }

    fn field(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        match H::field(bytes, self.at)? {
            FieldHead::Stop(length) => {
                self.at += length;
                self.levels.pop();
                Ok(())
            }
            FieldHead::Whole(length) => self.reach(self.at + length, limits),
            FieldHead::Value(length, kind) => self.value(kind, self.at + length, bytes, limits),
        }
    }

    /// Goes over the value at `at`, or into it.
    #[inline]
    fn value(&mut self, kind: WireType, at: usize, bytes: &[u8], limits: &Limits) -> Result<(), Stop> {
        let value = if kind == WireType::Struct { Value::Open(0, Level::Struct) } else { H::value(kind, bytes, at, limits)? };
        if let Some(Level::List { left, .. } | Level::Map { left, .. }) = self.levels.last_mut() {
            *left -= 1;
        }
        match value {
            Value::Whole(length) => self.reach(at + length, limits),
            Value::Open(length, level) => {
                self.reach(at + length, limits)?;
                self.enter(level, limits)
            }
        }
    }

    #[inline]
    fn reach(&mut self, at: usize, limits: &Limits) -> Result<(), Stop> {
        self.at = at;
        if at > limits.message_max { Err(Stop::Wrong(ErrorKind::MessageTooLarge)) } else { Ok(()) }
    }

    fn enter(&mut self, level: Level, limits: &Limits) -> Result<(), Stop> {
        if self.levels.len() >= limits.depth_max {
            return Err(Stop::Wrong(ErrorKind::TooDeep));
        }
        self.levels.push(level);
        Ok(())
    }
}

//! Reading over a value of any type, without recursion: a peer can nest as deep as the limit, but never uses our stack.

use super::error::Error;
use super::protocol::Reader;
use super::types::WireType;

/// What is open around the value that is being skipped.
enum Level {
    Struct,
    List {
        kind: WireType,
        left: usize,
    },
    Set {
        kind: WireType,
        left: usize,
    },
    /// `left` counts keys and values: a key is next where it is even.
    Map {
        kinds: (WireType, WireType),
        left: usize,
    },
}

/// Reads over one value.
///
/// # Errors
/// As the reader's own methods: limits hold inside skipped values too.
pub(super) fn skip<'a, R: Reader<'a>>(reader: &mut R, kind: WireType) -> Result<(), Error> {
    // INVARIANT: never longer than `depth_max`, because every level was entered.
    let mut levels = Vec::new();
    let mut next = Some(kind);
    while let Some(kind) = next {
        if let Some(level) = enter(reader, kind)? {
            levels.push(level);
        }
        next = advance(reader, &mut levels)?;
    }
    Ok(())
}

/// Reads a scalar whole, or the head of what has an inside.
fn enter<'a, R: Reader<'a>>(reader: &mut R, kind: WireType) -> Result<Option<Level>, Error> {
    match kind {
        WireType::Bool => reader.bool().map(drop)?,
        WireType::I8 => reader.i8().map(drop)?,
        WireType::Double => reader.double().map(drop)?,
        WireType::I16 => reader.i16().map(drop)?,
        WireType::I32 => reader.i32().map(drop)?,
        WireType::I64 => reader.i64().map(drop)?,
        WireType::Uuid => reader.uuid().map(drop)?,
        WireType::String => reader.skip_string()?,
        WireType::Struct => {
            reader.struct_begin()?;
            return Ok(Some(Level::Struct));
        }
        WireType::List | WireType::Set => {
            let list = kind == WireType::List;
            let elements = if list { reader.list()? } else { reader.set()? };
            let (kind, left) = match elements.kind {
                Some(kind) if reader.skip_run(kind, elements.len)? => (kind, 0),
                Some(kind) => (kind, elements.len),
                None => (WireType::Bool, 0),
            };
            return Ok(Some(if list { Level::List { kind, left } } else { Level::Set { kind, left } }));
        }
        WireType::Map => {
            let map = reader.map()?;
            let (kinds, left) = map.kinds.map_or(((WireType::Bool, WireType::Bool), 0), |kinds| (kinds, map.len * 2));
            return Ok(Some(Level::Map { kinds, left }));
        }
    }
    Ok(None)
}

/// The type of the next value to read over; leaves every level that has none left.
fn advance<'a, R: Reader<'a>>(reader: &mut R, levels: &mut Vec<Level>) -> Result<Option<WireType>, Error> {
    while let Some(level) = levels.last_mut() {
        match level {
            Level::Struct => {
                if let Some(field) = reader.field()? {
                    return Ok(Some(field.kind));
                }
            }
            Level::List { left: 0, .. } => reader.list_end()?,
            Level::Set { left: 0, .. } => reader.set_end()?,
            Level::Map { left: 0, .. } => reader.map_end()?,
            Level::List { kind, left } | Level::Set { kind, left } => {
                *left -= 1;
                return Ok(Some(*kind));
            }
            Level::Map { kinds: (key, value), left } => {
                let kind = if *left % 2 == 0 { *key } else { *value };
                *left -= 1;
                return Ok(Some(kind));
            }
        }
        levels.pop();
    }
    Ok(None)
}

//! The heads of a compact message.

use crate::wire::compact::types::{FALSE, LONG_LIST, PROTOCOL, STOP, TRUE, VERSION, VERSION_MASK, kind_of, width};
use crate::wire::error::ErrorKind;
use crate::wire::limits::Limits;
use crate::wire::types::WireType;
use crate::wire::varint;

use super::nested::{FieldHead, Heads, Level, Value};
use super::stop::{Stop, array, count};

#[derive(Debug)]
pub(super) struct Compact;

impl Heads for Compact {
    fn message(bytes: &[u8], limits: &Limits) -> Result<usize, Stop> {
        let [protocol, kind] = array(bytes, 0)?;
        if protocol != PROTOCOL || kind & VERSION_MASK != VERSION {
            return Err(Stop::Wrong(ErrorKind::BadVersion));
        }
        let (_, seqid) = u32_at(bytes, 2)?;
        let (declared, length) = u32_at(bytes, 2 + seqid)?;
        let name = count(declared.cast_signed(), 2 * limits.method_max, ErrorKind::MethodTooLong)?;
        let end = 2 + seqid + length + name;
        if end > bytes.len() { Err(Stop::Need(end)) } else { Ok(end) }
    }

    #[inline]
    fn field(bytes: &[u8], at: usize) -> Result<FieldHead, Stop> {
        let [byte] = array(bytes, at)?;
        let nibble = byte & 0x0f;
        if nibble == STOP {
            return Ok(FieldHead::Stop(1));
        }
        let kind = known(nibble)?;
        let length = if byte >> 4 == 0 { 1 + u32_at(bytes, at + 1)?.1 } else { 1 };
        Ok(match nibble {
            TRUE | FALSE => FieldHead::Whole(length),
            _ => FieldHead::Value(length, kind),
        })
    }

    #[inline]
    fn value(kind: WireType, bytes: &[u8], at: usize, limits: &Limits) -> Result<Value, Stop> {
        match kind {
            WireType::I16 | WireType::I32 => Ok(Value::Whole(u32_at(bytes, at)?.1)),
            WireType::I64 => Ok(Value::Whole(at_least(varint::u64_at, bytes, at)?.1)),
            WireType::String => {
                let (declared, length) = u32_at(bytes, at)?;
                Ok(Value::Whole(length + count(declared.cast_signed(), limits.string_max, ErrorKind::StringTooLong)?))
            }
            WireType::List | WireType::Set => list(bytes, at, limits),
            WireType::Map => map(bytes, at, limits),
            fixed => Ok(Value::Whole(width(fixed).unwrap_or_default())),
        }
    }
}

fn list(bytes: &[u8], at: usize, limits: &Limits) -> Result<Value, Stop> {
    let [byte] = array(bytes, at)?;
    let (declared, length) = match byte >> 4 {
        LONG_LIST => u32_at(bytes, at + 1)?,
        short => (u32::from(short), 0),
    };
    let left = count(declared.cast_signed(), limits.container_max, ErrorKind::ContainerTooLarge)?;
    if left == 0 {
        return Ok(Value::Whole(1 + length));
    }
    let kind = known(byte & 0x0f)?;
    Ok(match width(kind) {
        Some(width) => Value::Whole(1 + length + left * width),
        None => Value::Open(1 + length, Level::List { kind, left }),
    })
}

fn map(bytes: &[u8], at: usize, limits: &Limits) -> Result<Value, Stop> {
    let (declared, length) = u32_at(bytes, at)?;
    let left = count(declared.cast_signed(), limits.container_max, ErrorKind::ContainerTooLarge)?;
    if left == 0 {
        return Ok(Value::Whole(length));
    }
    let [byte] = array(bytes, at + length)?;
    let kinds = (known(byte >> 4)?, known(byte & 0x0f)?);
    Ok(match width(kinds.0).zip(width(kinds.1)) {
        Some((key, value)) => Value::Whole(length + 1 + left * (key + value)),
        None => Value::Open(length + 1, Level::Map { kinds, left: 2 * left }),
    })
}

#[inline]
fn u32_at(bytes: &[u8], at: usize) -> Result<(u32, usize), Stop> {
    at_least(varint::u32_at, bytes, at)
}

/// A varint at a place that may not have come yet: then one byte more than there is.
#[inline]
fn at_least<T>(read: impl Fn(&[u8]) -> Result<(T, usize), ErrorKind>, bytes: &[u8], at: usize) -> Result<(T, usize), Stop> {
    read(bytes.get(at..).unwrap_or_default()).map_err(|kind| match kind {
        ErrorKind::UnexpectedEnd => Stop::Need(bytes.len().max(at) + 1),
        wrong => Stop::Wrong(wrong),
    })
}

fn known(nibble: u8) -> Result<WireType, Stop> {
    kind_of(nibble).ok_or(Stop::Wrong(ErrorKind::UnknownType))
}

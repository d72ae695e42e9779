//! The heads of a binary message.

use crate::wire::binary::types::{min_size, width};
use crate::wire::error::ErrorKind;
use crate::wire::limits::Limits;
use crate::wire::types::WireType;

use super::nested::{FieldHead, Heads, Level, Value};
use super::stop::{Stop, array, count};

const STOP: u8 = 0;
/// Type and number.
const FIELD_HEAD: usize = 3;

#[derive(Debug)]
pub(super) struct Binary;

impl Heads for Binary {
    fn message(bytes: &[u8], limits: &Limits) -> Result<usize, Stop> {
        let first = array(bytes, 0)?;
        let is_strict = first[0] & 0x80 != 0;
        if is_strict && first[..2] != [0x80, 0x01] {
            return Err(Stop::Wrong(ErrorKind::BadVersion));
        }
        let length = i32::from_be_bytes(if is_strict { array(bytes, 4)? } else { first });
        let length = count(length, 2 * limits.method_max, ErrorKind::MethodTooLong)?;
        let end = if is_strict { 8 + length + 4 } else { 4 + length + 5 };
        if end > bytes.len() { Err(Stop::Need(end)) } else { Ok(end) }
    }

    #[inline]
    fn field(bytes: &[u8], at: usize) -> Result<FieldHead, Stop> {
        match array(bytes, at)? {
            [STOP] => Ok(FieldHead::Stop(1)),
            [kind] => Ok(FieldHead::Value(FIELD_HEAD, known(kind)?)),
        }
    }

    #[inline]
    fn value(kind: WireType, bytes: &[u8], at: usize, limits: &Limits) -> Result<Value, Stop> {
        match kind {
            WireType::String => {
                let length = i32::from_be_bytes(array(bytes, at)?);
                Ok(Value::Whole(4 + count(length, limits.string_max, ErrorKind::StringTooLong)?))
            }
            WireType::List | WireType::Set => {
                let [kind, a, b, c, d] = array(bytes, at)?;
                list(kind, elements([a, b, c, d], limits)?)
            }
            WireType::Map => {
                let [key, value, a, b, c, d] = array(bytes, at)?;
                map((key, value), elements([a, b, c, d], limits)?)
            }
            scalar => Ok(Value::Whole(min_size(scalar))),
        }
    }
}

fn elements(declared: [u8; 4], limits: &Limits) -> Result<usize, Stop> {
    count(i32::from_be_bytes(declared), limits.container_max, ErrorKind::ContainerTooLarge)
}

fn list(kind: u8, left: usize) -> Result<Value, Stop> {
    if left == 0 {
        return Ok(Value::Whole(5));
    }
    let kind = known(kind)?;
    Ok(match width(kind) {
        Some(width) => Value::Whole(5 + left * width),
        None => Value::Open(5, Level::List { kind, left }),
    })
}

fn map((key, value): (u8, u8), left: usize) -> Result<Value, Stop> {
    if left == 0 {
        return Ok(Value::Whole(6));
    }
    let kinds = (known(key)?, known(value)?);
    Ok(match width(kinds.0).zip(width(kinds.1)) {
        Some((key, value)) => Value::Whole(6 + left * (key + value)),
        None => Value::Open(6, Level::Map { kinds, left: 2 * left }),
    })
}

fn known(kind: u8) -> Result<WireType, Stop> {
    WireType::from_byte(kind).ok_or(Stop::Wrong(ErrorKind::UnknownType))
}

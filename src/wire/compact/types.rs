//! The numbers of the compact protocol: what begins a message, and the four bits that stand for each type.

use crate::wire::types::WireType;

/// The first byte of every message.
pub(in crate::wire) const PROTOCOL: u8 = 0x82;
/// The version, in the low bits of the second byte; the kind of message stands above it.
pub(in crate::wire) const VERSION: u8 = 1;
pub(in crate::wire) const VERSION_MASK: u8 = 0x1f;
pub(in crate::wire) const KIND_SHIFT: u32 = 5;
/// Ends a struct, in the place of a type. As in Apache's readers, the bits above it do not matter.
pub(in crate::wire) const STOP: u8 = 0;
pub(in crate::wire) const TRUE: u8 = 1;
pub(in crate::wire) const FALSE: u8 = 2;
/// A list or set of this size or more has its size behind its first byte, which says this instead.
pub(in crate::wire) const LONG_LIST: u8 = 15;

/// The type that four bits stand for. A bool among elements may be named as true or as false.
#[inline]
pub(in crate::wire) const fn kind_of(nibble: u8) -> Option<WireType> {
    Some(match nibble {
        TRUE | FALSE => WireType::Bool,
        3 => WireType::I8,
        4 => WireType::I16,
        5 => WireType::I32,
        6 => WireType::I64,
        7 => WireType::Double,
        8 => WireType::String,
        9 => WireType::List,
        10 => WireType::Set,
        11 => WireType::Map,
        12 => WireType::Struct,
        13 => WireType::Uuid,
        _ => return None,
    })
}

/// The four bits that stand for a type of elements.
#[inline]
pub(super) const fn nibble_of(kind: WireType) -> u8 {
    match kind {
        WireType::Bool => TRUE,
        WireType::I8 => 3,
        WireType::I16 => 4,
        WireType::I32 => 5,
        WireType::I64 => 6,
        WireType::Double => 7,
        WireType::String => 8,
        WireType::List => 9,
        WireType::Set => 10,
        WireType::Map => 11,
        WireType::Struct => 12,
        WireType::Uuid => 13,
    }
}

/// The farthest that one field can be from the last with its number left out.
const DELTA_MAX: i32 = 15;

/// The high bits of the first byte of a field, where they alone tell its number by its distance from that of the last.
#[inline]
pub(super) fn high_of(id: i16, last: i16) -> Option<u8> {
    let delta = i32::from(id) - i32::from(last);
    (1..=DELTA_MAX).contains(&delta).then_some((delta as u8) << 4)
}

/// The least bytes that an element of this type takes.
pub(super) const fn min_size(kind: WireType) -> usize {
    match width(kind) {
        Some(width) => width,
        None => 1,
    }
}

/// The bytes that every element of this type takes, where they are the same for all.
pub(in crate::wire) const fn width(kind: WireType) -> Option<usize> {
    match kind {
        WireType::Bool | WireType::I8 => Some(1),
        WireType::Double => Some(8),
        WireType::Uuid => Some(16),
        _ => None,
    }
}

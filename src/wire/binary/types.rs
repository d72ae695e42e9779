//! The numbers of the binary protocol: what begins a message and a field, and how many bytes values take.

use crate::wire::types::WireType;

/// The version that a strict header begins with; the low byte is the kind of message and the one above it is ignored.
pub(super) const VERSION_1: u32 = 0x8001_0000;
pub(super) const VERSION_MASK: u32 = 0xffff_0000;
pub(super) const STOP: u8 = 0;
/// A field's type and number.
pub(super) const HEAD_BYTES: usize = 3;
pub(super) const HEAD_MASK: u32 = 0x00ff_ffff;

/// The head of a field, the first byte lowest.
#[inline]
pub(super) const fn head(id: i16, kind: WireType) -> u32 {
    let [high, low] = id.to_be_bytes();
    u32::from_le_bytes([kind.byte(), high, low, 0])
}

/// The least bytes that a value of this type takes.
pub(in crate::wire) const fn min_size(kind: WireType) -> usize {
    match width(kind) {
        Some(width) => width,
        None => match kind {
            WireType::String => 4,
            WireType::Map => 6,
            WireType::List | WireType::Set => 5,
            _ => 1,
        },
    }
}

/// The bytes that every value of this type takes, where they are the same for all.
pub(in crate::wire) const fn width(kind: WireType) -> Option<usize> {
    match kind {
        WireType::Bool | WireType::I8 => Some(1),
        WireType::I16 => Some(2),
        WireType::I32 => Some(4),
        WireType::I64 | WireType::Double => Some(8),
        WireType::Uuid => Some(16),
        _ => None,
    }
}

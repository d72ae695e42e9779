//! The names of types.

use crate::wire::types::WireType;

/// The longest name of a type that is looked at: three letters, each of them as an escape.
pub(super) const TAG_MAX: usize = 18;

/// The type of this name.
#[inline]
pub(super) const fn kind_of(tag: &[u8]) -> Option<WireType> {
    Some(match tag {
        b"tf" => WireType::Bool,
        b"i8" => WireType::I8,
        b"i16" => WireType::I16,
        b"i32" => WireType::I32,
        b"i64" => WireType::I64,
        b"dbl" => WireType::Double,
        b"str" => WireType::String,
        b"rec" => WireType::Struct,
        b"map" => WireType::Map,
        b"lst" => WireType::List,
        b"set" => WireType::Set,
        b"uid" => WireType::Uuid,
        _ => return None,
    })
}

/// The name of a type.
#[inline]
pub(super) const fn name_of(kind: WireType) -> &'static str {
    match kind {
        WireType::Bool => "tf",
        WireType::I8 => "i8",
        WireType::I16 => "i16",
        WireType::I32 => "i32",
        WireType::I64 => "i64",
        WireType::Double => "dbl",
        WireType::String => "str",
        WireType::Struct => "rec",
        WireType::Map => "map",
        WireType::List => "lst",
        WireType::Set => "set",
        WireType::Uuid => "uid",
    }
}

/// Whether a value of this type can be the name of a member, which JSON wants to be text: numbers are put in quotes.
#[inline]
pub(super) const fn can_be_key(kind: WireType) -> bool {
    !matches!(kind, WireType::Struct | WireType::Map | WireType::Set | WireType::List)
}

/// The least bytes that a value of this type takes between two separators, and one of them.
pub(super) const fn min_size(kind: WireType) -> usize {
    1 + match kind {
        WireType::Bool | WireType::I8 | WireType::I16 | WireType::I32 | WireType::I64 | WireType::Double => 1,
        WireType::String | WireType::Struct => 2,
        // `["",0]`, for an empty container may name any type.
        WireType::List | WireType::Set => 6,
        // `["","",0,{}]`
        WireType::Map => 12,
        // Thirty-six characters in quotes.
        WireType::Uuid => 38,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_name_of_its_own() {
        let kinds: Vec<_> = (0..=u8::MAX).filter_map(WireType::from_byte).collect();
        assert_eq!(kinds.len(), 12);
        assert!(kinds.iter().all(|kind| kind_of(name_of(*kind).as_bytes()) == Some(*kind)));
    }
}

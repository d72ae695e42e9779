//! The numbers that say what follows: types of values and kinds of messages, as the binary protocol writes them.

/// The type of a value on the wire, numbered as in the binary protocol (Thrift binary protocol specification, "Struct").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum WireType {
    /// One byte, zero is false.
    Bool = 2,
    /// A signed byte.
    I8 = 3,
    /// An IEEE 754 double.
    Double = 4,
    /// A signed 16-bit integer.
    I16 = 6,
    /// A signed 32-bit integer, or an enum.
    I32 = 8,
    /// A signed 64-bit integer.
    I64 = 10,
    /// Length and bytes: a string or a binary.
    String = 11,
    /// Fields up to a stop: a struct, union or exception.
    Struct = 12,
    /// Keys and values.
    Map = 13,
    /// Distinct elements.
    Set = 14,
    /// Elements.
    List = 15,
    /// Sixteen bytes in network order.
    Uuid = 16,
}

impl WireType {
    /// The type that the binary protocol numbers `byte`, if there is one. STOP (0) and VOID (1) are no types of values.
    #[inline]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            2 => Self::Bool,
            3 => Self::I8,
            4 => Self::Double,
            6 => Self::I16,
            8 => Self::I32,
            10 => Self::I64,
            11 => Self::String,
            12 => Self::Struct,
            13 => Self::Map,
            14 => Self::Set,
            15 => Self::List,
            16 => Self::Uuid,
            _ => return None,
        })
    }

    /// The number of this type in the binary protocol.
    #[inline]
    pub const fn byte(self) -> u8 {
        self as u8
    }
}

/// What a message is (Thrift RPC specification, "Message exchange"). Unknown numbers are kept, so that they can be refused by
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageKind(pub u8);

impl MessageKind {
    /// A request that is answered.
    pub const CALL: Self = Self(1);
    /// The answer: a result struct.
    pub const REPLY: Self = Self(2);
    /// The answer where the call could not be carried out: a TApplicationException.
    pub const EXCEPTION: Self = Self(3);
    /// A request that is never answered.
    pub const ONEWAY: Self = Self(4);
}

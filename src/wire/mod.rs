//! Thrift values to bytes and back. No socket, no clock, and no idea of what a message is for.
//!
//! [`Input`] is the one bounds-checked cursor: every length a peer declares goes through its `take`, every count through its
//! `count`. [`Reader`] and [`Writer`] are the protocol traits, monomorphised per codec; [`Codec`] is the only run-time choice
//! and is matched once per message. [`Encode`] and [`Decode`] say how a Rust type travels, and are what generated code
//! implements. [`Scanner`] finds the end of a message that nothing delimits.

mod beside;
mod binary;
mod byte_vec;
mod bytes;
mod codec;
mod compact;
mod containers;
mod depth;
mod error;
mod input;
mod json;
mod limits;
mod nest;
mod output;
mod protocol;
pub(crate) mod room;
mod scan;
mod skip;
mod types;
mod uuid;
mod value;
pub(crate) mod varint;
mod vouched;

pub use self::binary::{BinaryReader, BinaryWriter};
pub use self::bytes::{Binary, Text};
pub use self::codec::{Codec, Visit};
pub use self::compact::{CompactReader, CompactWriter};
pub use self::containers::{VecMap, VecSet};
pub use self::error::{Error, ErrorKind};
pub use self::input::Input;
pub use self::json::{JsonReader, JsonWriter};
pub use self::limits::Limits;
pub use self::output::{Mark, Output};
pub use self::protocol::{Decode, Elements, Encode, Field, MapElements, MessageHead, Plain, RawHead, Reader, Typed, Writer};
pub use self::scan::{Scan, Scanner};
pub use self::types::{MessageKind, WireType};
pub use self::uuid::Uuid;
pub use ::bytes::Bytes;

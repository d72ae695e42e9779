//! The compact protocol (Thrift compact protocol specification): varints, the type of a field in one byte with its distance
//! from the last one, and bools within that byte.

mod reader;
pub(super) mod types;
mod writer;

pub use self::reader::CompactReader;
pub use self::writer::CompactWriter;

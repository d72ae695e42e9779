//! The binary protocol (Thrift binary protocol specification): big-endian values of fixed width, lengths before strings, a
//! type and a number before each field. Reads the strict header and the old one without a version; writes the strict one.

mod reader;
pub(super) mod types;
mod writer;

pub use self::reader::BinaryReader;
pub use self::writer::BinaryWriter;

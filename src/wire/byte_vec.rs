//! `Vec<u8>` as a binary, for those who ask the code generator for it. [`Bytes`](bytes::Bytes) is cheaper to decode.

use super::error::Error;
use super::protocol::{Decode, Encode, Reader, Typed, Writer};
use super::room;
use super::types::WireType;

impl Typed for Vec<u8> {
    const TYPE: WireType = WireType::String;
}

impl Encode for Vec<u8> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.bytes(self);
    }
}

impl<'a> Decode<'a> for Vec<u8> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.binary().map(|binary| room::copy_of(&binary))
    }
}

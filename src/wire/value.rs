//! How scalars and strings travel. Containers are in `containers`, and structs come from the code generator.

use std::borrow::Cow;

use bytes::Bytes;

use super::bytes::{Binary, Text};
use super::error::Error;
use super::protocol::{Decode, Encode, Plain, Reader, Typed, Writer};
use super::types::WireType;
use super::uuid::Uuid;

impl Typed for bool {
    const TYPE: WireType = WireType::Bool;
}

impl Encode for bool {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.bool(*self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Bool(*self))
    }
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W) {
        writer.bools(values);
    }
}

impl<'a> Decode<'a> for bool {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.bool()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_bool(id)
    }
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        reader.bools(len)
    }
}

impl Typed for i8 {
    const TYPE: WireType = WireType::I8;
}

impl Encode for i8 {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.i8(*self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::I8(*self))
    }
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W) {
        writer.i8s(values);
    }
}

impl<'a> Decode<'a> for i8 {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.i8()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_i8(id)
    }
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        reader.i8s(len)
    }
}

impl Typed for i16 {
    const TYPE: WireType = WireType::I16;
}

impl Encode for i16 {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.i16(*self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::I16(*self))
    }
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W) {
        writer.i16s(values);
    }
}

impl<'a> Decode<'a> for i16 {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.i16()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_i16(id)
    }
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        reader.i16s(len)
    }
}

impl Typed for i32 {
    const TYPE: WireType = WireType::I32;
}

impl Encode for i32 {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.i32(*self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::I32(*self))
    }
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W) {
        writer.i32s(values);
    }
}

impl<'a> Decode<'a> for i32 {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.i32()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_i32(id)
    }
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        reader.i32s(len)
    }
}

impl Typed for i64 {
    const TYPE: WireType = WireType::I64;
}

impl Encode for i64 {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.i64(*self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::I64(*self))
    }
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W) {
        writer.i64s(values);
    }
}

impl<'a> Decode<'a> for i64 {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.i64()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_i64(id)
    }
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        reader.i64s(len)
    }
}

impl Typed for f64 {
    const TYPE: WireType = WireType::Double;
}

impl Encode for f64 {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.double(*self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Double(*self))
    }
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W) {
        writer.doubles(values);
    }
}

impl<'a> Decode<'a> for f64 {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.double()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_double(id)
    }
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        reader.doubles(len)
    }
}

impl Typed for Uuid {
    const TYPE: WireType = WireType::Uuid;
}

impl Encode for Uuid {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.uuid(*self);
    }
}

impl<'a> Decode<'a> for Uuid {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.uuid()
    }
}

impl Typed for str {
    const TYPE: WireType = WireType::String;
}

impl Encode for str {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.str(self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Bytes(self.as_bytes()))
    }
}

impl Typed for [u8] {
    const TYPE: WireType = WireType::String;
}

impl Encode for [u8] {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.bytes(self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Bytes(self))
    }
}

impl Typed for String {
    const TYPE: WireType = WireType::String;
}

impl Encode for String {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.str(self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Bytes(self.as_bytes()))
    }
}

impl<'a> Decode<'a> for String {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.string()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_string(id)
    }
}

impl Typed for Bytes {
    const TYPE: WireType = WireType::String;
}

impl Encode for Bytes {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.shared(self);
    }
}

impl<'a> Decode<'a> for Bytes {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.binary().map(Binary::into_bytes)
    }
}

impl Typed for Cow<'_, str> {
    const TYPE: WireType = WireType::String;
}

impl Encode for Cow<'_, str> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.str(self);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        Some(Plain::Bytes(self.as_bytes()))
    }
}

impl<'a> Decode<'a> for Cow<'a, str> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.str()
    }
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        reader.due_str(id)
    }
}

impl Typed for Binary<'_> {
    const TYPE: WireType = WireType::String;
}

impl Encode for Binary<'_> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        match self.as_shared() {
            Some(shared) => writer.shared(shared),
            None => writer.bytes(self),
        }
    }
}

impl<'a> Decode<'a> for Binary<'a> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.binary()
    }
}

impl Typed for Text {
    const TYPE: WireType = WireType::String;
}

impl Encode for Text {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.text(self);
    }
}

impl<'a> Decode<'a> for Text {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.text()
    }
}

impl<T: Typed + ?Sized> Typed for &T {
    const TYPE: WireType = T::TYPE;
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        (**self).encode(writer);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        (**self).plain()
    }
}

impl<T: Typed> Typed for Box<T> {
    const TYPE: WireType = T::TYPE;
}

impl<T: Encode> Encode for Box<T> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        (**self).encode(writer);
    }
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        (**self).plain()
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Box<T> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.input().charge(size_of::<T>())?;
        T::decode(reader).map(Box::new)
    }
}

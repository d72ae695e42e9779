//! The binary protocol (Thrift binary protocol specification): big-endian values of fixed width, lengths before strings, a
//! type and a number before each field. Reads the strict header and the old one without a version; writes the strict one.

use std::borrow::Cow;

use bytes::Bytes;

use super::bytes::{Binary, Text};
use super::depth::DepthLeft;
use super::error::{Error, ErrorKind};
use super::input::Input;
use super::output::Output;
use super::protocol::{Elements, Encode, Field, MapElements, Plain, RawHead, Reader, Writer, method_name};
use super::skip::skip;
use super::types::{MessageKind, WireType};
use super::uuid::Uuid;

/// The version that a strict header begins with; the low byte is the kind of message and the one above it is ignored.
const VERSION_1: u32 = 0x8001_0000;
const VERSION_MASK: u32 = 0xffff_0000;
const STOP: u8 = 0;
/// A field's type and number.
const HEAD_BYTES: usize = 3;
/// The widest value of a field that has a width.
const MAX_WIDTH: usize = 8;

/// The least bytes that a value of this type takes.
pub(super) const fn min_size(kind: WireType) -> usize {
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
pub(super) const fn width(kind: WireType) -> Option<usize> {
    match kind {
        WireType::Bool | WireType::I8 => Some(1),
        WireType::I16 => Some(2),
        WireType::I32 => Some(4),
        WireType::I64 | WireType::Double => Some(8),
        WireType::Uuid => Some(16),
        _ => None,
    }
}

/// Reads the binary protocol.
#[derive(Debug)]
pub struct BinaryReader<'a> {
    input: Input<'a>,
}

impl<'a> BinaryReader<'a> {
    /// A type that may be any number where no value of it follows.
    #[inline]
    fn kind_of(&self, byte: u8, len: usize) -> Result<Option<WireType>, Error> {
        match WireType::from_byte(byte) {
            _ if len == 0 => Ok(None),
            None => Err(self.input.error(ErrorKind::UnknownType)),
            kind => Ok(kind),
        }
    }

    #[inline]
    fn string(&mut self) -> Result<&'a [u8], Error> {
        let declared = self.i32()?;
        let length = self.input.string_length(declared)?;
        self.input.take(length)
    }

    /// The bytes of `len` values of `N` bytes each, after one check for all of them.
    #[inline]
    fn run<const N: usize>(&mut self, len: usize) -> Result<&'a [[u8; N]], Error> {
        let bytes = self.input.take(len.saturating_mul(N))?;
        Ok(bytes.as_chunks::<N>().0)
    }
}

/// What is wrong with bytes that are neither a field's head nor the end of a struct.
#[cold]
fn no_field(mut input: Input<'_>) -> Error {
    match input.byte() {
        Ok(kind) if WireType::from_byte(kind).is_none() => input.error(ErrorKind::UnknownType),
        Ok(_) => input.error(ErrorKind::UnexpectedEnd),
        Err(error) => error,
    }
}

/// Takes the cursor and gives it back: one whose address is passed on cannot live in registers, and no hot loop should pay for
/// the unknown fields that it may meet.
#[inline(never)]
fn skip_apart(input: Input<'_>, kind: WireType) -> Result<Input<'_>, Error> {
    let mut reader = BinaryReader { input };
    skip(&mut reader, kind)?;
    Ok(reader.input)
}

impl<'a> Reader<'a> for BinaryReader<'a> {
    #[inline]
    fn new(input: Input<'a>) -> Self {
        Self { input }
    }

    #[inline]
    fn input(&mut self) -> &mut Input<'a> {
        &mut self.input
    }

    #[inline]
    fn into_input(self) -> Input<'a> {
        self.input
    }

    #[inline]
    fn head(&mut self) -> Result<RawHead<'a>, Error> {
        let first = self.i32()?;
        if first >= 0 {
            if self.input.limits().strict_binary {
                return Err(self.input.error(ErrorKind::OldBinary));
            }
            let name = method_name(&mut self.input, first)?;
            let kind = MessageKind(self.input.byte()?);
            return Ok(RawHead { name, kind, seqid: self.i32()? });
        }
        let version = first as u32;
        if version & VERSION_MASK != VERSION_1 {
            return Err(self.input.error(ErrorKind::BadVersion));
        }
        let length = self.i32()?;
        let name = method_name(&mut self.input, length)?;
        Ok(RawHead { name, kind: MessageKind(version as u8), seqid: self.i32()? })
    }

    #[inline]
    fn message_end(&mut self) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn struct_begin(&mut self) -> Result<(), Error> {
        self.input.enter()
    }

    #[inline]
    fn field(&mut self) -> Result<Option<Field>, Error> {
        // One look at all three bytes; what is wrong with them is found out where that may take its time.
        match *self.input.rest() {
            [STOP, ..] => {
                self.input.take(1)?;
                self.input.leave();
                Ok(None)
            }
            [kind, high, low, ..] if let Some(kind) = WireType::from_byte(kind) => {
                self.input.take(3)?;
                Ok(Some(Field { id: i16::from_be_bytes([high, low]), kind }))
            }
            _ => Err(no_field(self.input.clone())),
        }
    }

    #[inline]
    fn list(&mut self) -> Result<Elements, Error> {
        self.input.enter()?;
        let kind = self.input.byte()?;
        let declared = self.i32()?;
        let min = WireType::from_byte(kind).map_or(1, min_size);
        let len = self.input.count(declared, min)?;
        Ok(Elements { kind: self.kind_of(kind, len)?, len })
    }

    #[inline]
    fn list_end(&mut self) -> Result<(), Error> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn map(&mut self) -> Result<MapElements, Error> {
        self.input.enter()?;
        let [key, value] = self.input.array()?;
        let declared = self.i32()?;
        let min = [key, value].map(|byte| WireType::from_byte(byte).map_or(1, min_size));
        let len = self.input.count(declared, min[0] + min[1])?;
        let kinds = self.kind_of(key, len)?.zip(self.kind_of(value, len)?);
        Ok(MapElements { kinds, len })
    }

    #[inline]
    fn map_end(&mut self) -> Result<(), Error> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn bool(&mut self) -> Result<bool, Error> {
        Ok(self.input.byte()? != 0)
    }

    #[inline]
    fn i8(&mut self) -> Result<i8, Error> {
        self.input.array().map(i8::from_be_bytes)
    }

    #[inline]
    fn i16(&mut self) -> Result<i16, Error> {
        self.input.array().map(i16::from_be_bytes)
    }

    #[inline]
    fn i32(&mut self) -> Result<i32, Error> {
        self.input.array().map(i32::from_be_bytes)
    }

    #[inline]
    fn i64(&mut self) -> Result<i64, Error> {
        self.input.array().map(i64::from_be_bytes)
    }

    #[inline]
    fn double(&mut self) -> Result<f64, Error> {
        self.input.array().map(f64::from_be_bytes)
    }

    #[inline]
    fn uuid(&mut self) -> Result<Uuid, Error> {
        self.input.array().map(Uuid)
    }

    #[inline]
    fn binary(&mut self) -> Result<Binary<'a>, Error> {
        Ok(Binary::part(self.string()?, self.input.owner()))
    }

    #[inline]
    fn str(&mut self) -> Result<Cow<'a, str>, Error> {
        let bytes = self.string()?;
        self.input.text(bytes).map(Cow::Borrowed)
    }

    #[inline]
    fn text(&mut self) -> Result<Text, Error> {
        let bytes = self.binary()?.into_bytes();
        Text::new(bytes).map_err(|_| self.input.error(ErrorKind::InvalidUtf8))
    }

    fn bools(&mut self, len: usize) -> Result<Vec<bool>, Error> {
        Ok(self.input.take(len)?.iter().map(|byte| *byte != 0).collect())
    }

    fn i8s(&mut self, len: usize) -> Result<Vec<i8>, Error> {
        Ok(self.run(len)?.iter().copied().map(i8::from_be_bytes).collect())
    }

    fn i16s(&mut self, len: usize) -> Result<Vec<i16>, Error> {
        Ok(self.run(len)?.iter().copied().map(i16::from_be_bytes).collect())
    }

    fn i32s(&mut self, len: usize) -> Result<Vec<i32>, Error> {
        Ok(self.run(len)?.iter().copied().map(i32::from_be_bytes).collect())
    }

    fn i64s(&mut self, len: usize) -> Result<Vec<i64>, Error> {
        Ok(self.run(len)?.iter().copied().map(i64::from_be_bytes).collect())
    }

    fn doubles(&mut self, len: usize) -> Result<Vec<f64>, Error> {
        Ok(self.run(len)?.iter().copied().map(f64::from_be_bytes).collect())
    }

    fn skip(&mut self, kind: WireType) -> Result<(), Error> {
        self.input = skip_apart(self.input.clone(), kind)?;
        Ok(())
    }

    fn skip_run(&mut self, kind: WireType, len: usize) -> Result<bool, Error> {
        let Some(width) = width(kind) else { return Ok(false) };
        self.input.take(len.saturating_mul(width))?;
        Ok(true)
    }
}

/// Writes the binary protocol.
#[derive(Debug)]
pub struct BinaryWriter<'o> {
    out: &'o mut Output,
    depth: DepthLeft,
}

impl<'o> BinaryWriter<'o> {
    /// A writer at the end of `out` that nests at most `depth_max` deep.
    #[inline]
    pub fn new(out: &'o mut Output, depth_max: usize) -> Self {
        Self { out, depth: DepthLeft::new(depth_max) }
    }

    #[inline]
    fn length(&mut self, length: usize) {
        match i32::try_from(length) {
            Ok(length) => self.i32(length),
            Err(_) => self.out.fail(ErrorKind::ContainerTooLarge),
        }
    }

    /// A field of `N` bytes behind its head.
    #[inline]
    fn with_head<const N: usize>(&mut self, id: i16, kind: WireType, value: [u8; N]) {
        let mut field = [0; HEAD_BYTES + MAX_WIDTH];
        let [high, low] = id.to_be_bytes();
        field[..HEAD_BYTES].copy_from_slice(&[kind.byte(), high, low]);
        field[HEAD_BYTES..HEAD_BYTES + N].copy_from_slice(&value);
        self.out.push(&field[..HEAD_BYTES + N]);
    }

    /// The head of before 2010, which has no version: the name comes first.
    pub(super) fn old_message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32) {
        self.str(name);
        self.out.push_byte(kind.0);
        self.i32(seqid);
    }

    /// Values of `N` bytes each, in one go.
    #[inline]
    fn run<T: Copy, const N: usize>(&mut self, values: &[T], bytes: impl Fn(T) -> [u8; N]) {
        let tail = self.out.tail();
        let start = tail.len();
        tail.resize(start + values.len() * N, 0);
        let (chunks, _) = tail[start..].as_chunks_mut::<N>();
        for (chunk, value) in chunks.iter_mut().zip(values) {
            *chunk = bytes(*value);
        }
    }
}

impl Writer for BinaryWriter<'_> {
    #[inline]
    fn message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32) {
        self.i32((VERSION_1 | u32::from(kind.0)).cast_signed());
        self.str(name);
        self.i32(seqid);
    }

    #[inline]
    fn message_end(&mut self) {}

    #[inline]
    fn struct_begin(&mut self) {
        self.depth.enter(self.out);
    }

    #[inline]
    fn struct_end(&mut self) {
        self.out.push_byte(STOP);
        self.depth.leave();
    }

    #[inline]
    fn field_begin(&mut self, id: i16, kind: WireType) {
        let [high, low] = id.to_be_bytes();
        self.out.push(&[kind.byte(), high, low]);
    }

    #[inline]
    fn field_end(&mut self) {}

    /// Head and value at once: room is asked for once, and both are stored together.
    #[inline]
    fn field<T: Encode + ?Sized>(&mut self, id: i16, value: &T) {
        match value.plain() {
            Some(Plain::Bool(value)) => self.with_head(id, T::TYPE, [u8::from(value)]),
            Some(Plain::I8(value)) => self.with_head(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::I16(value)) => self.with_head(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::I32(value)) => self.with_head(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::I64(value)) => self.with_head(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::Double(value)) => self.with_head(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::Bytes(value)) if let Ok(length) = i32::try_from(value.len()) => {
                self.with_head(id, T::TYPE, length.to_be_bytes());
                self.out.push(value);
            }
            _ => {
                self.field_begin(id, T::TYPE);
                value.encode(self);
            }
        }
    }

    #[inline]
    fn list_begin(&mut self, kind: WireType, len: usize) {
        self.depth.enter(self.out);
        self.out.push_byte(kind.byte());
        self.length(len);
    }

    #[inline]
    fn list_end(&mut self) {
        self.depth.leave();
    }

    #[inline]
    fn map_begin(&mut self, key: WireType, value: WireType, len: usize) {
        self.depth.enter(self.out);
        self.out.push(&[key.byte(), value.byte()]);
        self.length(len);
    }

    #[inline]
    fn map_end(&mut self) {
        self.depth.leave();
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        self.out.push_byte(u8::from(value));
    }

    #[inline]
    fn i8(&mut self, value: i8) {
        self.out.push_byte(value as u8);
    }

    #[inline]
    fn i16(&mut self, value: i16) {
        self.out.push(&value.to_be_bytes());
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.out.push(&value.to_be_bytes());
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.out.push(&value.to_be_bytes());
    }

    #[inline]
    fn double(&mut self, value: f64) {
        self.out.push(&value.to_be_bytes());
    }

    #[inline]
    fn uuid(&mut self, value: Uuid) {
        self.out.push(&value.0);
    }

    #[inline]
    fn str(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    #[inline]
    fn bytes(&mut self, value: &[u8]) {
        self.length(value.len());
        self.out.push(value);
    }

    #[inline]
    fn shared(&mut self, value: &Bytes) {
        self.length(value.len());
        self.out.push_shared(value);
    }

    #[inline]
    fn text(&mut self, value: &Text) {
        self.shared(value.as_bytes());
    }

    fn bools(&mut self, values: &[bool]) {
        self.run(values, |value| [u8::from(value)]);
    }

    fn i8s(&mut self, values: &[i8]) {
        self.run(values, i8::to_be_bytes);
    }

    fn i16s(&mut self, values: &[i16]) {
        self.run(values, i16::to_be_bytes);
    }

    fn i32s(&mut self, values: &[i32]) {
        self.run(values, i32::to_be_bytes);
    }

    fn i64s(&mut self, values: &[i64]) {
        self.run(values, i64::to_be_bytes);
    }

    fn doubles(&mut self, values: &[f64]) {
        self.run(values, f64::to_be_bytes);
    }
}

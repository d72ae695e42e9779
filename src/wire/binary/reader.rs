//! Reading the binary protocol.

use std::borrow::Cow;

use crate::wire::bytes::{Binary, Text};
use crate::wire::error::{Error, ErrorKind};
use crate::wire::input::Input;
use crate::wire::protocol::{Elements, Field, MapElements, RawHead, Reader, method_name};
use crate::wire::room;
use crate::wire::skip::skip;
use crate::wire::types::{MessageKind, WireType};
use crate::wire::uuid::Uuid;
use crate::wire::vouched;

use super::types::{HEAD_BYTES, HEAD_MASK, STOP, VERSION_1, VERSION_MASK, head, min_size, width};

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
    fn sized(&mut self, declared: i32) -> Result<&'a [u8], Error> {
        let length = self.input.string_length(declared)?;
        self.input.take(length)
    }

    /// The value of the next field if it is this one, and all of it is there: one look at both, where head and value would take two.
    #[inline]
    fn due<const N: usize, T>(&mut self, id: i16, kind: WireType, value: impl FnOnce([u8; N]) -> T) -> Option<T> {
        let next = self.input.rest().get(..HEAD_BYTES + N)?;
        let (&first, &last) = (next.first_chunk()?, next.last_chunk()?);
        if u32::from_le_bytes(first) & HEAD_MASK != head(id, kind) {
            return None;
        }
        self.input.take(HEAD_BYTES + N).ok()?;
        Some(value(last))
    }

    /// The same of a string.
    #[inline]
    fn due_text(&mut self, id: i16) -> Result<Option<&'a str>, Error> {
        let Some(declared) = self.due(id, WireType::String, i32::from_be_bytes) else { return Ok(None) };
        let bytes = self.sized(declared)?;
        self.input.text(bytes).map(Some)
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
    fn field_is(&mut self, id: i16, kind: WireType) -> bool {
        // A byte follows every head: one word is compared, not three bytes.
        match self.input.rest().first_chunk() {
            Some(next) if u32::from_le_bytes(*next) & HEAD_MASK == head(id, kind) => self.input.take(HEAD_BYTES).is_ok(),
            _ => false,
        }
    }

    #[inline]
    fn take_struct_end(&mut self) -> bool {
        let ends = self.input.take_if([STOP]);
        if ends {
            self.input.leave();
        }
        ends
    }

    #[inline]
    fn due_bool(&mut self, id: i16) -> Result<Option<bool>, Error> {
        Ok(self.due(id, WireType::Bool, |[byte]| byte != 0))
    }

    #[inline]
    fn due_i8(&mut self, id: i16) -> Result<Option<i8>, Error> {
        Ok(self.due(id, WireType::I8, i8::from_be_bytes))
    }

    #[inline]
    fn due_i16(&mut self, id: i16) -> Result<Option<i16>, Error> {
        Ok(self.due(id, WireType::I16, i16::from_be_bytes))
    }

    #[inline]
    fn due_i32(&mut self, id: i16) -> Result<Option<i32>, Error> {
        Ok(self.due(id, WireType::I32, i32::from_be_bytes))
    }

    #[inline]
    fn due_i64(&mut self, id: i16) -> Result<Option<i64>, Error> {
        Ok(self.due(id, WireType::I64, i64::from_be_bytes))
    }

    #[inline]
    fn due_double(&mut self, id: i16) -> Result<Option<f64>, Error> {
        Ok(self.due(id, WireType::Double, f64::from_be_bytes))
    }

    #[inline]
    fn due_str(&mut self, id: i16) -> Result<Option<Cow<'a, str>>, Error> {
        Ok(self.due_text(id)?.map(Cow::Borrowed))
    }

    #[inline]
    fn due_string(&mut self, id: i16) -> Result<Option<String>, Error> {
        Ok(self.due_text(id)?.map(room::text_of))
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
        let declared = self.i32()?;
        Ok(Binary::part(self.sized(declared)?, self.input.owner()))
    }

    #[inline]
    fn str(&mut self) -> Result<Cow<'a, str>, Error> {
        let declared = self.i32()?;
        let bytes = self.sized(declared)?;
        self.input.text(bytes).map(Cow::Borrowed)
    }

    /// Not by way of [`str`](Reader::str): the compiler would look whether that one borrows, which costs up to 5 % of a struct.
    #[inline]
    fn string(&mut self) -> Result<String, Error> {
        let declared = self.i32()?;
        let bytes = self.sized(declared)?;
        self.input.text(bytes).map(room::text_of)
    }

    #[inline]
    fn text(&mut self) -> Result<Text, Error> {
        let bytes = self.binary()?.into_bytes();
        Text::new(bytes).map_err(|_| self.input.error(ErrorKind::InvalidUtf8))
    }

    fn bools(&mut self, len: usize) -> Result<Vec<bool>, Error> {
        Ok(room::collect(self.input.take(len)?.iter().map(|byte| *byte != 0)))
    }

    fn i8s(&mut self, len: usize) -> Result<Vec<i8>, Error> {
        Ok(room::collect(self.run(len)?.iter().copied().map(i8::from_be_bytes)))
    }

    fn i16s(&mut self, len: usize) -> Result<Vec<i16>, Error> {
        Ok(vouched::converted(self.run(len)?, i16::from_be_bytes))
    }

    fn i32s(&mut self, len: usize) -> Result<Vec<i32>, Error> {
        Ok(vouched::converted(self.run(len)?, i32::from_be_bytes))
    }

    fn i64s(&mut self, len: usize) -> Result<Vec<i64>, Error> {
        Ok(vouched::converted(self.run(len)?, i64::from_be_bytes))
    }

    fn doubles(&mut self, len: usize) -> Result<Vec<f64>, Error> {
        Ok(vouched::converted(self.run(len)?, f64::from_be_bytes))
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

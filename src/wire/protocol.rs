//! The protocol traits, in Thrift's own nouns: how a codec reads and writes, and how a type travels by those calls. Callers
//! are generic and monomorphised, so that a primitive costs no call through a table.

use std::borrow::Cow;

use bytes::Bytes;

use super::bytes::{Binary, Text};
use super::error::{Error, ErrorKind};
use super::input::Input;
use super::room;
use super::types::{MessageKind, WireType};
use super::uuid::Uuid;
use super::vouched;

/// The head of a message: which method, what kind, and the number that its reply repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHead<'a> {
    /// The name of the method, with the service before a colon where the client multiplexes.
    pub name: Cow<'a, str>,
    /// Call, reply, exception or oneway.
    pub kind: MessageKind,
    /// Chosen by the client, repeated by the server.
    pub seqid: i32,
}

/// The same, before anybody looked at the name: who compares it with names that he knows need not ask whether it is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawHead<'a> {
    /// The name of the method, which should be UTF-8.
    pub name: Cow<'a, [u8]>,
    /// Call, reply, exception or oneway.
    pub kind: MessageKind,
    /// Chosen by the client, repeated by the server.
    pub seqid: i32,
}

impl<'a> RawHead<'a> {
    /// The head, if its name is text.
    pub fn checked(self) -> Option<MessageHead<'a>> {
        let Self { name, kind, seqid } = self;
        let name = match name {
            Cow::Borrowed(name) => Cow::Borrowed(vouched::text(name)?),
            Cow::Owned(name) => Cow::Owned(String::from_utf8(name).ok()?),
        };
        Some(MessageHead { name, kind, seqid })
    }
}

/// The head of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The number of the field in its struct.
    pub id: i16,
    /// The type of its value.
    pub kind: WireType,
}

/// The head of a list or set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elements {
    /// The type of the elements; nothing is known of it where there are none.
    pub kind: Option<WireType>,
    /// How many follow. Checked against the limits and the bytes that are left.
    pub len: usize,
}

/// The head of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapElements {
    /// The types of keys and of values; nothing is known of them where there are none.
    pub kinds: Option<(WireType, WireType)>,
    /// How many pairs follow. Checked against the limits and the bytes that are left.
    pub len: usize,
}

/// Reads values of one codec from an [`Input`].
///
/// Containers and structs are entered and left in pairs: [`list`](Self::list) with [`list_end`](Self::list_end), and
/// [`struct_begin`](Self::struct_begin) with the [`field`](Self::field) that returns `None`. After an error the reader is of
/// no more use.
///
/// # Errors
/// Every method fails where the bytes are not what the codec asks for or a limit is passed; see [`ErrorKind`].
#[allow(missing_docs)] // one method per primitive: the name says it
pub trait Reader<'a>: Sized {
    /// A reader at the cursor of `input`.
    fn new(input: Input<'a>) -> Self;
    /// The cursor.
    fn input(&mut self) -> &mut Input<'a>;
    /// Gives the cursor back.
    fn into_input(self) -> Input<'a>;

    /// Reads the head of a message, and leaves it open whether the name is text.
    fn head(&mut self) -> Result<RawHead<'a>, Error>;
    /// Reads the head of a message.
    fn message(&mut self) -> Result<MessageHead<'a>, Error> {
        let head = self.head()?;
        head.checked().ok_or_else(|| self.error(ErrorKind::InvalidMethod))
    }
    /// Reads what stands behind the struct of a message.
    fn message_end(&mut self) -> Result<(), Error>;
    /// Enters a struct.
    fn struct_begin(&mut self) -> Result<(), Error>;
    /// The next field, or `None` at the end of the struct, which leaves it.
    fn field(&mut self) -> Result<Option<Field>, Error>;
    /// Leaves the struct if nothing more comes in it; else nothing is read. May say false whatever comes.
    #[inline]
    fn take_struct_end(&mut self) -> bool {
        false
    }
    /// Reads the head of the next field if it is this one; else nothing is read. Writers keep to the order of the numbers: who
    /// asks for one field after the other need not search for what comes. May say false whatever comes.
    #[inline]
    fn field_is(&mut self, _id: i16, _kind: WireType) -> bool {
        false
    }

    // The value of the next field if it is this one, by type; see `Decode::due`.

    #[inline]
    fn due_bool(&mut self, id: i16) -> Result<Option<bool>, Error> {
        if self.field_is(id, WireType::Bool) { self.bool().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_i8(&mut self, id: i16) -> Result<Option<i8>, Error> {
        if self.field_is(id, WireType::I8) { self.i8().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_i16(&mut self, id: i16) -> Result<Option<i16>, Error> {
        if self.field_is(id, WireType::I16) { self.i16().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_i32(&mut self, id: i16) -> Result<Option<i32>, Error> {
        if self.field_is(id, WireType::I32) { self.i32().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_i64(&mut self, id: i16) -> Result<Option<i64>, Error> {
        if self.field_is(id, WireType::I64) { self.i64().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_double(&mut self, id: i16) -> Result<Option<f64>, Error> {
        if self.field_is(id, WireType::Double) { self.double().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_str(&mut self, id: i16) -> Result<Option<Cow<'a, str>>, Error> {
        if self.field_is(id, WireType::String) { self.str().map(Some) } else { Ok(None) }
    }
    #[inline]
    fn due_string(&mut self, id: i16) -> Result<Option<String>, Error> {
        if self.field_is(id, WireType::String) { self.string().map(Some) } else { Ok(None) }
    }

    /// Enters a list.
    fn list(&mut self) -> Result<Elements, Error>;
    /// Leaves a list.
    fn list_end(&mut self) -> Result<(), Error>;
    /// Enters a set.
    fn set(&mut self) -> Result<Elements, Error> {
        self.list()
    }
    /// Leaves a set.
    fn set_end(&mut self) -> Result<(), Error> {
        self.list_end()
    }
    /// Enters a map.
    fn map(&mut self) -> Result<MapElements, Error>;
    /// Leaves a map.
    fn map_end(&mut self) -> Result<(), Error>;

    fn bool(&mut self) -> Result<bool, Error>;
    fn i8(&mut self) -> Result<i8, Error>;
    fn i16(&mut self) -> Result<i16, Error>;
    fn i32(&mut self) -> Result<i32, Error>;
    fn i64(&mut self) -> Result<i64, Error>;
    fn double(&mut self) -> Result<f64, Error>;
    fn uuid(&mut self) -> Result<Uuid, Error>;
    fn binary(&mut self) -> Result<Binary<'a>, Error>;
    fn str(&mut self) -> Result<Cow<'a, str>, Error>;
    /// A string of its own.
    #[inline]
    fn string(&mut self) -> Result<String, Error> {
        self.str().map(room::owned)
    }
    /// A string that can be kept without a copy.
    fn text(&mut self) -> Result<Text, Error> {
        self.str().map(Text::from)
    }

    /// `len` bools in a row, the elements of a list.
    fn bools(&mut self, len: usize) -> Result<Vec<bool>, Error> {
        collect(self, len, Self::bool)
    }
    /// `len` bytes in a row, the elements of a list.
    fn i8s(&mut self, len: usize) -> Result<Vec<i8>, Error> {
        collect(self, len, Self::i8)
    }
    /// `len` integers in a row, the elements of a list.
    fn i16s(&mut self, len: usize) -> Result<Vec<i16>, Error> {
        collect(self, len, Self::i16)
    }
    /// `len` integers in a row, the elements of a list.
    fn i32s(&mut self, len: usize) -> Result<Vec<i32>, Error> {
        collect(self, len, Self::i32)
    }
    /// `len` integers in a row, the elements of a list.
    fn i64s(&mut self, len: usize) -> Result<Vec<i64>, Error> {
        collect(self, len, Self::i64)
    }
    /// `len` doubles in a row, the elements of a list.
    fn doubles(&mut self, len: usize) -> Result<Vec<f64>, Error> {
        collect(self, len, Self::double)
    }

    /// Reads over `len` values at once where all values of this type are of one width, else says false.
    fn skip_run(&mut self, _kind: WireType, _len: usize) -> Result<bool, Error> {
        Ok(false)
    }

    /// Reads over a string or binary, without asking which of them it is.
    fn skip_string(&mut self) -> Result<(), Error> {
        self.binary().map(drop)
    }

    /// Reads over a value of this type, whatever is in it.
    fn skip(&mut self, kind: WireType) -> Result<(), Error>;

    /// An error of this kind here.
    #[inline]
    fn error(&mut self, kind: ErrorKind) -> Error {
        self.input().error(kind)
    }
}

/// The name of a method, of a declared length: twice `method_max` at most, for a service may stand before it.
#[inline]
pub(super) fn method_name<'a>(input: &mut Input<'a>, declared: i32) -> Result<Cow<'a, [u8]>, Error> {
    let Ok(length) = usize::try_from(declared) else { return Err(input.error(ErrorKind::NegativeSize)) };
    if length > 2 * input.limits().method_max {
        return Err(input.error(ErrorKind::MethodTooLong));
    }
    input.take(length).map(Cow::Borrowed)
}

/// The first elements of a container are reserved for at once, up to this many.
const RESERVE_ELEMENTS: usize = 1024;
/// ... and up to this many bytes of memory.
const RESERVE_BYTES: usize = 64 * 1024;

/// How many elements of a declared `len` to reserve memory for before any was read.
#[inline]
pub(super) fn reserve<T>(len: usize) -> usize {
    len.min(RESERVE_ELEMENTS).min(RESERVE_BYTES / size_of::<T>().max(1))
}

/// Reads `len` values one by one.
#[inline]
pub(super) fn collect<'a, R: Reader<'a>, T>(
    reader: &mut R,
    len: usize,
    mut next: impl FnMut(&mut R) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    reader.input().charge(len.saturating_mul(size_of::<T>()))?;
    let mut values = room::of(reserve::<T>(len));
    for _ in 0..len {
        let value = next(reader)?;
        reserve_within(&mut values, 1, len);
        values.push(value);
    }
    Ok(values)
}

/// Makes room for some more of `len` elements. Memory grows as elements come, and never past what all of them take.
#[inline]
pub(super) fn reserve_within<T>(values: &mut Vec<T>, more: usize, len: usize) {
    if values.capacity() - values.len() < more {
        let ahead = values.len().max(more).min(len - values.len());
        room::had(values.try_reserve_exact(ahead));
    }
}

/// Writes values of one codec to an [`Output`](super::Output). It cannot fail: what cannot be encoded (a struct nested too deep) is
/// remembered by the output, and asked for once at the end of the message.
#[allow(missing_docs)] // one method per primitive: the name says it
pub trait Writer: Sized {
    /// Writes the head of a message.
    fn message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32);
    /// Writes what stands behind the struct of a message.
    fn message_end(&mut self);
    fn struct_begin(&mut self);
    fn struct_end(&mut self);
    fn field_begin(&mut self, id: i16, kind: WireType);
    fn field_end(&mut self);
    fn list_begin(&mut self, kind: WireType, len: usize);
    fn list_end(&mut self);
    fn set_begin(&mut self, kind: WireType, len: usize) {
        self.list_begin(kind, len);
    }
    fn set_end(&mut self) {
        self.list_end();
    }
    fn map_begin(&mut self, key: WireType, value: WireType, len: usize);
    fn map_end(&mut self);

    fn bool(&mut self, value: bool);
    fn i8(&mut self, value: i8);
    fn i16(&mut self, value: i16);
    fn i32(&mut self, value: i32);
    fn i64(&mut self, value: i64);
    fn double(&mut self, value: f64);
    fn uuid(&mut self, value: Uuid);
    fn str(&mut self, value: &str);
    fn bytes(&mut self, value: &[u8]);
    /// A refcounted binary, which may be linked instead of copied.
    fn shared(&mut self, value: &Bytes);
    /// A refcounted text, which may be linked instead of copied.
    fn text(&mut self, value: &Text);

    /// A field and its value.
    #[inline]
    fn field<T: Encode + ?Sized>(&mut self, id: i16, value: &T) {
        self.field_begin(id, T::TYPE);
        value.encode(self);
        self.field_end();
    }

    /// The elements of a list, all at once.
    fn bools(&mut self, values: &[bool]) {
        for value in values {
            self.bool(*value);
        }
    }
    /// The elements of a list, all at once.
    fn i8s(&mut self, values: &[i8]) {
        for value in values {
            self.i8(*value);
        }
    }
    /// The elements of a list, all at once.
    fn i16s(&mut self, values: &[i16]) {
        for value in values {
            self.i16(*value);
        }
    }
    /// The elements of a list, all at once.
    fn i32s(&mut self, values: &[i32]) {
        for value in values {
            self.i32(*value);
        }
    }
    /// The elements of a list, all at once.
    fn i64s(&mut self, values: &[i64]) {
        for value in values {
            self.i64(*value);
        }
    }
    /// The elements of a list, all at once.
    fn doubles(&mut self, values: &[f64]) {
        for value in values {
            self.double(*value);
        }
    }
}

/// A type that has one type on the wire.
pub trait Typed {
    /// The type on the wire.
    const TYPE: WireType;
}

/// A value without anything inside.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // one variant per primitive: the name says it
pub enum Plain<'v> {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Double(f64),
    Bytes(&'v [u8]),
}

/// A value that can be written by every codec.
pub trait Encode: Typed {
    /// Writes the value.
    fn encode<W: Writer>(&self, writer: &mut W);

    /// The value, where it is plain: a writer that knows what comes can put it down together with the head of its field.
    #[inline]
    fn plain(&self) -> Option<Plain<'_>> {
        None
    }

    /// Writes values in a row, the elements of a list.
    fn encode_all<W: Writer>(values: &[Self], writer: &mut W)
    where
        Self: Sized,
    {
        values.iter().for_each(|value| value.encode(writer));
    }
}

/// A value that can be read by every codec; it may borrow from the message.
pub trait Decode<'a>: Typed + Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// Where the bytes are not such a value; see [`ErrorKind`](super::ErrorKind).
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error>;

    /// Reads the next field, if it is this one with such a value; else nothing is read, and what comes is to be searched for.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    #[inline]
    fn due<R: Reader<'a>>(reader: &mut R, id: i16) -> Result<Option<Self>, Error> {
        if reader.field_is(id, Self::TYPE) { Self::decode(reader).map(Some) } else { Ok(None) }
    }

    /// Reads `len` values in a row, the elements of a list.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    fn decode_all<R: Reader<'a>>(len: usize, reader: &mut R) -> Result<Vec<Self>, Error> {
        collect(reader, len, Self::decode)
    }
}

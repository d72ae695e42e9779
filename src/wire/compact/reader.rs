//! Reading the compact protocol.

use std::borrow::Cow;

use crate::wire::bytes::{Binary, Text};
use crate::wire::error::{Error, ErrorKind};
use crate::wire::input::Input;
use crate::wire::nest::Nest;
use crate::wire::protocol::{Elements, Field, MapElements, RawHead, Reader, method_name, reserve, reserve_within};
use crate::wire::room;
use crate::wire::skip::skip;
use crate::wire::types::{MessageKind, WireType};
use crate::wire::uuid::Uuid;
use crate::wire::varint::{self, MAX_32, MAX_64};

use super::types::{
    FALSE, KIND_SHIFT, LONG_LIST, PROTOCOL, STOP, TRUE, VERSION, VERSION_MASK, high_of, kind_of, min_size, nibble_of, width,
};

/// Reads the compact protocol.
#[derive(Debug)]
pub struct CompactReader<'a> {
    input: Input<'a>,
    /// The number of the last field of the struct that is read, and of those around it.
    last: i16,
    outer: Nest<i16>,
    /// The value of a bool field, which came with its head.
    flag: Option<bool>,
}

impl<'a> CompactReader<'a> {
    /// A length or count: above `i32::MAX` it is what a negative one would be written as.
    #[inline]
    fn length(&mut self) -> Result<i32, Error> {
        varint::read_u32(&mut self.input).map(u32::cast_signed)
    }

    #[inline]
    fn sized(&mut self) -> Result<&'a [u8], Error> {
        let declared = self.length()?;
        let length = self.input.string_length(declared)?;
        self.input.take(length)
    }

    /// A type that may be any number where no value of it follows.
    #[inline]
    fn kind_of(&self, nibble: u8, len: usize) -> Result<Option<WireType>, Error> {
        match kind_of(nibble) {
            _ if len == 0 => Ok(None),
            None => Err(self.input.error(ErrorKind::UnknownType)),
            kind => Ok(kind),
        }
    }

    /// The value of the next field if it is this bool: it is in the head.
    #[inline]
    fn due_flag(&mut self, id: i16) -> Option<bool> {
        let high = high_of(id, self.last)?;
        let nibble = self.input.rest().first()?.checked_sub(high)?;
        if nibble != TRUE && nibble != FALSE {
            return None;
        }
        self.input.take(1).ok()?;
        self.last = id;
        Some(nibble == TRUE)
    }

    /// `len` varints in a row, each of no more than `max` bytes.
    #[inline]
    fn run<T>(&mut self, len: usize, max: usize, value: impl Fn(u64) -> Result<T, ErrorKind>) -> Result<Vec<T>, Error> {
        self.input.charge(len.saturating_mul(size_of::<T>()))?;
        let mut values = room::of(reserve::<T>(len));
        let used = varint::read_all(self.input.rest(), len, max, |some| {
            reserve_within(&mut values, some.len(), len);
            some.iter().try_for_each(|wide| value(*wide).map(|value| values.push(value)))
        });
        let used = used.map_err(|kind| self.input.error(kind))?;
        self.input.take(used)?;
        Ok(values)
    }
}

#[inline]
fn u32_of(wide: u64) -> Result<u32, ErrorKind> {
    u32::try_from(wide).map_err(|_| ErrorKind::VarintTooLong)
}

#[inline]
fn i16_of(wide: u32) -> Result<i16, ErrorKind> {
    i16::try_from(varint::unzigzag_32(wide)).map_err(|_| ErrorKind::NumberOutOfRange)
}

impl<'a> Reader<'a> for CompactReader<'a> {
    #[inline]
    fn new(input: Input<'a>) -> Self {
        Self { input, last: 0, outer: Nest::new(), flag: None }
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
        let [protocol, kind] = self.input.array()?;
        if protocol != PROTOCOL || kind & VERSION_MASK != VERSION {
            return Err(self.input.error(ErrorKind::BadVersion));
        }
        let seqid = varint::read_u32(&mut self.input)?.cast_signed();
        let length = self.length()?;
        let name = method_name(&mut self.input, length)?;
        Ok(RawHead { name, kind: MessageKind(kind >> KIND_SHIFT), seqid })
    }

    #[inline]
    fn message_end(&mut self) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn struct_begin(&mut self) -> Result<(), Error> {
        self.input.enter()?;
        self.outer.push(self.last);
        self.last = 0;
        Ok(())
    }

    #[inline]
    fn field(&mut self) -> Result<Option<Field>, Error> {
        let byte = self.input.byte()?;
        let nibble = byte & 0x0f;
        if nibble == STOP {
            self.last = self.outer.pop();
            self.input.leave();
            return Ok(None);
        }
        let Some(kind) = kind_of(nibble) else { return Err(self.input.error(ErrorKind::UnknownType)) };
        self.last = match i16::from(byte >> 4) {
            0 => self.i16()?,
            delta => self.last.checked_add(delta).ok_or_else(|| self.input.error(ErrorKind::NumberOutOfRange))?,
        };
        if kind == WireType::Bool {
            self.flag = Some(nibble == TRUE);
        }
        Ok(Some(Field { id: self.last, kind }))
    }

    #[inline]
    fn take_struct_end(&mut self) -> bool {
        let ends = self.input.take_if([STOP]);
        if ends {
            self.last = self.outer.pop();
            self.input.leave();
        }
        ends
    }

    #[inline]
    fn field_is(&mut self, id: i16, kind: WireType) -> bool {
        let found = match (kind, high_of(id, self.last)) {
            (_, None) => false,
            (WireType::Bool, _) => return self.due_flag(id).inspect(|flag| self.flag = Some(*flag)).is_some(),
            (_, Some(high)) => self.input.take_if([high | nibble_of(kind)]),
        };
        if found {
            self.last = id;
        }
        found
    }

    #[inline]
    fn due_bool(&mut self, id: i16) -> Result<Option<bool>, Error> {
        Ok(self.due_flag(id))
    }

    #[inline]
    fn list(&mut self) -> Result<Elements, Error> {
        self.input.enter()?;
        let byte = self.input.byte()?;
        let declared = match byte >> 4 {
            LONG_LIST => self.length()?,
            short => i32::from(short),
        };
        let len = self.input.count(declared, kind_of(byte & 0x0f).map_or(1, min_size))?;
        Ok(Elements { kind: self.kind_of(byte & 0x0f, len)?, len })
    }

    #[inline]
    fn list_end(&mut self) -> Result<(), Error> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn map(&mut self) -> Result<MapElements, Error> {
        self.input.enter()?;
        let declared = self.length()?;
        if declared == 0 {
            return Ok(MapElements { kinds: None, len: 0 });
        }
        let byte = self.input.byte()?;
        let (key, value) = (byte >> 4, byte & 0x0f);
        let min = [key, value].map(|nibble| kind_of(nibble).map_or(1, min_size));
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
        match self.flag.take() {
            Some(flag) => Ok(flag),
            None => Ok(self.input.byte()? == TRUE),
        }
    }

    #[inline]
    fn i8(&mut self) -> Result<i8, Error> {
        self.input.byte().map(u8::cast_signed)
    }

    #[inline]
    fn i16(&mut self) -> Result<i16, Error> {
        let wide = varint::read_u32(&mut self.input)?;
        i16_of(wide).map_err(|kind| self.input.error(kind))
    }

    #[inline]
    fn i32(&mut self) -> Result<i32, Error> {
        varint::read_u32(&mut self.input).map(varint::unzigzag_32)
    }

    #[inline]
    fn i64(&mut self) -> Result<i64, Error> {
        varint::read_u64(&mut self.input).map(varint::unzigzag_64)
    }

    #[inline]
    fn double(&mut self) -> Result<f64, Error> {
        self.input.array().map(f64::from_le_bytes)
    }

    #[inline]
    fn uuid(&mut self) -> Result<Uuid, Error> {
        self.input.array().map(Uuid)
    }

    #[inline]
    fn binary(&mut self) -> Result<Binary<'a>, Error> {
        Ok(Binary::part(self.sized()?, self.input.owner()))
    }

    #[inline]
    fn str(&mut self) -> Result<Cow<'a, str>, Error> {
        let bytes = self.sized()?;
        self.input.text(bytes).map(Cow::Borrowed)
    }

    #[inline]
    fn text(&mut self) -> Result<Text, Error> {
        let bytes = self.binary()?.into_bytes();
        Text::new(bytes).map_err(|_| self.input.error(ErrorKind::InvalidUtf8))
    }

    fn bools(&mut self, len: usize) -> Result<Vec<bool>, Error> {
        Ok(room::collect(self.input.take(len)?.iter().map(|byte| *byte == TRUE)))
    }

    fn i8s(&mut self, len: usize) -> Result<Vec<i8>, Error> {
        Ok(room::collect(self.input.take(len)?.iter().map(|byte| byte.cast_signed())))
    }

    fn i16s(&mut self, len: usize) -> Result<Vec<i16>, Error> {
        self.run(len, MAX_32, |wide| u32_of(wide).and_then(i16_of))
    }

    fn i32s(&mut self, len: usize) -> Result<Vec<i32>, Error> {
        self.run(len, MAX_32, |wide| u32_of(wide).map(varint::unzigzag_32))
    }

    fn i64s(&mut self, len: usize) -> Result<Vec<i64>, Error> {
        self.run(len, MAX_64, |wide| Ok(varint::unzigzag_64(wide)))
    }

    fn doubles(&mut self, len: usize) -> Result<Vec<f64>, Error> {
        let bytes = self.input.take(len.saturating_mul(8))?;
        Ok(room::collect(bytes.as_chunks().0.iter().copied().map(f64::from_le_bytes)))
    }

    fn skip(&mut self, kind: WireType) -> Result<(), Error> {
        skip(self, kind)
    }

    fn skip_run(&mut self, kind: WireType, len: usize) -> Result<bool, Error> {
        let Some(width) = width(kind) else { return Ok(false) };
        self.input.take(len.saturating_mul(width))?;
        Ok(true)
    }
}

//! Reading the JSON protocol.

use std::borrow::Cow;

use crate::wire::bytes::Binary;
use crate::wire::error::{Error, ErrorKind};
use crate::wire::input::Input;
use crate::wire::protocol::{Elements, Field, MapElements, RawHead, Reader};
use crate::wire::skip::skip;
use crate::wire::types::{MessageKind, WireType};
use crate::wire::uuid::Uuid;

use super::base64;
use super::context::{Context, Place};
use super::lexer::Lexer;
use super::tag::{can_be_key, min_size};

/// The only version there is, the first element of every message.
pub(super) const VERSION: i64 = 1;

/// Reads the JSON protocol.
#[derive(Debug)]
pub struct JsonReader<'a> {
    lexer: Lexer<'a>,
    context: Context,
}

impl JsonReader<'_> {
    /// Goes over what separates the next value from the last one; says whether it is a key.
    #[inline]
    fn step(&mut self) -> Result<bool, Error> {
        let (separator, is_key) = self.context.step();
        if let Some(separator) = separator {
            self.lexer.expect(separator)?;
        }
        Ok(is_key)
    }

    /// Steps to a struct or container and goes into it.
    #[inline]
    fn open(&mut self, mark: u8, place: Place) -> Result<(), Error> {
        if self.step()? {
            return Err(self.lexer.input.error(ErrorKind::KeyNotScalar));
        }
        self.lexer.input.enter()?;
        self.lexer.expect(mark)?;
        self.context.enter(place);
        Ok(())
    }

    #[inline]
    fn close(&mut self, mark: u8) -> Result<(), Error> {
        self.lexer.expect(mark)?;
        self.lexer.input.leave();
        self.context.leave();
        Ok(())
    }

    #[inline]
    fn integer<T: TryFrom<i64>>(&mut self) -> Result<T, Error> {
        let is_key = self.step()?;
        self.lexer.integer(is_key)
    }

    /// The type of elements, where it is known or there are any.
    #[inline]
    fn kind(&self, tag: Option<WireType>, len: usize) -> Result<Option<WireType>, Error> {
        match tag {
            _ if len == 0 => Ok(None),
            None => Err(self.lexer.input.error(ErrorKind::UnknownType)),
            kind => Ok(kind),
        }
    }

    #[inline]
    fn count(&mut self, min: usize) -> Result<usize, Error> {
        self.lexer.expect(b',')?;
        let declared = self.lexer.integer(false)?;
        self.lexer.input.count(declared, min)
    }
}

impl<'a> Reader<'a> for JsonReader<'a> {
    #[inline]
    fn new(input: Input<'a>) -> Self {
        Self { lexer: Lexer { input }, context: Context::new() }
    }

    #[inline]
    fn input(&mut self) -> &mut Input<'a> {
        &mut self.lexer.input
    }

    #[inline]
    fn into_input(self) -> Input<'a> {
        self.lexer.input
    }

    fn head(&mut self) -> Result<RawHead<'a>, Error> {
        let lexer = &mut self.lexer;
        let name_max = 2 * lexer.input.limits().method_max;
        lexer.expect(b'[')?;
        if lexer.integer::<i64>(false)? != VERSION {
            return Err(lexer.input.error(ErrorKind::BadVersion));
        }
        lexer.expect(b',')?;
        let name = match lexer.string(name_max, ErrorKind::MethodTooLong)? {
            Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
            Cow::Owned(name) => Cow::Owned(name.into_bytes()),
        };
        lexer.expect(b',')?;
        let kind = MessageKind(lexer.integer(false)?);
        lexer.expect(b',')?;
        let seqid = lexer.integer(false)?;
        lexer.expect(b',')?;
        Ok(RawHead { name, kind, seqid })
    }

    /// Goes over whitespace behind the message too: who types a message ends it with a new line.
    fn message_end(&mut self) -> Result<(), Error> {
        self.lexer.expect(b']')?;
        self.lexer.space()
    }

    #[inline]
    fn struct_begin(&mut self) -> Result<(), Error> {
        self.open(b'{', Place::FirstField)
    }

    #[inline]
    fn field(&mut self) -> Result<Option<Field>, Error> {
        let is_first = self.context.place == Place::FirstField;
        if !is_first {
            self.lexer.expect(b'}')?;
        }
        if self.lexer.peek()? == b'}' {
            return self.close(b'}').map(|()| None);
        }
        if !is_first {
            self.lexer.expect(b',')?;
        }
        let id = self.lexer.integer(true)?;
        self.lexer.expect(b':')?;
        self.lexer.expect(b'{')?;
        let kind = self.lexer.tag()?.ok_or_else(|| self.lexer.input.error(ErrorKind::UnknownType))?;
        self.lexer.expect(b':')?;
        self.context.place = Place::Value;
        Ok(Some(Field { id, kind }))
    }

    #[inline]
    fn list(&mut self) -> Result<Elements, Error> {
        self.open(b'[', Place::Element)?;
        let tag = self.lexer.tag()?;
        let len = self.count(tag.map_or(1, min_size))?;
        Ok(Elements { kind: self.kind(tag, len)?, len })
    }

    #[inline]
    fn list_end(&mut self) -> Result<(), Error> {
        self.close(b']')
    }

    fn map(&mut self) -> Result<MapElements, Error> {
        self.open(b'[', Place::FirstKey)?;
        let key = self.lexer.tag()?;
        self.lexer.expect(b',')?;
        let value = self.lexer.tag()?;
        let min = [key, value].map(|tag| tag.map_or(1, min_size));
        let len = self.count(min[0] + min[1])?;
        let kinds = self.kind(key, len)?.zip(self.kind(value, len)?);
        if kinds.is_some_and(|(key, _)| !can_be_key(key)) {
            return Err(self.lexer.input.error(ErrorKind::KeyNotScalar));
        }
        self.lexer.expect(b',')?;
        self.lexer.expect(b'{')?;
        Ok(MapElements { kinds, len })
    }

    fn map_end(&mut self) -> Result<(), Error> {
        self.lexer.expect(b'}')?;
        self.close(b']')
    }

    #[inline]
    fn bool(&mut self) -> Result<bool, Error> {
        self.integer::<i32>().map(|value| value != 0)
    }

    #[inline]
    fn i8(&mut self) -> Result<i8, Error> {
        self.integer()
    }

    #[inline]
    fn i16(&mut self) -> Result<i16, Error> {
        self.integer()
    }

    #[inline]
    fn i32(&mut self) -> Result<i32, Error> {
        self.integer()
    }

    #[inline]
    fn i64(&mut self) -> Result<i64, Error> {
        self.integer()
    }

    fn double(&mut self) -> Result<f64, Error> {
        let is_key = self.step()?;
        self.lexer.double(is_key)
    }

    fn uuid(&mut self) -> Result<Uuid, Error> {
        self.str()?.parse().map_err(|_| self.lexer.input.error(ErrorKind::InvalidUuid))
    }

    fn binary(&mut self) -> Result<Binary<'a>, Error> {
        self.step()?;
        // No length of bytes overflows this: it is that of a string.
        let text_max = self.lexer.input.limits().string_max.saturating_mul(4).div_ceil(3).saturating_add(2);
        let text = self.lexer.string(text_max, ErrorKind::StringTooLong)?;
        let bytes = base64::decode(&text).map_err(|kind| self.lexer.input.error(kind))?;
        if bytes.len() > self.lexer.input.limits().string_max {
            return Err(self.lexer.input.error(ErrorKind::StringTooLong));
        }
        Ok(Binary::from(bytes))
    }

    #[inline]
    fn str(&mut self) -> Result<Cow<'a, str>, Error> {
        self.step()?;
        let max = self.lexer.input.limits().string_max;
        self.lexer.string(max, ErrorKind::StringTooLong)
    }

    fn skip(&mut self, kind: WireType) -> Result<(), Error> {
        skip(self, kind)
    }

    fn skip_string(&mut self) -> Result<(), Error> {
        self.step()?;
        let max = self.lexer.input.limits().string_max;
        // A binary in base64 is longer than what it stands for.
        self.lexer.skip_string(max.saturating_mul(4).div_ceil(3).saturating_add(2))
    }
}

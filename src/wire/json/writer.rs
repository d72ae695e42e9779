//! Writing the JSON protocol.

use bytes::Bytes;

use crate::wire::bytes::Text;
use crate::wire::depth::DepthLeft;
use crate::wire::error::ErrorKind;
use crate::wire::output::Output;
use crate::wire::protocol::Writer;
use crate::wire::types::{MessageKind, WireType};
use crate::wire::uuid::Uuid;

use super::base64;
use super::context::{Context, Place};
use super::number;
use super::reader::VERSION;
use super::tag::{can_be_key, name_of};
use super::text;

/// Writes the JSON protocol.
#[derive(Debug)]
pub struct JsonWriter<'o> {
    out: &'o mut Output,
    depth: DepthLeft,
    context: Context,
}

impl<'o> JsonWriter<'o> {
    /// A writer at the end of `out` that nests at most `depth_max` deep.
    #[inline]
    pub fn new(out: &'o mut Output, depth_max: usize) -> Self {
        Self { out, depth: DepthLeft::new(depth_max), context: Context::new() }
    }

    /// Writes what separates the next value from the last one; says whether it is a key.
    #[inline]
    fn step(&mut self) -> bool {
        let (separator, is_key) = self.context.step();
        if let Some(separator) = separator {
            self.out.push_byte(separator);
        }
        is_key
    }

    /// Steps to a struct or container and goes into it.
    #[inline]
    fn open(&mut self, mark: u8, place: Place) {
        if self.step() {
            self.out.fail(ErrorKind::KeyNotScalar);
        }
        self.enter();
        self.out.push_byte(mark);
        self.context.enter(place);
    }

    #[inline]
    fn close(&mut self, marks: &[u8]) {
        self.out.push(marks);
        self.depth.leave();
        self.context.leave();
    }

    #[inline]
    fn integer(&mut self, value: i64) {
        let is_key = self.step();
        self.scalar(is_key, |out| number::put_integer(out, value));
    }

    /// A value that needs no quotes but in the place of a key.
    #[inline]
    fn scalar(&mut self, quoted: bool, put: impl FnOnce(&mut Vec<u8>)) {
        let out = self.out.tail();
        if quoted {
            out.push(b'"');
        }
        put(out);
        if quoted {
            out.push(b'"');
        }
    }

    #[inline]
    fn tag(&mut self, kind: WireType) {
        self.scalar(true, |out| out.extend_from_slice(name_of(kind).as_bytes()));
    }

    #[inline]
    fn count(&mut self, len: usize) {
        self.out.push_byte(b',');
        match i32::try_from(len) {
            Ok(len) => number::put_integer(self.out.tail(), i64::from(len)),
            Err(_) => self.out.fail(ErrorKind::ContainerTooLarge),
        }
    }

    /// Goes one struct or container deeper.
    #[inline]
    fn enter(&mut self) {
        if !self.depth.enter() {
            self.out.fail(ErrorKind::TooDeep);
        }
    }
}

impl Writer for JsonWriter<'_> {
    fn message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32) {
        let out = self.out.tail();
        out.push(b'[');
        number::put_integer(out, VERSION);
        out.push(b',');
        text::put(out, name);
        out.push(b',');
        number::put_integer(out, i64::from(kind.0));
        out.push(b',');
        number::put_integer(out, i64::from(seqid));
        out.push(b',');
    }

    fn message_end(&mut self) {
        self.out.push_byte(b']');
    }

    #[inline]
    fn struct_begin(&mut self) {
        self.open(b'{', Place::FirstField);
    }

    #[inline]
    fn struct_end(&mut self) {
        self.close(b"}");
    }

    #[inline]
    fn field_begin(&mut self, id: i16, kind: WireType) {
        if self.context.place != Place::FirstField {
            self.out.push_byte(b',');
        }
        self.scalar(true, |out| number::put_integer(out, i64::from(id)));
        self.out.push(b":{");
        self.tag(kind);
        self.out.push_byte(b':');
        self.context.place = Place::Value;
    }

    #[inline]
    fn field_end(&mut self) {
        self.out.push_byte(b'}');
    }

    #[inline]
    fn list_begin(&mut self, kind: WireType, len: usize) {
        self.open(b'[', Place::Element);
        self.tag(kind);
        self.count(len);
    }

    #[inline]
    fn list_end(&mut self) {
        self.close(b"]");
    }

    fn map_begin(&mut self, key: WireType, value: WireType, len: usize) {
        if len > 0 && !can_be_key(key) {
            self.out.fail(ErrorKind::KeyNotScalar);
        }
        self.open(b'[', Place::FirstKey);
        self.tag(key);
        self.out.push_byte(b',');
        self.tag(value);
        self.count(len);
        self.out.push(b",{");
    }

    fn map_end(&mut self) {
        self.close(b"}]");
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        self.integer(i64::from(value));
    }

    #[inline]
    fn i8(&mut self, value: i8) {
        self.integer(i64::from(value));
    }

    #[inline]
    fn i16(&mut self, value: i16) {
        self.integer(i64::from(value));
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.integer(i64::from(value));
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.integer(value);
    }

    fn double(&mut self, value: f64) {
        let is_key = self.step();
        match number::name_of(value) {
            Some(name) => self.scalar(true, |out| out.extend_from_slice(name.as_bytes())),
            None => self.scalar(is_key, |out| number::put_double(out, value)),
        }
    }

    fn uuid(&mut self, value: Uuid) {
        self.str(&value.to_string());
    }

    fn str(&mut self, value: &str) {
        self.step();
        text::put(self.out.tail(), value);
    }

    fn bytes(&mut self, value: &[u8]) {
        self.step();
        self.scalar(true, |out| base64::put(out, value));
    }

    fn shared(&mut self, value: &Bytes) {
        self.bytes(value);
    }

    fn text(&mut self, value: &Text) {
        let text = value.to_str();
        if value.as_bytes().len() < Output::LINK_MIN || !text::is_plain(&text) {
            return self.str(&text);
        }
        self.step();
        self.out.push_byte(b'"');
        self.out.push_shared(value.as_bytes());
        self.out.push_byte(b'"');
    }
}

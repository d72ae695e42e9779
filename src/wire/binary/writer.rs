//! Writing the binary protocol.

use bytes::Bytes;

use crate::wire::bytes::Text;
use crate::wire::depth::DepthLeft;
use crate::wire::error::ErrorKind;
use crate::wire::output::{Output, Tail};
use crate::wire::protocol::{Encode, Plain, Writer};
use crate::wire::types::{MessageKind, WireType};
use crate::wire::uuid::Uuid;

use super::types::{HEAD_BYTES, STOP, VERSION_1, head};

/// Writes the binary protocol.
#[derive(Debug)]
pub struct BinaryWriter<'o> {
    out: Tail<'o>,
    depth: DepthLeft,
}

impl<'o> BinaryWriter<'o> {
    /// A writer at the end of `out` that nests at most `depth_max` deep. What it wrote is in `out` when it is dropped.
    #[inline]
    pub fn new(out: &'o mut Output, depth_max: usize) -> Self {
        Self { out: Tail::of(out), depth: DepthLeft::new(depth_max) }
    }

    #[inline]
    fn length(&mut self, length: usize) {
        let length = self.checked(length);
        self.i32(length);
    }

    /// A length that the protocol can say.
    #[inline]
    fn checked(&mut self, length: usize) -> i32 {
        if length > i32::MAX as usize {
            self.out.fail(ErrorKind::ContainerTooLarge);
        }
        length as i32
    }

    /// A field of up to four bytes behind its head: one word, for bytes that are put together in memory are fetched from there
    /// later than they are stored.
    #[inline]
    fn with_head<const N: usize>(&mut self, id: i16, kind: WireType, value: [u8; N]) {
        let mut wide = [0; 4];
        wide[..N].copy_from_slice(&value);
        let word = u64::from(head(id, kind)) | u64::from(u32::from_le_bytes(wide)) << (8 * HEAD_BYTES);
        self.out.push_start(word.to_le_bytes(), HEAD_BYTES + N);
    }

    /// The same of eight bytes.
    #[inline]
    fn with_long(&mut self, id: i16, kind: WireType, value: [u8; 8]) {
        let words = u128::from(head(id, kind)) | u128::from(u64::from_le_bytes(value)) << (8 * HEAD_BYTES);
        self.out.push_start(words.to_le_bytes(), HEAD_BYTES + value.len());
    }

    /// The head of before 2010, which has no version: the name comes first.
    pub(in crate::wire) fn old_message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32) {
        self.str(name);
        self.out.push_byte(kind.0);
        self.i32(seqid);
    }

    /// Goes one struct or container deeper.
    #[inline]
    fn enter(&mut self) {
        if !self.depth.enter() {
            self.out.fail(ErrorKind::TooDeep);
        }
    }
}

impl Writer for BinaryWriter<'_> {
    #[inline]
    fn message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32) {
        self.out.look_ahead();
        self.i32((VERSION_1 | u32::from(kind.0)).cast_signed());
        self.str(name);
        self.i32(seqid);
    }

    #[inline]
    fn message_end(&mut self) {}

    #[inline]
    fn struct_begin(&mut self) {
        self.out.look_ahead();
        self.enter();
    }

    #[inline]
    fn struct_end(&mut self) {
        self.out.push_byte(STOP);
        self.depth.leave();
    }

    #[inline]
    fn field_begin(&mut self, id: i16, kind: WireType) {
        let [high, low] = id.to_be_bytes();
        self.out.push_array([kind.byte(), high, low]);
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
            Some(Plain::I64(value)) => self.with_long(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::Double(value)) => self.with_long(id, T::TYPE, value.to_be_bytes()),
            Some(Plain::Bytes(value)) => {
                let length = self.checked(value.len());
                self.with_head(id, T::TYPE, length.to_be_bytes());
                self.out.push(value);
            }
            None => {
                self.field_begin(id, T::TYPE);
                value.encode(self);
            }
        }
    }

    #[inline]
    fn list_begin(&mut self, kind: WireType, len: usize) {
        self.enter();
        self.out.push_byte(kind.byte());
        self.length(len);
    }

    #[inline]
    fn list_end(&mut self) {
        self.depth.leave();
    }

    #[inline]
    fn map_begin(&mut self, key: WireType, value: WireType, len: usize) {
        self.enter();
        self.out.push_array([key.byte(), value.byte()]);
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
        self.out.push_array(value.to_be_bytes());
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.out.push_array(value.to_be_bytes());
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.out.push_array(value.to_be_bytes());
    }

    #[inline]
    fn double(&mut self, value: f64) {
        self.out.push_array(value.to_be_bytes());
    }

    #[inline]
    fn uuid(&mut self, value: Uuid) {
        self.out.push_array(value.0);
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
        self.out.push_all(values, |value| [u8::from(value)]);
    }

    fn i8s(&mut self, values: &[i8]) {
        self.out.push_all(values, i8::to_be_bytes);
    }

    fn i16s(&mut self, values: &[i16]) {
        self.out.push_all(values, i16::to_be_bytes);
    }

    fn i32s(&mut self, values: &[i32]) {
        self.out.push_all(values, i32::to_be_bytes);
    }

    fn i64s(&mut self, values: &[i64]) {
        self.out.push_all(values, i64::to_be_bytes);
    }

    fn doubles(&mut self, values: &[f64]) {
        self.out.push_all(values, f64::to_be_bytes);
    }
}

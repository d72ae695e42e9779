//! Writing the compact protocol.

use bytes::Bytes;

use crate::wire::bytes::Text;
use crate::wire::depth::DepthLeft;
use crate::wire::error::ErrorKind;
use crate::wire::nest::Nest;
use crate::wire::output::{Output, Tail};
use crate::wire::protocol::{Encode, Plain, Writer};
use crate::wire::types::{MessageKind, WireType};
use crate::wire::uuid::Uuid;
use crate::wire::varint;

use super::types::{FALSE, KIND_SHIFT, LONG_LIST, PROTOCOL, STOP, TRUE, VERSION, high_of, nibble_of};

/// The bits of a number of seven bytes: with the head of its field it fills a word.
const WORD_BITS_BEHIND_HEAD: u32 = 49;

/// Writes the compact protocol.
#[derive(Debug)]
pub struct CompactWriter<'o> {
    out: Tail<'o>,
    depth: DepthLeft,
    /// The number of the last field of the struct that is written, and of those around it.
    last: i16,
    outer: Nest<i16>,
    /// The number of a bool field: its head waits for its value.
    flag: Option<i16>,
}

impl<'o> CompactWriter<'o> {
    /// A writer at the end of `out` that nests at most `depth_max` deep. What it wrote is in `out` when it is dropped.
    #[inline]
    pub fn new(out: &'o mut Output, depth_max: usize) -> Self {
        Self { out: Tail::of(out), depth: DepthLeft::new(depth_max), last: 0, outer: Nest::new(), flag: None }
    }

    #[inline]
    fn varint(&mut self, value: u64) {
        if value < 0x80 {
            self.out.push_byte(value as u8);
        } else {
            self.long_varint(value);
        }
    }

    #[inline(never)]
    fn long_varint(&mut self, value: u64) {
        if varint::fits_word(value) {
            let (word, length) = varint::word_of(value);
            self.out.push_start(word.to_le_bytes(), length);
        } else {
            let (bytes, length) = varint::long_bytes_of(value);
            self.out.push_start(bytes, length);
        }
    }

    #[inline]
    fn length(&mut self, length: usize) {
        let length = self.checked(length);
        self.varint(u64::from(length));
    }

    /// A length that the protocol can say.
    #[inline]
    fn checked(&mut self, length: usize) -> u32 {
        if length > i32::MAX as usize {
            self.out.fail(ErrorKind::ContainerTooLarge);
        }
        length as u32
    }

    /// A field whose number its head tells.
    #[inline(always)]
    #[allow(clippy::inline_always)] // of all this one arm is left where the type is known
    fn plain(&mut self, high: u8, kind: WireType, value: Plain<'_>) {
        let head = high | nibble_of(kind);
        match value {
            Plain::Bool(value) => self.out.push_byte(high | if value { TRUE } else { FALSE }),
            Plain::I8(value) => self.out.push(&[head, value.cast_unsigned()]),
            Plain::I16(value) => self.number(head, u64::from(varint::zigzag_32(i32::from(value)))),
            Plain::I32(value) => self.number(head, u64::from(varint::zigzag_32(value))),
            Plain::I64(value) => self.number(head, varint::zigzag_64(value)),
            Plain::Double(value) => {
                let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
                self.out.push_array([head, a, b, c, d, e, f, g, h]);
            }
            Plain::Bytes(value) => {
                let length = self.checked(value.len());
                self.number(head, u64::from(length));
                self.out.push(value);
            }
        }
    }

    /// A number behind a head.
    #[inline]
    fn number(&mut self, head: u8, value: u64) {
        if value < 0x80 {
            self.out.push_array([head, value as u8]);
        } else {
            self.long_number(head, value);
        }
    }

    /// The same of more than one byte: in one word, where both fit.
    #[inline(never)]
    fn long_number(&mut self, head: u8, value: u64) {
        if value >> WORD_BITS_BEHIND_HEAD == 0 {
            let (word, length) = varint::word_of(value);
            let both = word << 8 | u64::from(head);
            self.out.push_start(both.to_le_bytes(), 1 + length);
        } else {
            self.out.push_byte(head);
            self.long_varint(value);
        }
    }

    #[inline]
    fn field_head(&mut self, id: i16, nibble: u8) {
        if let Some(high) = high_of(id, self.last) {
            self.out.push_byte(high | nibble);
        } else {
            self.out.push_byte(nibble);
            self.i16(id);
        }
        self.last = id;
    }

    /// Goes one struct or container deeper.
    #[inline]
    fn enter(&mut self) {
        if !self.depth.enter() {
            self.out.fail(ErrorKind::TooDeep);
        }
    }
}

impl Writer for CompactWriter<'_> {
    #[inline]
    fn message_begin(&mut self, name: &str, kind: MessageKind, seqid: i32) {
        self.out.look_ahead();
        self.out.push_array([PROTOCOL, kind.0 << KIND_SHIFT | VERSION]);
        self.varint(u64::from(seqid.cast_unsigned()));
        self.str(name);
    }

    #[inline]
    fn message_end(&mut self) {}

    #[inline]
    fn struct_begin(&mut self) {
        self.out.look_ahead();
        self.enter();
        self.outer.push(self.last);
        self.last = 0;
    }

    #[inline]
    fn struct_end(&mut self) {
        self.out.push_byte(STOP);
        self.last = self.outer.pop();
        self.depth.leave();
    }

    #[inline]
    fn field_begin(&mut self, id: i16, kind: WireType) {
        if kind == WireType::Bool {
            self.flag = Some(id);
        } else {
            self.field_head(id, nibble_of(kind));
        }
    }

    #[inline]
    fn field_end(&mut self) {}

    /// Head and value at once: room is asked for once, and both are stored together.
    #[inline]
    fn field<T: Encode + ?Sized>(&mut self, id: i16, value: &T) {
        if let Some(plain) = value.plain()
            && let Some(high) = high_of(id, self.last)
        {
            self.last = id;
            return self.plain(high, T::TYPE, plain);
        }
        self.field_begin(id, T::TYPE);
        value.encode(self);
    }

    #[inline]
    fn list_begin(&mut self, kind: WireType, len: usize) {
        self.enter();
        if len < usize::from(LONG_LIST) {
            self.out.push_byte((len as u8) << 4 | nibble_of(kind));
        } else {
            self.out.push_byte(LONG_LIST << 4 | nibble_of(kind));
            self.length(len);
        }
    }

    #[inline]
    fn list_end(&mut self) {
        self.depth.leave();
    }

    #[inline]
    fn map_begin(&mut self, key: WireType, value: WireType, len: usize) {
        self.enter();
        self.length(len);
        if len > 0 {
            self.out.push_byte(nibble_of(key) << 4 | nibble_of(value));
        }
    }

    #[inline]
    fn map_end(&mut self) {
        self.depth.leave();
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        let byte = if value { TRUE } else { FALSE };
        match self.flag.take() {
            Some(id) => self.field_head(id, byte),
            None => self.out.push_byte(byte),
        }
    }

    #[inline]
    fn i8(&mut self, value: i8) {
        self.out.push_byte(value.cast_unsigned());
    }

    #[inline]
    fn i16(&mut self, value: i16) {
        self.i32(i32::from(value));
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.varint(u64::from(varint::zigzag_32(value)));
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.varint(varint::zigzag_64(value));
    }

    #[inline]
    fn double(&mut self, value: f64) {
        self.out.push_array(value.to_le_bytes());
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
        self.out.push_all(values, |value| [if value { TRUE } else { FALSE }]);
    }

    fn i8s(&mut self, values: &[i8]) {
        self.out.push_all(values, i8::to_be_bytes);
    }

    fn i16s(&mut self, values: &[i16]) {
        self.out.by(|out| varint::put_all(out, values.iter().map(|value| u64::from(varint::zigzag_32(i32::from(*value))))));
    }

    fn i32s(&mut self, values: &[i32]) {
        self.out.by(|out| varint::put_all(out, values.iter().map(|value| u64::from(varint::zigzag_32(*value)))));
    }

    fn i64s(&mut self, values: &[i64]) {
        self.out.by(|out| varint::put_all(out, values.iter().map(|value| varint::zigzag_64(*value))));
    }

    fn doubles(&mut self, values: &[f64]) {
        self.out.push_all(values, f64::to_le_bytes);
    }
}

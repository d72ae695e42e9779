//! pilota, the codec of volo: into a `BytesMut` with room enough, and from a `Bytes`, strings as slices of it that nobody checks.

use std::hash::Hash;

use farthing::wire::{Bytes, WireType};
use pilota::thrift::binary::TBinaryProtocol;
use pilota::thrift::binary_unsafe::{TBinaryUnsafeInputProtocol, TBinaryUnsafeOutputProtocol};
use pilota::thrift::{
    TFieldIdentifier, TInputProtocol, TLengthProtocol, TListIdentifier, TMapIdentifier, TMessageIdentifier, TMessageType,
    TOutputProtocol, TStructIdentifier, TType, ThriftException,
};
use pilota::{AHashMap, BytesMut, FastStr};

use super::{Put, Take};
use crate::contenders::shape::Shape;

/// Any of its writers or readers.
pub(crate) struct Pilota<P>(pub(crate) P);

const STRUCT: TStructIdentifier = TStructIdentifier { name: "" };

#[inline]
fn ttype(kind: WireType) -> TType {
    match kind {
        WireType::Bool => TType::Bool,
        WireType::I8 => TType::I8,
        WireType::Double => TType::Double,
        WireType::I16 => TType::I16,
        WireType::I32 => TType::I32,
        WireType::I64 => TType::I64,
        WireType::String => TType::Binary,
        WireType::Struct => TType::Struct,
        WireType::Map => TType::Map,
        WireType::Set => TType::Set,
        WireType::List => TType::List,
        WireType::Uuid => TType::Uuid,
    }
}

#[inline]
fn sure<T>(result: Result<T, ThriftException>) -> T {
    result.unwrap_or_else(|_| panic!("what was written is read"))
}

/// Writes with its variant that checks nothing, to the end of `room`, which is made large enough by a walk over the value before.
#[allow(unsafe_code)]
pub(crate) fn put_unchecked<T: Shape>(room: &mut BytesMut, value: &T) {
    let mut size = Size { of: TBinaryProtocol::new((), false), bytes: 0 };
    value.put(&mut size);
    room.reserve(size.bytes);
    // SAFETY: the memory behind the end of `room` is its own, as many bytes long as were asked for, and nobody else's until the
    // writer is dropped. What is not written is not read. That its type asks for 'static is a promise that nothing relies on: it
    // does not outlive this block.
    let written = unsafe {
        let buffer = std::slice::from_raw_parts_mut(room.as_mut_ptr().add(room.len()), size.bytes);
        let mut pilota = Pilota(TBinaryUnsafeOutputProtocol::new(&mut *room, buffer, false));
        value.put(&mut pilota);
        pilota.0.index()
    };
    assert_eq!(written, size.bytes);
    // SAFETY: as many bytes were written.
    unsafe { room.set_len(room.len() + written) };
}

/// Reads with its variant that checks nothing.
#[allow(unsafe_code)]
pub(crate) fn take_unchecked(bytes: &mut Bytes, take: impl FnOnce(&mut Pilota<TBinaryUnsafeInputProtocol<'_>>)) {
    // SAFETY: the bytes are a whole value, so that no reader goes past them.
    take(&mut Pilota(unsafe { TBinaryUnsafeInputProtocol::new(bytes) }));
}

impl<P: TOutputProtocol> Put for Pilota<P> {
    #[inline]
    fn call(&mut self) {
        let head = TMessageIdentifier::new(FastStr::from_static_str("add"), TMessageType::Call, 7);
        sure(self.0.write_message_begin(&head));
    }
    #[inline]
    fn begin(&mut self) {
        sure(self.0.write_struct_begin(&STRUCT));
    }
    #[inline]
    fn end(&mut self) {
        sure(self.0.write_field_stop());
        sure(self.0.write_struct_end());
    }
    #[inline]
    fn head(&mut self, id: i16, kind: WireType) {
        sure(self.0.write_field_begin(ttype(kind), id));
    }
    #[inline]
    fn tail(&mut self) {
        sure(self.0.write_field_end());
    }
    #[inline]
    fn bool(&mut self, value: bool) {
        sure(self.0.write_bool(value));
    }
    #[inline]
    fn i8(&mut self, value: i8) {
        sure(self.0.write_i8(value));
    }
    #[inline]
    fn i16(&mut self, value: i16) {
        sure(self.0.write_i16(value));
    }
    #[inline]
    fn i32(&mut self, value: i32) {
        sure(self.0.write_i32(value));
    }
    #[inline]
    fn i64(&mut self, value: i64) {
        sure(self.0.write_i64(value));
    }
    #[inline]
    fn double(&mut self, value: f64) {
        sure(self.0.write_double(value));
    }
    #[inline]
    fn text(&mut self, value: &str) {
        sure(self.0.write_string(value));
    }
    #[inline]
    fn blob(&mut self, value: &Bytes) {
        sure(self.0.write_bytes(value.clone()));
    }
    #[inline]
    fn list(&mut self, kind: WireType, len: usize) {
        sure(self.0.write_list_begin(TListIdentifier { element_type: ttype(kind), size: len }));
    }
    #[inline]
    fn map(&mut self, key: WireType, value: WireType, len: usize) {
        sure(self.0.write_map_begin(TMapIdentifier { key_type: ttype(key), value_type: ttype(value), size: len }));
    }
}

impl<P: TInputProtocol> Take for Pilota<P> {
    type Text = FastStr;
    type Blob = Bytes;
    type Map<K: Eq + Hash, V> = AHashMap<K, V>;

    #[inline]
    fn call(&mut self) {
        sure(self.0.read_message_begin());
    }

    #[inline]
    fn begin(&mut self) {
        sure(self.0.read_struct_begin());
    }
    #[inline]
    fn head(&mut self) -> Option<i16> {
        let TFieldIdentifier { field_type, id, .. } = sure(self.0.read_field_begin());
        if field_type == TType::Stop {
            sure(self.0.read_struct_end());
            return None;
        }
        id
    }
    #[inline]
    fn tail(&mut self) {
        sure(self.0.read_field_end());
    }
    #[inline]
    fn bool(&mut self) -> bool {
        sure(self.0.read_bool())
    }
    #[inline]
    fn i8(&mut self) -> i8 {
        sure(self.0.read_i8())
    }
    #[inline]
    fn i16(&mut self) -> i16 {
        sure(self.0.read_i16())
    }
    #[inline]
    fn i32(&mut self) -> i32 {
        sure(self.0.read_i32())
    }
    #[inline]
    fn i64(&mut self) -> i64 {
        sure(self.0.read_i64())
    }
    #[inline]
    fn double(&mut self) -> f64 {
        sure(self.0.read_double())
    }
    #[inline]
    fn text(&mut self) -> FastStr {
        sure(self.0.read_faststr())
    }
    #[inline]
    fn blob(&mut self) -> Bytes {
        sure(self.0.read_bytes())
    }
    #[inline]
    fn list(&mut self) -> usize {
        sure(self.0.read_list_begin()).size
    }
    #[inline]
    fn map(&mut self) -> usize {
        sure(self.0.read_map_begin()).size
    }
}

/// Adds up how many bytes a value will take.
struct Size<P> {
    of: P,
    bytes: usize,
}

impl<P: TLengthProtocol> Put for Size<P> {
    #[inline]
    fn call(&mut self) {
        let head = TMessageIdentifier::new(FastStr::from_static_str("add"), TMessageType::Call, 7);
        self.bytes += self.of.message_begin_len(&head);
    }
    #[inline]
    fn begin(&mut self) {
        self.bytes += self.of.struct_begin_len(&STRUCT);
    }
    #[inline]
    fn end(&mut self) {
        self.bytes += self.of.field_stop_len() + self.of.struct_end_len();
    }
    #[inline]
    fn head(&mut self, id: i16, kind: WireType) {
        self.bytes += self.of.field_begin_len(ttype(kind), Some(id));
    }
    #[inline]
    fn tail(&mut self) {
        self.bytes += self.of.field_end_len();
    }
    #[inline]
    fn bool(&mut self, value: bool) {
        self.bytes += self.of.bool_len(value);
    }
    #[inline]
    fn i8(&mut self, value: i8) {
        self.bytes += self.of.i8_len(value);
    }
    #[inline]
    fn i16(&mut self, value: i16) {
        self.bytes += self.of.i16_len(value);
    }
    #[inline]
    fn i32(&mut self, value: i32) {
        self.bytes += self.of.i32_len(value);
    }
    #[inline]
    fn i64(&mut self, value: i64) {
        self.bytes += self.of.i64_len(value);
    }
    #[inline]
    fn double(&mut self, value: f64) {
        self.bytes += self.of.double_len(value);
    }
    #[inline]
    fn text(&mut self, value: &str) {
        self.bytes += self.of.string_len(value);
    }
    #[inline]
    fn blob(&mut self, value: &Bytes) {
        self.bytes += self.of.bytes_len(value);
    }
    #[inline]
    fn list(&mut self, kind: WireType, len: usize) {
        self.bytes += self.of.list_begin_len(TListIdentifier { element_type: ttype(kind), size: len });
    }
    #[inline]
    fn map(&mut self, key: WireType, value: WireType, len: usize) {
        self.bytes += self.of.map_begin_len(TMapIdentifier { key_type: ttype(key), value_type: ttype(value), size: len });
    }
}

//! pilota, the codec of volo: into a `BytesMut` with room enough, and from a `Bytes`, strings as slices of it that nobody checks.

use farthing::wire::{Bytes, WireType};
use pilota::FastStr;
use pilota::thrift::{
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TOutputProtocol, TStructIdentifier, TType, ThriftException,
};

use super::{Put, Take};

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

impl<P: TOutputProtocol> Put for Pilota<P> {
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

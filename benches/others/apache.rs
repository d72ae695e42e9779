//! Apache's crate, by the calls of its generated code: one through a table for each primitive.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

use farthing::wire::{Bytes, WireType};
use thrift::protocol::{
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TMessageIdentifier, TMessageType, TOutputProtocol,
    TStructIdentifier, TType,
};

use super::{Put, Take};

/// Its writer or reader.
pub(crate) struct Apache<'p, P: ?Sized>(pub(crate) &'p mut P);

fn ttype(kind: WireType) -> TType {
    match kind {
        WireType::Bool => TType::Bool,
        WireType::I8 => TType::I08,
        WireType::Double => TType::Double,
        WireType::I16 => TType::I16,
        WireType::I32 => TType::I32,
        WireType::I64 => TType::I64,
        WireType::String => TType::String,
        WireType::Struct => TType::Struct,
        WireType::Map => TType::Map,
        WireType::Set => TType::Set,
        WireType::List => TType::List,
        WireType::Uuid => TType::Uuid,
    }
}

fn sure<T, E: Debug>(result: Result<T, E>) -> T {
    result.expect("what was written is read")
}

impl Put for Apache<'_, dyn TOutputProtocol + '_> {
    fn call(&mut self) {
        sure(self.0.write_message_begin(&TMessageIdentifier::new("add", TMessageType::Call, 7)));
    }
    fn begin(&mut self) {
        sure(self.0.write_struct_begin(&TStructIdentifier::new("Name")));
    }
    fn end(&mut self) {
        sure(self.0.write_field_stop());
        sure(self.0.write_struct_end());
    }
    fn head(&mut self, id: i16, kind: WireType) {
        sure(self.0.write_field_begin(&TFieldIdentifier::new("field", ttype(kind), id)));
    }
    fn tail(&mut self) {
        sure(self.0.write_field_end());
    }
    fn bool(&mut self, value: bool) {
        sure(self.0.write_bool(value));
    }
    fn i8(&mut self, value: i8) {
        sure(self.0.write_i8(value));
    }
    fn i16(&mut self, value: i16) {
        sure(self.0.write_i16(value));
    }
    fn i32(&mut self, value: i32) {
        sure(self.0.write_i32(value));
    }
    fn i64(&mut self, value: i64) {
        sure(self.0.write_i64(value));
    }
    fn double(&mut self, value: f64) {
        sure(self.0.write_double(value));
    }
    fn text(&mut self, value: &str) {
        sure(self.0.write_string(value));
    }
    fn blob(&mut self, value: &Bytes) {
        sure(self.0.write_bytes(value));
    }
    fn list(&mut self, kind: WireType, len: usize) {
        sure(self.0.write_list_begin(&TListIdentifier::new(ttype(kind), len as i32)));
    }
    fn map(&mut self, key: WireType, value: WireType, len: usize) {
        sure(self.0.write_map_begin(&TMapIdentifier::new(ttype(key), ttype(value), len as i32)));
    }
}

impl Take for Apache<'_, dyn TInputProtocol + '_> {
    type Text = String;
    type Blob = Vec<u8>;
    type Map<K: Eq + Hash, V> = HashMap<K, V>;

    fn call(&mut self) {
        sure(self.0.read_message_begin());
    }

    fn begin(&mut self) {
        sure(self.0.read_struct_begin());
    }
    fn head(&mut self) -> Option<i16> {
        let TFieldIdentifier { field_type, id, .. } = sure(self.0.read_field_begin());
        if field_type == TType::Stop {
            sure(self.0.read_struct_end());
            return None;
        }
        id
    }
    fn tail(&mut self) {
        sure(self.0.read_field_end());
    }
    fn bool(&mut self) -> bool {
        sure(self.0.read_bool())
    }
    fn i8(&mut self) -> i8 {
        sure(self.0.read_i8())
    }
    fn i16(&mut self) -> i16 {
        sure(self.0.read_i16())
    }
    fn i32(&mut self) -> i32 {
        sure(self.0.read_i32())
    }
    fn i64(&mut self) -> i64 {
        sure(self.0.read_i64())
    }
    fn double(&mut self) -> f64 {
        sure(self.0.read_double())
    }
    fn text(&mut self) -> String {
        sure(self.0.read_string())
    }
    fn blob(&mut self) -> Vec<u8> {
        sure(self.0.read_bytes())
    }
    fn list(&mut self) -> usize {
        sure(self.0.read_list_begin()).size as usize
    }
    fn map(&mut self) -> usize {
        sure(self.0.read_map_begin()).size as usize
    }
}

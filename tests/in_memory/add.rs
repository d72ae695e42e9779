//! The arguments of `add`, which generated code keeps to itself.

use farthing::wire::{Encode, Typed, WireType, Writer};

pub(crate) struct Add(pub(crate) i32, pub(crate) i32);

impl Typed for Add {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Add {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &self.0);
        writer.field(2, &self.1);
        writer.struct_end();
    }
}

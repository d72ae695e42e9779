//! What the build script made of `idl/`.

farthing::include_thrift!();

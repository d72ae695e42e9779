//! idl.

//! The `farthing` binary.
fn main() {}

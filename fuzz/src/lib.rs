//! What the fuzz targets call. The bodies are plain functions that `tests/fuzz_bodies.rs` replays without a fuzzer; the
//! harness around them is the one of the tests.
//!
//! `cargo run --bin corpus` writes the hostile vectors as a first corpus; then
//! `cargo +nightly fuzz run connection -- -malloc_limit_mb=64 -timeout=1`.

pub mod bodies;
#[path = "../../tests/in_memory/buffer.rs"]
mod buffer;
pub mod corpus;
#[path = "../../tests/conversation/peer.rs"]
#[allow(dead_code)] // the bodies use a part of it
mod peer;
#[path = "../../tests/vectors/mod.rs"]
mod vectors;

//! What the fuzz targets call. The bodies are plain functions that `tests/fuzz_bodies.rs` replays without a fuzzer; the
//! harness around them is the one of the tests.
//!
//! CONTRIBUTING.md says how they are run.

pub mod bodies;
#[path = "../../tests/in_memory/buffer.rs"]
mod buffer;
pub mod corpus;
#[path = "../../tests/conversation/peer.rs"]
#[allow(dead_code)] // the bodies use a part of it
mod peer;
#[path = "../../tests/vectors/mod.rs"]
mod vectors;

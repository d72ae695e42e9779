//! What the fuzz targets call. The bodies are plain functions that `tests/fuzz_bodies.rs` replays without a fuzzer; the
//! harness around them is the one of the tests.
//!
//! `cargo run --bin corpus` writes the hostile vectors as a first corpus; then
//! `cargo +nightly fuzz run connection -- -malloc_limit_mb=64 -timeout=1`.

pub mod bodies;
#[path = "../../tests/in_memory/buffer.rs"]
mod buffer;
#[path = "../../tests/conversation/peer.rs"]
mod peer;
#[path = "../../tests/vectors/mod.rs"]
mod vectors;

/// The corpus to begin with: a name and the input of each target.
pub fn corpus() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let small = vectors::cases().into_iter().filter(|case| case.stream.len() < 20_000);
    let entry = |case: vectors::Case| {
        let cut = (case.stream.len() / 2).min(255) as u8;
        (case.id.replace('/', "-"), [&[1, cut][..], &case.stream].concat(), case.stream)
    };
    small.map(entry).collect()
}

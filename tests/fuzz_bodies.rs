//! The bodies of the fuzz targets without a fuzzer: over what each target begins with, and over mutations of that from fixed
//! seeds.

#![cfg(all(feature = "server", feature = "services", feature = "codegen"))]

#[path = "../fuzz/src/bodies/mod.rs"]
mod bodies;
#[path = "in_memory/buffer.rs"]
mod buffer;
#[path = "../fuzz/src/corpus.rs"]
mod corpus;
#[path = "conversation/peer.rs"]
#[allow(dead_code)] // the bodies use a part of it
mod peer;
mod vectors;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use farthing::wire::{Codec, Input, Limits};

use bodies::TARGETS;
use corpus::corpus;

/// A small generator: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Bytes that are worth writing anywhere.
const TEMPTING: [u8; 16] = [0, 1, 2, 4, 8, 10, 11, 12, 13, 14, 15, 16, 0x7f, 0x80, 0xff, b'\n'];

fn mutate(input: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(input.len());
        match random.below(7) {
            0 => input[at] ^= 1 << random.below(8),
            1 => input[at] = TEMPTING[random.below(TEMPTING.len())],
            2 => drop(input.remove(at)),
            3 => input.insert(at, TEMPTING[random.below(TEMPTING.len())]),
            4 => input.truncate(at.max(1)),
            5 => {
                let other = &others[random.below(others.len())];
                let from = random.below(other.len());
                input.splice(at..at, other[from..].iter().copied());
            }
            _ => {
                let end = at + random.below(input.len() - at);
                let again = input[at..end].to_vec();
                input.extend(again);
            }
        }
        if input.is_empty() {
            input.push(0);
        }
        input.truncate(2000);
    }
}

/// How long to try, the seed, and how often: `FUZZ_SECONDS` and `FUZZ_SEED` ask for more than what is tried every day.
fn patience() -> (Duration, u64, usize) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15).max(1);
    match number("FUZZ_SECONDS") {
        Some(seconds) => (Duration::from_secs(seconds), seed, usize::MAX),
        None => (Duration::from_millis(1000), seed, 20_000),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Gives a target what it begins with, and then mutations of that: bounded by count and by time, for a slow machine tries fewer.
/// Says how many of them `counts` holds for.
fn replay(target: &str, counts: impl Fn(&[u8]) -> bool) -> usize {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let seeds: Vec<_> = corpus(target, root()).into_iter().map(|(_, seed)| seed).filter(|seed| !seed.is_empty()).collect();
    assert!(seeds.len() > 20, "{target} begins with {} inputs", seeds.len());
    seeds.iter().for_each(|seed| body(seed));
    let short: Vec<_> = seeds.into_iter().filter(|seed| seed.len() <= 700).collect();
    let (time, seed, count) = patience();
    let (mut random, until, mut counted) = (Random(seed), Instant::now() + time, 0);
    for _ in 0..count {
        let mut input = short[random.below(short.len())].clone();
        mutate(&mut input, &short, &mut random);
        body(&input);
        counted += usize::from(counts(&input));
        if Instant::now() > until {
            break;
        }
    }
    counted
}

fn is_struct(codec: Codec, bytes: &[u8]) -> bool {
    codec.skip_body(&mut Input::new(bytes, &Limits::default())).is_ok()
}

#[test]
fn connection() {
    replay("connection", |_| true);
}

#[test]
fn binary() {
    let accepted = replay("binary", |input| is_struct(Codec::Binary, input));
    assert!(accepted > 500, "only {accepted} of the mutations mean anything");
}

#[test]
fn compact() {
    let accepted = replay("compact", |input| is_struct(Codec::Compact, input));
    assert!(accepted > 500, "only {accepted} of the mutations mean anything");
}

#[test]
fn json() {
    let accepted = replay("json", |input| is_struct(Codec::Json, input));
    assert!(accepted > 500, "only {accepted} of the mutations mean anything");
}

#[test]
fn typed() {
    replay("typed", |_| true);
}

#[test]
fn cross() {
    let accepted = replay("cross", |input| is_struct(Codec::Binary, input));
    assert!(accepted > 500, "only {accepted} of the mutations mean anything");
}

#[test]
fn differential() {
    replay("differential", |_| true);
}

#[test]
fn header() {
    replay("header", |_| true);
}

#[test]
fn zlib() {
    replay("zlib", |_| true);
}

#[test]
fn http() {
    replay("http", |_| true);
}

#[test]
fn websocket() {
    replay("websocket", |_| true);
}

#[test]
fn idl() {
    replay("idl", |_| true);
}

/// A target that nobody can run is none.
#[test]
fn every_target_has_a_program_and_a_replay() {
    let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("a manifest");
    let test = include_str!("fuzz_bodies.rs");
    for name in &names {
        let program = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).expect("a program");
        assert!(program.contains(&format!("bodies::{name}(data)")), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not in the manifest");
        assert!(test.contains(&format!("replay(\"{name}\"")), "{name} is not replayed");
    }
    let programs = fs::read_dir(root().join("fuzz/fuzz_targets")).expect("a folder").count();
    assert_eq!(programs, names.len());
}

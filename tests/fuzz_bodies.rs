//! The bodies of the fuzz targets without a fuzzer: over the hostile vectors, and over mutations of them from fixed seeds.

#![cfg(feature = "server")]

#[path = "../fuzz/src/bodies.rs"]
mod bodies;
#[path = "in_memory/buffer.rs"]
mod buffer;
#[path = "conversation/peer.rs"]
#[allow(dead_code)] // the bodies use a part of it
mod peer;
mod vectors;

use std::time::{Duration, Instant};

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

fn streams(most: usize) -> Vec<Vec<u8>> {
    vectors::cases().into_iter().map(|case| case.stream).filter(|stream| !stream.is_empty() && stream.len() <= most).collect()
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

fn with_cuts(stream: &[u8], random: &mut Random) -> Vec<u8> {
    let count = 1 + random.below(6);
    let mut data = vec![count as u8];
    data.extend((0..count).map(|_| random.below(stream.len().min(60)) as u8));
    data.extend_from_slice(stream);
    data
}

#[test]
fn the_vectors_hold() {
    let mut random = Random(1);
    for stream in streams(70_000) {
        bodies::connection(&with_cuts(&stream, &mut random));
        bodies::binary(&stream);
    }
}

/// How long to try, and the seed: `FUZZ_SECONDS` and `FUZZ_SEED` ask for more than the few thousand tries of every day.
fn patience() -> (Duration, u64, usize) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15).max(1);
    match number("FUZZ_SECONDS") {
        Some(seconds) => (Duration::from_secs(seconds), seed, usize::MAX),
        None => (Duration::from_secs(8), seed, 8000),
    }
}

/// Bounded by count and by time: a slow machine tries fewer.
#[test]
fn mutated_streams_mean_the_same_however_they_are_cut() {
    let (time, seed, count) = patience();
    let (seeds, until) = (streams(700), Instant::now() + time);
    let mut random = Random(seed);
    for _ in 0..count {
        let mut stream = seeds[random.below(seeds.len())].clone();
        mutate(&mut stream, &seeds, &mut random);
        bodies::connection(&with_cuts(&stream, &mut random));
        if Instant::now() > until {
            return;
        }
    }
}

#[test]
fn mutated_structs_are_read_skipped_scanned_and_written_alike() {
    // The struct behind the head of an unframed message.
    let seeds: Vec<_> = streams(3000).into_iter().filter(|stream| stream[0] == 0x80 && stream.len() > 14).collect();
    let seeds: Vec<_> = seeds.iter().map(|stream| stream[13..].to_vec()).collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut accepted = 0;
    for _ in 0..30_000 {
        let mut stream = seeds[random.below(seeds.len())].clone();
        mutate(&mut stream, &seeds, &mut random);
        bodies::binary(&stream);
        accepted += usize::from(
            farthing::wire::Codec::Binary
                .skip_body(&mut farthing::wire::Input::new(&stream, &farthing::wire::Limits::default()))
                .is_ok(),
        );
    }
    assert!(accepted > 1000, "only {accepted} of the mutations mean anything");
}

//! What each target begins with: the hostile vectors, cut to what the target reads, and for the compiler the IDL files of the
//! repository.

#![allow(unreachable_pub)] // as for the bodies

use std::fs;
use std::path::Path;

use farthing::wire::{Codec, Input, Limits};

use crate::bodies::in_codec;
use crate::vectors::{Case, Over, UPGRADE, bytes, cases};

/// Inputs that are longer teach a fuzzer nothing that is worth their time.
const LENGTH_MAX: usize = 8_000;
/// The bytes that choose pieces: one cut, and with the options that the targets know.
const OPTIONS: [u8; 3] = [0x01, 0x09, 0x11];

/// A name and an input.
pub type Seed = (String, Vec<u8>);

/// The corpus of a target. `root` is where the repository is.
pub fn corpus(target: &str, root: &Path) -> Vec<Seed> {
    let seeds = match target {
        "binary" | "cross" => structs(Codec::Binary),
        "compact" => structs(Codec::Compact),
        "json" => structs(Codec::Json),
        "differential" => [(0, Codec::Binary), (1, Codec::Compact)].into_iter().flat_map(chosen).collect(),
        "typed" => typed(),
        "idl" => idl(root),
        "header" => streams(&OPTIONS[..1], |case| match case.over {
            Over::Framed => Some(case.stream[4..].to_vec()),
            _ => Some(case.stream.clone()).filter(|stream| stream.starts_with(b"\x0f\xff")),
        }),
        "zlib" => streams(&OPTIONS[..2], |case| (case.over != Over::Http).then(|| case.stream.clone())),
        "http" => streams(&OPTIONS, |case| {
            Some(case.stream.clone()).filter(|stream| stream.first().is_some_and(u8::is_ascii_alphabetic))
        }),
        "websocket" => streams(&OPTIONS, |case| match case.stream.strip_prefix(UPGRADE) {
            Some(frames) => Some(frames.to_vec()),
            None => (case.over == Over::Framed).then(|| case.stream.clone()),
        }),
        _ => streams(&OPTIONS[..1], |case| Some(case.stream.clone())),
    };
    seeds.into_iter().filter(|(_, input)| input.len() <= LENGTH_MAX).collect()
}

/// Streams with one cut in the middle.
fn streams(options: &[u8], pick: impl Fn(&Case) -> Option<Vec<u8>>) -> Vec<Seed> {
    let mut seeds = Vec::new();
    for case in cases() {
        let Some(stream) = pick(&case) else { continue };
        for &options in options {
            let cut = (stream.len() / 2).min(255) as u8;
            seeds.push((name(&case, options), [&[options, cut][..], &stream].concat()));
        }
    }
    seeds
}

/// The structs of the vectors, in this codec, and the one of the golden files.
fn structs(codec: Codec) -> Vec<Seed> {
    let limits = Limits::default();
    let mut seeds = Vec::new();
    for case in cases().into_iter().filter(|case| matches!(case.over, Over::Unframed | Over::Raw)) {
        let mut input = Input::new(&case.stream, &limits);
        let Some(spoken) = case.stream.get(..2).and_then(Codec::sniff) else { continue };
        if spoken.head(&mut input).is_err() {
            continue;
        }
        let body = input.rest();
        if spoken == codec {
            seeds.push((name(&case, 0), body.to_vec()));
        } else if spoken == Codec::Binary {
            seeds.extend(in_codec(codec, body).map(|body| (name(&case, 1), body)));
        }
    }
    let golden = match codec {
        Codec::Compact => bytes(include_str!("../../tests/codecs/golden/compact.hex")),
        Codec::Json => include_bytes!("../../tests/codecs/golden/apache.json").to_vec(),
        _ => bytes(include_str!("../../tests/codecs/golden/binary.hex")),
    };
    let mut input = Input::new(&golden, &limits);
    codec.head(&mut input).expect("a message");
    seeds.push(("golden".to_owned(), input.rest().to_vec()));
    seeds
}

/// The same behind a byte that chooses the codec.
fn chosen((choice, codec): (u8, Codec)) -> Vec<Seed> {
    structs(codec).into_iter().map(|(name, body)| (name, [&[choice][..], &body].concat())).collect()
}

/// Every struct, drawn from bytes that go up and from ones that do not, and read from the structs of the vectors.
fn typed() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for which in 0..28 {
        for (step, length) in [(0, 0), (1, 40), (1, 120), (37, 120), (101, 250)] {
            let bytes: Vec<u8> = (0..length).map(|at: u32| (at * step + 1) as u8).collect();
            seeds.push((format!("drawn-{which}-{step}-{length}"), [&[which, 3][..], &bytes].concat()));
        }
    }
    for (choice, codec) in Codec::ALL.into_iter().enumerate() {
        for (at, (name, body)) in structs(codec).into_iter().enumerate() {
            seeds.push((format!("{}-{name}", codec.name()), [&[at as u8, choice as u8][..], &body].concat()));
        }
    }
    seeds
}

/// All IDL files of the repository.
fn idl(root: &Path) -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut folders: Vec<_> = ["idl", "tests", "examples"].iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "thrift") {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('/', "-");
                seeds.push((name, fs::read(&path).unwrap_or_default()));
            }
        }
    }
    seeds.sort();
    seeds
}

fn name(case: &Case, options: u8) -> String {
    format!("{}-{options}", case.id.replace('/', "-"))
}

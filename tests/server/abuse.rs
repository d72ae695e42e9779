//! `farthing serve` in its own process under all abuse at once: afterwards its memory, its descriptors and its processor time
//! are back where they were, and in between others are served.

use std::time::{Duration, Instant};

use crate::net::{Canary, Client, Process, farthing, until};
use crate::vectors::{self, Over, bytes};

const MIB: usize = 1 << 20;

fn serve() -> Process {
    let listen = ["serve", "--listen", "127.0.0.1:0=calculator,cache", "--workers", "1"];
    Process::start(farthing(&listen).env("FARTHING_LOG", "error").env("FARTHING_BODY_TIMEOUT", "1s"), 1)
}

#[test]
fn abuse_leaves_no_trace() {
    let server = serve();
    let mut canary = Canary::new(server.tcp());
    canary.sings();
    let (files, memory) = (server.files(), server.memory());
    let most = attack(&server, &mut canary);
    assert!(most < memory + 200 * MIB, "{} MiB at the most", most / MIB);
    until("the descriptors to come back", || server.files() <= files + 2);
    until("the memory to come back", || server.memory() <= memory + memory / 10 + 16 * MIB);
    let (before, start) = (server.ticks(), Instant::now());
    std::thread::sleep(Duration::from_secs(1));
    let spent = Duration::from_millis(10 * (server.ticks() - before));
    assert!(spent <= start.elapsed() / 50, "{spent:?} of a core while nothing happens");
    canary.sings();
}

/// Returns the most memory that was seen.
fn attack(server: &Process, canary: &mut Canary) -> usize {
    let address = server.tcp();
    let mut most = 0;
    // F3 and F6: sizes that are only promised.
    let promise = Over::Framed.wrap(&vec![0; 16_000_000])[..4].to_vec();
    let held: Vec<_> = (0..300)
        .map(|_| {
            let mut client = Client::connect(address);
            client.send(&[&promise[..], &bytes("80010001")].concat());
            client
        })
        .collect();
    most = most.max(server.memory());
    canary.sings();
    // G1 and G2: connections that come and go.
    for _ in 0..500 {
        drop(Client::connect(address));
        let mut client = Client::connect(address);
        client.send(&[0x80]);
        client.reset();
    }
    canary.sings();
    // F1: frames of nothing.
    for _ in 0..20 {
        let mut client = Client::connect(address);
        client.send(&vec![0; 4 * MIB]);
        client.rest();
    }
    canary.sings();
    // G3: noise, and every small row of the vectors.
    let mut state = 7_u64;
    let noise = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()
    };
    for _ in 0..200 {
        let mut client = Client::connect(address);
        client.send(&(0..8192).flat_map(|_| noise(&mut state)).collect::<Vec<_>>());
        client.half_close();
        client.rest();
    }
    for case in vectors::cases().iter().filter(|case| case.stream.len() < 10_000) {
        let mut client = Client::connect(address);
        client.send(&case.stream);
        client.half_close();
        client.rest();
    }
    most = most.max(server.memory());
    canary.sings();
    // N5: large answers that nobody reads.
    let mut client = Client::connect(address);
    client.send(&Over::Framed.wrap(&bytes("HDR(Cache:put) 0b0001 F(\"k\") 0b0002 F(61*1000000) 00")));
    client.answers(1);
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let mut client = Client::connect(address);
            client.send(&Over::Framed.wrap(&bytes("HDR(Cache:get) 0b0001 F(\"k\") 00")).repeat(1000));
            client
        })
        .collect();
    canary.sings();
    most = most.max(server.memory());
    drop((readers, held));
    most
}

/// Half a million calls of oneway kind, unknown methods and exceptions on one connection.
#[test]
fn a_long_life_of_faults_grows_nothing() {
    let server = serve();
    let mut client = Client::connect(server.tcp());
    let round: Vec<u8> = ["HDR(nobody) 00", "HDR(nobody,4) 00", "HDR(add,2) 00", "HDR(add) 080001 7fffffff 080002 7fffffff 00"]
        .iter()
        .flat_map(|call| Over::Framed.wrap(&bytes(call)))
        .collect();
    let block = round.repeat(100);
    let mut baseline = 0;
    for times in 0..300 {
        client.send(&block);
        assert_eq!(client.answers(300).len(), 300);
        if times == 30 {
            baseline = server.memory();
        }
    }
    assert!(server.memory() <= baseline + MIB, "{} KiB more", (server.memory() - baseline) / 1024);
}

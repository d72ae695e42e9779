//! Many readers of one large value: it is in memory once, and counts once.

use std::io::Read;
use std::time::Duration;

use farthing::generated::bench::BenchService;
use farthing::server::{Config, Server};
use farthing::services::bench::Workloads;

use crate::net::{Canary, Client, Ending, Running, until};
use crate::serving::Serving;
use crate::vectors::{Over, bytes};

const MIB: usize = 1 << 20;

fn bench(change: impl FnOnce(&mut Config)) -> Serving {
    let mut config = Config { shards: 2, memory_max: 64 * MIB, ..Config::default() };
    change(&mut config);
    Serving::at("127.0.0.1:0", Server::builder().config(config).service(BenchService::new(Workloads::new(1 << 30))))
}

fn connect(server: &Serving) -> Client {
    Client::connect(server.address.parse().unwrap())
}

/// Keeps a value of that many bytes, the one of `key`.
fn put(server: &Serving, key: char, size: usize) {
    let mut client = connect(server);
    let byte = u32::from(key);
    client.send(&Over::Framed.wrap(&bytes(&format!("HDR(Bench:put) 0b0001 F(\"{key}\") 0b0002 F({byte:02x}*{size}) 00"))));
    client.answers(1);
}

/// Asks for it, and reads none of the answer.
fn ask(server: &Serving, key: char, over: Over) -> Client {
    let mut client = connect(server);
    client.send(&over.wrap(&bytes(&format!("HDR(Bench:get) 0b0001 F(\"{key}\") 00"))));
    client
}

fn held(server: &Serving) -> usize {
    server.handle.counts().memory.held
}

/// L6: on both shards, over all that frames.
#[test]
fn a_crowd_of_readers_of_one_value_gets_it() {
    const SIZE: usize = 10_000_000;
    let server = bench(|_| {});
    put(&server, 'a', SIZE);
    let mut canary = Canary::new(server.address.parse().unwrap());
    let overs = [Over::Framed, Over::Unframed, Over::Http];
    let mut readers: Vec<_> = (0..60).map(|n| ask(&server, 'a', overs[n % overs.len()])).collect();
    until("all to be under way", || server.count("requests") >= 61);
    for _ in 0..20 {
        canary.sings();
    }
    // Once, and for each reader what else waits for it.
    assert!((SIZE..SIZE + 60 * 1024).contains(&held(&server)), "{} held", held(&server));
    assert_eq!(server.handle.counts().memory.passed, [0; 4]);
    let mut chunk = vec![0; MIB];
    for reader in &mut readers {
        let mut values = 0;
        while values < SIZE {
            let got = reader.stream.read(&mut chunk).expect("more of the answer");
            assert!(got > 0, "the end after {values} bytes of the value");
            values += chunk[..got].iter().map(|byte| usize::from(*byte == b'a')).sum::<usize>();
        }
    }
    drop(readers);
    until("all to be given back", || held(&server) == 0);
    assert_eq!((server.closed("memory_max"), server.count("shed")), (0, 0));
}

/// What the store does not keep any more belongs to its readers alone, and few of them can hold much of it.
#[test]
fn values_that_few_hold_count_and_their_readers_are_reset() {
    const SIZE: usize = 12_000_000;
    let server = bench(|_| {});
    let mut readers = Vec::new();
    for key in 'a'..='c' {
        put(&server, key, SIZE);
        readers.extend((0..2).map(|_| ask(&server, key, Over::Framed)));
        let least = (readers.len() / 2) * SIZE;
        until("each value to count once", || (least..least + 64 * 1024).contains(&held(&server)));
    }
    // Another budget's worth.
    for key in 'd'..='g' {
        put(&server, key, SIZE);
        readers.extend((0..2).map(|_| ask(&server, key, Over::Framed)));
    }
    until("somebody to go", || server.closed("memory_max") > 0 || server.count("shed") > 0);
    until("less to be held", || held(&server) <= 64 * MIB);
    let mut canary = Canary::new(server.address.parse().unwrap());
    drop(readers);
    until("all to be given back", || held(&server) == 0);
    canary.sings();
}

/// Where every reader gets a value of its own, each of them takes memory.
#[test]
fn values_of_their_own_count_in_full() {
    let server = Running::start(|config| config.memory_max = 64 * MIB);
    let huge = Over::Framed.wrap(&bytes("HDR(huge) 080001 00f00000 00"));
    let mut readers = Vec::new();
    for count in 1..=4 {
        let mut reader = server.connect();
        reader.send(&huge);
        readers.push(reader);
        // But for what the system took.
        let least = count * 9 * MIB;
        until("each to count", || server.handle.counts().memory.held >= least);
    }
    readers.extend((0..6).map(|_| {
        let mut reader = server.connect();
        reader.send(&huge);
        reader
    }));
    until("somebody to go", || server.closed("memory_max") > 0 || server.count("shed") > 0);
    until("less to be held", || server.handle.counts().memory.held <= 64 * MIB);
}

/// The rules for slow readers are each one's own, whoever else holds the value.
#[test]
fn a_reader_that_stalls_is_reset_though_its_value_counts_elsewhere() {
    const SIZE: usize = 10_000_000;
    let server = bench(|config| config.sockets.write_timeout = Duration::from_millis(400));
    put(&server, 'a', SIZE);
    let mut slow: Vec<_> = (0..10).map(|_| ask(&server, 'a', Over::Framed)).collect();
    until("the value to count", || held(&server) >= SIZE);
    until("all to go", || held(&server) == 0);
    for reader in &mut slow {
        assert_eq!(reader.rest().1, Ending::Reset);
    }
}

//! Bytes on sockets: the vectors, odd ends, slow peers, long pipelines and large values.

use std::collections::BTreeMap;
use std::io::Write;
use std::thread;
use std::time::Duration;

use farthing::server::{Config, limits};

use crate::net::{Canary, Client, Ending, Running, until};
use crate::vectors::{self, Answer, Case, Over, Reaction, bytes, judge};

fn good(seqid: u32) -> Vec<u8> {
    bytes(&format!("HDR(need,1,{seqid:x}) 080001 {seqid:08x} 00"))
}

fn configure(config: &mut Config, case: &Case) {
    for (name, value) in &case.settings {
        limits().iter().find(|limit| limit.name == name).unwrap().set(config, value).unwrap();
    }
}

#[test]
fn every_row_gets_its_reaction_over_sockets_and_nobody_else_suffers() {
    let mut by_settings: BTreeMap<_, Vec<Case>> = BTreeMap::new();
    for case in vectors::cases() {
        by_settings.entry(case.settings.clone()).or_default().push(case);
    }
    for cases in by_settings.into_values() {
        let server = Running::start(|config| configure(config, &cases[0]));
        let mut canary = Canary::new(server.address);
        for case in cases {
            let named = case.expected.iter().find_map(|reaction| match reaction {
                Reaction::Close(Some(name)) if name != "?" => Some(name.clone()),
                _ => None,
            });
            let before = named.as_ref().map(|name| server.closed(name));
            let mut client = server.connect();
            let mut stream = client.stream.try_clone().unwrap();
            let bytes = case.stream.clone();
            let closes = case.expected.iter().any(|reaction| matches!(reaction, Reaction::Close(_)));
            let writer = thread::spawn(move || {
                let sent = stream.write_all(&bytes).is_ok();
                if !closes && sent {
                    drop(stream.shutdown(std::net::Shutdown::Write));
                }
            });
            let (answers, _) = client.rest();
            writer.join().unwrap();
            judge(&case, &answers, closes.then_some("")).unwrap_or_else(|wrong| panic!("{wrong}"));
            if let (Some(name), Some(before)) = (named, before) {
                until(&format!("{}: {name} counted", case.id), || server.closed(&name) == before + 1);
            }
            canary.sings();
        }
        until("all connections but one closed", || server.open() == 1);
    }
}

#[test]
fn a_half_close_gets_all_answers_and_then_the_end() {
    let server = Running::start(|_| {});
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        for count in [1, 3, 500] {
            let mut client = server.connect();
            client.send(&(1..=count).flat_map(|n| over.wrap(&good(n))).collect::<Vec<_>>());
            client.half_close();
            let (answers, ending) = client.rest();
            assert_eq!((answers.len(), ending), (count as usize, Ending::Fin), "{over:?}");
        }
        // Offloaded calls are waited for.
        let mut client = server.connect();
        client.send(&over.wrap(&bytes("HDR(job) 080001 00000005 00")).repeat(20));
        client.half_close();
        let (answers, ending) = client.rest();
        assert_eq!((answers.len(), ending), (20, Ending::Fin), "{over:?}");
    }
}

#[test]
fn resets_in_the_middle_end_one_connection_each() {
    let server = Running::start(|_| {});
    let mut canary = Canary::new(server.address);
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        let stream = over.wrap(&good(1));
        for at in 0..stream.len() {
            let mut client = server.connect();
            client.send(&stream[..at]);
            client.reset();
        }
        let mut client = server.connect();
        client.send(&over.wrap(&bytes("HDR(huge) 080001 00a00000 00")));
        client.reset();
        let mut client = server.connect();
        client.send(&over.wrap(&bytes("HDR(block) 00")));
        until("the call to begin", || server.count("offloaded") > 0);
        client.reset();
        canary.sings();
    }
    server.calls.open_gate();
    until("all but the canary gone", || server.open() == 1);
    canary.sings();
}

#[test]
fn slow_peers_are_told_and_dropped() {
    let server = Running::start(|config| {
        let calls = &mut config.calls;
        calls.first_byte_timeout = Duration::from_millis(300);
        calls.header_timeout = Duration::from_millis(200);
        calls.body_timeout = Duration::from_millis(250);
        calls.idle_timeout = Duration::from_millis(300);
        calls.http_idle_timeout = Duration::from_millis(300);
    });
    let slow = |start: &[u8], drip: &[u8]| {
        let mut client = server.connect();
        client.send(start);
        let mut writer = client.stream.try_clone().unwrap();
        let drip = drip.to_vec();
        thread::spawn(move || {
            for byte in drip {
                thread::sleep(Duration::from_millis(20));
                if writer.write_all(&[byte]).is_err() {
                    return;
                }
            }
        });
        client.rest().0
    };
    let (framed, http) = (Over::Framed.wrap(&good(1)), Over::Http.wrap(&good(1)));
    let head = http.len() - good(1).len();
    assert_eq!(slow(&[], &[]), []);
    assert_eq!(slow(&framed[..2], &[]), []);
    assert_eq!(slow(&framed[..10], &framed[10..].repeat(2)), []);
    assert_eq!(slow(&http[..20], &[b'a'; 60]), [Answer::Http(408)]);
    assert_eq!(slow(&http[..head], &good(1)[..20]), [Answer::Http(408)]);
    assert_eq!(slow(&framed, &[]).len(), 1);
    assert_eq!(slow(&http, &[]).len(), 1);
    let count = |name: &str, wanted| until(name, || server.closed(name) == wanted);
    count("first_byte_timeout", 1);
    count("header_timeout", 2);
    count("body_timeout", 2);
    count("idle_timeout", 2);
    assert_eq!(server.calls.entered(), 2);
}

#[test]
fn every_first_byte_gets_an_end_and_no_answer() {
    let server = Running::start(|config| config.calls.header_timeout = Duration::from_millis(100));
    let mut canary = Canary::new(server.address);
    let mut state = 1_u32;
    for first in 0..=255_u8 {
        let mut noise = vec![first];
        noise.extend((0..15).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        }));
        let mut client = server.connect();
        client.send(&noise);
        client.half_close();
        let (answers, _) = client.rest();
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Http(400..=505))), "{noise:?}: {answers:?}");
    }
    canary.sings();
    assert_eq!(server.calls.entered(), 1);
    until("all but the canary gone", || server.open() == 1);
}

#[test]
fn ten_thousand_calls_at_once_are_answered_in_order() {
    let server = Running::start(|_| {});
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        let mut client = server.connect();
        let mut writer = client.stream.try_clone().unwrap();
        let stream: Vec<u8> = (1..=10_000).flat_map(|n| over.wrap(&good(n))).collect();
        let writer = thread::spawn(move || writer.write_all(&stream).unwrap());
        let answers = client.answers(10_000);
        writer.join().unwrap();
        for (number, answer) in (1..).zip(answers) {
            assert!(matches!(answer, Answer::Reply { seqid, .. } if seqid == number), "{over:?} {number}: {answer:?}");
        }
    }
}

#[test]
fn a_call_in_single_bytes_is_answered() {
    let server = Running::start(|_| {});
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        let mut client = server.connect();
        for _ in 0..2 {
            for byte in over.wrap(&good(1)) {
                client.send(&[byte]);
            }
            assert_eq!(client.answers(1).len(), 1);
        }
    }
}

#[test]
fn large_values_go_both_ways_unharmed() {
    let server = Running::start(|_| {});
    for size in [65_535, 1 << 20, 15 << 20] {
        let value: Vec<u8> = (0..size).map(|at| (at * 7 + at / 251) as u8).collect();
        let head = bytes("HDR(echo) 0b0001");
        let call = [&head[..], &(size as u32).to_be_bytes(), &value, &[0]].concat();
        let body = [&[11, 0, 0][..], &(size as u32).to_be_bytes(), &value, &[0]].concat();
        for over in [Over::Framed, Over::Unframed, Over::Http] {
            let mut client = server.connect();
            let mut writer = client.stream.try_clone().unwrap();
            let stream = over.wrap(&call);
            let writer = thread::spawn(move || writer.write_all(&stream).unwrap());
            let answers = client.answers(1);
            writer.join().unwrap();
            assert!(matches!(&answers[..], [Answer::Reply { body: got, .. }] if *got == body), "{size} over {over:?}");
        }
    }
}

/// Many times output_hard in all, to a client that reads as fast as it can.
#[test]
fn pipelined_large_answers_all_arrive() {
    let server = Running::start(|_| {});
    let mut client = server.connect();
    client.send(&Over::Framed.wrap(&bytes("HDR(huge) 080001 00100000 00")).repeat(100));
    thread::sleep(Duration::from_millis(50));
    assert_eq!(client.answers(100).len(), 100);
    assert_eq!(server.closed("output_hard"), 0);
}

#[test]
fn who_never_reads_is_stopped_and_reset() {
    let server = Running::start(|config| config.sockets.write_timeout = Duration::from_millis(300));
    let mut canary = Canary::new(server.address);
    let mut client = server.connect();
    client.send(&Over::Framed.wrap(&bytes("HDR(huge) 080001 00100000 00")).repeat(1000));
    until("the reset", || server.closed("write_timeout") == 1);
    assert!(server.calls.entered() < 30, "{} answers of a MiB for nobody", server.calls.entered());
    canary.sings();
    let (_, ending) = client.rest();
    assert_eq!(ending, Ending::Reset);
}

#[test]
fn connections_beyond_the_most_wait_for_a_place() {
    let server = Running::start(|config| config.connections_max = 3);
    let mut first: Vec<Client> = (0..3).map(|_| server.connect()).collect();
    for client in &mut first {
        client.send(&Over::Framed.wrap(&good(1)));
        assert_eq!(client.answers(1).len(), 1);
    }
    let mut waiting = server.connect();
    waiting.send(&Over::Framed.wrap(&good(2)));
    waiting.stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(waiting.stream.peek(&mut [0]).is_err());
    waiting.stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    first.pop();
    assert_eq!(waiting.answers(1).len(), 1);
}

/// The peer's time does not run while its input waits for its answers to leave: for those there are other limits.
#[test]
fn who_reads_late_but_reads_gets_every_answer() {
    let server = Running::start(|config| {
        config.calls.body_timeout = Duration::from_millis(200);
        config.calls.header_timeout = Duration::from_millis(200);
    });
    let mut client = server.connect();
    let mut writer = client.stream.try_clone().unwrap();
    let stream = Over::Framed.wrap(&bytes("HDR(huge) 080001 00100000 00")).repeat(60);
    let writer = thread::spawn(move || writer.write_all(&stream).unwrap());
    thread::sleep(Duration::from_millis(700));
    assert_eq!(client.answers(60).len(), 60);
    writer.join().unwrap();
    assert_eq!(server.closed("body_timeout"), 0);
}

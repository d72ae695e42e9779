//! Peers that begin TLS and mean no good, or none at all.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use crate::authority::{Authority, BOTH};
use crate::clients::{add, calls, plain, rest, secure, until};
use crate::running::Running;

/// What a client of that library sends first.
fn hello(authority: &Authority) -> Vec<u8> {
    let name = "localhost".try_into().unwrap();
    let mut client = rustls::ClientConnection::new(authority.client(BOTH, None), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

#[test]
fn garbage_behind_the_first_byte_gets_an_alert_and_is_counted() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut canary = secure(running.address, &authority.client(BOTH, None));
    let hello = hello(&authority);
    let mut lying = hello.clone();
    lying[6] = 0xff;
    let many_records: Vec<u8> = [0x16, 3, 1, 0, 0].repeat(5000);
    let cases: [(&str, Vec<u8>); 9] = [
        ("text", b"\x16\x03\x01\0\x05hello".to_vec()),
        ("a giant record", [b"\x16\x03\x01\xff\xff".to_vec(), vec![0; 70_000]].concat()),
        ("an empty record", b"\x16\x03\x01\0\0".to_vec()),
        ("empty records", many_records),
        ("another type", [&hello[..20], &b"\x99\x03\x01\0\x05hello"[..], &[0; 1000]].concat()),
        ("a handshake message of 16 MiB", lying.iter().copied().chain([0; 1000]).collect()),
        ("TLS 1.0 alone", old_hello()),
        ("an alert", b"\x16\x03\x01\0\x04\x01\0\0\0\x15\x03\x01\0\x02\x02\x28".to_vec()),
        ("application data first", b"\x16\x03\x03\0\x00\x17\x03\x03\0\x01a".to_vec()),
    ];
    for (round, (what, bytes)) in cases.iter().enumerate() {
        let mut stream = plain(running.address);
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let (answer, _) = rest(&mut stream);
        assert!(answer.first() == Some(&0x15) && answer.len() == 7, "{what}: {answer:02x?}");
        calls(&mut canary, round as u32);
    }
    until("each is counted", || running.closed("tls_protocol") + running.closed("tls_incompatible") == cases.len() as u64);
}

/// A hello of TLS 1.0 without extensions.
fn old_hello() -> Vec<u8> {
    let mut body = vec![3, 1];
    body.extend([7; 32]);
    body.extend(b"\0\0\x02\0\x2f\x01\0");
    let mut record = b"\x16\x03\x01\0".to_vec();
    record.push(body.len() as u8 + 4);
    record.extend([1, 0, 0, body.len() as u8]);
    record.extend(body);
    record
}

#[test]
fn a_hello_that_ends_anywhere_ends_the_connection() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let hello = hello(&authority);
    for cut in 1..hello.len() {
        let mut stream = plain(running.address);
        stream.write_all(&hello[..cut]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&mut stream).0, b"", "{cut}");
    }
    until("all are counted", || running.closed("tls_abandoned") == hello.len() as u64 - 1);
    assert_eq!(running.open(), 0);
}

#[test]
fn a_hello_byte_by_byte_is_understood() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    let mut hello = Vec::new();
    stream.conn.write_tls(&mut hello).unwrap();
    for byte in hello {
        stream.sock.write_all(&[byte]).unwrap();
        if byte % 8 == 0 {
            // So that some of them come alone for sure.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    calls(&mut stream, 1);
}

#[test]
fn handshakes_that_stall_end_in_time_however_many() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), false, |config| {
        config.sockets.tls_handshake_timeout = Duration::from_millis(600);
    });
    let mut canary = secure(running.address, &authority.client(BOTH, None));
    calls(&mut canary, 0);
    let hello = hello(&authority);
    let start = Instant::now();
    let mut stalled: Vec<_> = (0..600)
        .map(|number| {
            let mut stream = plain(running.address);
            // Some send one byte, some a part of their hello, some all of it and then nothing more.
            let part = [1, 2, hello.len() / 2, hello.len()][number % 4];
            stream.write_all(&hello[..part]).unwrap();
            stream
        })
        .collect();
    // A byte now and then moves no deadline.
    while running.closed("tls_handshake_timeout") < stalled.len() as u64 {
        assert!(start.elapsed() < Duration::from_secs(15), "{} still open", running.open());
        drop(stalled[1].write(&hello[2..3]));
        calls(&mut canary, 1);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(running.open(), 1);
    for stream in &mut stalled {
        rest(stream);
    }
}

#[test]
fn where_only_tls_is_taken_silence_is_a_slow_handshake() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), true, |config| {
        config.sockets.tls_handshake_timeout = Duration::from_millis(200);
    });
    let mut silent = plain(running.address);
    assert_eq!(rest(&mut silent), (Vec::new(), false));
    until("it is counted", || running.closed("tls_handshake_timeout") == 1);
}

#[test]
fn an_idle_tls_connection_outlives_the_time_for_handshakes() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), true, |config| {
        config.sockets.tls_handshake_timeout = Duration::from_millis(100);
    });
    let mut idle = secure(running.address, &authority.client(BOTH, None));
    calls(&mut idle, 1);
    std::thread::sleep(Duration::from_millis(400));
    calls(&mut idle, 2);
}

#[test]
fn a_record_without_an_end_has_the_time_of_a_handshake() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), false, |config| {
        config.sockets.tls_handshake_timeout = Duration::from_millis(400);
    });
    for config in [authority.client(&[&rustls::version::TLS13], None), authority.client(&[&rustls::version::TLS12], None)] {
        let before = running.closed("tls_record_timeout");
        let mut steady = secure(running.address, &config);
        let mut stalled = secure(running.address, &config);
        let mut record = Vec::new();
        calls(&mut steady, 1);
        calls(&mut stalled, 1);
        stalled.conn.writer().write_all(&add(2).0).unwrap();
        stalled.conn.write_tls(&mut record).unwrap();
        stalled.sock.write_all(&record[..10]).unwrap();
        // Whoever ends each record in time may take his time over all of them.
        let mut records = Vec::new();
        for number in 0..8 {
            steady.conn.writer().write_all(&add(number).0).unwrap();
            steady.conn.write_tls(&mut records).unwrap();
        }
        let start = Instant::now();
        let step = records.len() / 8;
        steady.sock.write_all(&records[..step / 2]).unwrap();
        for part in records[step / 2..].chunks(step) {
            std::thread::sleep(Duration::from_millis(150));
            steady.sock.write_all(part).unwrap();
            // A byte now and then moves nothing.
            drop(stalled.sock.write(&record[10..11]));
        }
        assert!(start.elapsed() > Duration::from_millis(800));
        for number in 0..8 {
            let (_, expected) = add(number);
            let mut answer = vec![0; expected.len()];
            steady.read_exact(&mut answer).unwrap();
            assert_eq!(answer, expected);
        }
        calls(&mut steady, 9);
        until("the record was given up", || running.closed("tls_record_timeout") == before + 1);
    }
}

#[test]
fn a_record_changed_on_its_way_ends_the_connection() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    calls(&mut stream, 1);
    stream.conn.writer().write_all(&add(2).0).unwrap();
    let mut record = Vec::new();
    stream.conn.write_tls(&mut record).unwrap();
    *record.last_mut().unwrap() ^= 1;
    stream.sock.write_all(&record).unwrap();
    let error = stream.read(&mut [0; 100]).expect_err("an alert");
    assert!(error.to_string().contains("alert"), "{error}");
    until("it is counted", || running.closed("tls_protocol") == 1);
    assert_eq!(running.requests(), 1);
}

#[test]
fn a_client_that_never_reads_is_held_back_and_ended() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), false, |config| {
        config.sockets.write_timeout = Duration::from_millis(800);
    });
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    socket2::SockRef::from(&stream.sock).set_recv_buffer_size(4096).unwrap();
    calls(&mut stream, 0);
    stream.sock.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let calls_at_once = add(1).0.repeat(2000);
    let mut sent = 0;
    while sent < 64 << 20 {
        match stream.write(&calls_at_once[sent % calls_at_once.len()..]) {
            Ok(n) => sent += n,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe));
                break;
            }
        }
    }
    assert!(sent < 64 << 20, "all was taken from a client that reads nothing");
    until("its end", || running.closed("write_timeout") == 1);
}

#[test]
fn one_byte_records_by_the_thousand_make_one_message() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    calls(&mut stream, 0);
    let (call, answer) = add(1);
    let mut records = Vec::new();
    for byte in call.repeat(100) {
        stream.conn.writer().write_all(&[byte]).unwrap();
        stream.conn.write_tls(&mut records).unwrap();
    }
    stream.sock.write_all(&records).unwrap();
    let mut got = vec![0; answer.len() * 100];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(got, answer.repeat(100));
}

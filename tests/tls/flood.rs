//! Peers that speak TLS as it should be, and too much of it.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::authority::{Authority, BOTH, ONLY_12, ONLY_13};
use crate::clients::{add, calls, plain, rest, secure, until};
use crate::running::Running;

/// T8: each new key costs the server more than the peer who asks for it.
#[test]
fn who_changes_keys_for_their_own_sake_is_stopped() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut canary = secure(running.address, &authority.client(BOTH, None));
    let mut stream = secure(running.address, &authority.client(ONLY_13, None));
    calls(&mut stream, 1);
    // Now and then is in order.
    for round in 0..100 {
        stream.conn.refresh_traffic_keys().unwrap();
        calls(&mut stream, round);
    }
    let mut sent = 0;
    while running.closed("tls_protocol") == 0 && sent < 1_000_000 {
        stream.conn.refresh_traffic_keys().unwrap();
        sent += 1;
        if stream.flush().is_err() {
            break;
        }
        if sent == 64 {
            until("the end of it", || running.closed("tls_protocol") == 1);
        }
    }
    assert!(sent <= 65, "{sent} keys in a row");
    calls(&mut canary, 1);
    assert_eq!(running.requests(), 102);
}

/// T8: what is sent before the handshake could be sent again by anybody, so nothing of it is taken.
#[test]
fn early_data_is_neither_offered_nor_taken() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut config = (*authority.client(ONLY_13, None)).clone();
    config.enable_early_data = true;
    let config = Arc::new(config);
    calls(&mut secure(running.address, &config), 1);
    let mut again = secure(running.address, &config);
    assert!(again.conn.early_data().is_none(), "a ticket that allows early data");
    calls(&mut again, 2);
    assert_eq!(running.requests(), 2);
}

/// T4: a record per byte of a large message.
#[test]
fn records_of_one_byte_hold_nobody_up() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut canary = secure(running.address, &authority.client(BOTH, None));
    calls(&mut canary, 0);
    let mut stream = secure(running.address, &authority.client(ONLY_13, None));
    calls(&mut stream, 0);
    let (call, answer) = add(1);
    let (calls_at_once, rounds) = (50, 20);
    let mut worst = Duration::ZERO;
    for _ in 0..rounds {
        let mut records = Vec::new();
        for byte in call.repeat(calls_at_once) {
            stream.conn.writer().write_all(&[byte]).unwrap();
            stream.conn.write_tls(&mut records).unwrap();
        }
        stream.sock.write_all(&records).unwrap();
        let start = Instant::now();
        calls(&mut canary, 1);
        worst = worst.max(start.elapsed());
    }
    assert!(worst < Duration::from_secs(1), "{worst:?}");
    let mut got = vec![0; answer.len() * calls_at_once * rounds];
    stream.read_exact(&mut got).unwrap();
}

/// T9: handshakes as fast as they can be asked for, and calls beside them.
#[test]
fn a_flood_of_handshakes_stays_behind_calls() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let (mut plainly, mut securely) = (plain(running.address), secure(running.address, &authority.client(BOTH, None)));
    calls(&mut plainly, 0);
    calls(&mut securely, 0);
    let hello = {
        let name = "localhost".try_into().unwrap();
        let mut client = rustls::ClientConnection::new(authority.client(ONLY_12, None), name).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        hello
    };
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut times = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    // Hellos by the dozen, whose answers nobody waits for: the server signs, the peer does nothing.
                    let mut streams: Vec<_> = (0..32).map(|_| plain(running.address)).collect();
                    streams.iter_mut().for_each(|stream| drop(stream.write_all(&hello)));
                    sent.fetch_add(streams.len(), Ordering::Relaxed);
                    drop(rest_of_one(&mut streams));
                }
            });
        }
        let mut times = Vec::new();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            for stream in [&mut plainly as &mut dyn Stream, &mut securely] {
                let start = Instant::now();
                calls(&mut Boxed(stream), 1);
                times.push(start.elapsed());
            }
        }
        stop.store(true, Ordering::Relaxed);
        times
    });
    times.sort();
    let p99 = times[times.len() * 99 / 100];
    assert!(p99 < Duration::from_millis(250), "p99 {p99:?} of {} calls beside {} hellos", times.len(), sent.into_inner());
    // Others get their turn as well.
    calls(&mut secure(running.address, &authority.client(BOTH, None)), 1);
}

trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

struct Boxed<'s>(&'s mut dyn Stream);

impl Read for Boxed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Boxed<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Waits until the server has got round to the last of them.
fn rest_of_one(streams: &mut [std::net::TcpStream]) -> Vec<u8> {
    let Some(last) = streams.last_mut() else { return Vec::new() };
    drop(last.peek(&mut [0]));
    drop(last.shutdown(std::net::Shutdown::Write));
    rest(last).0
}

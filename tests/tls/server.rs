//! A server that takes TLS beside plain text, and clients that behave.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread;

use crate::authority::{Authority, BOTH, Kind, ONLY_12, ONLY_13};
use crate::clients::{add, calls, plain, rest, secure, try_call, until};
use crate::running::Running;

#[test]
fn both_versions_and_plain_text_share_one_port() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    thread::scope(|scope| {
        for versions in [Some(ONLY_12), Some(ONLY_13), None] {
            let (running, authority) = (&running, &authority);
            scope.spawn(move || {
                for _ in 0..5 {
                    if let Some(versions) = versions {
                        let mut stream = secure(running.address, &authority.client(versions, None));
                        (0..20).for_each(|number| calls(&mut stream, number));
                        assert_eq!(stream.conn.protocol_version(), Some(versions[0].version));
                    } else {
                        let mut stream = plain(running.address);
                        (0..20).for_each(|number| calls(&mut stream, number));
                    }
                }
            });
        }
    });
    assert_eq!(running.requests(), 300);
}

#[test]
fn every_transport_works_behind_tls() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let config = authority.client(BOTH, None);
    let (call, answer) = add(7);
    for split in [1, 7, 4096] {
        for (request, reply) in [
            (call.clone(), answer.clone()),
            (call[4..].to_vec(), answer[4..].to_vec()),
            (
                [format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", call.len() - 4).as_bytes(), &call[4..]]
                    .concat(),
                answer[4..].to_vec(),
            ),
        ] {
            let mut stream = secure(running.address, &config);
            for part in request.chunks(split) {
                stream.write_all(part).unwrap();
            }
            let mut got = Vec::new();
            let mut buffer = [0; 4096];
            while !got.ends_with(&reply) {
                let n = stream.read(&mut buffer).unwrap();
                assert!(n > 0, "the end instead of an answer: {}", got.escape_ascii());
                got.extend_from_slice(&buffer[..n]);
            }
        }
    }
}

#[test]
fn thousands_of_pipelined_calls_are_answered_in_their_order() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    for versions in [ONLY_12, ONLY_13] {
        let mut stream = secure(running.address, &authority.client(versions, None));
        let (requests, replies): (Vec<_>, Vec<_>) = (0..3000).map(add).unzip();
        stream.conn.set_buffer_limit(None);
        stream.write_all(&requests.concat()).unwrap();
        stream.flush().unwrap();
        let replies = replies.concat();
        let mut got = vec![0; replies.len()];
        stream.read_exact(&mut got).unwrap();
        assert!(got == replies);
    }
}

/// `put` or `get` of the bench service, framed, with the multiplexed name.
fn bench(method: &str, value: Option<&[u8]>) -> Vec<u8> {
    let name = format!("Bench:{method}");
    let mut payload = b"\x80\x01\0\x01".to_vec();
    payload.extend((name.len() as u32).to_be_bytes());
    payload.extend(name.as_bytes());
    payload.extend(b"\0\0\0\x01\x0b\0\x01\0\0\0\x01k");
    if let Some(value) = value {
        payload.extend(b"\x0b\0\x02");
        payload.extend((value.len() as u32).to_be_bytes());
        payload.extend(value);
    }
    payload.push(0);
    [&(payload.len() as u32).to_be_bytes()[..], &payload].concat()
}

fn framed(stream: &mut impl Read) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut payload = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut payload).unwrap();
    payload
}

#[test]
fn megabytes_go_both_ways_and_pipelined() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    let value: Vec<u8> = (0..(5 << 20)).map(|n: u32| (n ^ n >> 9) as u8).collect();
    stream.write_all(&bench("put", Some(&value))).unwrap();
    framed(&mut stream);
    stream.write_all(&bench("get", None).repeat(4)).unwrap();
    for _ in 0..4 {
        let answer = framed(&mut stream);
        assert!(answer.windows(64).any(|window| window == &value[..64]));
        assert!(answer[answer.len() - 1 - value.len()..].starts_with(&value), "another value");
    }
    calls(&mut stream, 1);
}

#[test]
fn who_says_goodbye_behind_a_request_gets_its_answer_and_a_goodbye() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    for versions in [ONLY_12, ONLY_13] {
        let mut stream = secure(running.address, &authority.client(versions, None));
        calls(&mut stream, 1);
        let (call, answer) = add(2);
        stream.write_all(&call.repeat(3)).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        // With an error, were the goodbye missing.
        assert_eq!(rest(&mut stream), (answer.repeat(3), false));
    }
    until("ends in order", || running.closed("done") == 2);
}

#[test]
fn a_half_closed_socket_without_a_goodbye_is_answered_too() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    calls(&mut stream, 1);
    let (call, answer) = add(2);
    stream.write_all(&call).unwrap();
    stream.flush().unwrap();
    stream.sock.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream), (answer, false));
}

#[test]
fn a_message_that_is_cut_off_is_not_carried_out() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut stream = secure(running.address, &authority.client(BOTH, None));
    calls(&mut stream, 1);
    let (call, _) = add(2);
    stream.write_all(&call[..call.len() - 1]).unwrap();
    stream.flush().unwrap();
    stream.sock.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream), (Vec::new(), false));
    until("the cut is counted", || running.closed("truncated") == 1);
    assert_eq!(running.requests(), 1);
}

#[test]
fn sessions_are_resumed() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    for versions in [ONLY_12, ONLY_13] {
        let config = authority.client(versions, None);
        for round in 0..3 {
            let mut stream = secure(running.address, &config);
            calls(&mut stream, round);
            let resumed = stream.conn.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
            assert_eq!(resumed, round > 0);
        }
    }
}

#[test]
fn a_drain_ends_tls_connections_with_a_goodbye() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let mut idle = secure(running.address, &authority.client(BOTH, None));
    calls(&mut idle, 1);
    let early = plain(running.address);
    (&early).write_all(b"\x16").unwrap();
    let handle = running.handle.clone();
    handle.drain();
    assert_eq!(rest(&mut idle), (Vec::new(), false));
    drop(early);
    drop(idle);
    assert_eq!(running.drain(), 0);
}

#[test]
fn clients_are_known_by_their_certificates() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let mut options = authority.server();
    options.client_ca = Some(authority.file());
    options.client_names = vec!["web.example.org".into(), "spiffe://example.org/batch".into(), "127.0.0.1".into()];
    let running = Running::start(options);
    let issue = |name: &str, kind| authority.issue("client", name, kind);
    for versions in [ONLY_12, ONLY_13] {
        let good = [
            issue("web.example.org", Kind::Client),
            issue("spiffe://example.org/batch", Kind::Client),
            issue("*.example.org", Kind::Client),
        ];
        for (round, identity) in good.iter().enumerate() {
            // The files were written over: only the last one is there.
            let identity = if round == 2 {
                identity.clone()
            } else {
                authority.issue("one", ["web.example.org", "spiffe://example.org/batch"][round], Kind::Client)
            };
            let mut stream = secure(running.address, &authority.client(versions, Some(&identity)));
            calls(&mut stream, 1);
        }
        let bad = [
            (authority.issue("b0", "db.example.org", Kind::Client), "no name of the list"),
            (authority.issue("b1", "spiffe://example.org/batch2", Kind::Client), "another URI"),
            (authority.issue("b2", "web.example.org", Kind::Expired), "expired"),
            (authority.issue("b3", "web.example.org", Kind::Early), "not valid yet"),
            (authority.issue("b4", "web.example.org", Kind::Server), "another purpose"),
            (stranger.issue("b5", "web.example.org", Kind::Client), "another authority"),
        ];
        for (number, (identity, what)) in bad.iter().enumerate() {
            let before = running.closed("tls_certificate");
            let mut stream = secure(running.address, &authority.client(versions, Some(identity)));
            let error = try_call(&mut stream, 1).expect_err(what);
            assert!(error.to_string().contains("alert"), "{number} {what}: {error}");
            until(what, || running.closed("tls_certificate") == before + 1);
        }
        let mut nobody = secure(running.address, &authority.client(versions, None));
        assert!(try_call(&mut nobody, 1).is_err());
    }
    until("both without a certificate", || running.closed("tls_certificate") == 14);
    // Plain text would be a way around all that.
    let mut plain = plain(running.address);
    assert!(try_call(&mut plain, 1).is_err());
    until("plain text is refused", || running.closed("tls_plain_text") == 1);
    assert_eq!(running.requests(), 6);
}

#[test]
fn plain_text_is_refused_where_only_tls_is_taken() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), true, |_| {});
    for text in [&add(1).0[..], b"POST / HTTP/1.1\r\n\r\n", b"\x16\x02", b"\0"] {
        let mut stream = plain(running.address);
        stream.write_all(text).unwrap();
        assert_eq!(rest(&mut stream), (Vec::new(), false));
    }
    until("each is counted", || running.closed("tls_plain_text") == 4);
    calls(&mut secure(running.address, &authority.client(BOTH, None)), 1);
    // A health probe is none of these.
    drop(plain(running.address));
    until("an ordinary end", || running.closed("done") == 2);
}

#[test]
fn another_certificate_is_taken_over_without_a_restart() {
    let authority = Authority::new();
    let options = authority.server();
    let running = Running::start(options.clone());
    let config = authority.client(BOTH, None);
    let mut old = secure(running.address, &config);
    calls(&mut old, 1);
    let shown = |stream: &crate::clients::Secure| stream.conn.peer_certificates().unwrap()[0].clone();
    let first = shown(&old);

    std::fs::write(&options.key, "no key at all").unwrap();
    let error = running.tls.reload().unwrap_err().to_string();
    assert!(error.contains("server.key") && error.contains("BEGIN PRIVATE KEY"), "{error}");
    let fresh = authority.client(BOTH, None);
    let mut between = secure(running.address, &fresh);
    calls(&mut between, 2);
    assert_eq!(shown(&between), first);

    authority.server();
    running.tls.reload().unwrap();
    let mut new = secure(running.address, &fresh);
    calls(&mut new, 3);
    assert_ne!(shown(&new), first);
    assert_eq!(new.conn.handshake_kind(), Some(rustls::HandshakeKind::Full), "a ticket of the old certificate");
    calls(&mut old, 4);
    calls(&mut between, 5);
}

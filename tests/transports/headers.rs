//! Info headers: from the request to whoever asks, from there to the reply, and from no call to the next.

use std::sync::Arc;

use farthing::rpc::{Deferred, Fault, Method, Reply, Request, Service, Services};
use farthing::transport::header::HeaderError;

use crate::peer::Peer;
use crate::vectors::bytes;

/// Answers with the header `k` of its request, as a header and as the value.
struct Layer;

const METHODS: &[Method] = &[
    Method { name: "now", oneway: false },
    Method { name: "later", oneway: false },
    Method { name: "job", oneway: false },
    Method { name: "job_later", oneway: false },
    Method { name: "note", oneway: true },
];

impl Service for Layer {
    fn name(&self) -> &'static str {
        "Layer"
    }

    fn methods(&self) -> &'static [Method] {
        METHODS
    }

    fn call(&self, request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
        let value = request.headers().get("k").unwrap_or(b"none").to_vec();
        reply.set_header("k", &value).unwrap();
        match request.method() {
            "now" | "job" => reply.field(0, &String::from_utf8_lossy(&value).into_owned()),
            "later" | "job_later" => {
                let mut deferred: Deferred<i32> = reply.defer();
                assert_eq!(reply.set_header("k", "late"), Err(HeaderError::TooLate));
                deferred.set_header("more", "1").unwrap();
                deferred.complete(Ok(7));
            }
            "note" => reply.oneway(),
            _ => return Err(Fault::UnknownMethod),
        }
        Ok(())
    }
}

fn layered() -> Peer {
    let mut peer = Peer::new();
    let mut services = Services::new();
    services.add(Arc::new(Layer));
    services.offload("job").unwrap();
    services.offload("job_later").unwrap();
    peer.services = services;
    peer
}

/// A framed call behind a header whose blocks are given.
fn call(method: &str, blocks: &[u8]) -> Vec<u8> {
    let mut header = [&[0, 0], blocks].concat();
    header.resize(header.len().next_multiple_of(4), 0);
    let words = (header.len() / 4) as u16;
    let payload = [&[0x0f, 0xff, 0, 0, 0, 0, 0, 9][..], &words.to_be_bytes(), &header, &bytes(&format!("HDR({method}) 00"))];
    let payload = payload.concat();
    [&(payload.len() as u32).to_be_bytes()[..], &payload].concat()
}

fn pair(key: &str, value: &str) -> Vec<u8> {
    [&[1, 1, key.len() as u8][..], key.as_bytes(), &[value.len() as u8], value.as_bytes()].concat()
}

/// The header blocks of each reply.
fn blocks(mut sent: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some((length, rest)) = sent.split_first_chunk() {
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        assert_eq!(frame[4..8], [0, 0, 0, 1], "the number of the message");
        let end = 10 + 4 * usize::from(u16::from_be_bytes([frame[8], frame[9]]));
        assert_eq!(frame[end..end + 2], [0x80, 1], "the message behind its header");
        all.push(frame[12..end].to_vec());
        sent = rest;
    }
    all
}

#[test]
fn a_call_sees_its_own_headers_and_no_others() {
    let mut peer = layered();
    for (blocks, _) in [(pair("k", "one"), 0), (Vec::new(), 0), (pair("other", "two"), 0), (pair("k", "three"), 0)] {
        peer.feed(&call("now", &blocks));
    }
    let expected = [pair("k", "one"), pair("k", "none"), pair("k", "none"), pair("k", "three")];
    for (got, expected) in blocks(&peer.sent).iter().zip(expected) {
        assert!(got.starts_with(&expected) && got[expected.len()..].iter().all(|byte| *byte == 0), "{got:?}");
    }
    assert_eq!(blocks(&peer.sent).len(), 4);
}

#[test]
fn replies_from_elsewhere_carry_their_headers_in_order() {
    let mut peer = layered();
    for (method, value) in [("job", "a"), ("later", "b"), ("job_later", "c"), ("now", "d")] {
        peer.feed(&call(method, &pair("k", value)));
    }
    peer.deliver();
    peer.run(1);
    assert!(peer.sent.is_empty());
    peer.run(0);
    let got = blocks(&peer.sent);
    let two = |value: &str| [&[1, 2, 1, b'k', 1][..], value.as_bytes(), &[4], b"more", &[1, b'1']].concat();
    let expected = [pair("k", "a"), two("b"), two("c"), pair("k", "d")];
    assert_eq!(got.len(), 4);
    for (got, expected) in got.iter().zip(expected) {
        assert!(got.starts_with(&expected), "{got:?} instead of {expected:?}");
    }
}

#[test]
fn what_ends_lines_elsewhere_is_only_bytes_in_a_header() {
    let mut peer = layered();
    let framed = call("now", &pair("k", "a\r\nX: 1\r\n\r\n\0"));
    peer.feed(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", framed.len()).as_bytes());
    peer.feed(&framed);
    let head = peer.sent.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    assert_eq!(peer.sent[..head].split(|byte| *byte == b'\n').count(), 3, "{}", peer.sent.escape_ascii());
    assert!(blocks(&peer.sent[head + 4..])[0].starts_with(&pair("k", "a\r\nX: 1\r\n\r\n\0")));
}

#[test]
fn who_cannot_carry_headers_is_answered_without() {
    let mut peer = layered();
    peer.feed(&bytes("F(HDR(now) 00)"));
    assert_eq!(peer.sent, bytes("F(HDR(now,2) 0b0000 F(\"none\") 00)"));
}

/// Over HTTP a oneway call is kept until its answer is sent; what came with it is kept, too.
#[test]
fn a_oneway_call_over_http_keeps_its_headers() {
    let mut peer = layered();
    let mut framed = call("note", &pair("k", "v"));
    let at = framed.windows(2).position(|window| window == [0x80, 1]).unwrap();
    framed[at + 3] = 4;
    peer.feed(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", framed.len()).as_bytes());
    peer.feed(&framed);
    assert!(peer.sent.starts_with(b"HTTP/1.1 200 OK\r\n") && peer.sent.ends_with(b"Content-Length: 0\r\n\r\n"));
    assert!(peer.is_open());
}

//! A test for every row of the table of quirks, and one that says so.

#![cfg(feature = "server")]

#[path = "in_memory/buffer.rs"]
mod buffer;
#[allow(dead_code)]
#[path = "conversation/peer.rs"]
mod peer;
mod vectors;

use std::collections::BTreeSet;

use farthing::transport::QUIRKS;

use crate::peer::Peer;
use crate::vectors::{Answer, UPGRADE, bytes};

#[test]
fn every_quirk_has_its_test() {
    let source = include_str!("quirks.rs");
    let names: BTreeSet<_> = QUIRKS.iter().map(|quirk| quirk.test).collect();
    assert_eq!(names.len(), QUIRKS.len());
    for name in names {
        assert!(source.contains(&format!("\n#[test]\nfn {name}() {{")), "{name}");
    }
}

fn post(lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[test]
fn cpp_http_before_024_gets_no_reply_to_a_oneway_call() {
    for (version, silent) in
        [("0.9.3", true), ("0.17.0", true), ("0.23.0", true), ("0.24.0", false), ("0.25.0", false), ("1.0.0", false)]
    {
        let mut peer = Peer::new();
        let agent = format!("User-Agent: Thrift/{version} (C++/THttpClient)\r\n");
        peer.feed(&post(&agent, &bytes("HDR(note,4) 00")));
        peer.feed(&post(&agent, &bytes("HDR(m) 00")));
        assert_eq!(peer.calls.noted(), 1, "{version}");
        assert_eq!(peer.answers().len(), if silent { 1 } else { 2 }, "{version}");
    }
}

#[test]
fn d_http_gets_no_reply_to_a_oneway_call() {
    for version in ["0.17.0", "0.24.0", "1.0.0-dev"] {
        let mut peer = Peer::new();
        let agent = format!("User-Agent: Thrift/{version} (D/TClientHttpTransport)\r\n");
        peer.feed(&post(&agent, &bytes("HDR(note,4) 00")));
        peer.feed(&post(&agent, &bytes("HDR(m) 00")));
        assert_eq!(peer.calls.noted(), 1, "{version}");
        assert_eq!(peer.answers().len(), 1, "{version}");
    }
}

#[test]
fn lua_http_gets_no_reply_to_a_oneway_call() {
    let mut peer = Peer::new();
    for call in ["HDR(note,4) 00", "HDR(m) 00"] {
        peer.feed(&post("User-Agent: Thrift/0.24.0 (Lua/THttpClient)\r\n", &bytes(call)));
    }
    assert_eq!(peer.calls.noted(), 1);
    assert_eq!(peer.answers().len(), 1);
}

#[test]
fn java_http_oneway_is_answered_before_it_runs() {
    let mut peer = Peer::new();
    peer.feed(&post("User-Agent: Java/THttpClient\r\n", &bytes("HDR(note,4) 00")));
    let (sent, ran) = peer.flushes[0];
    assert!(sent > 0 && ran == 0, "answered by {sent} bytes, with {ran} calls before");
    assert_eq!(peer.calls.noted(), 1);
}

#[test]
fn php_http_reads_until_the_connection_ends() {
    let mut peer = Peer::new();
    peer.feed(&post("User-Agent: PHP/THttpClient\r\nConnection: close\r\n", &bytes("HDR(m) 00")));
    assert!(matches!(peer.answers()[..], [Answer::Reply { .. }]));
    assert_eq!(peer.closed(), Some("asked"));
}

#[test]
fn python_zlib_gets_reply_and_flush_in_one_piece() {
    let mut peer = Peer::new();
    peer.feed(&bytes("Z((HDR(m) 00)*2)"));
    // One call of the responder, which is one write: all of it, and the flush once, at its end.
    assert_eq!(peer.most_out, peer.sent.len());
    assert!(peer.sent.ends_with(&[0, 0, 0xff, 0xff]));
    assert_eq!(peer.answers().len(), 2);
}

#[test]
fn cpp_header_is_padded_by_a_whole_word() {
    let mut peer = Peer::new();
    // Two pairs that end a word, and four zeros behind them.
    peer.feed(&bytes("F(0fff0000 00000001 0004 0000 0102 0161 0131 0162 0132 00000000 HDR(m) 00)"));
    assert!(matches!(peer.answers()[..], [Answer::Reply { .. }]), "{:?} {:?}", peer.answers(), peer.phase);
}

#[test]
fn node_websocket_gets_one_of_its_subprotocols() {
    for (offered, taken) in [("mqtt, thrift", "thrift"), ("mqtt", "mqtt")] {
        let mut peer = Peer::new();
        let (front, _) = UPGRADE.split_at(UPGRADE.len() - 2);
        peer.feed(&[front, format!("Sec-WebSocket-Protocol: {offered}\r\n\r\n").as_bytes()].concat());
        let answer = String::from_utf8(peer.sent.clone()).unwrap();
        assert!(answer.contains(&format!("\r\nSec-WebSocket-Protocol: {taken}\r\n")), "{answer}");
    }
}

#[test]
fn node_http_is_answered_in_a_frame_where_it_sends_one() {
    let body_of_answer = |body: &[u8]| {
        let mut peer = Peer::new();
        peer.feed(&post("", body));
        let text = peer.sent.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(peer.sent[..text].to_vec()).unwrap();
        let body = peer.sent[text + 4..].to_vec();
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{head}");
        body
    };
    let calls: [&[u8]; 4] = [&bytes("HDR(m) 00"), b"\x82\x21\x01\x01m\x00", b"[1,\"m\",1,1,{}]", &bytes("HDR(nobody) 00")];
    for call in calls {
        let plain = body_of_answer(call);
        let framed = body_of_answer(&[&(call.len() as u32).to_be_bytes(), call].concat());
        assert_eq!(framed, [&(plain.len() as u32).to_be_bytes(), &plain[..]].concat(), "{call:?}");
    }
    // A oneway call has no reply to put into a frame, and a length that lies makes no frame.
    assert!(body_of_answer(&bytes("F(HDR(note,4) 00)")).is_empty());
    for wrong in ["0000000d HDR(m) 00", "0000000f HDR(m) 00", "F(F(HDR(m) 00))"] {
        let mut peer = Peer::new();
        peer.feed(&post("", &bytes(wrong)));
        assert!(!peer.sent.starts_with(b"HTTP/1.1 200"), "{wrong}: {}", String::from_utf8_lossy(&peer.sent));
    }
}

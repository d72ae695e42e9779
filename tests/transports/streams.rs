//! zlib streams and WebSocket connections as they go on and as they end.

use std::time::{Duration, Instant};

use farthing::rpc::Limits;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use crate::peer::Peer;
use crate::vectors::{Answer, UPGRADE, bytes, masked};

pub(crate) const FLUSHED: [u8; 4] = [0, 0, 0xff, 0xff];

/// One zlib stream on its way out, as a client keeps it.
pub(crate) struct Deflater(Compress);

impl Deflater {
    pub(crate) fn new() -> Self {
        Self(Compress::new(Compression::default(), true))
    }

    pub(crate) fn flush(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() + plain.len() / 8 + 64);
        self.0.compress_vec(plain, &mut out, FlushCompress::Sync).unwrap();
        out
    }
}

/// What is in a stream that was flushed.
pub(crate) fn inflated(stream: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(64);
    let mut inflater = Decompress::new(true);
    loop {
        let taken = inflater.total_in() as usize;
        inflater.decompress_vec(&stream[taken..], &mut plain, FlushDecompress::Sync).unwrap();
        if plain.len() < plain.capacity() {
            assert_eq!(inflater.total_in() as usize, stream.len());
            return plain;
        }
        plain.reserve(plain.len());
    }
}

fn websocket() -> Peer {
    let mut peer = Peer::new();
    peer.feed(UPGRADE);
    peer
}

fn close_code(peer: &Peer) -> u16 {
    match peer.answers().last() {
        Some(Answer::Close(code)) => *code,
        other => panic!("no close frame: {other:?}"),
    }
}

#[test]
fn each_turn_of_a_zlib_stream_is_one_flush() {
    let mut peer = Peer::new();
    let mut client = Deflater::new();
    let mut plain = Vec::new();
    for round in 0..50 {
        let calls = bytes(&format!("(HDR(echo) 0b0001 F(61*{}) 00)*{}", round * 50, round % 5 + 1));
        let before = peer.sent.len();
        peer.feed(&client.flush(&calls));
        let turn = &peer.sent[before..];
        assert!(turn.ends_with(&FLUSHED), "round {round}");
        assert_eq!(turn.windows(4).filter(|window| *window == FLUSHED).count(), 1, "round {round}");
        plain.extend(bytes(&format!("(HDR(echo,2) 0b0000 F(61*{}) 00)*{}", round * 50, round % 5 + 1)));
    }
    assert_eq!(inflated(&peer.sent), plain);
    peer.end();
    assert_eq!(peer.closed(), Some("done"));
}

#[test]
fn a_zlib_stream_goes_on_behind_a_full_turn_and_behind_a_pause() {
    let mut peer = Peer::new();
    let mut client = Deflater::new();
    peer.feed(&client.flush(&bytes("(HDR(m) 00)*1000")));
    assert_eq!(peer.answers().len(), 1000);
    peer.feed(&client.flush(&bytes("(HDR(job) 00)*200 (HDR(m) 00)*100")));
    assert_eq!(peer.jobs.len(), peer.limits.inflight_max);
    let mut turns = 0;
    while !peer.jobs.is_empty() {
        peer.run(0);
        turns += 1;
    }
    assert_eq!((turns, peer.answers().len()), (200, 1300));
    assert!(peer.sent.ends_with(&FLUSHED));
}

#[test]
fn a_large_random_answer_comes_back_exactly() {
    let mut state = 7_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(15 << 20)
    .collect();
    let body = [&(noise.len() as u32).to_be_bytes()[..], &noise, &[0]].concat();
    let mut peer = Peer::new();
    let call = [bytes("HDR(echo) 0b0001"), body.clone()].concat();
    for piece in Deflater::new().flush(&call).chunks(64 * 1024) {
        peer.feed(piece);
    }
    assert!(inflated(&peer.sent) == [bytes("HDR(echo,2) 0b0000"), body].concat());
}

#[test]
fn bombs_are_stopped_early_and_quickly() {
    let mut client = Deflater::new();
    let bomb = client.flush(&bytes("F(HDR(echo) 0b0001 00f00000 00*15728640 00)"));
    let mut peer = Peer::new();
    let start = Instant::now();
    for piece in bomb.chunks(100) {
        if peer.is_open() {
            peer.feed(piece);
        }
    }
    assert_eq!(peer.closed(), Some("transform"));
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    // What stays below the ratio, or is allowed to, is a large message like any other.
    let limits =
        Limits { transport: farthing::transport::Limits { inflate_ratio_max: 2000, ..Default::default() }, ..Limits::default() };
    let mut peer = Peer::with(&limits);
    peer.feed(&bomb);
    assert_eq!(peer.answers().len(), 1);
}

#[test]
fn a_zlib_stream_that_ends_by_itself_is_done() {
    let mut peer = Peer::new();
    let mut out = Vec::with_capacity(1000);
    Compress::new(Compression::best(), true).compress_vec(&bytes("HDR(m) 00"), &mut out, FlushCompress::Finish).unwrap();
    peer.feed(&out);
    assert_eq!(peer.answers().len(), 1);
    peer.end();
    assert_eq!(peer.closed(), Some("done"));
    let mut cut = Peer::new();
    cut.feed(&Deflater::new().flush(&bytes("HDR(m)")));
    cut.end();
    assert_eq!(cut.closed(), Some("truncated"));
}

#[test]
fn a_drip_inside_a_zlib_stream_has_its_ten_seconds() {
    let mut peer = Peer::new();
    let mut client = Deflater::new();
    for byte in bytes("F(HDR(m))").chunks(1).take(15) {
        let bytes = client.flush(byte);
        if peer.is_open() {
            peer.feed(&bytes);
            peer.advance(Duration::from_millis(1200));
        }
    }
    assert_eq!(peer.closed(), Some("body_timeout"));
}

#[test]
fn websocket_peers_are_told_why_it_ends() {
    let mut idle = websocket();
    idle.advance(Duration::from_secs(301));
    assert_eq!((idle.closed(), close_code(&idle)), (Some("idle_timeout"), 1001));

    let mut drained = websocket();
    drained.feed(&masked(0x82, &bytes("HDR(m) 00")));
    drained.drain();
    assert_eq!((drained.closed(), close_code(&drained)), (Some("drained"), 1001));

    let mut busy = websocket();
    busy.feed(&masked(0x82, &bytes("HDR(job) 00")));
    busy.drain();
    assert!(busy.is_open());
    busy.run(0);
    assert!(matches!(busy.answers()[..], [Answer::Http(101), Answer::Reply { .. }, Answer::Close(1001)]));

    let mut asked = websocket();
    asked.feed(&masked(0x82, &bytes("HDR(job) 00")));
    asked.feed(&masked(0x88, &[]));
    assert_eq!(asked.answers().len(), 1);
    asked.run(0);
    assert!(matches!(asked.answers()[..], [Answer::Http(101), Answer::Reply { .. }, Answer::Close(1000)]));
    assert_eq!(asked.closed(), Some("asked"));

    let mut faulty = websocket();
    for _ in 0..3 {
        faulty.feed(&masked(0x82, &bytes("HDR(ints) 0f0001 08 ffffffff")));
    }
    assert_eq!((faulty.closed(), close_code(&faulty)), (Some("protocol_errors"), 1007));
}

#[test]
fn pings_keep_a_connection_but_not_a_message_that_drips() {
    let ping = masked(0x89, b"x");
    let mut peer = websocket();
    for _ in 0..10 {
        peer.advance(Duration::from_secs(200));
        peer.feed(&ping);
    }
    assert!(peer.is_open());
    peer.feed(&masked(0x02, b"\x80\x01"));
    for _ in 0..12 {
        if peer.is_open() {
            peer.feed(&ping);
            peer.advance(Duration::from_secs(1));
        }
    }
    assert_eq!(peer.closed(), Some("body_timeout"));
}

/// Text is answered as text, and the rest as bytes.
#[test]
fn json_travels_as_text() {
    let mut peer = websocket();
    peer.feed(&masked(0x81, br#"[1,"m",1,3,{}]"#));
    assert!(peer.sent.ends_with(b"\x81\x0e[1,\"m\",2,3,{}]"));
    let mut peer = websocket();
    peer.feed(&masked(0x82, &bytes("HDR(m) 00")));
    assert!(peer.sent.ends_with(b"\x82\x0e\x80\x01\x00\x02\x00\x00\x00\x01m\x00\x00\x00\x01\x00"));
}

#[test]
fn an_idle_responder_is_small() {
    let size = size_of::<farthing::rpc::Responder>();
    assert!(size <= 160, "{size} bytes");
}

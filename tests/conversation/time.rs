//! Deadlines, each to the millisecond, under a clock that only the test moves; and the end of a server at every state.

#![allow(clippy::unchecked_time_subtraction)] // a time below zero would fail the test, as it should

use std::time::Duration;

use farthing::rpc::{Limits, Reason};

use crate::peer::{Peer, Phase};
use crate::vectors::{Answer, Over, bytes};

const MS: Duration = Duration::from_millis(1);

/// Nothing happens until `limit`, and then the connection ends for this reason.
fn ends_after(peer: &mut Peer, limit: Duration, reason: &str) {
    peer.advance(limit - MS);
    assert!(peer.is_open(), "{reason}: ended early as {:?}", peer.closed());
    peer.advance(MS);
    assert_eq!(peer.closed(), Some(reason));
}

fn good(over: Over) -> Vec<u8> {
    over.wrap(&bytes("HDR(m) 00"))
}

#[test]
fn a_first_byte_a_next_message_and_silence_have_their_times() {
    let limits = Limits::default();
    ends_after(&mut Peer::new(), limits.first_byte_timeout, "first_byte_timeout");
    for (over, idle) in
        [(Over::Framed, limits.idle_timeout), (Over::Unframed, limits.idle_timeout), (Over::Http, limits.http_idle_timeout)]
    {
        let mut peer = Peer::new();
        peer.advance(limits.first_byte_timeout - MS);
        peer.feed(&good(over));
        ends_after(&mut peer, idle, "idle_timeout");
        let mut peer = Peer::new();
        for _ in 0..10 {
            peer.feed(&good(over));
            peer.advance(idle - MS);
        }
        assert!(peer.is_open() && peer.answers().len() == 10);
    }
}

#[test]
fn a_head_that_drips_has_ten_seconds_in_all() {
    let limits = Limits::default();
    for (stream, status) in [(good(Over::Framed), None), (good(Over::Http), Some(408))] {
        for start in [&[][..], &stream] {
            let mut peer = Peer::new();
            peer.feed(start);
            for byte in &stream[..3] {
                peer.feed(&[*byte]);
                peer.advance(3 * limits.header_timeout / 10);
            }
            assert!(peer.is_open());
            ends_after(&mut peer, limits.header_timeout / 10, "header_timeout");
            let refused = status.map(Answer::Http);
            // Before the first byte tells HTTP from the rest nobody can be told anything.
            assert_eq!(peer.answers().last().filter(|answer| matches!(answer, Answer::Http(_))), refused.as_ref());
        }
    }
}

#[test]
fn a_body_that_drips_has_ten_seconds_or_what_its_size_takes() {
    let frame = |size: usize| Over::Framed.wrap(&bytes(&format!("HDR(echo) 0b0001 F(61*{size}) 00")));
    // With what is around the text, the third is 97.5 times 16 KiB.
    for (size, ms) in [(100, 10_000), (160_000, 10_000), (1_597_416, 97_500), (16_000_000, 300_000)] {
        let stream = frame(size);
        let mut peer = Peer::new();
        peer.feed(&stream[..40]);
        for at in 40..50 {
            peer.advance(Duration::from_millis(900));
            peer.feed(&stream[at..=at]);
        }
        ends_after(&mut peer, Duration::from_millis(ms) - Duration::from_secs(9), "body_timeout");
        assert_eq!(peer.calls.entered(), 0);
    }
}

/// 16 MB at 1 MB/s is no slow body, however it is delimited.
#[test]
fn a_large_body_at_a_fair_rate_is_served_over_every_transport() {
    let payload = bytes("HDR(need) 0b0063 F(61*12000000) 080001 00000007 00");
    let chunked = |payload: &[u8]| {
        let mut stream = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in payload.chunks(100_000) {
            stream.extend(format!("{:x}\r\n", chunk.len()).bytes());
            stream.extend([chunk, b"\r\n"].concat());
        }
        [stream, b"0\r\n\r\n".to_vec()].concat()
    };
    let streams = [Over::Framed.wrap(&payload), payload.clone(), Over::Http.wrap(&payload), chunked(&payload)];
    for (number, stream) in streams.iter().enumerate() {
        let mut peer = Peer::new();
        for second in stream.chunks(800_000) {
            peer.feed(second);
            assert!(peer.is_open(), "stream {number}: {:?}", peer.closed());
            peer.advance(Duration::from_secs(1));
        }
        assert!(matches!(peer.answers()[..], [Answer::Reply { .. }]), "stream {number}");
    }
}

#[test]
fn a_slow_handler_is_answered_for_and_the_peer_is_not_blamed() {
    for over in [Over::Framed, Over::Http, Over::Unframed] {
        let mut peer = Peer::with(&Limits { inflight_max: 2, ..Limits::default() });
        let stream: Vec<u8> = (1..=4).flat_map(|n| over.wrap(&bytes(&format!("HDR(job,1,{n:x}) 00")))).collect();
        peer.feed(&stream[..stream.len() - 3]);
        peer.advance(Duration::from_secs(30) - MS);
        assert!(peer.is_open() && peer.sent.is_empty(), "{over:?}: {:?}", peer.closed());
        peer.advance(MS);
        let answers = peer.answers();
        assert_eq!((answers.len(), peer.stats.deadlines.get()), (2, 2));
        assert!(matches!(&answers[0], Answer::Exception { kind: 6, text, .. } if text.contains("deadline")));
        // The rest of the last message is still welcome, for ten seconds.
        peer.advance(Duration::from_secs(9));
        peer.feed(&stream[stream.len() - 3..]);
        assert!(peer.is_open() && peer.jobs.len() == 4, "{over:?}: {:?}", peer.closed());
    }
}

#[test]
fn a_connection_that_is_ending_waits_for_its_handlers_and_for_nothing_else() {
    let mut peer = Peer::new();
    peer.feed(&Over::Framed.wrap(&bytes("HDR(job) 00")));
    let wrong = Over::Framed.wrap(&bytes("HDR(ints,1,2) 0f0001 08 ffffffff"));
    peer.feed(&[&wrong[..], &wrong, &wrong, &wrong[..10]].concat());
    assert_eq!(peer.phase, Phase::Paused);
    peer.advance(Duration::from_secs(29));
    assert!(peer.is_open());
    peer.run(0);
    assert_eq!((peer.closed(), peer.answers().len()), (Some("protocol_errors"), 4));
}

#[test]
fn a_drain_ends_at_the_next_boundary_from_every_state() {
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        let stream = good(over);
        for at in 0..=2 * stream.len() {
            let mut peer = Peer::new();
            let twice = [&stream[..], &stream].concat();
            peer.feed(&twice[..at]);
            let whole = at / stream.len();
            peer.drain();
            if at % stream.len() == 0 {
                assert_eq!(peer.closed(), Some("drained"), "{over:?} at {at}");
            } else {
                assert!(peer.is_open(), "{over:?} at {at}");
                peer.feed(&twice[at..]);
                assert!(matches!(peer.phase, Phase::Ended(Reason::Drained | Reason::Asked, true)), "{over:?} {:?}", peer.phase);
            }
            let answered = peer.answers().len();
            assert!(answered == whole || answered > whole && at % stream.len() > 0, "{over:?} at {at}: {answered}");
        }
    }
}

#[test]
fn a_drain_waits_for_what_runs_and_ends_those_that_never_pause() {
    let mut peer = Peer::new();
    peer.feed(&Over::Framed.wrap(&bytes("HDR(job) 00")));
    peer.drain();
    assert_eq!(peer.phase, Phase::Paused);
    peer.run(0);
    assert_eq!((peer.closed(), peer.answers().len()), (Some("drained"), 1));

    let mut peer = Peer::new();
    let stream: Vec<u8> = good(Over::Framed).repeat(100);
    peer.feed(&stream[..1001]);
    peer.drain();
    peer.feed(&stream[1001..1401]);
    assert_eq!(peer.closed(), Some("drained"));
    assert!(peer.answers().len() >= 1001 / 18);
}

#[test]
fn http_learns_of_the_drain_from_the_last_answer() {
    let mut peer = Peer::new();
    let stream = good(Over::Http);
    peer.feed(&stream[..stream.len() - 1]);
    peer.drain();
    peer.feed(&stream[stream.len() - 1..]);
    assert!(peer.sent.windows(17).any(|window| window == b"Connection: close") && !peer.is_open());
}

//! HTTP as a conversation: oneway calls, interim answers, closing, and answers that come later, all in order.

use crate::peer::{Peer, Phase};
use crate::vectors::{Answer, Over, bytes};

fn post(lines: &str, notation: &str) -> Vec<u8> {
    let body = bytes(notation);
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
    [head.into_bytes(), body].concat()
}

fn statuses(peer: &Peer) -> Vec<i32> {
    let status = |answer| match answer {
        Answer::Http(status) | Answer::Close(status) => i32::from(status),
        Answer::Pong(_) => 0,
        Answer::Reply { seqid, .. } => seqid,
        Answer::Exception { kind, .. } => -kind,
    };
    peer.answers().into_iter().map(status).collect()
}

#[test]
fn a_oneway_call_is_acknowledged_before_it_runs() {
    let mut peer = Peer::new();
    peer.feed(&[post("", "HDR(note,4) 00"), post("", "HDR(note,4) 00"), post("", "HDR(m,1,7) 00")].concat());
    assert_eq!(statuses(&peer), [200, 200, 7]);
    let acknowledged = peer.flushes.iter().map(|(sent, noted)| (*sent > 0, *noted)).collect::<Vec<_>>();
    assert_eq!((acknowledged, peer.calls.noted()), (vec![(true, 0), (true, 1)], 2));
    assert!(peer.flushes[0].0 < peer.flushes[1].0);
}

#[test]
fn a_oneway_call_that_closes_still_runs_once() {
    for cut in 0..4 {
        let mut peer = Peer::new();
        let stream = post("Connection: close\r\n", "HDR(note,4) 00");
        peer.feed(&stream[..stream.len() - cut]);
        if cut > 0 {
            peer.feed(&stream[stream.len() - cut..]);
        }
        assert_eq!((statuses(&peer), peer.calls.noted(), peer.closed()), (vec![200], 1, Some("asked")));
    }
}

#[test]
fn a_oneway_job_is_acknowledged_too() {
    let mut peer = Peer::new();
    peer.feed(&post("", "HDR(job,4) 00"));
    assert_eq!((statuses(&peer), peer.jobs.len()), (vec![200], 1));
    peer.run(0);
    assert_eq!(statuses(&peer), [200]);
}

#[test]
fn old_cpp_clients_hear_nothing_of_oneway_calls() {
    let mut peer = Peer::new();
    let agent = "User-Agent: Thrift/0.17.0 (C++/THttpClient)\r\n";
    peer.feed(&[post(agent, "HDR(note,4) 00"), post(agent, "HDR(m,1,7) 00")].concat());
    assert_eq!((statuses(&peer), peer.calls.noted()), (vec![7], 1));
}

#[test]
fn interim_answers_keep_their_place_among_answers_to_come() {
    let mut peer = Peer::new();
    peer.feed(&post("", "HDR(job,1,1) 00"));
    let waiting = post("Expect: 100-continue\r\n", "HDR(m,1,2) 00");
    let head = waiting.len() - 14;
    peer.feed(&waiting[..head]);
    assert!(peer.sent.is_empty());
    peer.run(0);
    assert_eq!(statuses(&peer), [1, 100]);
    peer.feed(&waiting[head..]);
    peer.feed(&post("", "HDR(note,4) 00"));
    assert_eq!(statuses(&peer), [1, 100, 2, 200]);
}

#[test]
fn refusals_keep_their_place_too() {
    for wrong in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_bytes(), &post("", "\"hello, world\"")] {
        let mut peer = Peer::new();
        peer.feed(&[&post("", "HDR(job,1,1) 00"), wrong, &post("", "HDR(m,1,3) 00")].concat());
        assert_eq!((peer.phase, peer.sent.len()), (Phase::Paused, 0));
        peer.run(0);
        assert_eq!((statuses(&peer)[0], statuses(&peer).len(), peer.calls.entered()), (1, 2, 1));
        assert!(matches!(peer.phase, Phase::Ended(_, true)));
    }
}

#[test]
fn connections_close_when_told_and_not_before() {
    let http10 = |lines: &str| {
        let body = bytes("HDR(m) 00");
        [format!("POST / HTTP/1.0\r\n{lines}Content-Length: {}\r\n\r\n", body.len()).into_bytes(), body].concat()
    };
    for (request, closes) in [
        (post("", "HDR(m) 00"), false),
        (post("Connection: close\r\n", "HDR(m) 00"), true),
        (post("Connection: close\r\n", "HDR(job) 00"), true),
        (http10(""), true),
        (http10("Connection: keep-alive\r\n"), false),
    ] {
        let mut peer = Peer::new();
        peer.feed(&request);
        while !peer.jobs.is_empty() {
            peer.run(0);
        }
        assert_eq!((peer.answers().len(), peer.is_open()), (1, !closes), "{}", request.escape_ascii());
        let said = peer.sent.windows(17).any(|window| window == b"Connection: close");
        assert_eq!(said, closes);
    }
}

#[test]
fn an_overlong_answer_and_a_panic_leave_no_half_response() {
    for over in [Over::Http, Over::Framed, Over::Unframed] {
        let mut peer = Peer::new();
        let all = ["HDR(panic_late) 00", "HDR(huge) 080001 00fa0000 00", "HDR(deep) 080001 00000100 00", "HDR(m,1,4) 00"];
        peer.feed(&all.map(|notation| over.wrap(&bytes(notation))).concat());
        assert_eq!(statuses(&peer), [-6, -6, -6, 4], "{over:?}");
    }
}

#[test]
fn faults_on_other_threads_count_as_those_here() {
    let wrong = "HDR(job) 080001 00";
    for over in [Over::Framed, Over::Http] {
        let mut peer = Peer::new();
        for _ in 0..3 {
            peer.feed(&over.wrap(&bytes(wrong)));
            peer.run(0);
        }
        assert_eq!((statuses(&peer), peer.closed()), (vec![-7; 3], Some("protocol_errors")), "{over:?}");
        assert_eq!(peer.stats.protocol_errors.get(), 3);
    }
    let mut peer = Peer::new();
    peer.feed(&Over::Framed.wrap(&bytes("HDR(job_panic) 00")));
    peer.run(0);
    assert_eq!((statuses(&peer), peer.stats.panics.get()), (vec![-6], 1));
    let text = format!("{:?}", peer.answers());
    assert!(text.contains("internal error") && !text.contains("secret"), "{text}");
}

#[test]
fn a_name_that_is_not_text_ends_the_connection_behind_the_answers_before_it() {
    let strict = [b"\x80\x01\0\x01\0\0\0\x03a\xffb\0\0\0\x07\0".to_vec(), b"\x80\x01\0\x04\0\0\0\x02\xc3(\0\0\0\x07\0".to_vec()];
    let multiplexed = b"\x80\x01\0\x01\0\0\0\x07Probe:\xff\0\0\0\x07\0".to_vec();
    let old = b"\0\0\0\x03\xff\xfe\xfd\x01\0\0\0\x07\0".to_vec();
    for message in strict.into_iter().chain([multiplexed, old]) {
        for over in [Over::Framed, Over::Unframed, Over::Http] {
            let mut peer = Peer::new();
            peer.feed(&[over.wrap(&bytes("HDR(m,1,4) 00")), over.wrap(&message)].concat());
            let refused = if over == Over::Http { vec![400] } else { Vec::new() };
            assert_eq!(statuses(&peer)[1..], refused, "{over:?} {}", message.escape_ascii());
            assert_eq!(peer.closed(), Some("message_head"), "{over:?} {}", message.escape_ascii());
        }
    }
}

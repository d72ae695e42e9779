//! Answers leave in the order of their requests and reach nobody else, whatever finishes first, late, twice or never.

use std::time::Duration;

use farthing::rpc::Limits;

use crate::peer::{Peer, Phase};
use crate::vectors::{Answer, Over, bytes};

fn call(method: &str, seqid: u32, value: u32) -> Vec<u8> {
    bytes(&format!("HDR({method},1,{seqid:x}) 080001 {value:08x} 00"))
}

fn oneway(method: &str, seqid: u32) -> Vec<u8> {
    bytes(&format!("HDR({method},4,{seqid:x}) 00"))
}

/// The value that each answer carries, by seqid; an exception counts as its negative kind.
fn values(peer: &Peer) -> Vec<(i32, i32)> {
    let value = |answer| match answer {
        Answer::Reply { seqid, body, .. } if body.len() == 8 => (seqid, i32::from_be_bytes(*body[3..].first_chunk().unwrap())),
        Answer::Reply { seqid, .. } => (seqid, 0),
        Answer::Exception { seqid, kind, .. } => (seqid, -kind),
        Answer::Http(status) | Answer::Close(status) => (-1, i32::from(status)),
        Answer::Pong(_) => (-1, 0),
    };
    peer.answers().into_iter().map(value).collect()
}

/// All orders of `0..n`.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for item in 0..n {
        let longer = all.iter().flat_map(|order: &Vec<usize>| {
            (0..=order.len()).map(move |at| {
                let mut order = order.clone();
                order.insert(at, item);
                order
            })
        });
        all = longer.collect();
    }
    all
}

/// Completes what waits in a given order of jobs.
fn run_in_order(peer: &mut Peer, order: &[usize]) {
    let mut left: Vec<usize> = (0..order.len()).collect();
    for item in order {
        let at = left.iter().position(|number| number == item).unwrap();
        left.remove(at);
        peer.run(at);
    }
}

#[test]
fn jobs_that_end_in_any_order_are_answered_in_the_order_of_their_calls() {
    for over in [Over::Framed, Over::Http, Over::Unframed] {
        for order in permutations(5) {
            let mut peer = Peer::new();
            for seqid in 1..=5 {
                peer.feed(&over.wrap(&call("job", seqid, seqid * 10)));
                peer.feed(&over.wrap(&call("need", 100 + seqid, seqid)));
            }
            run_in_order(&mut peer, &order);
            let expected: Vec<_> = (1..=5).flat_map(|n| [(n, n * 10), (100 + n, n)]).collect();
            assert_eq!(values(&peer), expected, "{over:?} {order:?}");
        }
    }
}

#[test]
fn larger_numbers_in_random_orders() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..50 {
        let mut peer = Peer::with(&Limits { inflight_max: 1024, ..Limits::default() });
        let count = 40 + round;
        let stream: Vec<u8> = (1..=count).flat_map(|n| Over::Framed.wrap(&call("job", n, n))).collect();
        peer.feed(&stream);
        while !peer.jobs.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            peer.run((state >> 33) as usize % peer.jobs.len());
        }
        assert_eq!(values(&peer), (1..=count.cast_signed()).map(|n| (n, n)).collect::<Vec<_>>(), "round {round}");
    }
}

#[test]
fn a_full_connection_stops_reading_and_goes_on() {
    let mut peer = Peer::with(&Limits { inflight_max: 4, ..Limits::default() });
    let stream: Vec<u8> = (1..=20).flat_map(|n| Over::Framed.wrap(&call("job", n, n))).collect();
    peer.feed(&stream);
    assert_eq!((peer.jobs.len(), peer.phase), (4, Phase::Paused));
    for last in (0..4).rev() {
        assert!(peer.jobs.len() <= 4);
        peer.run(last.min(peer.jobs.len() - 1));
    }
    while !peer.jobs.is_empty() {
        assert!(peer.jobs.len() <= 4);
        peer.run(0);
    }
    assert_eq!(values(&peer).len(), 20);
    assert!(values(&peer).is_sorted() && peer.is_open());
}

/// The promise of a call that nobody waits for must not answer the next call.
#[test]
fn a_promise_of_a_oneway_message_answers_nobody() {
    for method in ["later", "job_later"] {
        for over in [Over::Framed, Over::Unframed, Over::Http] {
            let mut peer = Peer::new();
            peer.feed(&over.wrap(&oneway(method, 1)));
            peer.feed(&over.wrap(&call(method, 2, 0)));
            while !peer.jobs.is_empty() {
                peer.run(0);
            }
            let mut promises = std::mem::take(&mut *peer.calls.promises.lock().unwrap()).into_iter();
            promises.next().unwrap().complete(Ok(111));
            peer.deliver();
            promises.next().unwrap().complete(Ok(222));
            peer.deliver();
            let mut answers = values(&peer);
            answers.retain(|(seqid, _)| *seqid >= 0);
            assert_eq!(answers, [(2, 222)], "{method} over {over:?}");
        }
    }
}

#[test]
fn a_promise_whose_handler_answered_or_panicked_answers_nobody_else() {
    for (method, expected) in [("later_twice", (1, 0)), ("later_panic", (1, -6))] {
        let mut peer = Peer::new();
        peer.feed(&Over::Framed.wrap(&call(method, 1, 0)));
        peer.feed(&Over::Framed.wrap(&call("later", 2, 0)));
        let mut promises = std::mem::take(&mut *peer.calls.promises.lock().unwrap());
        let last = promises.pop().unwrap();
        promises.into_iter().for_each(|promise| promise.complete(Ok(111)));
        peer.deliver();
        last.complete(Ok(222));
        peer.deliver();
        assert_eq!(values(&peer), [expected, (2, 222)], "{method}");
    }
}

#[test]
fn a_promise_that_is_dropped_says_so_and_one_kept_too_long_is_dropped() {
    let mut peer = Peer::new();
    peer.feed(&Over::Framed.wrap(&call("later", 1, 0)));
    peer.feed(&Over::Framed.wrap(&call("later", 2, 0)));
    let mut promises = std::mem::take(&mut *peer.calls.promises.lock().unwrap());
    drop(promises.remove(0));
    peer.deliver();
    assert_eq!(values(&peer), [(1, -6)]);
    peer.advance(Duration::from_secs(30));
    assert_eq!(values(&peer), [(1, -6), (2, -6)]);
    promises.remove(0).complete(Ok(3));
    peer.deliver();
    assert_eq!((values(&peer).len(), peer.stats.late_answers.get(), peer.stats.deadlines.get()), (2, 1, 1));
    peer.feed(&Over::Framed.wrap(&call("need", 3, 9)));
    assert_eq!(values(&peer)[2..], [(3, 9)]);
}

#[test]
fn shed_calls_say_so_with_503_over_http() {
    for over in [Over::Framed, Over::Http] {
        let mut peer = Peer::new();
        peer.feed(&over.wrap(&call("job", 1, 1)));
        peer.feed(&over.wrap(&call("need", 2, 2)));
        peer.feed(&over.wrap(&bytes("HDR(job,4,3) 080001 00000001 00")));
        for job in std::mem::take(&mut peer.jobs) {
            job.shed("the queue is full");
        }
        peer.deliver();
        let answers = peer.answers();
        let Answer::Exception { text, kind: 6, .. } = &answers[0] else { panic!("{answers:?}") };
        assert!(text.starts_with("LOADSHEDDING:"), "{text}");
        assert_eq!(peer.sent.windows(12).any(|window| window == b"HTTP/1.1 503"), over == Over::Http);
        assert_eq!(values(&peer)[1], (2, 2));
    }
}

#[test]
fn thousands_of_pipelined_calls_are_answered_in_order() {
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        for size in [usize::MAX, 1000, 77] {
            let mut peer = Peer::new();
            let stream: Vec<u8> = (1..=5000).flat_map(|n| over.wrap(&call("need", n, n))).collect();
            for piece in stream.chunks(size.min(stream.len())) {
                peer.feed(piece);
            }
            let expected: Vec<_> = (1..=5000).map(|n| (n, n)).collect();
            assert!(values(&peer) == expected && peer.is_open(), "{over:?} in pieces of {size}");
        }
    }
}

/// An answer is several times the request: what is not sent yet must not grow with what was asked.
#[test]
fn answers_that_pile_up_end_a_turn() {
    let mut peer = Peer::new();
    let stream: Vec<u8> = (1..=64).flat_map(|n| Over::Framed.wrap(&call("huge", n, 1 << 20))).collect();
    peer.feed(&stream);
    assert_eq!(values(&peer).len(), 64);
    assert!(peer.most_out < 4 << 20, "{} bytes before anything is sent", peer.most_out);
}

/// ... nor may what waits behind a call that is slow.
#[test]
fn answers_that_wait_behind_a_slow_call_are_bounded() {
    let mut peer = Peer::new();
    peer.feed(&Over::Framed.wrap(&call("job", 1, 1)));
    let stream: Vec<u8> = (2..=60).flat_map(|n| Over::Framed.wrap(&call("huge", n, 1 << 20))).collect();
    peer.feed(&stream);
    assert!(peer.calls.entered() < 6, "{} answers of a MiB each wait", peer.calls.entered());
    assert_eq!(peer.phase, Phase::Paused);
    peer.run(0);
    assert_eq!(values(&peer).len(), 60);
}

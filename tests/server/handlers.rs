//! Handlers that panic, block, promise or are too many, on the worker pool; and a drain with them under way.

use std::thread;
use std::time::{Duration, Instant};

use crate::net::{Canary, Ending, Running, until};
use crate::vectors::{Answer, Over, bytes};

fn is_shed(answer: &Answer) -> bool {
    matches!(answer, Answer::Exception { kind: 6, text, .. } if text.starts_with("LOADSHEDDING:"))
}

#[test]
fn offloaded_calls_panic_answer_and_keep_their_order() {
    let server = Running::start(|_| {});
    let mut client = server.connect();
    for round in 0..20_u32 {
        let calls = [
            "HDR(job_panic,1,1) 00".to_owned(),
            format!("HDR(job,1,2) 080001 {round:08x} 00"),
            "HDR(job,1,3) 0f0001".to_owned(),
            "HDR(m,1,4) 00".to_owned(),
        ];
        let wrong_too = if round < 2 { 4 } else { 0 };
        let calls: Vec<_> = calls.iter().enumerate().filter(|(at, _)| *at != 2 || wrong_too > 0).map(|(_, call)| call).collect();
        client.send(&calls.iter().flat_map(|call| Over::Framed.wrap(&bytes(call))).collect::<Vec<_>>());
        let answers = client.answers(calls.len());
        assert!(matches!(&answers[0], Answer::Exception { kind: 6, text, .. } if text == "internal error"), "{answers:?}");
        assert!(matches!(&answers[1], Answer::Reply { seqid: 2, .. }), "{answers:?}");
        assert!(matches!(answers.last(), Some(Answer::Reply { seqid: 4, .. })), "{answers:?}");
    }
    assert_eq!((server.count("panics"), server.count("protocol_errors")), (20, 2));
}

/// K1: nor does what the panic carries, and throws when it is dropped.
#[test]
fn a_panic_that_panics_again_costs_no_worker() {
    let server = Running::start(|config| config.pool.workers = 1);
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(&Over::Framed.wrap(&bytes("HDR(job_grenade) 00")));
        let answers = client.answers(1);
        assert!(matches!(&answers[..], [Answer::Exception { kind: 6, text, .. }] if text == "internal error"), "{answers:?}");
    }
    client.send(&Over::Framed.wrap(&bytes("HDR(job) 080001 00000001 00")));
    assert!(matches!(client.answers(1)[..], [Answer::Reply { .. }]));
    assert_eq!(server.count("panics"), 3);
}

#[test]
fn blocked_workers_cost_their_callers_a_deadline_and_others_nothing() {
    let server = Running::start(|config| {
        config.calls.handler_timeout = Duration::from_millis(300);
        config.pool.queue_timeout = Duration::from_millis(100);
    });
    let mut canary = Canary::new(server.address);
    let mut clients: Vec<_> = (0..6).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(&Over::Framed.wrap(&bytes("HDR(block) 00")));
    }
    for _ in 0..50 {
        canary.sings();
    }
    for client in &mut clients {
        let answers = client.answers(1);
        assert!(matches!(&answers[..], [Answer::Exception { kind: 6, text, .. }] if text.contains("deadline")), "{answers:?}");
    }
    server.calls.open_gate();
    // All came late: two from their handlers, four from the queue.
    until("the late answers", || server.count("late_answers") == 6);
    assert_eq!(server.count("deadlines"), 6);
    for client in &mut clients {
        client.send(&Over::Framed.wrap(&bytes("HDR(job) 080001 00000001 00")));
        assert!(matches!(client.answers(1)[..], [Answer::Reply { .. }]));
    }
}

#[test]
fn a_full_queue_sheds_at_once_and_counts() {
    let server = Running::start(|config| {
        config.pool.workers = 1;
        config.pool.queue_max = 2;
        config.pool.queue_timeout = Duration::from_secs(10);
    });
    let mut blocker = server.connect();
    blocker.send(&Over::Framed.wrap(&bytes("HDR(block) 00")));
    until("the worker to be busy", || server.calls.entered() == 1);
    let mut waiting = server.connect();
    waiting.send(&Over::Framed.wrap(&bytes("HDR(job) 080001 00000001 00")).repeat(2));
    until("the queue to be full", || server.count("offloaded") == 3);
    for over in [Over::Framed, Over::Unframed, Over::Http] {
        let mut client = server.connect();
        let start = Instant::now();
        client.send(&over.wrap(&bytes("HDR(job) 080001 00000001 00")));
        assert!(is_shed(&client.answers(1)[0]));
        assert!(start.elapsed() < Duration::from_secs(5));
        client.send(&over.wrap(&bytes("HDR(job,4) 080001 00000001 00")));
        client.send(&over.wrap(&bytes("HDR(m) 00")));
        client.answers(if over == Over::Http { 2 } else { 1 });
    }
    assert_eq!(server.count("shed"), 6);
    server.calls.open_gate();
    assert_eq!((blocker.answers(1).len(), waiting.answers(2).len()), (1, 2));
}

/// L3: a call that its client has given up, as its header says, is not begun.
#[test]
fn a_call_that_nobody_waits_for_any_more_is_not_carried_out() {
    let server = Running::start(|config| {
        config.pool.workers = 1;
        config.pool.queue_timeout = Duration::from_secs(10);
    });
    let job = |millis: &str, seqid: u32| {
        let (info, call) =
            (format!("01 01 0e \"client_timeout\" 04 \"{millis}\""), format!("HDR(job,1,{seqid:x}) 080001 00000001 00"));
        Over::Framed.wrap(&bytes(&format!("0fff0000 00000000 0006 0000 {info} {call}")))
    };
    let mut blocker = server.connect();
    blocker.send(&Over::Framed.wrap(&bytes("HDR(block) 00")));
    until("the worker to be busy", || server.calls.entered() == 1);
    let mut client = server.connect();
    client.send(&[job("0050", 1), job("9999", 2), job("0000", 3), job("-050", 4)].concat());
    until("all to wait", || server.count("offloaded") == 5);
    thread::sleep(Duration::from_millis(60));
    server.calls.open_gate();
    let answers = client.answers(4);
    assert!(is_shed(&answers[0]), "{answers:?}");
    assert!(answers[1..].iter().all(|answer| matches!(answer, Answer::Reply { .. })), "{answers:?}");
    assert_eq!((server.calls.entered(), server.count("shed")), (4, 1));
}

#[test]
fn promises_are_kept_from_any_thread_and_die_with_their_connection() {
    let server = Running::start(|_| {});
    let mut client = server.connect();
    client.send(&Over::Framed.wrap(&bytes("HDR(later) 00")).repeat(10));
    let taken = || std::mem::take(&mut *server.calls.promises.lock().unwrap());
    until("ten promises", || server.calls.promises.lock().unwrap().len() == 10);
    let threads: Vec<_> = taken().into_iter().rev().map(|promise| thread::spawn(|| promise.complete(Ok(7)))).collect();
    assert_eq!(client.answers(10).len(), 10);
    threads.into_iter().for_each(|thread| thread.join().unwrap());

    let mut client = server.connect();
    client.send(&Over::Framed.wrap(&bytes("HDR(later) 00")));
    until("a promise", || server.calls.promises.lock().unwrap().len() == 1);
    client.reset();
    until("the reset to be seen", || server.open() == 1);
    taken().into_iter().for_each(|promise| promise.complete(Ok(7)));
    until("the late answer", || server.count("late_answers") == 1);
}

#[test]
fn a_drain_waits_for_what_runs_answers_it_and_ends() {
    let server = Running::start(|_| {});
    let mut busy = server.connect();
    busy.send(&Over::Framed.wrap(&bytes("HDR(block) 00")));
    let mut idle = server.connect();
    idle.send(&Over::Framed.wrap(&bytes("HDR(m) 00")));
    idle.answers(1);
    until("the call to begin", || server.calls.entered() == 2);
    server.handle.drain();
    assert_eq!(idle.rest(), (vec![], Ending::Fin));
    server.calls.open_gate();
    let (answers, ending) = busy.rest();
    assert!(matches!((&answers[..], ending), ([Answer::Reply { .. }], Ending::Fin)), "{answers:?} {ending:?}");
    drop((busy, idle));
    assert_eq!(server.drain(), 0);
}

/// O2: the end comes in time all the same, and says what it cost.
#[test]
fn a_drain_cuts_what_hangs_within_its_time() {
    let server = Running::start(|config| config.sockets.drain_timeout = Duration::from_millis(400));
    let mut busy = server.connect();
    busy.send(&Over::Framed.wrap(&bytes("HDR(block) 00")));
    until("the call to begin", || server.calls.entered() == 1);
    let start = Instant::now();
    assert!(server.drain() >= 1);
    assert!(start.elapsed() < Duration::from_millis(790), "twice its time: {:?}", start.elapsed());
    assert_eq!(busy.rest(), (vec![], Ending::Reset));
}

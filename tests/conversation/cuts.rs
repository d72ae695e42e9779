//! Every row of the vectors, whole and cut: how a stream arrives changes nothing about what is answered.

use crate::peer::{Peer, Phase};
use crate::vectors::{self, Answer, Case, judge};

/// What a conversation came to: its bytes, and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    /// Without the texts of exceptions: which byte of a wrong value they name depends on the cut.
    answers: Vec<Answer>,
    phase: Option<&'static str>,
    entered: usize,
}

fn converse(case: &Case, pieces: &[&[u8]], owned: bool) -> (Peer, Outcome) {
    let mut peer = Peer::for_case(case);
    if owned {
        peer = peer.owned();
    }
    for piece in pieces {
        if peer.is_open() {
            peer.feed(piece);
        }
    }
    while !peer.jobs.is_empty() {
        peer.run(0);
    }
    let answers = peer.answers().into_iter().map(without_text).collect();
    let outcome = Outcome { answers, phase: peer.closed(), entered: peer.calls.entered() };
    (peer, outcome)
}

fn without_text(answer: Answer) -> Answer {
    match answer {
        Answer::Exception { method, seqid, kind, .. } => Answer::Exception { method, seqid, kind, text: String::new() },
        other => other,
    }
}

fn whole(case: &Case) -> Outcome {
    let (peer, outcome) = converse(case, &[&case.stream], false);
    judge(case, &peer.answers(), peer.closed()).unwrap_or_else(|wrong| panic!("{wrong}"));
    outcome
}

/// Handlers run for what is answered as theirs, and for nothing else.
#[test]
fn every_row_gets_its_reaction_and_no_refused_request_runs() {
    let mut failures = Vec::new();
    for case in vectors::cases() {
        for owned in [false, true] {
            let (peer, outcome) = converse(&case, &[&case.stream], owned);
            if let Err(wrong) = judge(&case, &peer.answers(), peer.closed()) {
                failures.push(wrong);
            }
            let refused = |answer: &Answer| !matches!(answer, Answer::Reply { .. } | Answer::Exception { kind: 6, .. });
            let answers = peer.answers();
            let oneway = ["X33", "B24", "B3e", "H0g", "H0h", "Z0i", "W0d"];
            let silent = answers.is_empty() || oneway.iter().any(|id| case.id.starts_with(id));
            let runs = answers.iter().filter(|answer| !refused(answer)).count();
            if outcome.entered != runs && !(silent && outcome.entered >= runs) && case.id != "X31b/raw" {
                failures.push(format!("{}: {} handlers ran for {answers:?}", case.id, outcome.entered));
            }
            if answers.is_empty() && outcome.entered > 0 && !(case.id.starts_with("B24") || case.id.starts_with("B3e")) {
                failures.push(format!("{}: ran in silence", case.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_cut_of_every_row_gets_the_same_reaction() {
    let mut failures = Vec::new();
    for case in vectors::cases() {
        let stream = &case.stream;
        let expected = whole_or_none(&case);
        let cuts: Vec<usize> = if stream.len() <= 700 {
            (1..stream.len()).collect()
        } else if stream.len() > 1_000_000 {
            [5, 40, stream.len() - 1].to_vec()
        } else {
            [1, 2, 3, 4, 5, 8, 12, 13, 17, 20, 60, stream.len() / 2, stream.len() - 1].to_vec()
        };
        for at in cuts {
            let (_, outcome) = converse(&case, &[&stream[..at], &stream[at..]], at % 2 == 0);
            if outcome != expected {
                failures.push(format!("{} cut at {at}: {} instead of {}", case.id, show(&outcome), show(&expected)));
                break;
            }
        }
        if stream.len() <= 5000 {
            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            let (_, outcome) = converse(&case, &bytes, true);
            if outcome != expected {
                failures.push(format!("{} byte by byte: {} instead of {}", case.id, show(&outcome), show(&expected)));
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

fn whole_or_none(case: &Case) -> Outcome {
    converse(case, &[&case.stream], false).1
}

fn show(outcome: &Outcome) -> String {
    let mut answers = format!("{:?}", outcome.answers);
    answers.truncate(200);
    format!("{:?} {} calls {answers}", outcome.phase, outcome.entered)
}

/// B15: a peer that ends its side inside a message has it neither answered nor carried out; what came before is.
#[test]
fn an_end_at_every_byte_answers_what_was_whole() {
    for case in vectors::cases().iter().filter(|case| case.stream.len() <= 400) {
        let full = whole(case);
        for at in 0..=case.stream.len() {
            let mut peer = Peer::for_case(case);
            peer.feed(&case.stream[..at]);
            while !peer.jobs.is_empty() {
                peer.run(0);
            }
            let before = (peer.sent.clone(), peer.calls.entered());
            if peer.is_open() {
                peer.end();
            }
            assert!(matches!(peer.phase, Phase::Ended(..)), "{} ended at {at}: {:?}", case.id, peer.phase);
            assert_eq!((&peer.sent, peer.calls.entered()), (&before.0, before.1), "{} ended at {at}", case.id);
            let answers: Vec<_> = peer.answers().into_iter().map(without_text).collect();
            assert!(full.answers.starts_with(&answers), "{} ended at {at}: {answers:?}", case.id);
        }
    }
}

/// J2, J3, J7, J9: nothing delimits it and no end comes, but no end could mend it either.
#[test]
fn json_that_drips_in_is_refused_at_the_byte_that_makes_it_wrong() {
    let many = format!(r#"{{"1":{{"lst":["i32",9000,{}+"#, "7,".repeat(400));
    for wrong in [
        r#"{"1":{"i32":01}"#,
        r#"{"1":{"i32":1.}"#,
        r#"{"1":{"dbl":1e,"#,
        r#"{"1":{"i32":+"#,
        r#"{"1":{"i32":n"#,
        r#"{"1":{"i32":1]"#,
        r#"{"1":{"i32":1},,"#,
        r#"{"1":{"i32":1,"#,
        r#"{"1":{"i32"1"#,
        r#"{"1":{"i32"}"#,
        r#"{"1","#,
        "{1",
        "{,",
        "]",
        "{\"1\":{\"str\":\"a\x01",
        r#"{"1":{"str":"\q""#,
        r#"{"1":{"str":"\ud800""#,
        r#"{"1":{"what""#,
        r#"{"1":{"i8":200"#,
        r#"{"99999""#,
        r#"{"1":{"lst":["i32",-1"#,
        r#"{"1":{"lst":["i32",3,1,2,}"#,
        r#"{"1":{"map":["i32","i32",1,{"1":2]"#,
        &many,
    ] {
        let mut peer = Peer::new();
        let bytes = [br#"[1,"m",1,1,"#, wrong.as_bytes()].concat();
        for (at, byte) in bytes.iter().enumerate() {
            if peer.is_open() {
                peer.feed(&[*byte]);
            }
            // Some are found a byte before the last, which only ends a number.
            assert!(peer.is_open() || at + 2 >= bytes.len(), "{wrong}: ended by byte {at}");
        }
        let answers: Vec<_> = peer.answers().into_iter().map(without_text).collect();
        assert!(matches!(&answers[..], [Answer::Exception { seqid: 1, kind: 7, .. }]), "{wrong}: {answers:?}");
        assert_eq!(peer.closed(), Some("undelimited"), "{wrong}");
        assert_eq!(peer.calls.entered(), 0);
    }
}

/// Nor is anything refused that is right: pieces of a long message of everything that JSON has.
#[test]
fn json_that_drips_in_and_is_right_is_answered() {
    let value = r#"{ "1" : {"dbl" : -0.5e-3 } , "2":{"str":"\u0041\ud83d\ude00 \"é"},"3":{"map":["i32","lst",2,{"1":["tf",2,1,0],"-2":["i8",0]}]},
        "4":{"rec":{}},"5":{"set":["str",1,""]},"6":{"i64":-0000000012},"7":{"dbl":"NaN"},"8":{"lst":["i64",3,1 ,2,"3"]} } ] "#;
    let message = format!(r#"[ 1 , "m" , 1 , 7 , {value}"#);
    for step in [1, 2, 3, 7] {
        let mut peer = Peer::new();
        for piece in message.as_bytes().chunks(step) {
            peer.feed(piece);
        }
        assert!(matches!(&peer.answers()[..], [Answer::Reply { seqid: 7, .. }]), "{:?}", peer.answers());
        assert!(peer.is_open());
    }
}

//! The server side of a connection: however its bytes are cut, the same comes back.

use crate::peer::Peer;
use crate::vectors::Answer;

use super::cuts::{BYTEWISE_MAX, pieces};

/// [Pieces](pieces) against the server side of a connection: however they are cut, the same comes back.
///
/// # Panics
/// Where it does not.
pub fn connection(data: &[u8]) {
    let Some((_, pieces, stream)) = pieces(data) else { return };
    let whole = converse(&[stream]);
    compare(&whole, &converse(&pieces), stream);
    if stream.len() <= BYTEWISE_MAX {
        compare(&whole, &converse(&stream.chunks(1).collect::<Vec<_>>()), stream);
    }
}

/// What a conversation came to.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    answers: Vec<Answer>,
    closed: Option<&'static str>,
    entered: usize,
}

fn converse(pieces: &[&[u8]]) -> Outcome {
    let mut peer = Peer::new();
    for piece in pieces {
        if peer.is_open() {
            peer.feed(piece);
        }
        // The jobs of a piece run behind it, those of the whole behind the whole: the order of answers must not tell.
        while !peer.jobs.is_empty() {
            peer.run(0);
        }
    }
    let closed = peer.closed();
    if peer.is_open() {
        peer.end();
    }
    let without_text = |answer| match answer {
        Answer::Exception { method, seqid, kind, .. } => Answer::Exception { method, seqid, kind, text: String::new() },
        other => other,
    };
    Outcome { answers: peer.answers().into_iter().map(without_text).collect(), closed, entered: peer.calls.entered() }
}

/// A message that nothing delimits may show what is wrong with it before it is whole if it comes in one piece, and be waited
/// for if it does not: the scanner looks for its end and at nothing else.
fn compare(one: &Outcome, other: &Outcome, stream: &[u8]) {
    if one == other {
        return;
    }
    let (waits, ends) = if one.closed.is_none() { (one, other) } else { (other, one) };
    let (same, more) = ends.answers.split_at(waits.answers.len().min(ends.answers.len()));
    let told = matches!(more, [] | [Answer::Exception { kind: 7, .. }]);
    let is_unframed = matches!(ends.closed, Some("undelimited" | "message_head"));
    let explained = waits.closed.is_none() && is_unframed && told && same == waits.answers && waits.entered == ends.entered;
    assert!(explained, "cut and whole differ: {one:?} {other:?} from {}", stream.escape_ascii());
}

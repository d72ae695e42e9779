//! A scripted server of `add` for the load's tests: framed binary, read and written by hand.

use std::collections::HashSet;
use std::time::Duration;

use crate::network::{Deed, Door, Server};

/// What the server does about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// The right answer, that much later.
    Answer(Duration),
    /// A number that is one too high.
    Wrong,
    /// A TApplicationException.
    Exception,
    /// An answer with another call's number.
    Seqid,
    /// An answer to another method.
    Method,
    /// What is no frame of any message.
    Garbage,
    /// An end, without an answer.
    Close,
    /// Half of an answer, and the end.
    Half,
    /// A reset.
    Reset,
    Silence,
}

/// A server: how it takes connections, and how it reacts to its calls, by their number and the time.
pub(crate) struct Script<D, R> {
    pub(crate) door: D,
    pub(crate) react: R,
    calls: usize,
    /// What has come over each connection, and when the last answer on it goes out: answers keep their order.
    connections: Vec<(Vec<u8>, Duration)>,
    /// Those on which the server does nothing any more.
    ended: HashSet<usize>,
}

impl<D, R> Script<D, R> {
    pub(crate) fn new(door: D, react: R) -> Self {
        Self { door, react, calls: 0, connections: Vec::new(), ended: HashSet::new() }
    }
}

impl<D: FnMut(usize, Duration) -> Door, R: FnMut(usize, Duration) -> Reaction> Server for Script<D, R> {
    fn connect(&mut self, connection: usize, now: Duration) -> Door {
        self.connections.resize(connection + 1, Default::default());
        (self.door)(connection, now)
    }

    fn receive(&mut self, connection: usize, bytes: &[u8], now: Duration) -> Vec<(Duration, Deed)> {
        self.connections[connection].0.extend_from_slice(bytes);
        let mut deeds = Vec::new();
        while let Some((seqid, sum)) = next_call(&mut self.connections[connection].0) {
            let reaction = (self.react)(self.calls, now);
            self.calls += 1;
            if self.ended.contains(&connection) {
                continue;
            }
            if matches!(reaction, Reaction::Close | Reaction::Half | Reaction::Reset | Reaction::Silence) {
                self.ended.insert(connection);
            }
            let at = match reaction {
                Reaction::Answer(after) => (now + after).max(self.connections[connection].1),
                _ => now.max(self.connections[connection].1),
            };
            self.connections[connection].1 = at;
            deeds.extend(deeds_for(reaction, seqid, sum).into_iter().map(|deed| (at.saturating_sub(now), deed)));
        }
        deeds
    }
}

fn deeds_for(reaction: Reaction, seqid: i32, sum: i32) -> Vec<Deed> {
    let right = answer("add", 2, seqid, &result(sum));
    match reaction {
        Reaction::Answer(_) => vec![Deed::Send(right)],
        Reaction::Wrong => vec![Deed::Send(answer("add", 2, seqid, &result(sum.wrapping_add(1))))],
        Reaction::Exception => {
            let mut body = vec![11, 0, 1, 0, 0, 0, 4];
            body.extend_from_slice(b"oops");
            body.extend_from_slice(&[8, 0, 2, 0, 0, 0, 6, 0]);
            vec![Deed::Send(answer("add", 3, seqid, &body))]
        }
        Reaction::Seqid => vec![Deed::Send(answer("add", 2, seqid + 1, &result(sum)))],
        Reaction::Method => vec![Deed::Send(answer("sub", 2, seqid, &result(sum)))],
        Reaction::Garbage => vec![Deed::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())],
        Reaction::Close => vec![Deed::Close],
        Reaction::Half => vec![Deed::Send(right[..right.len() / 2].to_vec()), Deed::Close],
        Reaction::Reset => vec![Deed::Reset],
        Reaction::Silence => vec![],
    }
}

/// Takes one whole call of `add` from the front: its number, and the sum that it asks for.
fn next_call(input: &mut Vec<u8>) -> Option<(i32, i32)> {
    let number = |bytes: &[u8]| i32::from_be_bytes(bytes.try_into().expect("four bytes"));
    let length = number(input.get(..4)?) as usize;
    let frame: Vec<u8> = input.get(4..4 + length)?.to_vec();
    input.drain(..4 + length);
    assert_eq!(&frame[..11], b"\x80\x01\0\x01\0\0\0\x03add", "a call of add");
    assert_eq!((frame[15], frame[22], frame[29]), (8, 8, 0), "two fields of i32");
    Some((number(&frame[11..15]), number(&frame[18..22]).wrapping_add(number(&frame[25..29]))))
}

fn result(sum: i32) -> Vec<u8> {
    [&[8, 0, 0][..], &sum.to_be_bytes(), &[0]].concat()
}

fn answer(method: &str, kind: u8, seqid: i32, body: &[u8]) -> Vec<u8> {
    let head = [&[0x80, 1, 0, kind][..], &(method.len() as i32).to_be_bytes(), method.as_bytes(), &seqid.to_be_bytes()].concat();
    let length = (head.len() + body.len()) as i32;
    [&length.to_be_bytes()[..], &head, body].concat()
}

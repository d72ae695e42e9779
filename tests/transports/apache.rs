//! What Apache's Python library sends, and what its own server answers: the answers here are the same bytes.

use std::sync::Arc;

use farthing::generated::calculator::CalculatorService;
use farthing::rpc::Services;
use farthing::services::calculator::Arithmetic;

use crate::peer::Peer;
use crate::streams::inflated;
use crate::vectors::bytes;

fn calculator() -> Peer {
    let mut peer = Peer::new();
    peer.services = Services::new();
    peer.services.add(Arc::new(CalculatorService::new(Arithmetic)));
    peer
}

fn answer(pieces: &[&[u8]]) -> Vec<u8> {
    let mut peer = calculator();
    pieces.iter().for_each(|piece| peer.feed(piece));
    peer.end();
    assert_eq!(peer.closed(), Some("done"));
    if peer.sent.starts_with(&[0x78]) { inflated(&peer.sent) } else { peer.sent }
}

#[test]
fn apache_gets_what_apache_answers_however_its_bytes_arrive() {
    let lines = include_str!("apache.txt").lines().filter(|line| !line.starts_with('#'));
    let mut rows = 0;
    for line in lines {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [name, request, reply] = columns.as_slice() else { panic!("{line}") };
        let (request, reply) = (bytes(request), bytes(reply));
        assert_eq!(answer(&[&request]), reply, "{name}");
        assert_eq!(answer(&request.chunks(1).collect::<Vec<_>>()), reply, "{name} byte by byte");
        for at in 1..request.len() {
            assert_eq!(answer(&[&request[..at], &request[at..]]), reply, "{name} cut at {at}");
        }
        rows += 1;
    }
    assert_eq!(rows, 11);
}

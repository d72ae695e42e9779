//! What all connections may hold together: whoever holds the most makes room for the others.

use crate::net::{Client, Ending, Running, until};
use crate::vectors::{Over, bytes};

const MIB: usize = 1 << 20;

fn limited() -> Running {
    Running::start(|config| config.memory_max = 8 * MIB)
}

/// The first part of a long message, and the rest of it.
fn parts(over: Over, first: usize) -> (Vec<u8>, Vec<u8>) {
    let message = over.wrap(&bytes("HDR(echo) 0b0001 F(61*12000000) 00"));
    let (first, rest) = message.split_at(first);
    (first.to_vec(), rest.to_vec())
}

fn holds(server: &Running, bytes: &[u8]) -> Client {
    let mut client = server.connect();
    client.send(bytes);
    client
}

/// It has been read, and is not over the limit: another connection is answered behind it.
fn settle(server: &Running) {
    let mut client = server.connect();
    client.send(&Over::Framed.wrap(&bytes("HDR(m) 00")));
    client.answers(1);
}

#[test]
fn whoever_holds_the_most_is_reset() {
    let chunked =
        [&b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n500001\r\n"[..], &vec![0; 5 * MIB]].concat();
    for big in [parts(Over::Framed, 5 * MIB).0, parts(Over::Http, 5 * MIB).0, parts(Over::Unframed, 5 * MIB).0, chunked] {
        let server = limited();
        let mut big = holds(&server, &big);
        let small = bytes("HDR(echo) 0b0001 F(61*1500000) 00");
        let small = Over::Framed.wrap(&small);
        let (first, rest) = small.split_at(MIB);
        let mut small = holds(&server, first);
        settle(&server);
        assert_eq!(server.closed("memory_max"), 0);
        let last = holds(&server, &parts(Over::Framed, 3 * MIB).0);
        until("the biggest to go", || server.closed("memory_max") == 1);
        assert_eq!(big.rest().1, Ending::Reset);
        small.send(rest);
        assert_eq!(small.answers(1).len(), 1);
        settle(&server);
        assert_eq!(server.closed("memory_max"), 1);
        drop(last);
    }
}

#[test]
fn what_was_given_back_is_there_again() {
    let server = limited();
    for _ in 0..20 {
        let _client = holds(&server, &parts(Over::Framed, 3 * MIB).0);
        let mut whole = server.connect();
        whole.send(&Over::Framed.wrap(&bytes("HDR(echo) 0b0001 F(61*3000000) 00")));
        assert_eq!(whole.answers(1).len(), 1);
    }
    until("all to be closed", || server.open() == 0);
    assert_eq!(server.closed("memory_max"), 0);
}

//! The stream below the loop, over a pipe in memory that splits and fills up as a test wants.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use farthing::reactor::{MaybeTls, Stream, Tls};
use rustls::{ClientConnection, SupportedProtocolVersion};

use crate::authority::{Authority, BOTH, ONLY_12, ONLY_13};

/// Bytes under way. The reader gets at most `most_in` at once, the writer has room for `room`.
#[derive(Default)]
struct Pipe {
    inward: VecDeque<u8>,
    outward: Vec<u8>,
    most_in: usize,
    room: usize,
    ended: bool,
    writes: usize,
}

struct End(Rc<RefCell<Pipe>>);

impl Stream for End {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let mut pipe = self.0.borrow_mut();
        let n = pipe.inward.len().min(pipe.most_in).min(into.capacity() - into.len());
        if n == 0 {
            return if pipe.ended && pipe.inward.is_empty() { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        into.extend(pipe.inward.drain(..n));
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.0.borrow_mut();
        let n = bytes.len().min(pipe.room);
        if n == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        pipe.writes += 1;
        pipe.room -= n;
        pipe.outward.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write(slices.first().map_or(&[], |slice| slice))
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn reset(self) {}
}

/// Both ends of a connection.
struct Pair {
    pipe: Rc<RefCell<Pipe>>,
    server: MaybeTls<End>,
    client: ClientConnection,
    /// What the server read.
    read: Vec<u8>,
    /// Room that the server's reader has at once.
    buffer: usize,
    ended: bool,
}

impl Pair {
    fn new(authority: &Authority, versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::at(&Tls::new(authority.server().config().unwrap(), false), authority, versions)
    }

    fn at(tls: &Tls, authority: &Authority, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let pipe = Rc::new(RefCell::new(Pipe { most_in: usize::MAX, room: usize::MAX, ..Pipe::default() }));
        let server = MaybeTls::guarded(End(Rc::clone(&pipe)), tls);
        let client = ClientConnection::new(authority.client(versions, None), "localhost".try_into().unwrap()).unwrap();
        Self { pipe, server, client, read: Vec::new(), buffer: 64 * 1024, ended: false }
    }

    /// What the client has to say gets under way.
    fn client_sends(&mut self) {
        let mut bytes = Vec::new();
        while self.client.wants_write() {
            self.client.write_tls(&mut bytes).unwrap();
        }
        self.pipe.borrow_mut().inward.extend(bytes);
    }

    /// The server takes in what is under way.
    fn server_reads(&mut self) -> io::Result<()> {
        loop {
            let mut buffer = Vec::with_capacity(self.buffer);
            let room = buffer.capacity();
            match self.server.read(&mut buffer) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(n) => {
                    assert!(n == buffer.len() && n <= room && buffer.capacity() == room);
                    self.read.extend(buffer);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    assert!(buffer.is_empty());
                    if !self.server.paused() && self.pipe.borrow().inward.is_empty() {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn client_reads(&mut self) -> Vec<u8> {
        let outward = std::mem::take(&mut self.pipe.borrow_mut().outward);
        let mut got = Vec::new();
        let mut left = &outward[..];
        loop {
            if !left.is_empty() {
                self.client.read_tls(&mut left).unwrap();
            }
            self.client.process_new_packets().unwrap();
            let _ = self.client.reader().read_to_end(&mut got);
            if left.is_empty() {
                return got;
            }
        }
    }

    /// Goes on until nobody has anything to say.
    fn settle(&mut self) -> Vec<u8> {
        let mut got = Vec::new();
        loop {
            self.client_sends();
            self.server_reads().unwrap();
            while self.server.held() > 0 {
                // A full pipe, as often as it takes.
                let _ = self.server.flush();
                self.pipe.borrow_mut().room += 7;
            }
            got.extend(self.client_reads());
            if !self.client.wants_write() && self.pipe.borrow().outward.is_empty() {
                return got;
            }
        }
    }

    /// The server writes all of it, through however little room.
    fn server_writes(&mut self, bytes: &[u8], step: usize) {
        let mut left = bytes;
        let mut room = step;
        while !left.is_empty() || self.server.held() > 0 {
            self.pipe.borrow_mut().room = room;
            let wrote = if left.is_empty() { self.server.flush().map(|()| 0) } else { self.server.write(left) };
            match wrote {
                Ok(n) => left = &left[n..],
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
            assert!(self.server.held() <= 200 * 1024, "{} bytes held", self.server.held());
            room = step;
        }
        self.pipe.borrow_mut().room = usize::MAX;
    }
}

#[test]
fn every_split_of_a_conversation_gives_the_same_bytes() {
    let authority = Authority::new();
    for versions in [ONLY_12, ONLY_13] {
        for most_in in (1..=40).chain([255, 517, 4096]) {
            for buffer in [1, 64 * 1024] {
                let mut pair = Pair::new(&authority, versions);
                pair.pipe.borrow_mut().most_in = most_in;
                pair.buffer = buffer;
                pair.client.writer().write_all(b"a request").unwrap();
                pair.settle();
                assert_eq!(pair.read, b"a request", "{most_in}");
                pair.server_writes(b"an answer", most_in);
                assert_eq!(pair.settle(), b"an answer", "{most_in}");
                pair.client.send_close_notify();
                pair.settle();
                assert!(pair.ended);
            }
        }
    }
}

#[test]
fn megabytes_pass_through_small_buffers_both_ways() {
    let authority = Authority::new();
    for (most_in, step, buffer) in [(1000, 1000, 100), (usize::MAX, 1 << 20, 4096), (17_000, 70_000, 64 * 1024)] {
        let mut pair = Pair::new(&authority, BOTH);
        pair.client.set_buffer_limit(None);
        pair.settle();
        pair.pipe.borrow_mut().most_in = most_in;
        pair.buffer = buffer;
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| ((n * 7) >> 3) as u8).collect();
        pair.client.writer().write_all(&bytes).unwrap();
        pair.settle();
        assert!(pair.read == bytes, "{} of {} bytes", pair.read.len(), bytes.len());
        pair.server_writes(&bytes, step);
        let got = pair.settle();
        assert!(got == bytes, "{} of {} bytes", got.len(), bytes.len());
    }
}

#[test]
fn plain_text_passes_untouched_even_where_it_begins_like_tls() {
    let authority = Authority::new();
    for text in [&b"\x80\x01\0\x01plain"[..], b"POST / HTTP/1.1\r\n\r\n", b"\x16\x02plain", b"\x16\x16\x16"] {
        for most_in in 1..=text.len() {
            let mut pair = Pair::new(&authority, BOTH);
            pair.pipe.borrow_mut().most_in = most_in;
            pair.pipe.borrow_mut().inward.extend(text);
            pair.server_reads().unwrap();
            assert_eq!(pair.read, text);
            pair.server_writes(b"answer", 3);
            assert_eq!(pair.pipe.borrow().outward, b"answer");
        }
    }
}

#[test]
fn a_small_answer_leaves_with_what_tls_has_to_say_in_one_write() {
    let authority = Authority::new();
    let mut pair = Pair::new(&authority, ONLY_13);
    pair.client.writer().write_all(b"early bird").unwrap();
    pair.client_sends();
    pair.server_reads().unwrap();
    pair.server.flush().unwrap();
    pair.client_reads();
    pair.client_sends();
    pair.pipe.borrow_mut().writes = 0;
    // The end of the handshake and the request come together; tickets and the answer leave together.
    pair.server_reads().unwrap();
    assert_eq!(pair.read, b"early bird");
    assert!(pair.server.held() > 0, "tickets");
    assert_eq!(pair.server.write(b"answer").unwrap(), 6);
    assert_eq!((pair.pipe.borrow().writes, pair.server.held()), (1, 0));
    assert_eq!(pair.client_reads(), b"answer");
}

#[test]
fn the_handshake_has_a_beginning_and_an_end() {
    let authority = Authority::new();
    let mut pair = Pair::new(&authority, BOTH);
    let start = Instant::now();
    assert_eq!(pair.server.handshake_since(start), None);
    pair.pipe.borrow_mut().inward.push_back(0x16);
    pair.server_reads().unwrap();
    assert_eq!(pair.server.handshake_since(start), Some(start));
    // A byte now and then moves nothing.
    assert_eq!(pair.server.handshake_since(start + Duration::from_secs(3)), Some(start));
    pair.client_sends();
    pair.pipe.borrow_mut().inward.pop_front();
    pair.settle();
    assert_eq!(pair.server.handshake_since(start), None);
    assert!(!pair.client.is_handshaking());
}

#[test]
fn a_record_is_owed_while_it_is_waited_for() {
    let authority = Authority::new();
    let mut pair = Pair::new(&authority, BOTH);
    let start = Instant::now();
    let later = |seconds| start + Duration::from_secs(seconds);
    pair.settle();
    assert_eq!(pair.server.record_since(start, true), None);
    pair.client.writer().write_all(b"call").unwrap();
    pair.client_sends();
    let last = pair.pipe.borrow_mut().inward.pop_back().unwrap();
    pair.server_reads().unwrap();
    assert_eq!(pair.server.record_since(later(1), true), Some(later(1)));
    assert_eq!(pair.server.record_since(later(4), true), Some(later(1)));
    // The time in which it was not read is not the peer's.
    assert_eq!(pair.server.record_since(later(6), false), None);
    assert_eq!(pair.server.record_since(later(8), true), Some(later(8)));
    pair.pipe.borrow_mut().inward.push_back(last);
    pair.client.writer().write_all(b"another").unwrap();
    pair.client_sends();
    let last = pair.pipe.borrow_mut().inward.pop_back().unwrap();
    pair.server_reads().unwrap();
    assert_eq!(pair.server.record_since(later(9), true), Some(later(9)), "another record");
    pair.pipe.borrow_mut().inward.push_back(last);
    pair.server_reads().unwrap();
    assert_eq!(pair.server.record_since(later(9), true), None);
    assert_eq!(pair.read, b"callanother");
}

#[test]
fn the_end_of_a_stream_is_told_once_and_with_or_without_goodbye() {
    let authority = Authority::new();
    for says_goodbye in [true, false] {
        let mut pair = Pair::new(&authority, BOTH);
        pair.settle();
        pair.client.writer().write_all(b"last words").unwrap();
        if says_goodbye {
            pair.client.send_close_notify();
        }
        pair.client_sends();
        pair.pipe.borrow_mut().ended = !says_goodbye;
        pair.server_reads().unwrap();
        assert_eq!((&pair.read[..], pair.ended), (&b"last words"[..], true));
        // The other side is still open.
        pair.server_writes(b"answer", 5);
        pair.server.shutdown_write().unwrap();
        assert_eq!(pair.client_reads(), b"answer");
        assert!(!pair.client.wants_read() || pair.client.process_new_packets().unwrap().peer_has_closed());
    }
}

/// Numbers that only look random, so that a failure comes again.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn whatever_is_changed_on_the_way_ends_the_connection_and_nothing_else() {
    let authority = Authority::new();
    let tls = Tls::new(authority.server().config().unwrap(), false);
    let mut rng = Rng(1);
    let mut breaches = 0;
    for round in 0..3000 {
        let versions = [ONLY_12, ONLY_13][round % 2];
        let mut pair = Pair::at(&tls, &authority, versions);
        // The hello, the end of the handshake, or what comes behind it.
        for _ in 0..round % 3 {
            pair.client_sends();
            pair.server_reads().unwrap();
            let _ = pair.server.flush();
            pair.client_reads();
        }
        pair.client.writer().write_all(b"a request").unwrap();
        pair.client_sends();
        pair.pipe.borrow_mut().most_in = 1 + rng.below(700);
        let mut changed: Vec<u8> = pair.pipe.borrow_mut().inward.drain(..).collect();
        let at = 2.min(changed.len() - 1) + rng.below(changed.len().saturating_sub(2).max(1));
        match rng.below(4) {
            0 => changed[at] ^= 1 << rng.below(8),
            1 => changed.insert(at, rng.below(256) as u8),
            2 => drop(changed.remove(at)),
            _ => changed.extend((0..rng.below(3000)).map(|n| (n * 31) as u8).collect::<Vec<_>>()),
        }
        pair.pipe.borrow_mut().inward.extend(changed);
        pair.pipe.borrow_mut().ended = true;
        let outcome = pair.server_reads();
        assert!(pair.read.is_empty() || pair.read.starts_with(b"a request"), "{}", pair.read.escape_ascii());
        if let Err(error) = outcome {
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
            breaches += 1;
            // What comes after that has no meaning, and does no harm.
            drop(pair.server_reads());
            assert!(pair.server.write(b"late").is_ok());
            let _ = pair.server.flush();
        }
        pair.server.close();
    }
    assert!(breaches > 2000, "{breaches} of 3000");
}

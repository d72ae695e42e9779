//! The physical limit of an event loop: finds each message, patches its number (and the sum) into an answer that is a
//! constant otherwise, with one read and one write for a connection that is ready. It decodes, dispatches and checks nothing.
//!
//! `bare ADDR`

mod end;
mod message;

use std::env;
use std::io::{self, ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};
use slab::Slab;

use message::{Answers, Extent, Head, Way};

const LISTENER: Token = Token(usize::MAX - 1);
const READ: usize = 64 << 10;

struct Connection {
    stream: TcpStream,
    /// The begin of a message whose end has not come.
    partial: Vec<u8>,
    /// Bytes of a message that still come, though nobody looks at them, and the answer due behind them.
    skip: usize,
    owed: Vec<u8>,
    /// What the socket did not take, from `sent` on.
    unsent: Vec<u8>,
    sent: usize,
}

struct Turn {
    input: Vec<u8>,
    output: Vec<u8>,
    answers: Answers,
    head: Head,
}

fn main() -> io::Result<()> {
    let address = env::args().nth(1).expect("an address");
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind(address.parse().expect("an address like 127.0.0.1:9090"))?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut connections: Slab<Connection> = Slab::new();
    let mut turn = Turn { input: vec![0; READ], output: Vec::new(), answers: Answers::default(), head: Head::default() };
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, poll.registry(), &mut connections)?;
                continue;
            }
            let Some(connection) = connections.get_mut(event.token().0) else { continue };
            let open = connection.flush().and_then(|()| connection.turn(&mut turn));
            if !open.unwrap_or(false) {
                connections.remove(event.token().0);
            }
        }
    }
}

fn accept(listener: &TcpListener, registry: &Registry, connections: &mut Slab<Connection>) -> io::Result<()> {
    while let Ok((mut stream, _)) = listener.accept() {
        stream.set_nodelay(true)?;
        let entry = connections.vacant_entry();
        // Edge-triggered, so that to wait for room costs nothing but its event.
        registry.register(&mut stream, Token(entry.key()), Interest::READABLE | Interest::WRITABLE)?;
        entry.insert(Connection { stream, partial: vec![], skip: 0, owed: vec![], unsent: vec![], sent: 0 });
    }
    Ok(())
}

impl Connection {
    /// Reads, answers all that is whole, and writes; false when the peer is done.
    fn turn(&mut self, turn: &mut Turn) -> io::Result<bool> {
        loop {
            let count = match self.stream.read(&mut turn.input) {
                Ok(0) => return Ok(false),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            };
            turn.output.clear();
            if self.partial.is_empty() {
                let used = self.messages(&turn.input[..count], &mut turn.answers, &mut turn.head, &mut turn.output);
                self.partial.extend_from_slice(&turn.input[used..count]);
            } else {
                let mut bytes = std::mem::take(&mut self.partial);
                bytes.extend_from_slice(&turn.input[..count]);
                let used = self.messages(&bytes, &mut turn.answers, &mut turn.head, &mut turn.output);
                bytes.drain(..used);
                self.partial = bytes;
            }
            self.send(&turn.output)?;
            if count < turn.input.len() {
                return Ok(true);
            }
        }
    }

    /// Answers the messages that are whole; how many bytes they were.
    fn messages(&mut self, bytes: &[u8], answers: &mut Answers, head: &mut Head, out: &mut Vec<u8>) -> usize {
        let mut used = self.skip.min(bytes.len());
        self.skip -= used;
        if self.skip == 0 && !self.owed.is_empty() {
            out.append(&mut self.owed);
        }
        while let Some(Extent { way, start, end }) = Extent::find(&bytes[used..], head) {
            let rest = &bytes[used..];
            if let Some(message) = rest.get(start..end) {
                answers.answer(way, message, out);
                used += end;
            } else {
                let some = rest.get(start..).unwrap_or_default();
                if !matches!(way, Way::Unframed) && answers.needs_no_more(some) {
                    answers.answer(way, some, &mut self.owed);
                    self.skip = end - rest.len();
                    used = bytes.len();
                }
                break;
            }
        }
        used
    }

    fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if self.unsent.is_empty() {
            while !bytes.is_empty() {
                match self.stream.write(bytes) {
                    Ok(count) => bytes = &bytes[count..],
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
        self.unsent.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.sent < self.unsent.len() {
            match self.stream.write(&self.unsent[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.unsent.clear();
        self.sent = 0;
        Ok(())
    }
}

//! The simulated network: virtual time, sockets with small buffers, and clients that act by a script. It knows nothing of the
//! loop; what the loop sees of it is in `platform`.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use farthing::reactor::{Event, Job, Peer, Token};

use crate::client::{Client, Deed};
use crate::rng::Rng;

/// How often, one time in so many, each fault is injected. 0 is never.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    pub(crate) short: usize,
    pub(crate) again: usize,
    pub(crate) interrupt: usize,
    pub(crate) late: usize,
    pub(crate) spurious: usize,
    pub(crate) accept: usize,
}

pub(crate) enum Action {
    Client(usize),
    Job(Job, bool),
    Drain,
}

/// One connection, both directions, and what the selector knows of it.
#[derive(Default, Debug)]
#[allow(clippy::struct_excessive_bools)] // each end of each direction by itself
pub(crate) struct Wire {
    pub(crate) to_server: Vec<u8>,
    pub(crate) to_client: Vec<u8>,
    pub(crate) client_ended: bool,
    pub(crate) client_reset: bool,
    pub(crate) server_ended: bool,
    pub(crate) server_reset: bool,
    /// The server has closed its descriptor.
    pub(crate) server_closed: bool,
    watch: Option<(Token, bool)>,
    edge: bool,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) faults: Faults,
    pub(crate) epoch: Instant,
    pub(crate) now: Duration,
    pub(crate) wires: Vec<Wire>,
    pub(crate) clients: Vec<Client>,
    /// Which wire a descriptor stands for; the lowest free one is used next, as the kernel does.
    descriptors: Vec<Option<usize>>,
    backlog: Vec<usize>,
    listening: Option<Token>,
    listen_edge: bool,
    pub(crate) listener_closed: bool,
    bell_token: Option<Token>,
    pub(crate) bell: Arc<AtomicBool>,
    agenda: BTreeMap<(Duration, u64), Action>,
    sequence: u64,
    pub(crate) room: usize,
    /// A digest of everything that happened.
    pub(crate) trace: u64,
    pub(crate) silent: bool,
    pub(crate) stuck: Vec<Job>,
}

impl World {
    pub(crate) fn new(rng: Rng, faults: Faults, room: usize) -> Self {
        World {
            rng,
            faults,
            epoch: Instant::now(),
            now: Duration::ZERO,
            wires: Vec::new(),
            clients: Vec::new(),
            descriptors: Vec::new(),
            backlog: Vec::new(),
            listening: None,
            listen_edge: false,
            listener_closed: false,
            bell_token: None,
            bell: Arc::new(AtomicBool::new(false)),
            agenda: BTreeMap::new(),
            sequence: 0,
            room,
            trace: 0,
            silent: false,
            stuck: Vec::new(),
        }
    }

    pub(crate) fn add_client(&mut self, client: Client, at: Duration) {
        self.wires.push(Wire::default());
        self.clients.push(client);
        self.plan(at, Action::Client(self.clients.len() - 1));
    }

    pub(crate) fn plan(&mut self, after: Duration, action: Action) {
        self.sequence += 1;
        self.agenda.insert((self.now + after, self.sequence), action);
    }

    fn fault(&mut self, rate: usize) -> bool {
        rate > 0 && self.rng.one_in(rate)
    }

    fn note(&mut self, what: u64) {
        self.trace = (self.trace ^ what ^ self.now.as_nanos() as u64).wrapping_mul(0x0100_0000_01b3).rotate_left(17);
    }

    /// The next action due by `until`, after moving the clock to it.
    pub(crate) fn next_action(&mut self, until: Option<Duration>) -> Option<Action> {
        let (&(at, sequence), _) = self.agenda.first_key_value()?;
        if until.is_some_and(|until| at > until) {
            return None;
        }
        self.now = self.now.max(at);
        self.note(sequence);
        self.agenda.remove(&(at, sequence))
    }

    // ---- The clients' side ----

    pub(crate) fn act(&mut self, id: usize) {
        let room = self.room;
        let deed = self.clients[id].next_deed(&mut self.rng, &self.wires[id], room);
        let wire = &mut self.wires[id];
        match deed {
            Deed::Connect => {
                if self.listener_closed {
                    wire.server_reset = true;
                    wire.server_closed = true;
                } else {
                    self.backlog.push(id);
                    self.listen_edge = true;
                }
            }
            Deed::Send(bytes) => {
                if wire.server_closed {
                    wire.server_reset = true;
                } else {
                    wire.to_server.extend_from_slice(&bytes);
                    wire.edge = true;
                }
            }
            Deed::Read(n) => {
                let was_full = wire.to_client.len() >= room;
                let bytes: Vec<u8> = wire.to_client.drain(..n).collect();
                wire.edge |= was_full && n > 0;
                let (ended, reset) = (wire.server_ended && wire.to_client.is_empty(), wire.server_reset);
                self.clients[id].take(&bytes, ended, reset);
            }
            Deed::End => {
                wire.client_ended = true;
                wire.edge = true;
            }
            Deed::Reset => {
                wire.client_reset = true;
                wire.edge = true;
            }
            Deed::Wait => {}
        }
        if let Some(after) = self.clients[id].pause(&mut self.rng) {
            self.plan(after, Action::Client(id));
        }
    }

    // ---- The loop's side ----

    pub(crate) fn accept(&mut self) -> io::Result<(usize, Peer)> {
        if self.fault(self.faults.accept) {
            let errors = [24, 23, 105, 12, 103, 4, 71];
            return Err(io::Error::from_raw_os_error(errors[self.rng.below(errors.len())]));
        }
        self.take_waiting()
    }

    fn take_waiting(&mut self) -> io::Result<(usize, Peer)> {
        if self.backlog.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let id = self.backlog.remove(0);
        let free = self.descriptors.iter().position(Option::is_none).unwrap_or(self.descriptors.len());
        if free == self.descriptors.len() {
            self.descriptors.push(None);
        }
        self.descriptors[free] = Some(id);
        let peer = Peer::Tcp(([127, 0, 0, 1], id as u16).into());
        Ok((free, peer))
    }

    pub(crate) fn refuse(&mut self) -> io::Result<()> {
        let (descriptor, _) = self.take_waiting()?;
        self.close(descriptor, true);
        Ok(())
    }

    pub(crate) fn stop_listening(&mut self) {
        self.listener_closed = true;
        self.listening = None;
        for id in std::mem::take(&mut self.backlog) {
            self.wires[id].server_reset = true;
            self.wires[id].server_closed = true;
        }
    }

    fn wire(&mut self, descriptor: usize) -> &mut Wire {
        let id = self.descriptors[descriptor].expect("an open descriptor");
        &mut self.wires[id]
    }

    /// Fewer bytes than asked for are all there is, or the rest came a moment later and makes an edge of its own.
    pub(crate) fn read(&mut self, descriptor: usize, into: &mut Vec<u8>) -> io::Result<usize> {
        if self.fault(self.faults.interrupt) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let (again, short) = (self.fault(self.faults.again), self.fault(self.faults.short));
        let scale = self.rng.next();
        let room = into.capacity() - into.len();
        assert!(room > 0, "a read without room looks like the end");
        let wire = self.wire(descriptor);
        if wire.client_reset {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if again {
            wire.edge = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if wire.to_server.is_empty() {
            return if wire.client_ended { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let mut n = room.min(wire.to_server.len());
        if short {
            n = 1 + (scale % n as u64) as usize;
            wire.edge = true;
        }
        into.extend(wire.to_server.drain(..n));
        self.note(n as u64);
        Ok(n)
    }

    pub(crate) fn write(&mut self, descriptor: usize, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        if self.fault(self.faults.interrupt) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let (again, short) = (self.fault(self.faults.again), self.fault(self.faults.short));
        let (scale, room) = (self.rng.next(), self.room);
        let wire = self.wire(descriptor);
        assert!(!wire.server_ended, "a write after the end");
        if wire.client_reset {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let free = room.saturating_sub(wire.to_client.len());
        if again || free == 0 {
            wire.edge |= again;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let mut n = bytes.len().min(free);
        if short {
            // There is room for more, so that no edge ever says so.
            n = 1 + (scale % n as u64) as usize;
        }
        wire.to_client.extend_from_slice(&bytes[..n]);
        self.note(n as u64 + (1 << 32));
        Ok(n)
    }

    pub(crate) fn end_writes(&mut self, descriptor: usize) {
        self.wire(descriptor).server_ended = true;
    }

    /// As Linux does it: closing with unread input, or with a linger of zero, resets, and the peer's unread bytes are gone.
    pub(crate) fn close(&mut self, descriptor: usize, reset: bool) {
        let wire = self.wire(descriptor);
        assert!(!wire.server_closed, "closed twice");
        wire.server_closed = true;
        wire.watch = None;
        wire.server_ended = true;
        if reset || !wire.to_server.is_empty() {
            wire.server_reset = true;
            wire.to_client.clear();
        }
        self.descriptors[descriptor] = None;
        self.note(descriptor as u64 + (1 << 33));
    }

    pub(crate) fn watch(&mut self, descriptor: usize, token: Token, writes: bool) {
        let room = self.room;
        let wire = self.wire(descriptor);
        assert_eq!(wire.watch.is_some(), writes, "added once, then changed once");
        wire.watch = Some((token, writes));
        wire.edge |= wire.is_readable() || (writes && wire.to_client.len() < room);
    }

    pub(crate) fn watch_listener(&mut self, token: Token) {
        self.listening = Some(token);
    }

    pub(crate) fn watch_bell(&mut self, token: Token) {
        self.bell_token = Some(token);
    }

    /// What is ready, now or (for the faults' sake) at another time.
    pub(crate) fn collect(&mut self, events: &mut Vec<Event>) {
        let quiet = Event { token: Token::from_u64(0), readable: false, writable: false, ended: false, broken: false };
        if let Some(token) = self.bell_token.filter(|_| self.bell.swap(false, Ordering::SeqCst)) {
            events.push(Event { token, readable: true, ..quiet });
        }
        if let Some(token) = self.listening.filter(|_| self.listen_edge) {
            self.listen_edge = false;
            events.push(Event { token, readable: true, ..quiet });
        }
        for index in 0..self.descriptors.len() {
            let Some(id) = self.descriptors[index] else { continue };
            let Some((token, writes)) = self.wires[id].watch else { continue };
            if self.fault(self.faults.spurious) {
                events.push(Event { token, readable: true, writable: writes, ..quiet });
            }
            if !self.wires[id].edge || self.fault(self.faults.late) {
                continue;
            }
            let room = self.room;
            let wire = &mut self.wires[id];
            wire.edge = false;
            let readable = wire.is_readable();
            let writable = writes && (wire.to_client.len() < room || wire.client_reset);
            if readable || writable {
                let ended = wire.client_ended || wire.client_reset;
                events.push(Event { token, readable, writable, ended, broken: wire.client_reset });
            }
        }
        self.note(events.len() as u64);
    }

    /// Whether an edge waits that [`World::collect`] was late with.
    pub(crate) fn has_edges(&self) -> bool {
        self.bell.load(Ordering::SeqCst)
            || (self.listening.is_some() && self.listen_edge)
            || self.descriptors.iter().flatten().any(|id| self.wires[*id].edge && self.wires[*id].watch.is_some())
    }
}

impl Wire {
    fn is_readable(&self) -> bool {
        !self.to_server.is_empty() || self.client_ended || self.client_reset
    }
}

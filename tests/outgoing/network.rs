//! A simulated network seen from the side that connects: virtual time, a scripted server behind every connection, sockets with
//! a small buffer. It knows nothing of what the bytes mean.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use farthing::reactor::{Event, Listener, Peer, Platform, Route, Stream, Token, Wake};

/// Bytes that a socket takes before the server has read them.
const ROOM: usize = 4096;
/// What a turn costs.
const TURN: Duration = Duration::from_micros(2);

/// How a server answers a connection attempt.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code)] // each test uses some of them
pub(crate) enum Door {
    /// At once, within the call.
    Open,
    /// After a while.
    After(Duration),
    /// Not at all.
    Silent,
    /// With a reset after a while.
    Refuses(Duration),
    /// With an error at once.
    Shut,
}

/// What a server does, some time after it was given a reason.
#[derive(Clone, Debug)]
#[allow(dead_code)] // each test uses some of them
pub(crate) enum Deed {
    Send(Vec<u8>),
    Close,
    Reset,
}

/// The far end of all connections.
pub(crate) trait Server {
    fn connect(&mut self, connection: usize, now: Duration) -> Door;
    /// Bytes came; says what happens how much later.
    fn receive(&mut self, connection: usize, bytes: &[u8], now: Duration) -> Vec<(Duration, Deed)>;
}

#[derive(Debug)]
enum Action {
    Establish(usize),
    Refuse(usize),
    Arrive(usize, Vec<u8>),
    Act(usize, Deed),
}

#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each end of each direction by itself
struct Wire {
    established: bool,
    refused: bool,
    closed_here: bool,
    ended: bool,
    reset: bool,
    under_way: usize,
    inbox: Vec<u8>,
    watch: Option<(Token, bool)>,
    edge: bool,
}

pub(crate) struct Network {
    pub(crate) now: Duration,
    pub(crate) epoch: Instant,
    server: Box<dyn Server>,
    wires: Vec<Wire>,
    agenda: BTreeMap<(Duration, u64), Action>,
    sequence: u64,
    bell: Option<(Token, Arc<Bell>)>,
}

pub(crate) type Shared = Rc<RefCell<Network>>;

impl Network {
    pub(crate) fn new(server: impl Server + 'static) -> Shared {
        let (wires, agenda) = (Vec::new(), BTreeMap::new());
        Rc::new(RefCell::new(Self {
            now: Duration::ZERO,
            epoch: Instant::now(),
            server: Box::new(server),
            wires,
            agenda,
            sequence: 0,
            bell: None,
        }))
    }

    /// Connections that were not closed on this side.
    pub(crate) fn open(&self) -> usize {
        self.wires.iter().filter(|wire| !wire.closed_here).count()
    }

    fn plan(&mut self, after: Duration, action: Action) {
        self.sequence += 1;
        self.agenda.insert((self.now + after, self.sequence), action);
    }

    fn step(&mut self, until: Option<Duration>) -> bool {
        let Some((&key, _)) = self.agenda.first_key_value() else { return false };
        if until.is_some_and(|until| key.0 > until) {
            return false;
        }
        let action = self.agenda.remove(&key).expect("the first");
        self.now = self.now.max(key.0);
        match action {
            Action::Establish(id) => (self.wires[id].established, self.wires[id].edge) = (true, true),
            Action::Refuse(id) => (self.wires[id].refused, self.wires[id].edge) = (true, true),
            Action::Arrive(id, bytes) => {
                self.wires[id].under_way -= bytes.len();
                self.wires[id].edge = true;
                let now = self.now;
                for (after, deed) in self.server.receive(id, &bytes, now) {
                    self.plan(after, Action::Act(id, deed));
                }
            }
            Action::Act(id, deed) => {
                let wire = &mut self.wires[id];
                wire.edge = true;
                match deed {
                    Deed::Send(bytes) => wire.inbox.extend_from_slice(&bytes),
                    Deed::Close => wire.ended = true,
                    Deed::Reset => wire.reset = true,
                }
            }
        }
        true
    }

    fn collect(&mut self, events: &mut Vec<Event>) {
        if let Some((token, bell)) = &self.bell
            && bell.0.swap(false, Ordering::SeqCst)
        {
            events.push(Event { token: *token, readable: true, writable: false, ended: false, broken: false });
        }
        for wire in &mut self.wires {
            let Some((token, writes)) = wire.watch.filter(|_| wire.edge && !wire.closed_here) else { continue };
            wire.edge = false;
            let readable = !wire.inbox.is_empty() || wire.ended || wire.reset;
            let writable = writes && wire.established && wire.under_way < ROOM;
            let broken = wire.reset || wire.refused;
            if readable || writable || broken {
                events.push(Event { token, readable, writable, ended: wire.ended || broken, broken });
            }
        }
    }
}

pub(crate) struct VirtualPlatform(pub(crate) Shared);

impl Platform for VirtualPlatform {
    type Stream = VirtualStream;
    type Listener = NoListener;

    fn now(&self) -> Instant {
        let network = self.0.borrow();
        network.epoch + network.now
    }

    fn poll(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        let mut network = self.0.borrow_mut();
        network.now += TURN;
        let until = timeout.map(|timeout| network.now + timeout);
        let now = network.now;
        while network.step(Some(now)) {}
        loop {
            network.collect(events);
            if !events.is_empty() {
                return Ok(());
            }
            if !network.step(until) {
                network.now = network.now.max(until.expect("the loop sleeps for ever"));
                return Ok(());
            }
        }
    }

    fn connect(&mut self, _route: &Route) -> io::Result<VirtualStream> {
        let mut network = self.0.borrow_mut();
        let (id, now) = (network.wires.len(), network.now);
        let door = network.server.connect(id, now);
        if matches!(door, Door::Shut) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        network.wires.push(Wire { established: matches!(door, Door::Open), ..Wire::default() });
        match door {
            Door::After(after) => network.plan(after, Action::Establish(id)),
            Door::Refuses(after) => network.plan(after, Action::Refuse(id)),
            Door::Open | Door::Silent | Door::Shut => {}
        }
        Ok(VirtualStream { id, network: Rc::clone(&self.0) })
    }

    fn watch(&mut self, stream: &mut VirtualStream, token: Token) -> io::Result<()> {
        let wire = &mut self.0.borrow_mut().wires[stream.id];
        assert!(wire.watch.is_none(), "watched twice");
        wire.watch = Some((token, false));
        wire.edge = true;
        Ok(())
    }

    fn watch_writes(&mut self, stream: &mut VirtualStream, token: Token) -> io::Result<()> {
        let wire = &mut self.0.borrow_mut().wires[stream.id];
        wire.watch = Some((token, true));
        wire.edge = true;
        Ok(())
    }

    fn watch_listener(&mut self, _listener: &mut NoListener, _token: Token) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn waker(&mut self, token: Token) -> io::Result<Arc<dyn Wake>> {
        let bell = Arc::new(Bell(AtomicBool::new(false)));
        self.0.borrow_mut().bell = Some((token, Arc::clone(&bell)));
        Ok(bell)
    }
}

#[derive(Debug)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct VirtualStream {
    id: usize,
    network: Shared,
}

impl Stream for VirtualStream {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let wire = &mut self.network.borrow_mut().wires[self.id];
        if wire.reset || wire.refused {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let n = wire.inbox.len().min(into.capacity() - into.len());
        if n == 0 && !wire.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        into.extend(wire.inbox.drain(..n));
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut network = self.network.borrow_mut();
        let wire = &mut network.wires[self.id];
        assert!(wire.established, "a write before there is a connection");
        if wire.reset {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let n = bytes.len().min(ROOM - wire.under_way);
        if n == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        wire.under_way += n;
        let action = Action::Arrive(self.id, bytes[..n].to_vec());
        network.plan(Duration::from_micros(10), action);
        Ok(n)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write(&slices.iter().flat_map(|slice| slice.iter().copied()).collect::<Vec<_>>())
    }

    fn connected(&self) -> io::Result<bool> {
        let wire = &self.network.borrow().wires[self.id];
        if wire.refused { Err(io::ErrorKind::ConnectionRefused.into()) } else { Ok(wire.established) }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn reset(self) {}
}

impl Drop for VirtualStream {
    fn drop(&mut self) {
        self.network.borrow_mut().wires[self.id].closed_here = true;
    }
}

pub(crate) struct NoListener;

impl Listener for NoListener {
    type Stream = VirtualStream;

    fn accept(&mut self) -> io::Result<(VirtualStream, Peer)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn refuse(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

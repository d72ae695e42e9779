//! Connections that the loop opens: established, refused, never answered, cut while it drains; in a simulated network under a
//! virtual clock, and on real sockets.

#![cfg(feature = "server")]

#[path = "outgoing/network.rs"]
mod network;

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::rc::Rc;
use std::time::{Duration, Instant};

use farthing::reactor::{
    Address, App, Closed, Errands, Flow, Inbound, Limits, Mio, Outbox, Peer, Platform, Reactor, Remote, Token,
};
use network::{Deed, Door, Network, Server, VirtualPlatform};

/// Asks at set moments over connections of its own, and remembers what came of it.
struct Caller {
    remote: Remote<()>,
    to: Vec<Address>,
    /// When to wake all connections, the next one last.
    agenda: Vec<Duration>,
    started: Option<Instant>,
    tokens: Vec<(usize, Token)>,
    connected: Vec<(usize, Duration)>,
    woken: Vec<Duration>,
    answers: Vec<(usize, Vec<u8>)>,
    closed: Vec<(usize, Closed<&'static str>, Duration)>,
    now: Duration,
}

#[derive(Default)]
struct Queue(Vec<u8>);

impl Outbox for Queue {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn slices<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        into[0] = IoSlice::new(&self.0);
        1
    }

    fn advance(&mut self, n: usize) {
        self.0.drain(..n);
    }

    fn split_rest(&mut self) -> Self {
        std::mem::take(self)
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

impl Caller {
    fn new(remote: Remote<()>, to: Vec<Address>, agenda: &[Duration]) -> Self {
        let agenda = agenda.iter().rev().copied().collect();
        let (tokens, connected, woken, answers, closed) = Default::default();
        Caller { remote, to, agenda, started: None, tokens, connected, woken, answers, closed, now: Duration::ZERO }
    }

    fn since(&mut self, now: Instant) -> Duration {
        self.now = now - *self.started.get_or_insert(now);
        self.now
    }
}

impl App for Caller {
    type Session = usize;
    type Outbox = Queue;
    type Completion = ();
    type Reason = &'static str;

    fn open(&mut self, _: usize, _: Token, _: &Peer, _: Instant) -> Option<usize> {
        None
    }

    fn receive(&mut self, id: &mut usize, _: Token, input: &mut Inbound<'_>, _: &mut Queue, _: Instant) -> Flow<&'static str> {
        let bytes = input.bytes().to_vec();
        input.consume(bytes.len());
        let ends = bytes.ends_with(b".");
        self.answers.push((*id, bytes));
        if ends { Flow::Close("answered") } else { Flow::Read { need: 1 } }
    }

    fn finished(&mut self, _: &mut usize, _: Token, _: &mut Inbound<'_>, _: &mut Queue, _: Instant) -> Flow<&'static str> {
        Flow::Close("ended")
    }

    fn complete(&mut self, _: &mut usize, _: Token, (): (), _: &mut Queue, _: Instant) -> Flow<&'static str> {
        unreachable!("nobody completes")
    }

    fn orphaned(&mut self, (): ()) {}

    fn deadline(&self, _: &usize) -> Option<Instant> {
        None
    }

    fn expired(&mut self, _: &mut usize, _: Token, _: &mut Queue, _: Instant) -> Flow<&'static str> {
        unreachable!("no deadline")
    }

    fn drain(&mut self, _: &mut usize, _: Token, _: &mut Queue, _: Instant) -> Flow<&'static str> {
        Flow::Close("drained")
    }

    fn closed(&mut self, id: usize, _: &Peer, reason: Closed<&'static str>) {
        self.closed.push((id, reason, self.now));
        if self.closed.len() == self.to.len() {
            self.remote.stop();
        }
    }

    fn turn(&mut self, errands: &mut Errands<usize>, now: Instant) -> Option<Instant> {
        if self.started.is_none() {
            self.to.iter().enumerate().for_each(|(id, address)| errands.connect(address.clone(), id));
        }
        let since = self.since(now);
        while let Some(at) = self.agenda.pop_if(|at| *at <= since) {
            self.woken.push(since.saturating_sub(at));
            self.tokens.iter().for_each(|(_, token)| errands.wake(*token));
        }
        self.agenda.last().map(|at| now + at.saturating_sub(since))
    }

    fn connected(&mut self, id: &mut usize, token: Token, out: &mut Queue, now: Instant) -> Flow<&'static str> {
        let since = self.since(now);
        self.connected.push((*id, since));
        self.tokens.push((*id, token));
        out.0.extend_from_slice(b"hello");
        Flow::Read { need: 1 }
    }

    fn woken(&mut self, _: &mut usize, _: Token, out: &mut Queue, _: Instant) -> Flow<&'static str> {
        out.0.extend_from_slice(b"again.");
        Flow::Read { need: 1 }
    }
}

/// Sends back what it gets, a millisecond later; each connection's door is given.
struct Echo(Vec<Door>);

impl Server for Echo {
    fn connect(&mut self, connection: usize, _: Duration) -> Door {
        self.0[connection]
    }

    fn receive(&mut self, _: usize, bytes: &[u8], _: Duration) -> Vec<(Duration, Deed)> {
        vec![(Duration::from_millis(1), Deed::Send(bytes.to_vec()))]
    }
}

const MS: Duration = Duration::from_millis(1);

fn run<P: Platform>(mut reactor: Reactor<P, Caller>) -> Caller {
    for _ in 0..10_000 {
        if reactor.turn().unwrap().is_some() {
            return reactor.into_app();
        }
    }
    panic!("the loop spins");
}

fn tcp() -> Address {
    Address::Tcp(([127, 0, 0, 1], 1).into())
}

#[test]
fn each_attempt_comes_back_once_as_what_it_became() {
    let doors = vec![Door::Open, Door::After(7 * MS), Door::Silent, Door::Refuses(3 * MS), Door::Shut];
    let network = Network::new(Echo(doors));
    let limits = Limits { connect_timeout: 500 * MS, ..Limits::default() };
    let app = |remote| Caller::new(remote, vec![tcp(); 5], &[100 * MS]);
    let caller = run(Reactor::new(VirtualPlatform(Rc::clone(&network)), limits, app).unwrap());
    let established: Vec<usize> = caller.connected.iter().map(|(id, _)| *id).collect();
    assert_eq!(established, [0, 1]);
    assert!(caller.connected[0].1 < MS && caller.connected[1].1 >= 7 * MS && caller.connected[1].1 < 8 * MS);
    let reason = |id| caller.closed.iter().find(|(closed, ..)| *closed == id).map(|(_, reason, at)| (*reason, *at)).unwrap();
    assert_eq!(reason(0).0, Closed::App("answered"));
    assert_eq!(reason(1).0, Closed::App("answered"));
    assert_eq!(reason(2).0, Closed::Unanswered);
    assert!(reason(2).1 < 600 * MS);
    assert_eq!(reason(3).0, Closed::Failed(ErrorKind::ConnectionRefused));
    assert_eq!(reason(4).0, Closed::Failed(ErrorKind::ConnectionRefused));
    assert_eq!(caller.closed.len(), 5);
    for id in 0..2 {
        let bytes: Vec<u8> = caller.answers.iter().filter(|(from, _)| *from == id).flat_map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(bytes, b"helloagain.");
    }
    assert_eq!(network.borrow().open(), 0);
}

#[test]
fn a_moment_that_the_app_asked_for_is_kept_to_the_microsecond() {
    let agenda: Vec<Duration> = (1..200).map(|n| n * Duration::from_micros(777)).collect();
    let network = Network::new(Echo(vec![Door::Silent]));
    let app = |remote| Caller::new(remote, vec![tcp()], &agenda);
    let limits = Limits { connect_timeout: 500 * MS, ..Limits::default() };
    let caller = run(Reactor::new(VirtualPlatform(network), limits, app).unwrap());
    assert_eq!(caller.woken.len(), agenda.len());
    assert!(caller.woken.iter().all(|late| *late <= Duration::from_micros(10)), "{:?}", caller.woken.iter().max());
}

#[test]
fn a_drain_cuts_attempts_and_asks_connections() {
    let network = Network::new(Echo(vec![Door::Silent, Door::Open]));
    let app = |remote| Caller::new(remote, vec![tcp(), tcp()], &[]);
    let mut reactor = Reactor::new(VirtualPlatform(Rc::clone(&network)), Limits::default(), app).unwrap();
    while reactor.app().answers.is_empty() {
        assert_eq!(reactor.turn().unwrap(), None);
    }
    reactor.remote().drain();
    let caller = run(reactor);
    let mut reasons: Vec<_> = caller.closed.iter().map(|(id, reason, _)| (*id, *reason)).collect();
    reasons.sort_by_key(|(id, _)| *id);
    assert_eq!(reasons, [(0, Closed::Cut), (1, Closed::App("drained"))]);
    assert_eq!(network.borrow().open(), 0);
}

/// Answers one connection with what it sends, until it ends.
fn serve(mut stream: impl Read + Write) {
    let mut buffer = [0; 64];
    while let Ok(n) = stream.read(&mut buffer) {
        if n == 0 || stream.write_all(&buffer[..n]).is_err() {
            return;
        }
    }
}

#[test]
fn real_sockets_connect_refuse_and_carry_bytes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let path = std::env::temp_dir().join(format!("farthing-outgoing-{}.sock", std::process::id()));
    let unix = UnixListener::bind(&path).unwrap();
    let servers = [
        std::thread::spawn(move || serve(listener.accept().unwrap().0)),
        std::thread::spawn(move || serve(unix.accept().unwrap().0)),
    ];
    let to = vec![Address::Tcp(address), Address::Tcp(gone), Address::Unix(path.clone()), Address::Unix("/nowhere.sock".into())];
    let app = |remote| Caller::new(remote, to, &[50 * MS, 100 * MS]);
    let caller = run(Reactor::new(Mio::precise().unwrap(), Limits::default(), app).unwrap());
    std::fs::remove_file(path).unwrap();
    let reason = |id| caller.closed.iter().find(|(closed, ..)| *closed == id).map(|(_, reason, _)| *reason).unwrap();
    assert_eq!(reason(0), Closed::App("answered"));
    assert_eq!(reason(1), Closed::Failed(ErrorKind::ConnectionRefused));
    assert_eq!(reason(2), Closed::App("answered"));
    assert_eq!(reason(3), Closed::Failed(ErrorKind::NotFound));
    servers.into_iter().for_each(|server| server.join().unwrap());
}

#[test]
fn precise_time_outs_end_between_two_milliseconds() {
    let mut mio = Mio::precise().unwrap();
    let mut events = Vec::new();
    let mut late: Vec<Duration> = Vec::new();
    for n in 0..100 {
        let timeout = Duration::from_micros(150 + n * 31);
        let until = Instant::now() + timeout;
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            mio.poll(&mut events, Some(left)).unwrap();
        }
        late.push(until.elapsed());
    }
    late.sort_unstable();
    // A whole millisecond would be the poll's own grain.
    assert!(late[late.len() / 4] < Duration::from_micros(600), "{late:?}");
}

//! The production loop on real sockets. What depends on timing or on luck is the simulation's; here is what the kernel does.

#![cfg(feature = "server")]

#[path = "reactor/echo.rs"]
mod echo;
#[path = "reactor/pool.rs"]
mod pool;
#[path = "reactor/unix.rs"]
mod unix;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use echo::{Echo, Reason, Records, frame};
use farthing::reactor::{Address, Closed, Limits, ListenOptions, Mio, PoolOptions, Reactor, Remote, Spread, Workers, listen};

struct Server {
    address: Address,
    remotes: Vec<Remote<echo::Done>>,
    threads: Vec<JoinHandle<(Records, usize)>>,
}

impl Server {
    fn start(limits: &Limits) -> Self {
        Server::at(&Address::Tcp("127.0.0.1:0".parse().unwrap()), limits, 1, &ListenOptions::default())
    }

    fn at(address: &Address, limits: &Limits, shards: usize, options: &ListenOptions) -> Self {
        let acceptors = listen(address, shards, options).unwrap();
        let address = acceptors[0].address().clone();
        let (remotes, threads) = acceptors
            .into_iter()
            .map(|acceptor| {
                let (send, receive) = mpsc::channel();
                let limits = limits.clone();
                let thread = thread::spawn(move || {
                    let workers = Workers::start(PoolOptions { workers: 2, ..PoolOptions::default() }).unwrap();
                    let mut reactor = Reactor::new(Mio::new().unwrap(), limits, |remote| Echo::new(workers, remote)).unwrap();
                    reactor.listen(acceptor).unwrap();
                    send.send(reactor.remote()).unwrap();
                    let cut = reactor.run().unwrap();
                    (reactor.into_app().records, cut)
                });
                (receive.recv().unwrap(), thread)
            })
            .unzip();
        Server { address, remotes, threads }
    }

    fn tcp(&self) -> SocketAddr {
        let Address::Tcp(address) = self.address else { panic!("not TCP") };
        address
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.tcp()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn end(mut self, order: impl Fn(&Remote<echo::Done>)) -> (Records, usize) {
        self.remotes.iter().for_each(order);
        self.threads.pop().unwrap().join().unwrap()
    }

    /// Drains, and checks that every connection was closed once.
    fn drain(self) -> Records {
        let (records, cut) = self.end(Remote::drain);
        assert_eq!(cut, 0);
        assert_eq!(records.opened, records.closed.len());
        records
    }
}

fn read_frame(stream: &mut impl Read) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body).unwrap();
    body
}

fn read_all(mut stream: impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    all
}

fn big(length: u32) -> Vec<u8> {
    let mut body = vec![echo::BIG];
    body.extend_from_slice(&length.to_be_bytes());
    frame(&body)
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Waits for a condition; a test that needs longer than this is broken.
fn until(mut condition: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < patience, "the condition never came true");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn answers_calls_on_one_connection() {
    let server = Server::start(&Limits::default());
    let mut stream = server.connect();
    for size in [1, 10, 1000, 100_000, 3_000_000] {
        let body = vec![echo::ECHO; size];
        stream.write_all(&frame(&body)).unwrap();
        assert_eq!(read_frame(&mut stream), body);
    }
    drop(stream);
    let records = server.drain();
    assert!(matches!(records.closed[..], [Closed::Peer]), "{:?}", records.closed);
}

#[test]
fn half_close_gets_all_answers_and_then_the_end() {
    let server = Server::start(&Limits::default());
    let mut stream = server.connect();
    let bodies: Vec<Vec<u8>> = (0..100_u8).map(|n| vec![if n % 3 == 0 { echo::WORK } else { echo::ECHO }, n]).collect();
    let frames: Vec<Vec<u8>> = bodies.iter().map(|body| frame(body)).collect();
    stream.write_all(&frames.concat()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(stream) == frames.concat());
    let records = server.drain();
    assert!(matches!(records.closed[..], [Closed::Peer]), "{:?}", records.closed);
}

#[test]
fn an_end_inside_a_message_executes_nothing() {
    let server = Server::start(&Limits::default());
    let mut stream = server.connect();
    stream.write_all(&frame(b"e123")[..6]).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(stream).is_empty());
    let records = server.drain();
    assert_eq!(records.handled, 0);
    assert!(matches!(records.closed[..], [Closed::App(Reason::Truncated)]), "{:?}", records.closed);
}

#[test]
fn finish_delivers_the_answer_although_input_is_left() {
    let server = Server::start(&Limits::default());
    for _ in 0..50 {
        let mut stream = server.connect();
        let mut bytes = frame(b"f and farewell");
        bytes.extend_from_slice(&vec![b'?'; 40_000]);
        stream.write_all(&bytes).unwrap();
        assert_eq!(read_frame(&mut stream), b"f and farewell");
        assert!(read_all(stream).is_empty());
    }
    server.drain();
}

#[test]
fn a_reset_in_the_middle_closes_once_and_drops_the_result() {
    let server = Server::start(&Limits::default());
    for round in 0..200 {
        let mut stream = server.connect();
        match round % 4 {
            0 => stream.write_all(&frame(b"w while it runs")).unwrap(),
            1 => stream.write_all(&frame(b"e unfinished")[..7]).unwrap(),
            2 => stream.write_all(&big(5_000_000)).unwrap(),
            _ => {}
        }
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
    let mut stream = server.connect();
    stream.write_all(&frame(b"e canary")).unwrap();
    assert_eq!(read_frame(&mut stream), b"e canary");
    drop(stream);
    let records = server.drain();
    assert!(records.opened <= 201);
}

#[test]
fn abort_resets_and_close_does_not() {
    let server = Server::start(&Limits::default());
    let mut stream = server.connect();
    stream.write_all(&frame(b"a")).unwrap();
    assert_eq!(stream.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut stream = server.connect();
    stream.write_all(&[frame(b"e last"), frame(b"c")].concat()).unwrap();
    assert_eq!(read_frame(&mut stream), b"e last");
    assert!(read_all(stream).is_empty());
    server.drain();
}

#[test]
fn a_panic_costs_one_connection() {
    let server = Server::start(&Limits::default());
    let mut victim = server.connect();
    let mut other = server.connect();
    victim.write_all(&frame(b"x")).unwrap();
    assert_eq!(victim.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    other.write_all(&frame(b"p a worker's panic")).unwrap();
    assert_eq!(read_frame(&mut other), echo::SORRY);
    other.write_all(&frame(b"e alive")).unwrap();
    assert_eq!(read_frame(&mut other), b"e alive");
    drop(other);
    server.drain();
}

#[test]
fn a_reader_that_never_reads_is_stopped_softly_and_reset_hard() {
    let limits = Limits { output_soft: 100_000, output_hard: 20_000_000, ..Limits::default() };
    let server = Server::start(&limits);
    let mut stream = server.connect();
    // Each answer is far above the soft limit: only few of the thousand requests may be looked at before the loop stops reading.
    let requests: Vec<u8> = (0..1000).flat_map(|_| big(1_000_000)).collect();
    stream.write_all(&requests).unwrap();
    let mut greedy = server.connect();
    greedy.write_all(&big(60_000_000)).unwrap();
    assert_eq!(greedy.read_to_end(&mut Vec::new()).unwrap_err().kind(), ErrorKind::ConnectionReset);
    drop(stream);
    let records = server.drain();
    assert!(records.handled < 40, "{} requests were handled for a peer that does not read", records.handled);
    assert!(records.closed.iter().any(|closed| matches!(closed, Closed::Overflow)), "{:?}", records.closed);
}

#[test]
fn backpressure_lets_go_when_the_reader_reads() {
    let limits = Limits { output_soft: 50_000, ..Limits::default() };
    let server = Server::start(&limits);
    let stream = server.connect();
    let mut sender = stream.try_clone().unwrap();
    let writer = thread::spawn(move || {
        for n in 0..20_000_u32 {
            let mut body = vec![echo::ECHO; 500];
            body[1..5].copy_from_slice(&n.to_be_bytes());
            sender.write_all(&frame(&body)).unwrap();
        }
        sender.shutdown(Shutdown::Write).unwrap();
    });
    // Let both directions fill up before reading.
    thread::sleep(Duration::from_millis(200));
    let mut reader = std::io::BufReader::new(stream);
    for n in 0..20_000_u32 {
        assert_eq!(read_frame(&mut reader)[1..5], n.to_be_bytes());
    }
    assert!(read_all(reader).is_empty());
    writer.join().unwrap();
    server.drain();
}

#[test]
fn a_reader_without_progress_is_reset_after_the_write_timeout() {
    let limits = Limits { write_timeout: Duration::from_millis(150), ..Limits::default() };
    let server = Server::start(&limits);
    let mut stream = server.connect();
    stream.write_all(&big(20_000_000)).unwrap();
    let give_up = Instant::now() + Duration::from_secs(20);
    let error = loop {
        assert!(Instant::now() < give_up, "no reset");
        match stream.take_error().unwrap() {
            Some(error) => break error,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let records = server.drain();
    assert!(matches!(records.closed[..], [Closed::Stalled]), "{:?}", records.closed);
}

#[test]
fn accepted_sockets_inherit_their_options() {
    let options = ListenOptions::default();
    let acceptors = listen(&Address::Tcp("127.0.0.1:0".parse().unwrap()), 1, &options).unwrap();
    let Address::Tcp(address) = *acceptors[0].address() else { panic!("not TCP") };
    let _client = TcpStream::connect(address).unwrap();
    let mut acceptor = acceptors.into_iter().next().unwrap();
    let (stream, _) = farthing::reactor::Listener::accept(&mut acceptor).unwrap();
    let socket = socket2::SockRef::from(&stream);
    assert!(socket.tcp_nodelay().unwrap());
    assert!(socket.keepalive().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), options.keepalive);
    assert_eq!(socket.tcp_user_timeout().unwrap(), Some(options.user_timeout));
}

#[test]
fn ten_thousand_short_connections_leak_nothing() {
    let server = Server::start(&Limits::default());
    server.connect().write_all(&frame(b"e warm")).unwrap();
    let before = descriptors();
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let address = server.tcp();
            thread::spawn(move || {
                for n in 0..2500 {
                    let mut stream = TcpStream::connect(address).unwrap();
                    if n % 5 > 0 {
                        stream.write_all(&frame(b"e short")).unwrap();
                        assert_eq!(read_frame(&mut stream), b"e short");
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    until(|| descriptors() <= before + 2);
    let records = server.drain();
    assert_eq!(records.opened, 10_001);
}

#[test]
fn a_full_shard_pauses_its_listener_and_resumes() {
    let limits = Limits { connections_max: 3, ..Limits::default() };
    let server = Server::start(&limits);
    let mut first: Vec<TcpStream> = (0..3).map(|_| server.connect()).collect();
    for stream in &mut first {
        stream.write_all(&frame(b"e in")).unwrap();
        assert_eq!(read_frame(stream), b"e in");
    }
    let mut fourth = server.connect();
    fourth.write_all(&frame(b"e waits")).unwrap();
    fourth.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(matches!(fourth.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    drop(first.pop());
    fourth.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(read_frame(&mut fourth), b"e waits");
    server.drain();
}

#[test]
fn drain_answers_what_runs_and_cuts_what_hangs() {
    let server = Server::start(&Limits { drain_timeout: Duration::from_millis(300), ..Limits::default() });
    let mut idle = server.connect();
    let mut half = server.connect();
    let mut works = server.connect();
    idle.write_all(&frame(b"e")).unwrap();
    half.write_all(&frame(b"e unfinished")[..9]).unwrap();
    works.write_all(&[frame(b"w one"), frame(b"w two")].concat()).unwrap();
    assert_eq!(read_frame(&mut idle), b"e");
    assert_eq!(read_frame(&mut works), b"w one");
    let (records, cut) = server.end(Remote::drain);
    assert_eq!(read_frame(&mut works), b"w two");
    assert!(read_all(idle).is_empty() && read_all(works).is_empty());
    assert_eq!(half.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!((records.closed.len(), cut), (3, 1));
}

#[test]
fn stop_is_at_once() {
    let server = Server::start(&Limits::default());
    let mut stream = server.connect();
    stream.write_all(&frame(b"e")).unwrap();
    read_frame(&mut stream);
    let (_, cut) = server.end(Remote::stop);
    assert_eq!(cut, 1);
}

#[test]
fn several_shards_share_a_port_either_way() {
    for spread in [Spread::ReusePort, Spread::Shared] {
        let options = ListenOptions { spread, ..ListenOptions::default() };
        let server = Server::at(&Address::Tcp("127.0.0.1:0".parse().unwrap()), &Limits::default(), 2, &options);
        for _ in 0..100 {
            let mut stream = server.connect();
            stream.write_all(&frame(b"e")).unwrap();
            assert_eq!(read_frame(&mut stream), b"e");
        }
        server.remotes.iter().for_each(Remote::drain);
        let opened: usize = server.threads.into_iter().map(|thread| thread.join().unwrap().0.opened).sum();
        assert_eq!(opened, 100);
    }
}

#[test]
fn an_address_in_use_says_which() {
    let any = Address::Tcp("127.0.0.1:0".parse().unwrap());
    for spread in [Spread::ReusePort, Spread::Shared] {
        let options = ListenOptions { spread, ..ListenOptions::default() };
        let taken = listen(&any, 2, &options).unwrap();
        let error = listen(taken[0].address(), 2, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "{spread:?}");
        assert!(error.to_string().contains(&taken[0].address().to_string()), "{error}");
    }
    let sharing = ListenOptions { exclusive: false, ..ListenOptions::default() };
    let taken = listen(&any, 2, &sharing).unwrap();
    listen(taken[0].address(), 2, &sharing).unwrap();
}

/// Run as a child process by the next test, under a small limit of descriptors.
#[test]
#[ignore = "a part of the next test"]
fn child_short_of_descriptors() {
    let server = Server::start(&Limits::default());
    println!("{}", server.tcp());
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let (records, _) = server.end(Remote::stop);
    println!("{} {}", records.accept_failed, records.refused);
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn without_descriptors_it_neither_spins_nor_dies() {
    use std::io::{BufRead, BufReader};
    let exe = std::env::current_exe().unwrap();
    let mut child = Command::new("prlimit")
        .args(["--nofile=64", exe.to_str().unwrap(), "child_short_of_descriptors", "--ignored", "--exact", "--nocapture"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address: SocketAddr = lines.find_map(|line| line.rsplit(' ').next()?.parse().ok()).unwrap();
    let mut kept: Vec<TcpStream> = (0..30).map(|_| TcpStream::connect(address).unwrap()).collect();
    let crowd: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(address).unwrap()).collect();
    thread::sleep(Duration::from_millis(300));
    let before = cpu_ticks(child.id());
    for stream in &mut kept {
        stream.write_all(&frame(b"e served")).unwrap();
        assert_eq!(read_frame(stream), b"e served");
    }
    thread::sleep(Duration::from_secs(1));
    let spent = cpu_ticks(child.id()) - before;
    assert!(spent <= 10, "{spent} of 100 ticks were spent on waiting for descriptors");
    drop(crowd);
    let mut late = TcpStream::connect(address).unwrap();
    late.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    late.write_all(&frame(b"e recovered")).unwrap();
    assert_eq!(read_frame(&mut late), b"e recovered");
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let counts = lines.find(|line| line.chars().all(|c| c.is_ascii_digit() || c == ' ') && line.contains(' ')).unwrap();
    let counts: Vec<u64> = counts.split(' ').map(|count| count.parse().unwrap()).collect();
    assert!(counts[0] >= 1 && counts[1] >= 50, "{counts:?}");
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait().unwrap().success());
}

/// User and system time of a process, in hundredths of a second.
fn cpu_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

//! A server in this process or in its own, and clients that look closely.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::ops::Deref;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use farthing::server::{Config, Server};
use rustix::process::{Pid, Signal, kill_process};
use socket2::{Domain, Socket, Type};

use crate::serving::Serving;
use crate::vectors::{Answer, Calls, Over, Probe, Replies, bytes};

/// How long anything may take before a test fails: on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a condition.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < give_up, "in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A server of the probe in this process.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) calls: Arc<Calls>,
    serving: Serving,
}

impl Running {
    pub(crate) fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::at("127.0.0.1:0", change)
    }

    pub(crate) fn at(address: &str, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { shards: 1, ..Config::default() };
        config.pool.workers = 2;
        change(&mut config);
        let calls = Arc::new(Calls::default());
        let mut builder = Server::builder().config(config).service(Probe::new(&calls));
        for method in Probe::OFFLOADED {
            builder = builder.offload(method);
        }
        let serving = Serving::at(address, builder);
        Self { address: serving.address.parse().expect("a TCP address"), calls, serving }
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// Drains; says how many were cut.
    pub(crate) fn drain(mut self) -> usize {
        self.serving.drain()
    }
}

impl Deref for Running {
    type Target = Serving;

    fn deref(&self) -> &Serving {
        &self.serving
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.calls.open_gate();
    }
}

/// `farthing serve` in a process of its own, which does not outlive this.
pub(crate) struct Process {
    child: Child,
    pub(crate) addresses: Vec<String>,
    log: mpsc::Receiver<String>,
}

pub(crate) fn farthing(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

impl Process {
    /// Starts, and waits for as many listeners.
    pub(crate) fn start(command: &mut Command, listeners: usize) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (lines, log) = mpsc::channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| lines.send(line).is_ok()));
        let mut process = Self { child, addresses: Vec::new(), log };
        while process.addresses.len() < listeners {
            let line = process.log.recv_timeout(PATIENCE).expect("a line for each listener");
            let address = line.strip_prefix("listening on ").and_then(|rest| rest.split(' ').next());
            process.addresses.extend(address.map(str::to_owned));
        }
        process
    }

    pub(crate) fn tcp(&self) -> SocketAddr {
        self.addresses[0].parse().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        until("the end of the process", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Resident memory in bytes, without that of files: of the program itself.
    pub(crate) fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
    }

    /// The lines that it logged since the last look.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.try_iter().collect()
    }

    /// Processor time so far, in ticks of 10 ms.
    pub(crate) fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Fin,
    Reset,
}

/// One client.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    replies: Replies,
    ready: Vec<Answer>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// From an address of this machine's own.
    pub(crate) fn connect_from(source: IpAddr, address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::new(source, 0).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, replies: Replies::default(), ready: Vec::new() }
    }

    /// Sends, as far as the server takes it.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    pub(crate) fn half_close(&self) {
        drop(self.stream.shutdown(Shutdown::Write));
    }

    /// The next answers, at least as many.
    pub(crate) fn answers(&mut self, count: usize) -> Vec<Answer> {
        let mut buffer = vec![0; 64 * 1024];
        while self.ready.len() < count {
            let got = self.stream.read(&mut buffer).expect("an answer in time");
            assert!(got > 0, "the end instead of answer {} of {count}", self.ready.len() + 1);
            self.ready.extend(self.replies.feed(&buffer[..got]));
        }
        std::mem::take(&mut self.ready)
    }

    /// Everything up to the end. Half an answer may come only before a reset.
    pub(crate) fn rest(&mut self) -> (Vec<Answer>, Ending) {
        let mut buffer = vec![0; 64 * 1024];
        let ending = loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => break Ending::Fin,
                Ok(got) => self.ready.extend(self.replies.feed(&buffer[..got])),
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => break Ending::Reset,
                Err(error) => panic!("no end in time: {error}"),
            }
        };
        assert!(ending == Ending::Reset || self.replies.is_clean(), "half an answer and then the end");
        (std::mem::take(&mut self.ready), ending)
    }

    /// Closes by a reset.
    pub(crate) fn reset(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// A client whose calls must go on being answered whatever others do.
pub(crate) struct Canary(Client, u32);

impl Canary {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(Client::connect(address), 0)
    }

    /// Calls a method of no arguments that may be unknown, and wants an answer to it.
    pub(crate) fn sings(&mut self) -> Duration {
        self.1 += 1;
        let start = Instant::now();
        self.0.send(&Over::Framed.wrap(&bytes(&format!("HDR(m,1,{:x}) 00", self.1))));
        let seqid = match &self.0.answers(1)[..] {
            [Answer::Reply { seqid, .. } | Answer::Exception { seqid, .. }] => *seqid,
            other => panic!("{other:?}"),
        };
        assert_eq!(seqid, self.1.cast_signed());
        start.elapsed()
    }
}

//! A stderr that nobody reads: what is logged is lost, and nothing else is.

use std::io::{BufRead, BufReader, PipeReader, pipe};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};

use crate::net::{Client, farthing, until};
use crate::vectors::{Over, bytes};

/// Each connection is a line, of a hundred bytes or so.
const CONNECTIONS: usize = 2000;

struct Talkative(Child);

impl Drop for Talkative {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Talkative {
    /// A server that logs every connection, and the end of its stderr that is read.
    fn start() -> (Self, SocketAddr, BufReader<PipeReader>) {
        let (reader, writer) = pipe().unwrap();
        let arguments = ["serve", "--listen", "127.0.0.1:0=calculator", "--workers", "1"];
        let child = Self(farthing(&arguments).env("FARTHING_LOG", "debug").stderr(writer).spawn().unwrap());
        let mut stderr = BufReader::new(reader);
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.split(' ').next()).unwrap();
        (child, address.parse().unwrap(), stderr)
    }

    fn ends(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        let mut status = None;
        until("the end of the process", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

/// Gives it much to log, and is served all the same.
fn ask_much(address: SocketAddr) {
    for _ in 0..CONNECTIONS {
        drop(TcpStream::connect(address).unwrap());
    }
    let mut client = Client::connect(address);
    client.send(&Over::Framed.wrap(&bytes("HDR(add) 080001 00000002 080002 00000003 00")));
    assert_eq!(client.answers(1).len(), 1);
}

#[test]
fn a_closed_stderr_hurts_nobody() {
    let (server, address, stderr) = Talkative::start();
    drop(stderr);
    ask_much(address);
    assert_eq!(server.ends().code(), Some(0));
}

#[test]
fn a_full_stderr_holds_nobody_up() {
    let (server, address, stderr) = Talkative::start();
    ask_much(address);
    assert_eq!(server.ends().code(), Some(0));
    drop(stderr);
}

//! Clients that look closely at what a TLS server does.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// How long anything may take before a test fails: on a busy machine, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Waits for a condition.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < give_up, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn plain(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

pub(crate) fn secure(address: SocketAddr, config: &Arc<ClientConfig>) -> Secure {
    let connection = ClientConnection::new(Arc::clone(config), "localhost".try_into().unwrap()).unwrap();
    StreamOwned::new(connection, plain(address))
}

/// A framed call of `add` and its answer, with that number.
pub(crate) fn add(number: u32) -> (Vec<u8>, Vec<u8>) {
    let mut call = b"\0\0\0\x1f\x80\x01\0\x01\0\0\0\x03add".to_vec();
    call.extend(number.to_be_bytes());
    call.extend(b"\x08\0\x01\0\0\0\x02\x08\0\x02\0\0\0\x03\0");
    call[3] = (call.len() - 4) as u8;
    let mut answer = b"\0\0\0\x17\x80\x01\0\x02\0\0\0\x03add".to_vec();
    answer.extend(number.to_be_bytes());
    answer.extend(b"\x08\0\0\0\0\0\x05\0");
    (call, answer)
}

/// Calls `add`, and wants the sum.
pub(crate) fn calls(stream: &mut (impl Read + Write), number: u32) {
    try_call(stream, number).expect("an answer");
}

/// Calls `add`; whether an answer comes is the question.
pub(crate) fn try_call(stream: &mut (impl Read + Write), number: u32) -> io::Result<()> {
    let (call, answer) = add(number);
    stream.write_all(&call)?;
    let mut got = vec![0; answer.len()];
    stream.read_exact(&mut got)?;
    assert_eq!(got, answer);
    Ok(())
}

/// Everything up to the end, and whether that was a reset.
pub(crate) fn rest(stream: &mut impl Read) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (all, false),
            Ok(n) => all.extend_from_slice(&buffer[..n]),
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => return (all, true),
            Err(error) => panic!("no end in time: {error}"),
        }
    }
}

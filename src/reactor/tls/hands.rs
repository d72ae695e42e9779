//! Both ends of a connection in memory, whose bytes come in pieces of any size and end anywhere.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::{Guard, Tls, TlsClient};
use crate::reactor::Breach;
use crate::reactor::platform::Stream;

/// One direction.
#[derive(Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// How many ever went through.
    carried: usize,
    closed: bool,
}

/// One end; it reads and writes at most `piece` bytes at a time.
struct End {
    from: Rc<RefCell<Pipe>>,
    to: Rc<RefCell<Pipe>>,
    piece: usize,
    /// Its writes end here, and then it is closed.
    cut_at: usize,
}

fn pair(piece: usize, cut_at: usize) -> (End, End) {
    let (there, back) = (Rc::<RefCell<Pipe>>::default(), Rc::<RefCell<Pipe>>::default());
    let one = End { from: Rc::clone(&back), to: Rc::clone(&there), piece, cut_at: usize::MAX };
    (one, End { from: there, to: back, piece, cut_at })
}

impl Stream for End {
    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let mut pipe = self.from.borrow_mut();
        let n = pipe.bytes.len().min(self.piece).min(into.capacity() - into.len());
        if n == 0 {
            return if pipe.closed { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        into.extend(pipe.bytes.drain(..n));
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.to.borrow_mut();
        let n = bytes.len().min(self.piece).min(self.cut_at - pipe.carried);
        pipe.closed |= pipe.carried + n == self.cut_at;
        pipe.carried += n;
        pipe.bytes.extend(&bytes[..n]);
        // What lies behind the cut is lost on the way.
        if pipe.closed { Ok(bytes.len()) } else { Ok(n) }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write(&slices[0])
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn reset(self) {}
}

/// Both sides of TLS for `localhost`.
fn configs() -> (Tls, TlsClient) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (own.cert.der().clone(), PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    (Tls::new(Arc::new(server), false), TlsClient::new(Arc::new(client), name))
}

/// Reads all that is there.
fn drain(guard: &mut Guard, stream: &mut End) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let mut into = Vec::with_capacity(1000);
        match guard.read(stream, &mut into) {
            Ok(0) => return Ok(all),
            Ok(_) => all.append(&mut into),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // As the loop does: who paused is read again without an edge.
                if stream.from.borrow().bytes.is_empty() && !guard.paused() {
                    return Ok(all);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Has both sides go on until neither can; whether the client's side came through.
fn shake(client: &mut Guard, near: &mut End, server: &mut Guard, far: &mut End) -> io::Result<bool> {
    for _ in 0..100_000 {
        if client.shake_hands(near)? {
            return Ok(true);
        }
        _ = drain(server, far);
        while server.held() > 0 && !far.to.borrow().closed {
            _ = server.flush(far);
        }
        let is_still = near.from.borrow().bytes.is_empty() && far.from.borrow().bytes.is_empty();
        if is_still && client.held() == 0 && !near.from.borrow().closed {
            return Ok(false);
        }
    }
    panic!("it goes on for ever");
}

#[test]
fn hands_are_shaken_in_pieces_of_any_size_and_calls_follow() {
    let (tls, to) = configs();
    for piece in [1, 2, 3, 7, 100, 1000, 100_000] {
        let (mut near, mut far) = pair(piece, usize::MAX);
        let (mut client, mut server) = (Guard::client(&to).unwrap(), Guard::new(&tls));
        assert!(shake(&mut client, &mut near, &mut server, &mut far).unwrap(), "pieces of {piece}");
        assert!(client.paused(), "what came behind the handshake is read without an edge");
        let sent: Vec<u8> = (0..50_000_u32).map(|n| n as u8).collect();
        let mut received = Vec::new();
        let taken = client.write(&mut near, &[IoSlice::new(&sent)]).unwrap();
        while client.held() > 0 {
            _ = client.flush(&mut near);
        }
        received.extend(drain(&mut server, &mut far).unwrap());
        assert!(taken > 0 && received[..] == sent[..taken], "pieces of {piece}: {} of {taken}", received.len());
        server.write(&mut far, &[IoSlice::new(b"answer")]).unwrap();
        while server.held() > 0 {
            _ = server.flush(&mut far);
        }
        assert_eq!(drain(&mut client, &mut near).unwrap(), b"answer", "pieces of {piece}");
    }
}

#[test]
fn a_server_that_ends_anywhere_within_the_handshake_is_told_apart_from_one_that_waits() {
    let (tls, to) = configs();
    let whole = {
        let (mut near, mut far) = pair(100_000, usize::MAX);
        let (mut client, mut server) = (Guard::client(&to).unwrap(), Guard::new(&tls));
        assert!(shake(&mut client, &mut near, &mut server, &mut far).unwrap());
        near.from.borrow().carried
    };
    for cut_at in 1..whole {
        let (mut near, mut far) = pair(64, cut_at);
        let (mut client, mut server) = (Guard::client(&to).unwrap(), Guard::new(&tls));
        match shake(&mut client, &mut near, &mut server, &mut far) {
            Err(error) => assert_eq!(Breach::find(&error), Some(Breach::Abandoned), "cut at {cut_at}"),
            // The server's part of the handshake was whole.
            Ok(done) => assert!(done, "cut at {cut_at} of {whole}"),
        }
    }
}

#[test]
fn who_answers_in_plain_text_is_no_server_of_tls() {
    let (_, to) = configs();
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\0\0\0\x1c\x80", b"\x80\x01", b"["] {
        let (mut near, far) = pair(1, usize::MAX);
        let mut client = Guard::client(&to).unwrap();
        assert!(!client.shake_hands(&mut near).unwrap());
        far.to.borrow_mut().bytes.extend(answer);
        let mut outcome = Ok(false);
        for _ in 0..10_000 {
            outcome = client.shake_hands(&mut near);
            if outcome.is_err() {
                break;
            }
        }
        assert_eq!(Breach::find(&outcome.unwrap_err()), Some(Breach::PlainText), "{answer:?}");
    }
}

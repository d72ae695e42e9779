//! The blocking client and its pool over TLS, and what they say of servers that are not what they should be.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use farthing::client::{Builder, Cause, Connection, Error, Step};
use farthing::generated::bench::BenchClient;
use farthing::generated::calculator::CalculatorClient;
use farthing::tls::ClientOptions;
use farthing::transport::Stack;
use farthing::wire::Codec;

use crate::authority::{Authority, Identity, Kind as Certificate};
use crate::clients::until;
use crate::running::Running;

fn trusting(authority: &Authority) -> ClientOptions {
    ClientOptions { ca: Some(authority.file()), ..ClientOptions::default() }
}

fn with(authority: &Authority, identity: &Identity) -> ClientOptions {
    let (certificate, key) = (Some(identity.certificate.clone()), Some(identity.key.clone()));
    ClientOptions { certificate, key, ..trusting(authority) }
}

fn to(running: &Running, options: ClientOptions) -> Builder {
    Connection::builder(format!("localhost:{}", running.address.port())).tls(options).timeout(Duration::from_secs(10))
}

fn refused(builder: Builder) -> String {
    let error = match builder.connect() {
        Err(error) => error,
        // With TLS 1.3 a server says only behind the handshake what it thinks of the client.
        Ok(connection) => {
            let error = CalculatorClient::new(connection).add(1, 2).expect_err("a refusal");
            return Error::of(&error).expect("a failure of the connection").to_string();
        }
    };
    assert!(matches!(error.cause(), Cause::Tls(_) | Cause::Setting(_)), "{error:?}");
    error.to_string()
}

#[test]
fn every_codec_and_transport_goes_through_tls() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    for codec in Codec::ALL {
        for kind in Stack::ALL {
            if kind.carries(codec) {
                let connection = to(&running, trusting(&authority)).codec(codec).transport(kind).connect();
                let mut calculator = CalculatorClient::new(connection.unwrap());
                for number in 0..3 {
                    assert_eq!(calculator.add(number, 40).unwrap(), number + 40, "{codec:?} {kind}");
                }
            }
        }
    }
}

#[test]
fn an_https_address_is_http_through_tls() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let port = running.address.port();
    let connection = Connection::builder(format!("https://localhost:{port}/thrift")).tls(trusting(&authority)).connect();
    assert_eq!(CalculatorClient::new(connection.unwrap()).add(2, 3).unwrap(), 5);
    let error = Connection::builder(format!("http://localhost:{port}/")).tls(trusting(&authority)).connect().unwrap_err();
    assert!(error.to_string().contains("write https://"), "{error}");
    // The system's authorities have not issued this certificate.
    let error = Connection::builder(format!("https://localhost:{port}/")).connect().unwrap_err().to_string();
    assert!(error.contains("no authority that is trusted here") || error.contains("the system has no"), "{error}");
}

#[test]
fn megabytes_go_both_ways() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let connection = to(&running, trusting(&authority)).service("Bench").connect().unwrap();
    let mut bench = BenchClient::new(connection);
    let value: Vec<u8> = (0..(4 << 20)).map(|n: u32| (n ^ (n >> 7)) as u8).collect();
    bench.put("key", &value).unwrap();
    assert!(*bench.get("key").unwrap() == *value);
}

#[test]
fn a_pool_uses_its_connections_again_though_tickets_came_meanwhile() {
    let authority = Authority::new();
    let running = Running::start(authority.server());
    let pool = to(&running, trusting(&authority)).pool().connections_max(2).build().unwrap();
    for number in 0..10 {
        assert_eq!(CalculatorClient::new(pool.clone()).add(number, 1).unwrap(), number + 1);
    }
    assert_eq!(running.handle.counts().opened, 1);
    drop(pool);
    until("a goodbye", || running.closed("done") == 1);
}

#[test]
fn a_server_that_drained_is_noticed_before_the_next_call() {
    let authority = Authority::new();
    let options = authority.server();
    let running = Running::start(options.clone());
    let pool = to(&running, trusting(&authority)).pool().build().unwrap();
    assert_eq!(CalculatorClient::new(pool.clone()).add(1, 1).unwrap(), 2);
    assert_eq!(running.drain(), 0);
    let error = CalculatorClient::new(pool.clone()).add(1, 1).unwrap_err();
    let error = Error::of(&error).expect("a failure of the connection");
    assert!(matches!(error.cause(), Cause::Connect(_)), "{error}");
}

#[test]
fn certificates_that_are_not_as_they_should_be_are_refused_with_the_reason() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (name, kind, parts) in [
        ("elsewhere.example.org", Certificate::Server, &["is not for localhost but for", "elsewhere.example.org"][..]),
        ("*", Certificate::Server, &["is not for localhost"]),
        ("l*calhost", Certificate::Server, &["certificate"]),
        ("*.localhost", Certificate::Server, &["is not for localhost"]),
        ("localhost", Certificate::Ip, &["is not for localhost but for", "127.0.0.1"]),
        ("localhost", Certificate::Expired, &["has expired"]),
        ("localhost", Certificate::Early, &["is not valid yet"]),
        ("localhost", Certificate::Client, &["not meant for servers"]),
    ] {
        let identity = authority.issue("odd", name, kind);
        let running = Running::start(farthing::tls::ServerOptions::new(identity.certificate, identity.key));
        let text = refused(to(&running, trusting(&authority)));
        assert!(parts.iter().all(|part| text.contains(part)), "{name}: {text}");
        assert_eq!(running.requests(), 0);
    }
    let running = Running::start(authority.server());
    let text = refused(to(&running, trusting(&stranger)));
    assert!(text.contains("no authority that is trusted here"), "{text}");
    // Another name than the address has, because it was asked for.
    let text = refused(to(&running, ClientOptions { server_name: Some("other.example.org".into()), ..trusting(&authority) }));
    assert!(text.contains("is not for other.example.org but for"), "{text}");
    let identity = authority.issue("ip", "", Certificate::Ip);
    let running = Running::start(farthing::tls::ServerOptions::new(identity.certificate, identity.key));
    let connection = Connection::builder(running.address.to_string()).tls(trusting(&authority)).connect();
    assert_eq!(CalculatorClient::new(connection.unwrap()).add(2, 3).unwrap(), 5);
}

#[test]
fn a_client_shows_its_certificate_where_it_is_asked() {
    let authority = Authority::new();
    let mut options = authority.server();
    options.client_ca = Some(authority.file());
    options.client_names = vec!["web.example.org".into()];
    let running = Running::start(options);
    let good = authority.issue("good", "web.example.org", Certificate::Client);
    let connection = to(&running, with(&authority, &good)).connect().unwrap();
    assert_eq!(CalculatorClient::new(connection).add(2, 3).unwrap(), 5);
    let text = refused(to(&running, trusting(&authority)));
    assert!(text.contains("it wants a certificate of the client"), "{text}");
    let bad = authority.issue("bad", "db.example.org", Certificate::Client);
    let text = refused(to(&running, with(&authority, &bad)));
    assert!(text.contains("did not take the client's certificate"), "{text}");
}

/// A server that says `answer` to whatever comes, and then waits or closes.
fn impostor(answer: &'static [u8], closes: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(answer).unwrap();
        if closes {
            return;
        }
        while stream.read(&mut [0; 4096]).is_ok_and(|n| n > 0) {}
    });
    port
}

#[test]
fn peers_that_do_not_speak_tls_are_named() {
    let authority = Authority::new();
    for (answer, closes, part) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], false, "does not speak TLS; it speaks HTTP, and answers with status 400"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", false, "it speaks SSH"),
        (b"\0\0\0\x1f\x80\x01\0\x02", false, "it speaks framed Thrift"),
        (b"", true, "closed within the handshake; does it speak TLS?"),
        (b"\x15\x03\x01\0\x02\x02\x28", false, "the alert HandshakeFailure"),
    ] {
        let port = impostor(answer, closes);
        let text = refused(Connection::builder(format!("127.0.0.1:{port}")).tls(trusting(&authority)));
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_server_that_stalls_in_the_handshake_costs_no_more_than_the_time_of_the_call() {
    let authority = Authority::new();
    for answer in [&b""[..], b"\x16", b"\x16\x03\x03\x10\0"] {
        let port = impostor(answer, false);
        let builder = Connection::builder(format!("127.0.0.1:{port}")).tls(trusting(&authority));
        let error = builder.timeout(Duration::from_millis(300)).connect().unwrap_err();
        assert!(matches!(error.cause(), Cause::Timeout { step: Step::Securing, .. }), "{error}");
    }
}

#[test]
fn a_plain_client_is_told_that_the_server_speaks_tls() {
    let authority = Authority::new();
    let running = Running::with(authority.server(), true, |_| {});
    let connection = Connection::builder(running.address.to_string()).connect().unwrap();
    let error = CalculatorClient::new(connection).add(2, 3).unwrap_err();
    assert!(error.to_string().contains("does it expect another transport?"), "{error}");
}

#[test]
fn settings_that_cannot_be_are_refused_with_what_would_be_right() {
    let authority = Authority::new();
    let identity = authority.issue("some", "localhost", Certificate::Client);
    let some = |file: &std::path::Path| Some(file.to_owned());
    let garbage = identity.key.with_extension("garbage");
    std::fs::write(&garbage, "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n").unwrap();
    for (options, part) in [
        (ClientOptions { ca: some(&garbage), ..ClientOptions::default() }, "some.garbage is not as PEM should be"),
        (ClientOptions { ca: some(&identity.key), ..ClientOptions::default() }, "no certificate: it needs"),
        (ClientOptions { certificate: some(&identity.certificate), ..trusting(&authority) }, "only one of them"),
        (ClientOptions { server_name: Some("a b".into()), ..trusting(&authority) }, "\"a b\" is no name"),
    ] {
        let text = refused(Connection::builder("localhost:1").tls(options));
        assert!(text.contains(part), "{text}");
    }
    let text = refused(Connection::builder("unix:/nowhere").tls(trusting(&authority)));
    assert!(text.contains("needs the name of the server"), "{text}");
}

//! The client's info headers, and what it offers where types are known only at run time, over real sockets.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use farthing::client::{Builder, Cause, Connection};
use farthing::generated::calculator::{CalculatorClient, CalculatorService};
use farthing::generated::conformance::{ThriftTestClient, ThriftTestService};
use farthing::rpc::{Caller, Fault, Method, Reply, Request, Response, Service};
use farthing::server::Server;
use farthing::services::calculator::Arithmetic;
use farthing::services::conformance::CrossTest;
use farthing::transport::header::HeaderError;
use farthing::transport::{Kind, Stack};
use farthing::wire::{Codec, Encode, Input, Typed, WireType, Writer};

use self::serving::Serving;

#[path = "in_process/serving.rs"]
mod serving;

/// Answers with all headers of its request, as a text and as headers.
struct Echo;

const METHODS: &[Method] = &[Method { name: "headers", oneway: false }, Method { name: "note", oneway: true }];

impl Service for Echo {
    fn name(&self) -> &'static str {
        "Echo"
    }

    fn methods(&self) -> &'static [Method] {
        METHODS
    }

    fn call(&self, request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
        let mut text = String::new();
        for (key, value) in request.headers() {
            _ = write!(text, "{}={};", key.escape_ascii(), value.escape_ascii());
            reply.set_header([b"re-", key].concat(), value).expect("room for it");
        }
        match request.method() {
            "headers" => reply.field(0, &text),
            _ => reply.oneway(),
        }
        Ok(())
    }
}

fn serve() -> Serving {
    let conformance = ThriftTestService::new(CrossTest);
    let builder = Server::builder().service(Echo).service(CalculatorService::new(Arithmetic)).service(conformance).shards(1);
    Serving::at("127.0.0.1:0", builder)
}

fn headers(server: &Serving) -> Builder {
    Connection::builder(&server.address).transport(Kind::Header).service("Echo").timeout(Duration::from_secs(20))
}

struct Nothing;

impl Typed for Nothing {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Nothing {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.struct_end();
    }
}

/// What the server saw.
fn seen(connection: &mut Connection) -> String {
    let read = |response: &mut Response<'_>| response.result::<String, farthing::rpc::ApplicationException>();
    connection.call_by("headers", &Nothing, read).unwrap().unwrap()
}

#[test]
fn headers_travel_with_their_call_and_with_no_other() {
    let server = serve();
    for codec in [Codec::Binary, Codec::Compact] {
        let mut connection = headers(&server).codec(codec).field("who", "me").connect().unwrap();
        assert_eq!(seen(&mut connection), "who=me;");
        connection.add_header("trace", "1").unwrap();
        connection.add_header(b"\0\xff", b"a\r\nb").unwrap();
        assert_eq!(seen(&mut connection), "who=me;trace=1;\\x00\\xff=a\\r\\nb;");
        assert_eq!(connection.reply_headers().get("re-trace"), Some(&b"1"[..]));
        assert_eq!(seen(&mut connection), "who=me;");
        assert_eq!(connection.reply_headers().get("re-trace"), None);
        connection.add_header("trace", "2").unwrap();
        connection.send_by("note", &Nothing).unwrap();
        assert_eq!(seen(&mut connection), "who=me;", "a oneway call has taken them along");
        assert_eq!(connection.add_header("x", [b'x'; 5000]), Err(HeaderError::TextTooLong));
    }
    let mut plain = Connection::builder(&server.address).connect().unwrap();
    assert_eq!(plain.add_header("a", "b"), Err(HeaderError::NotCarried));
    assert!(plain.reply_headers().is_empty());
}

#[test]
fn a_second_try_has_the_headers_of_the_first() {
    let server = serve();
    let target = server.address.clone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // The first connection carries one call to the server behind it, and ends with the second one.
    thread::spawn(move || {
        for (number, mut stream) in listener.incoming().flatten().enumerate() {
            let mut behind = std::net::TcpStream::connect(&target).unwrap();
            let mut bytes = [0; 4096];
            for _ in 0..=number {
                let count = stream.read(&mut bytes).unwrap();
                behind.write_all(&bytes[..count]).unwrap();
                let count = behind.read(&mut bytes).unwrap();
                stream.write_all(&bytes[..count]).unwrap();
            }
            _ = stream.read(&mut bytes);
        }
    });
    let pool = Connection::builder(&address).transport(Kind::Header).service("Echo").field("a", "1").pool().build().unwrap();
    let mut pooled = pool.get().unwrap();
    let call = |pooled: &mut farthing::client::Pooled| {
        pooled.call::<_, String, farthing::rpc::ApplicationException>("headers", &Nothing).unwrap()
    };
    assert_eq!(call(&mut pooled), "a=1;");
    pooled.add_header("b", "2").unwrap();
    assert_eq!(call(&mut pooled), "a=1;b=2;");
    assert_eq!(pooled.reply_headers().get("re-b"), Some(&b"2"[..]));
    assert_eq!(call(&mut pooled), "a=1;");
}

#[test]
fn a_recording_holds_what_travelled() {
    let server = serve();
    for kind in Stack::ALL {
        let mut connection = Connection::builder(&server.address).transport(kind).connect().unwrap();
        assert_eq!(connection.recording(), None);
        connection.record();
        let mut sums = CalculatorClient::new(&mut connection);
        assert_eq!(sums.add(2, 3).unwrap(), 5);
        let recording = connection.recording().unwrap();
        assert!(recording.sent.len() > 20 && recording.received.len() > 20, "{kind}: {recording:?}");
        let name = if kind.outer == Kind::Zlib { &b"\x78"[..] } else { b"add" };
        // What a client sends over WebSocket is masked.
        let readable = [&recording.sent, &recording.received].into_iter().skip(usize::from(kind.outer == Kind::WebSocket));
        for bytes in readable {
            assert!(bytes.windows(name.len()).any(|window| window == name), "{kind}");
        }
    }
}

#[test]
fn each_call_may_have_a_deadline_of_its_own() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut connection = Connection::builder(&address).timeout(Duration::from_secs(60)).connect().unwrap();
    connection.set_timeout(Duration::from_millis(100));
    let started = Instant::now();
    let read = |response: &mut Response<'_>| response.read(|codec, input: Input<'_>| Ok((codec, input)));
    let error = connection.call_by("any", &Nothing, read).unwrap_err();
    assert!(error.is_timeout() && started.elapsed() < Duration::from_secs(5), "{error}");
    assert!(error.to_string().contains("any (binary, framed): timed out after 100ms"), "{error}");

    let pool = Connection::builder(&address).timeout(Duration::from_secs(60)).pool().build().unwrap();
    let mut pooled = pool.get().unwrap();
    pooled.set_timeout(Duration::from_millis(100));
    let result = pooled.call::<_, String, farthing::rpc::ApplicationException>("any", &Nothing);
    assert!(result.is_err() && started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_server_without_headers_is_named() {
    for (answer, expected) in [
        (&b"\0\0\0\x17\x80\x01\0\x02\0\0\0\x03add\0\0\0\x01\x08\0\0\0\0\0\x05\0"[..], "framed Thrift, in the binary protocol"),
        (b"\x80\x01\0\x02\0\0\0\x03add\0\0\0\x01\x08\0\0\0\0\0\x05\0", "unframed Thrift, in the binary protocol"),
        (b"\0\0\0\x12\x0f\xff\0\0\0\0\0\x01\0\x01\x05\0\0\0xxxx", "protocol 5 is not supported behind a header"),
        (b"\0\0\0\x06\x0f\xff\0\0\0\0", "a header that ends beyond its message"),
        (b"\0\0\0\x04\x01\x02\x03\x04", "a frame without a header"),
        (b"x\x9c\x01\x02\x03", "zlib streams"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP, and answers with status 400"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
            stream.write_all(answer).unwrap();
        });
        let mut sums = CalculatorClient::new(Connection::builder(&address).transport(Kind::Header).connect().unwrap());
        let text = sums.add(2, 3).unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
        server.join().unwrap();
    }
}

#[test]
fn old_binary_heads_are_understood() {
    let server = serve();
    for kind in Kind::ALL {
        let mut connection = Connection::builder(&server.address).transport(kind).old_binary(true).connect().unwrap();
        connection.record();
        assert_eq!(CalculatorClient::new(&mut connection).add(2, 3).unwrap(), 5, "{kind}");
        let sent = &connection.recording().unwrap().sent;
        assert!(kind == Kind::WebSocket || !sent.windows(2).any(|window| window == [0x80, 1]), "{kind}");
    }
    let mut broken = Connection::builder(&server.address).connect().unwrap();
    let read = |response: &mut Response<'_>| {
        response.read(|_, input| Err::<((), Input<'_>), _>(input.error(farthing::wire::ErrorKind::Unreadable)))
    };
    let error = broken.call_by(String::from("made-at-run-time"), &Nothing, read).unwrap_err();
    assert!(matches!(error.cause(), Cause::Call(_)) && error.method() == "made-at-run-time", "{error}");
    assert!(broken.is_broken());
    drop(Arc::new(server));
}

#[test]
fn a_reply_is_read_in_the_protocol_that_its_envelope_names() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // Asked in compact, it answers in binary, as Apache's Python does over HTTP.
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        let reply = b"\x80\x01\0\x02\0\0\0\x03add\0\0\0\x01\x08\0\0\0\0\0\x05\0";
        let envelope = b"\x0f\xff\0\0\0\0\0\x01\0\x01\0\0\0\0";
        stream.write_all(&((envelope.len() + reply.len()) as u32).to_be_bytes()).unwrap();
        stream.write_all(&[&envelope[..], reply].concat()).unwrap();
    });
    let builder = Connection::builder(&address).transport(Kind::Header).codec(Codec::Compact);
    assert_eq!(CalculatorClient::new(builder.connect().unwrap()).add(2, 3).unwrap(), 5);
    server.join().unwrap();
}

#[test]
fn requests_may_be_deflated_wherever_an_envelope_is() {
    let server = serve();
    let long = "a text that says the same again and again, ".repeat(100);
    for stack in Stack::ALL {
        let builder = Connection::builder(&server.address).transport(stack).compressed(true).recorded(true);
        if !stack.has_envelope() {
            let refused = builder.connect().unwrap_err().to_string();
            assert!(refused.contains(&format!("requests are deflated in envelopes, and {stack} has none")), "{refused}");
            continue;
        }
        for codec in [Codec::Binary, Codec::Compact] {
            let mut connection = builder.clone().codec(codec).info_header("who", "me").service("Echo").connect().unwrap();
            assert_eq!(seen(&mut connection), "who=me;", "{stack}");
            connection.add_header("trace", "1").unwrap();
            assert_eq!(seen(&mut connection), "who=me;trace=1;", "{stack}");
            assert_eq!(connection.reply_headers().get("re-trace"), Some(&b"1"[..]), "{stack}");
            let mut connection = builder.clone().codec(codec).service("ThriftTest").connect().unwrap();
            for _ in 0..3 {
                assert_eq!(ThriftTestClient::new(&mut connection).test_string(&long).unwrap(), long, "{stack} {codec:?}");
            }
            let sent = connection.recording().unwrap().sent.len();
            assert!(sent < long.len(), "{stack} {codec:?}: {sent} bytes");
        }
    }
}

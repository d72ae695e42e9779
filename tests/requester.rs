//! The client side of a connection without a socket: against farthing's own server side, and against servers that lie.

use std::collections::BTreeMap;

use farthing::generated::cache::{CacheClient, GetError};
use farthing::generated::calculator::CalculatorClient;
use farthing::generated::conformance::ThriftTestClient;
use farthing::rpc::{ApplicationException, CallError, ExceptionKind, Failure, Received, Requester, Response};
use farthing::transport::{Banner, Error, Kind, Limits, Stack};
use farthing::wire::{self, Codec, Encode, ErrorKind, Output, Text, Typed, WireType, Writer};

use self::add::Add;
use self::buffer::Buffer;
use self::memory::{Memory, Server, client, joined};

#[path = "in_memory/add.rs"]
mod add;
#[path = "in_memory/buffer.rs"]
mod buffer;
#[path = "requester/memory.rs"]
mod memory;
#[path = "in_memory/nowhere.rs"]
mod nowhere;

type Sum = Result<i32, ApplicationException>;

fn ways() -> impl Iterator<Item = (Stack, Codec)> {
    Codec::ALL.into_iter().flat_map(|codec| Stack::ALL.map(|stack| (stack, codec))).filter(|(stack, codec)| stack.carries(*codec))
}

/// A requester that has called `add`, and its request.
fn asked(kind: impl Into<Stack>, codec: Codec) -> (Requester, Vec<u8>) {
    let kind = kind.into();
    // Only a handshake takes a server.
    let mut requester =
        if kind.outer == Kind::WebSocket { joined(kind, codec).0 } else { Requester::new(codec, client(kind, codec)) };
    let mut out = Output::new();
    requester.call("add", &Add(2, 3), &mut out, &Limits::default()).expect("a request");
    (requester, out.to_vec())
}

/// What the server answers then.
fn answer(kind: impl Into<Stack>, codec: Codec) -> Vec<u8> {
    let (mut requester, mut server) = joined(kind, codec);
    let mut out = Output::new();
    requester.call("add", &Add(2, 3), &mut out, &Limits::default()).expect("a request");
    server.feed(&out.to_vec())
}

fn read_sum(response: &mut Response<'_>) -> Result<Sum, wire::Error> {
    response.result()
}

fn receive(requester: &mut Requester, input: &mut Buffer) -> Result<Received<Sum>, Failure> {
    requester.receive(input, &Limits::default(), read_sum)
}

/// What an answer of these bytes comes to, and the same in any two pieces. `closed` says that the server closes behind them.
fn answered(kind: impl Into<Stack>, bytes: &[u8], closed: bool) -> Result<Received<Sum>, Failure> {
    let kind = kind.into();
    let in_pieces = |pieces: &[&[u8]]| {
        let (mut requester, _) = asked(kind, Codec::Binary);
        let mut input = Buffer::new(true);
        let mut received = Ok(Received::Need(1));
        for piece in pieces {
            input.bytes.extend_from_slice(piece);
            received = receive(&mut requester, &mut input);
            if !matches!(received, Ok(Received::Need(_))) {
                return received;
            }
        }
        if closed {
            requester.finished(&input)?;
            received = receive(&mut requester, &mut input);
        }
        received
    };
    let whole = in_pieces(&[bytes]);
    for cut in 0..bytes.len().min(2000) {
        let cut = in_pieces(&[&bytes[..cut], &bytes[cut..]]);
        match (&whole, &cut) {
            // How much is missing and what is wrong may be told earlier or later, but not whether it is.
            (Ok(Received::Need(_)), Ok(Received::Need(_))) | (Err(_), Err(_)) => {}
            _ => assert_eq!(whole, cut, "{kind}"),
        }
    }
    whole
}

fn reply_to_add(name: &str, seqid: i32, kind: u8, result: &[u8]) -> Vec<u8> {
    let mut message = vec![0x80, 1, 0, kind];
    message.extend((name.len() as u32).to_be_bytes());
    message.extend(name.as_bytes());
    message.extend(seqid.to_be_bytes());
    message.extend(result);
    message
}

/// The most that a flush takes in a zlib stream (RFC 1951 3.2.4): an empty stored block.
const FLUSH_BYTES: usize = 6;
const FIVE: &[u8] = &[8, 0, 0, 0, 0, 0, 5, 0];

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes(), message].concat()
}

fn http(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b"\r\nContent-Length: ", body.len().to_string().as_bytes(), b"\r\n\r\n", body].concat()
}

#[test]
fn every_transport_carries_every_kind_of_call_in_pieces_of_any_size() {
    for (kind, codec) in ways() {
        for step in [1, 2, 5, 64, 1 << 20] {
            let mut sums = CalculatorClient::new(Memory::new(kind, codec, "", step));
            assert_eq!(sums.add(2, 3).unwrap(), 5);
            let Err(CallError::Exception(exception)) = sums.add(i32::MAX, 1) else { panic!("a sum that does not fit") };
            assert_eq!(exception.kind, ExceptionKind::INTERNAL_ERROR);
            assert_eq!(sums.add(-1, 1).unwrap(), 0);

            let mut cache = CacheClient::new(Memory::new(kind, codec, "Cache", step));
            let long = Text::from("x".repeat(50_000));
            assert!(cache.put("key", &long).unwrap());
            assert_eq!(cache.get("key").unwrap(), long);
            let Err(CallError::Exception(GetError::Missing(missing))) = cache.get("other") else { panic!("a missing key") };
            assert_eq!(missing.key, "other");

            let mut test = ThriftTestClient::new(Memory::new(kind, codec, "ThriftTest", step));
            test.test_void().unwrap();
            test.test_oneway(0).unwrap();
            let map: BTreeMap<i32, i32> = (0..100).map(|n| (n, -n)).collect();
            assert_eq!(test.test_map(&map).unwrap(), map);
        }
    }
}

#[test]
fn a_method_that_nobody_has_is_an_exception_and_the_connection_lives() {
    for (kind, codec) in ways() {
        let mut wrong = CacheClient::new(Memory::new(kind, codec, "Calculator", 7));
        for _ in 0..3 {
            let Err(CallError::Exception(exception)) = wrong.put("key", &"value".into()) else { panic!("{kind}") };
            assert_eq!(exception.kind, ExceptionKind::UNKNOWN_METHOD);
        }
    }
}

#[test]
fn pipelined_replies_come_in_order_in_pieces_of_any_size() {
    for (kind, codec) in ways() {
        for step in [1, 3, 50, 1 << 20] {
            let (mut requester, mut server) = joined(kind, codec);
            let mut out = Output::new();
            for n in 0..50 {
                assert_eq!(requester.call("add", &Add(n, n), &mut out, &Limits::default()), Ok(n + 1));
            }
            assert_eq!(requester.waiting(), 50);
            let (mut input, mut sums) = (Buffer::new(true), Vec::new());
            for part in server.feed(&out.to_vec()).chunks(step) {
                input.bytes.extend_from_slice(part);
                while let Received::Reply(sum) = receive(&mut requester, &mut input).unwrap() {
                    sums.push(sum.unwrap());
                }
            }
            assert_eq!(sums, (0..50).map(|n| 2 * n).collect::<Vec<_>>(), "{kind} {step}");
            assert_eq!(requester.waiting(), 0);
        }
    }
}

#[test]
fn an_end_at_any_byte_is_told_from_an_answer() {
    for (kind, codec) in ways() {
        let answer = answer(kind, codec);
        for cut in 0..answer.len() {
            let (mut requester, _) = asked(kind, codec);
            let mut input = Buffer::from(answer[..cut].to_vec());
            let received = receive(&mut requester, &mut input);
            // What a zlib stream is flushed by comes behind the message, which is whole by then.
            if kind.outer == Kind::Zlib && cut + FLUSH_BYTES >= answer.len() {
                continue;
            }
            assert!(matches!(received, Ok(Received::Need(_))), "{kind} {cut}");
            assert_eq!(requester.finished(&input), Err(Failure::Closed { partial: cut > 0 }), "{kind} {cut}");
        }
    }
}

#[test]
fn replies_to_something_else_are_refused_by_name() {
    let reply = |name, seqid, kind| answered(Kind::Framed, &framed(&reply_to_add(name, seqid, kind, FIVE)), false);
    assert_eq!(reply("add", 1, 2), Ok(Received::Reply(Ok(5))));
    assert_eq!(reply("add", 2, 2), Err(Failure::WrongSeqid { expected: 1, got: 2 }));
    assert_eq!(reply("sub", 1, 2), Err(Failure::WrongMethod { expected: "add".into(), got: "sub".into() }));
    assert_eq!(reply("add", 1, 1), Err(Failure::Kind(1)));
    assert_eq!(reply("add", 1, 9), Err(Failure::Kind(9)));
    assert_eq!(reply("sub", 1, 2).unwrap_err().kind(), Some(ExceptionKind::WRONG_METHOD_NAME));
    assert_eq!(reply("add", 2, 2).unwrap_err().kind(), Some(ExceptionKind::BAD_SEQUENCE_ID));
    let Err(Failure::WrongMethod { got, .. }) = reply(&"x".repeat(256), 1, 2) else { panic!("another name") };
    assert_eq!(got.len(), 64);
    // A server that could not read the head of a request knows neither its name nor its number.
    let exception = b"\x0b\0\x01\0\0\0\x03bad\x08\0\x02\0\0\0\x09\0";
    let answer = answered(Kind::Framed, &framed(&reply_to_add("", 0, 3, exception)), false);
    assert_eq!(answer, Ok(Received::Reply(Err(ApplicationException::new(ExceptionKind::INVALID_PROTOCOL, "bad")))));
    // Many servers take the service from the name, some do not.
    for name in ["add", "Calculator:add"] {
        let mut requester = Requester::new(Codec::Binary, client(Kind::Framed, Codec::Binary)).service("Calculator");
        requester.call("add", &Add(2, 3), &mut Output::new(), &Limits::default()).unwrap();
        let mut input = Buffer::from(framed(&reply_to_add(name, 1, 2, FIVE)));
        assert_eq!(receive(&mut requester, &mut input), Ok(Received::Reply(Ok(5))));
    }
}

#[test]
fn results_that_are_missing_or_of_another_type() {
    let reply = |result: &[u8]| answered(Kind::Framed, &framed(&reply_to_add("add", 1, 2, result)), false);
    let missing = |answer| match answer {
        Ok(Received::Reply(Err(ApplicationException { kind, .. }))) => kind == ExceptionKind::MISSING_RESULT,
        _ => false,
    };
    assert!(missing(reply(&[0])));
    assert!(missing(reply(&[2, 0, 0, 1, 0])));
    assert!(missing(reply(&[8, 0, 7, 0, 0, 0, 5, 0])));
    let body = |answer| match answer {
        Err(Failure::Body(error)) => error.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(body(reply(&[8, 0, 0, 0])), ErrorKind::UnexpectedEnd);
    assert_eq!(body(reply(&[11, 0, 0, 0x7f, 0xff, 0xff, 0xff])), ErrorKind::StringTooLong);
    assert_eq!(body(reply(&[11, 0, 0, 0xff, 0xff, 0xff, 0xff])), ErrorKind::NegativeSize);
    assert_eq!(body(reply(&[15, 0, 0, 8, 0, 15, 0, 0])), ErrorKind::UnexpectedEnd);
    assert_eq!(body(reply(&[12, 0, 0].repeat(100))), ErrorKind::TooDeep);
    assert_eq!(body(reply(&[1, 0, 0])), ErrorKind::UnknownType);
    let trailing = framed(&reply_to_add("add", 1, 2, &[FIVE, b"xx"].concat()));
    assert_eq!(answered(Kind::Framed, &trailing, false), Ok(Received::Reply(Ok(5))));
}

#[test]
fn what_a_foreign_server_speaks_is_named() {
    let foreign = |kind: Stack, bytes: &[u8]| {
        if kind.outer != Kind::WebSocket {
            return answered(kind, bytes, false);
        }
        let mut requester = Requester::new(Codec::Binary, client(kind, Codec::Binary));
        requester.greet(&mut Output::new());
        requester.greeted(&mut Buffer::from(bytes.to_vec())).map(|_| Received::Acknowledged)
    };
    let speaks = |kind: Stack, bytes: &[u8]| match foreign(kind, bytes) {
        Err(Failure::Transport(Error::Speaks(banner))) => banner.to_string(),
        Err(other) => other.to_string(),
        Ok(other) => panic!("{kind}: {other:?}"),
    };
    let unframed = reply_to_add("add", 1, 2, FIVE);
    for kind in Stack::ALL {
        assert!(speaks(kind, b"SSH-2.0-OpenSSH_9.9\r\n").contains("SSH"), "{kind}");
        assert!(speaks(kind, b"\x15\x03\x01\0\x02\x02\x46").contains("TLS"), "{kind}");
        assert!(speaks(kind, b"-ERR unknown command\r\n").contains("\"-ERR unknown"), "{kind}");
    }
    let speaks = |kind: Kind, bytes: &[u8]| speaks(kind.into(), bytes);
    for kind in [Kind::Framed, Kind::Unframed] {
        assert!(speaks(kind, b"HTTP/1.1 400 Bad Request\r\n\r\n").contains("HTTP, and answers with status 400"), "{kind}");
    }
    assert!(speaks(Kind::Framed, b"POST / HTTP/1.1\r\n").contains("1347375956"));
    assert!(speaks(Kind::Framed, &unframed).contains("unframed Thrift, in the binary protocol"));
    assert!(speaks(Kind::Http, &unframed).contains("unframed Thrift"));
    assert!(speaks(Kind::Unframed, &framed(&unframed)).contains("framed Thrift, in the binary protocol"));
    assert!(speaks(Kind::Http, &framed(&unframed)).contains("framed Thrift"));
    assert!(speaks(Kind::Framed, b"\x7f\xff\xff\xff").contains("frame of 2147483647 bytes"));
    assert!(speaks(Kind::Framed, &framed(b"<html>")).contains("<html>"));
    assert!(speaks(Kind::Unframed, b"\xff\xff\xff\xff\xff\xff").contains("unknown protocol version"));
}

#[test]
fn what_is_wrong_with_an_unframed_reply_is_told_wherever_it_was_cut() {
    let reply = reply_to_add("add", 1, 2, b"\x0b\0\x07\0\0\0\x03abc\x63\0\x01\0");
    for cut in 0..reply.len() {
        let (mut requester, _) = asked(Kind::Unframed, Codec::Binary);
        let mut input = Buffer::new(true);
        input.bytes.extend_from_slice(&reply[..cut]);
        assert!(matches!(receive(&mut requester, &mut input), Ok(Received::Need(_)) | Err(_)), "{cut}");
        if input.bytes.is_empty() {
            continue;
        }
        input.bytes.extend_from_slice(&reply[cut..]);
        let failure = receive(&mut requester, &mut input).expect_err("no such type");
        assert!(failure.to_string().contains("unknown type"), "{cut}: {failure}");
    }
}

#[test]
fn http_responses_of_every_shape_are_read() {
    let message = reply_to_add("add", 1, 2, FIVE);
    let five = Ok(Received::Reply(Ok(5)));
    let ok = "HTTP/1.1 200 OK";
    assert_eq!(answered(Kind::Http, &http(ok, &message), false), five);
    assert_eq!(answered(Kind::Http, &http("HTTP/1.1 200", &message), false), five);
    assert_eq!(
        answered(Kind::Http, &http("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 x\r\n\r\nHTTP/1.1 200 OK", &message), false),
        five
    );
    assert_eq!(answered(Kind::Http, &http("HTTP/1.0 200 OK\r\nServer: caf\u{e9}\r\nConnection: close", &message), false), five);
    let (a, b) = message.split_at(10);
    let chunked = [
        ok.as_bytes(),
        b"\r\nTransfer-Encoding: chunked\r\n\r\na;x=y\r\n",
        a,
        format!("\r\n{:x}\r\n", b.len()).as_bytes(),
        b,
        b"\r\n0\r\nTrailer: x\r\n\r\n",
    ]
    .concat();
    assert_eq!(answered(Kind::Http, &chunked, false), five);
    let until_close = [ok.as_bytes(), b"\r\nContent-Type: application/x-thrift\r\n\r\n", &message].concat();
    assert!(matches!(answered(Kind::Http, &until_close, false), Ok(Received::Need(_))));
    assert_eq!(answered(Kind::Http, &until_close, true), five);
    // A server with too much to do says so in a message too.
    let busy = http("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/x-thrift", &message);
    assert_eq!(answered(Kind::Http, &busy, false), five);
}

#[test]
fn http_responses_that_break_the_rules_are_refused() {
    let refused = |bytes: &[u8]| match answered(Kind::Http, bytes, false) {
        Err(Failure::Transport(error)) => error,
        other => panic!("{}: {other:?}", bytes.escape_ascii()),
    };
    assert_eq!(refused(&http("HTTP/1.1 404 Not Found\r\nContent-Type: text/html", b"<html>no</html>")), Error::Status(404));
    assert_eq!(refused(&http("HTTP/1.1 500 x\r\nContent-Type: application/x-thrift", b"")), Error::Status(500));
    assert_eq!(refused(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n"), Error::Status(302));
    assert_eq!(refused(b"HTTP/1.1 101 Switching\r\n\r\n"), Error::Status(101));
    assert!(matches!(refused(&http("HTTP/1.1 200 OK", b"<!DOCTYPE html>")), Error::Speaks(Banner::Text(_))));
    for bad in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 16384001\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfa0001\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad name: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno-colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: \0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
    ] {
        assert!(matches!(refused(bad.as_bytes()), Error::Response(_)), "{bad}");
    }
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(17);
    assert!(matches!(refused(interim.as_bytes()), Error::Response(_)));
    let line = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(40_000));
    assert!(matches!(refused(line.as_bytes()), Error::Response(_)));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101));
    assert!(matches!(refused(many.as_bytes()), Error::Response(_)));
    let endless = format!("HTTP/1.1 200 OK\r\n{}", format!("x: {}\r\n", "y".repeat(1000)).repeat(40));
    assert!(matches!(refused(endless.as_bytes()), Error::Response(_)));
    assert_eq!(answered(Kind::Http, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false), Err(Failure::Empty));
    assert_eq!(answered(Kind::Http, b"HTTP/1.1 204 x\r\n\r\n", false), Err(Failure::Empty));
}

#[test]
fn a_server_that_repeats_its_heads_is_read_like_one_that_does_not() {
    let heads = ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nX: 1", "HTTP/1.1 200 OK\r\nX: 1", "HTTP/1.1 200 OK"];
    let tails = ["", "\r\nY: 1", ""];
    for step in [1, 10, 1000] {
        let mut requester = Requester::new(Codec::Binary, client(Kind::Http, Codec::Binary));
        let mut answers = Vec::new();
        for (head, tail) in heads.iter().flat_map(|head| tails.map(|tail| (head, tail))).cycle().take(40) {
            let seqid = requester.call("add", &Add(2, 3), &mut Output::new(), &Limits::default()).unwrap();
            let padding = [11, 0, 9].into_iter().chain((seqid * 11).to_be_bytes()).chain((0..seqid * 11).map(|_| b'x'));
            let result = [padding.collect(), FIVE.to_vec()].concat();
            let message = reply_to_add("add", seqid, 2, &result);
            let length = message.len();
            answers.extend(format!("{head}\r\nContent-Length: {length}{tail}\r\n\r\n").into_bytes());
            answers.extend(message);
        }
        let (mut input, mut replies) = (Buffer::new(true), 0);
        for part in answers.chunks(step) {
            input.bytes.extend_from_slice(part);
            while let Received::Reply(sum) = receive(&mut requester, &mut input).unwrap() {
                assert_eq!(sum, Ok(5));
                replies += 1;
            }
        }
        assert_eq!(replies, 40);
    }
}

#[test]
fn a_body_without_an_end_has_a_limit() {
    let (mut requester, _) = asked(Kind::Http, Codec::Binary);
    let mut limits = Limits::default();
    limits.http.message_max = 1000;
    let mut input = Buffer::from(b"HTTP/1.1 200 OK\r\n\r\n".to_vec());
    for _ in 0..=10 {
        let received = requester.receive(&mut input, &limits, read_sum);
        match received {
            Ok(Received::Need(_)) => input.bytes.extend([b'x'; 100]),
            other => panic!("{other:?}"),
        }
    }
    let received = requester.receive(&mut input, &limits, read_sum);
    assert_eq!(received, Err(Failure::Transport(Error::Response("the body is too long"))));
}

#[test]
fn nothing_follows_an_answer_that_closes() {
    let mut requester = Requester::new(Codec::Binary, client(Kind::Http, Codec::Binary));
    let mut out = Output::new();
    for _ in 0..2 {
        requester.call("add", &Add(2, 3), &mut out, &Limits::default()).unwrap();
    }
    let mut input = Buffer::from(http("HTTP/1.1 200 OK\r\nConnection: foo, Close", &reply_to_add("add", 1, 2, FIVE)));
    assert_eq!(receive(&mut requester, &mut input), Ok(Received::Reply(Ok(5))));
    assert!(requester.is_ended());
    assert_eq!(receive(&mut requester, &mut input), Err(Failure::Closed { partial: false }));
}

#[test]
fn bytes_that_nothing_was_asked_for_are_refused() {
    for kind in Stack::ALL.into_iter().filter(|kind| !matches!(kind.outer, Kind::Zlib | Kind::WebSocket)) {
        let mut requester = Requester::new(Codec::Binary, client(kind, Codec::Binary));
        let mut input = Buffer::from(b"HTTP/1.1 408 Request Timeout\r\n\r\n".to_vec());
        assert_eq!(receive(&mut requester, &mut input), Err(Failure::Unasked));
    }
}

#[test]
fn an_answer_to_a_oneway_call_is_passed_over() {
    for kind in [Kind::Framed, Kind::Unframed] {
        let wrap = |message: &[u8]| if kind == Kind::Framed { framed(message) } else { message.to_vec() };
        let mut requester = Requester::new(Codec::Binary, client(kind, Codec::Binary));
        let mut out = Output::new();
        for _ in 0..100 {
            requester.send("ping", &Add(2, 3), &mut out, &Limits::default()).unwrap();
        }
        let seqid = requester.call("add", &Add(2, 3), &mut out, &Limits::default()).unwrap();
        assert_eq!(requester.waiting(), 1);
        let mut input = Buffer::from(wrap(&reply_to_add("ping", 98, 3, &[0])));
        input.bytes.extend(wrap(&reply_to_add("ping", 100, 3, &[0])));
        input.bytes.extend(wrap(&reply_to_add("add", seqid, 2, FIVE)));
        assert_eq!(receive(&mut requester, &mut input), Ok(Received::Reply(Ok(5))));
    }
}

#[test]
fn oneway_calls_over_http_are_acknowledged_or_not() {
    let mut requester = Requester::new(Codec::Binary, client(Kind::Http, Codec::Binary));
    let mut out = Output::new();
    let mut send = |requester: &mut Requester| requester.send("ping", &Add(2, 3), &mut out, &Limits::default()).unwrap();
    for response in
        ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 202 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]
    {
        send(&mut requester);
        assert_eq!(requester.waiting(), 1);
        assert_eq!(receive(&mut requester, &mut Buffer::from(Vec::from(response))), Ok(Received::Acknowledged));
    }
    // Python's server names no length, and closes.
    send(&mut requester);
    let mut input = Buffer::from(b"HTTP/1.0 200 OK\r\nContent-type: application/x-thrift\r\n\r\n".to_vec());
    assert!(matches!(receive(&mut requester, &mut input), Ok(Received::Need(_))));
    requester.finished(&input).unwrap();
    assert_eq!(receive(&mut requester, &mut input), Ok(Received::Acknowledged));
    let mut requester = Requester::new(Codec::Binary, client(Kind::Http, Codec::Binary));
    // Old servers say nothing: the next answer is that to the next call.
    send(&mut requester);
    let seqid = requester.call("add", &Add(2, 3), &mut Output::new(), &Limits::default()).unwrap();
    let mut input = Buffer::from(http("HTTP/1.1 200 OK", &reply_to_add("add", seqid, 2, FIVE)));
    assert_eq!(receive(&mut requester, &mut input), Ok(Received::Reply(Ok(5))));
}

#[test]
fn a_request_that_cannot_be_sent_leaves_no_trace() {
    struct Deep;
    impl Typed for Deep {
        const TYPE: WireType = WireType::Struct;
    }
    impl Encode for Deep {
        fn encode<W: Writer>(&self, writer: &mut W) {
            (0..65).for_each(|_| writer.struct_begin());
            (0..65).for_each(|_| writer.struct_end());
        }
    }
    for (kind, codec) in ways() {
        let (mut requester, _) = joined(kind, codec);
        let mut out = Output::new();
        let mut limits = Limits::default();
        assert_eq!(requester.call("deep", &Deep, &mut out, &limits), Err(Failure::Unsendable(ErrorKind::TooDeep)));
        limits.wire.message_max = 10;
        let large = requester.call("add", &Add(2, 3), &mut out, &limits);
        assert_eq!(large, Err(Failure::Unsendable(ErrorKind::MessageTooLarge)));
        assert_eq!((out.len(), requester.waiting()), (0, 0));
        assert_eq!(requester.call("add", &Add(2, 3), &mut out, &Limits::default()), Ok(1));
        let request = asked(kind, codec).1;
        // No two frames of WebSocket have one mask.
        assert!(out.to_vec() == request || (kind.outer == Kind::WebSocket && out.len() == request.len()), "{kind}");
    }
}

#[test]
fn any_change_of_one_byte_is_an_answer_or_an_error_and_never_a_panic() {
    for (kind, codec) in ways() {
        let answer = answer(kind, codec);
        for at in 0..answer.len() {
            // The transport and the message are there by themselves, too: together, each bit is enough.
            let bits = (0..8).map(|bit| answer[at] ^ 1 << bit).chain([0, 255]).collect();
            let values: Vec<u8> = if kind.inner.is_none() { (0..=255).collect() } else { bits };
            for value in values {
                let mut changed = answer.clone();
                changed[at] = value;
                let (mut requester, _) = asked(kind, codec);
                let mut input = Buffer::from(changed);
                if let Ok(Received::Need(need)) = receive(&mut requester, &mut input) {
                    assert!(need > input.bytes.len(), "{kind}: wants {need} of {} bytes", input.bytes.len());
                    _ = requester.finished(&input);
                }
            }
        }
    }
}

/// What comes of an answer to the handshake, in which `KEY` stands for the right one.
fn shaken(answer: &str) -> (Result<bool, Failure>, Requester) {
    let mut requester = Requester::new(Codec::Binary, client(Kind::WebSocket, Codec::Binary));
    let mut out = Output::new();
    assert!(requester.greet(&mut out));
    // The right answer is the server's.
    let right = String::from_utf8(Server::new().feed(&out.to_vec())).unwrap();
    let key = right.split("Sec-WebSocket-Accept: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap();
    (requester.greeted(&mut Buffer::from(answer.replace("KEY", key).into_bytes())), requester)
}

#[test]
fn only_a_server_that_means_websocket_is_spoken_to() {
    let good =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nSEC-WEBSOCKET-ACCEPT: KEY\r\n\r\n";
    assert_eq!(shaken(good).0, Ok(true));
    for cut in 1..good.len() - 4 {
        let (received, mut requester) = shaken(&good[..cut]);
        assert_eq!(received, Ok(false), "{cut}");
        let early = requester.call("add", &Add(2, 3), &mut Output::new(), &Limits::default());
        assert_eq!(early, Ok(1));
        assert!(receive(&mut requester, &mut Buffer::from(vec![0x82, 0])).is_err(), "before the handshake");
    }
    let refused = |answer: &str| shaken(answer).0.unwrap_err();
    assert_eq!(refused("HTTP/1.1 404 Not Found\r\n\r\n"), Failure::Transport(Error::Status(404)));
    assert_eq!(refused("HTTP/1.1 200 OK\r\n\r\n"), Failure::Transport(Error::Status(200)));
    for bad in [
        good.replace("KEY", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        good.replace("upgrade: WebSocket", "upgrade: h2c"),
        good.replace("SEC-WEBSOCKET-ACCEPT: KEY\r\n", ""),
        good.replace("Connection", "Sec-WebSocket-Extensions: permessage-deflate\r\nConnection"),
        format!("HTTP/1.1 101 x\r\nX: {}", "y".repeat(20_000)),
    ] {
        assert!(matches!(refused(&bad), Failure::Transport(Error::Response(_))), "{bad}");
    }
}

#[test]
fn frames_of_every_shape_are_put_together_and_pings_are_answered() {
    let message = reply_to_add("add", 1, 2, FIVE);
    let (a, b) = message.split_at(9);
    let frame = |first: u8, payload: &[u8]| [&[first, payload.len() as u8][..], payload].concat();
    let five = Ok(Received::Reply(Ok(5)));
    let read = |bytes: Vec<u8>| answered(Kind::WebSocket, &bytes, false);
    assert_eq!(read(frame(0x82, &message)), five);
    assert_eq!(read(frame(0x82, &framed(&message))), five, "a framed transport within");
    assert_eq!(
        read([frame(0x02, a), frame(0x89, b"ping"), frame(0x00, &[]), frame(0x8a, b"pong"), frame(0x80, b)].concat()),
        five
    );
    for bad in [
        [&[0x82, 0x80 | message.len() as u8, 0, 0, 0, 0][..], &message].concat(),
        [frame(0x02, a), frame(0x82, b)].concat(),
        frame(0x80, &message),
        frame(0xc2, &message),
        frame(0x88, &[3, 0xe9]),
        frame(0x88, b""),
        vec![0x82, 0x7f, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert!(matches!(read(bad.clone()), Err(Failure::Transport(Error::WebSocket(_)))), "{bad:x?}");
    }
    // The answer to a ping is masked, and leaves with the next request.
    let (mut requester, _) = asked(Kind::WebSocket, Codec::Binary);
    let mut input = Buffer::from([frame(0x89, b"first"), frame(0x89, b"ping"), frame(0x82, &message)].concat());
    assert_eq!(receive(&mut requester, &mut input), five);
    let mut out = Output::new();
    requester.call("add", &Add(2, 3), &mut out, &Limits::default()).unwrap();
    let sent = out.to_vec();
    assert_eq!(sent[..2], [0x8a, 0x84]);
    let carried: Vec<u8> = sent[6..10].iter().zip(&sent[2..6]).map(|(byte, mask)| byte ^ mask).collect();
    assert_eq!((&*carried, sent[10]), (&b"ping"[..], 0x82));
    assert!(!sent.windows(3).any(|window| window == b"add"), "masked");
}

//! HTTP/1.1 framing as a peer meets it: every rule with a request that is served and one that is refused, every request cut at
//! every byte, and mutated requests held against a second, naive reading of the same bytes.

use std::time::Duration;

use farthing::transport::http::{
    CONTINUE, Exchange, Http, Limits, Memo, Payload, Phase, Refusal, Split, Status, write_head, write_preflight, write_refusal,
};
use rustix::time::{ClockId, clock_gettime};

/// What one connection led to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Message(Vec<u8>, Exchange),
    Preflight(Exchange),
    Refused(Status),
}

/// A server's side of a connection as a caller would write it, which also holds the library to its word.
struct Peer<'l> {
    http: Http,
    memo: Memo,
    limits: &'l Limits,
    buffer: Vec<u8>,
    need: usize,
    events: Vec<Event>,
    continues: usize,
}

impl<'l> Peer<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self { http: Http::new(), memo: Memo::new(), limits, buffer: Vec::new(), need: 1, events: Vec::new(), continues: 0 }
    }

    fn receive(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
        while self.buffer.len() >= self.need && !matches!(self.events.last(), Some(Event::Refused(_))) {
            match self.http.split_with(&self.buffer, self.limits, &mut self.memo) {
                Ok(Split::Need { consumed, need }) => {
                    self.drop_front(consumed);
                    assert!(need > self.buffer.len(), "asks for bytes that are there");
                    self.need = need;
                }
                Ok(Split::Continue { consumed }) => {
                    self.drop_front(consumed);
                    self.continues += 1;
                    self.need = 1;
                }
                Ok(Split::Preflight { consumed, exchange }) => {
                    self.drop_front(consumed);
                    self.push(Event::Preflight(exchange));
                }
                Ok(Split::Upgrade { .. }) => unreachable!("no request here asks for it"),
                Ok(Split::Message { consumed, payload, exchange }) => {
                    let body = match payload {
                        Payload::Input(range) => {
                            assert!(range.end <= consumed);
                            self.buffer[range].to_vec()
                        }
                        Payload::Own => self.http.take_body(),
                    };
                    assert!(!body.is_empty());
                    self.drop_front(consumed);
                    self.push(Event::Message(body, exchange));
                }
                Err(refusal) => {
                    assert_eq!(self.http.split(b"POST / HTTP/1.1\r\n", self.limits), Err(refusal), "a refusal lasts");
                    self.push(Event::Refused(refusal.status));
                }
            }
        }
    }

    fn push(&mut self, event: Event) {
        self.need = 1;
        self.events.push(event);
        assert_eq!(self.http.phase(), Phase::Idle);
    }

    fn drop_front(&mut self, consumed: usize) {
        self.buffer.drain(..consumed);
    }
}

fn run(pieces: &[&[u8]], limits: &Limits) -> Vec<Event> {
    let mut peer = Peer::new(limits);
    for piece in pieces {
        peer.receive(piece);
    }
    peer.events
}

/// The events of `input`, which must be the same however it is cut.
fn run_cut(input: &[u8], limits: &Limits) -> Vec<Event> {
    let whole = run(&[input], limits);
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(run(&bytes, limits), whole, "byte by byte: {}", input.escape_ascii());
    for at in 1..input.len().min(700) {
        assert_eq!(run(&[&input[..at], &input[at..]], limits), whole, "cut at {at}: {}", input.escape_ascii());
    }
    whole
}

/// What a single request leads to: its body, its status when it is refused, or nothing yet.
fn verdict_under(request: &[u8], limits: &Limits) -> Result<Vec<u8>, u16> {
    match &run_cut(request, limits)[..] {
        [] => Err(0),
        [Event::Message(body, _)] => Ok(body.clone()),
        [Event::Preflight(_)] => Err(204),
        [Event::Refused(status)] => Err(status.code()),
        more => panic!("{more:?} from {}", request.escape_ascii()),
    }
}

fn verdict(request: &str) -> Result<Vec<u8>, u16> {
    verdict_under(request.as_bytes(), &Limits::default())
}

/// A request with these header lines besides `Host`, and this body.
fn post(lines: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n{body}")
}

fn served(request: &str, body: &str) {
    assert_eq!(verdict(request), Ok(body.as_bytes().to_vec()), "{request:.300}");
}

fn refused(request: &str, status: u16) {
    assert_eq!(verdict(request), Err(status), "{request:.300}");
}

/// What Apache's clients send, and a few others.
fn golden() -> Vec<(String, &'static str)> {
    let thrift = "Content-Type: application/x-thrift\r\nAccept: application/x-thrift\r\n";
    let heads = [
        "POST / HTTP/1.1\r\nHost: localhost:9090\r\nAccept-Encoding: identity\r\nContent-Type: application/x-thrift\r\n\
         Content-Length: 5\r\nUser-Agent: Python/THttpClient (client.py)\r\n\r\n"
            .to_owned(),
        format!(
            "POST /service HTTP/1.1\r\nHost: localhost\r\n{thrift}Content-Length: 5\r\nUser-Agent: Thrift/0.25.0 \
             (C++/THttpClient)\r\n\r\n"
        ),
        "POST /test HTTP/1.1\r\nConnection: close\r\nContent-length: 5\r\nContent-Type: application/x-thrift\r\n\
         Host: localhost:9090\r\n\r\n"
            .to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost:9090\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 5\r\n\
         Content-Type: application/x-thrift\r\nAccept-Encoding: gzip\r\n\r\n"
            .to_owned(),
        format!(
            "POST /test/service HTTP/1.1\r\n{thrift}User-Agent: Java/THttpClient\r\nHost: localhost:9090\r\n\
             Connection: keep-alive\r\nContent-Length: 5\r\n\r\n"
        ),
        "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n".to_owned(),
    ];
    let mut golden: Vec<_> = heads.into_iter().map(|head| (head + "hello", "hello")).collect();
    golden.push((post("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n03;x=\"a;b\"\r\nllo\r\n0\r\n\r\n"), "hello"));
    golden.push((post("Transfer-Encoding: Chunked\r\n", "5\r\nhello\r\n0;end\r\nContent-Length: 9\r\nX: y\r\n\r\n"), "hello"));
    golden.push((post("Content-Length: 5\r\nExpect: 100-Continue\r\n", "hello"), "hello"));
    golden
}

#[test]
fn golden_requests_are_served_however_they_are_cut() {
    for (request, body) in golden() {
        served(&request, body);
    }
}

#[test]
fn pipelined_requests_come_out_in_order() {
    let requests = golden();
    let stream: String = requests.iter().map(|(request, _)| request.as_str()).collect();
    let events = run_cut(stream.as_bytes(), &Limits::default());
    assert_eq!(events.len(), requests.len());
    assert!(events.iter().all(|event| matches!(event, Event::Message(body, _) if body == b"hello")));
}

#[test]
fn connection_persistence_follows_the_version_and_the_options() {
    let cases = [
        ("1.1", "", false),
        ("1.1", "Connection: close\r\n", true),
        ("1.1", "connection: foo , CLOSE\r\n", true),
        ("1.1", "Connection: keep-alive, Host\r\n", false),
        ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", true),
        ("1.1", "Connection: Content-Length, Transfer-Encoding\r\n", false),
        ("1.1", "Connection: upgrade\r\nUpgrade: x\r\n", false),
        ("1.0", "", true),
        ("1.0", "Connection: Keep-Alive\r\n", false),
        ("1.0", "Connection: keep-alive, close\r\n", true),
    ];
    for (version, lines, close) in cases {
        let request = format!("POST / HTTP/{version}\r\nHost: a\r\n{lines}Content-Length: 2\r\n\r\nhi");
        let events = run_cut(request.as_bytes(), &Limits::default());
        let [Event::Message(_, exchange)] = &events[..] else { panic!("{request}: {events:?}") };
        assert_eq!((exchange.close, exchange.http10), (close, version == "1.0"), "{request}");
    }
}

#[test]
fn only_clients_that_read_no_reply_are_told_nothing_about_oneway_calls() {
    let agents = [
        ("Thrift/0.17.0 (C++/THttpClient)", true),
        ("Thrift/0.23.0 (C++/THttpClient)", true),
        ("Thrift/0.9.3 (C++/THttpClient)", true),
        ("Thrift/0.24.0 (C++/THttpClient)", false),
        ("Thrift/0.25.0 (C++/THttpClient)", false),
        ("Thrift/1.2.0 (C++/THttpClient)", false),
        ("Thrift/0.17.0 (Lua/THttpClient)", true),
        ("Thrift/0.24.0 (D/TClientHttpTransport)", true),
        ("Thrift/0.17.0 (Delphi/THTTPClient)", false),
        ("Thrift/0. (C++/THttpClient)", false),
        ("Thrift/0.99999999999.1 (C++/THttpClient)", false),
    ];
    for (agent, silent) in agents {
        let request = post(&format!("User-Agent: {agent}\r\nContent-Length: 2\r\n"), "hi");
        let events = run(&[request.as_bytes()], &Limits::default());
        assert!(matches!(&events[..], [Event::Message(_, exchange)] if exchange.silent_oneway == silent), "{agent}: {events:?}");
    }
}

#[test]
fn request_lines() {
    let line = |line: &str| format!("{line}\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    for good in [
        "POST / HTTP/1.1",
        "POST /a?b=c HTTP/1.1",
        "POST http://a/x HTTP/1.1",
        "POST HTTPS://A HTTP/1.1",
        "POST / HTTP/1.0",
        "POST http://b/x HTTP/1.1",
    ] {
        served(&line(good), "hi");
    }
    let refusals = [
        ("POST  / HTTP/1.1", 400),
        ("POST /  HTTP/1.1", 400),
        (" POST / HTTP/1.1", 400),
        ("POST / HTTP/1.1 ", 400),
        ("POST\t/ HTTP/1.1", 400),
        ("POST /", 400),
        ("POST / ", 400),
        ("POST", 400),
        ("POST / HTTP/0.9", 400),
        ("POST / http/1.1", 400),
        ("POST / HTTP/1.10", 400),
        ("POST / HTTP/11", 400),
        ("POST / HTTP/1.2", 505),
        ("POST / HTTP/2.0", 505),
        ("PRI * HTTP/2.0", 505),
        ("POST * HTTP/1.1", 400),
        ("POST a:80 HTTP/1.1", 400),
        ("POST ftp://a/x HTTP/1.1", 400),
        ("POST http://u@a/ HTTP/1.1", 400),
        ("POST /\u{e9} HTTP/1.1", 400),
        ("POST /\x01 HTTP/1.1", 400),
        ("PO(ST / HTTP/1.1", 400),
        ("PROXY TCP4 127.0.0.1 127.0.0.1 1 2", 400),
        ("\x16\x03\x01", 400),
    ];
    for (bad, status) in refusals {
        refused(&line(bad), status);
    }
    for method in ["GET", "HEAD", "PUT", "TRACE", "CONNECT", "OPTIONS", "post", "POSTX"] {
        refused(&format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
    }
}

#[test]
fn lengths_of_lines_and_heads() {
    let path = |length: usize| format!("POST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "p".repeat(length - 15));
    served(&path(8192), "hi");
    refused(&path(8193), 414);
    let header = |length: usize| post(&format!("X: {}\r\nContent-Length: 2\r\n", "v".repeat(length - 3)), "hi");
    served(&header(8192), "hi");
    refused(&header(8193), 431);
    let blanks = |length: usize| post(&format!("X:{}\r\nContent-Length: 2\r\n", " ".repeat(length - 2)), "hi");
    served(&blanks(8192), "hi");
    refused(&blanks(8193), 431);
    let count = |count: usize| post(&format!("{}Content-Length: 2\r\n", "X: y\r\n".repeat(count - 2)), "hi");
    served(&count(100), "hi");
    refused(&count(101), 431);
    let total = |total: usize| {
        let rest = total - post("Content-Length: 2\r\n", "").len() - 4 * 8000 - 3 - 2;
        let lines = format!("X: {}\r\n", "v".repeat(8000 - 5)).repeat(4);
        post(&format!("{lines}Y: {}\r\nContent-Length: 2\r\n", "v".repeat(rest)), "hi")
    };
    assert_eq!(total(32_768).len(), 32_770);
    served(&total(32_768), "hi");
    refused(&total(32_769), 431);
}

#[test]
fn what_is_visibly_wrong_does_not_wait_for_the_rest() {
    let long = |prefix: &str, length: usize| format!("{prefix}{}", "a".repeat(length - prefix.len()));
    let cases = [
        (long("POST /", 8193), 414),
        (long("POST / HTTP/1.1\r\nX: ", 17 + 8193), 431),
        (long("M", 33), 400),
        ("POST / HTTP/1.1\r\nX: a\x00".to_owned(), 400),
        ("POST / HTTP/1.1\r\nX: a\x7f".to_owned(), 400),
        ("POST / HTTP/1.1\r\nX: a\u{e9}".to_owned(), 400),
        ("POST / HTTP/1.1\r\nX: a\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nX: a\rb".to_owned(), 400),
        ("POST / HTTP/1.1\r\nX: a\r\n ".to_owned(), 400),
        ("POST / HTTP/2.0\r\n".to_owned(), 505),
        ("hello world\r\n".to_owned(), 400),
        ("\n".to_owned(), 400),
        ("{".to_owned(), 400),
        (post("Content-Length: 16384001\r\n", ""), 413),
        (post("Content-Length: 16384001\r\nExpect: 100-continue\r\n", ""), 413),
        (post("Transfer-Encoding: chunked\r\n", "fa0001"), 413),
        (post("Transfer-Encoding: chunked\r\n", "ffffff"), 413),
    ];
    for (start, status) in cases {
        refused(&start, status);
        assert_eq!(verdict(&start[..start.floor_char_boundary(start.len() - 1)]), Err(0), "too early: {start:.100}");
    }
}

#[test]
fn header_lines() {
    let with = |line: &str| post(&format!("{line}\r\nContent-Length: 2\r\n"), "hi");
    for good in ["X: y", "X:y", "X:", "X: \t y \t", "X!#$%&'*+-.^_`|~9: y", "X: ~!@ \"quoted\" \\"] {
        served(&with(good), "hi");
    }
    let bad = [
        ": y",
        "X : y",
        "X\t: y",
        " X: y",
        "\tX: y",
        "X y: z",
        "X",
        "X: y\r\n folded",
        "X: y\r\n\tfolded",
        "X\u{e9}: y",
        "X: \u{e9}",
        "X: a\x00b",
        "X: a\x0bb",
        "X: a\x7fb",
        "X: a\rb",
        "X: a\nY: b",
        "X: a\n",
        "X: a\r\r",
        "X(: y",
        "X: a\x1b[0m",
    ];
    for line in bad {
        refused(&with(line), 400);
    }
    refused("POST / HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi", 400);
    refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\nhi", 400);
    refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\n\r\nhi", 400);
    refused("POST / HTTP/1.1\nHost: a\r\nContent-Length: 2\r\n\r\nhi", 400);
}

#[test]
fn framing_is_read_in_one_way_or_not_at_all() {
    served(&post("Content-Length: 5\r\n", "hello"), "hello");
    served(&post("content-length:\t 0005 \r\n", "hello"), "hello");
    let refusals = [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", 400),
        ("Content-Length: 5\r\ncontent-length: 6\r\n", 400),
        ("Content-Length: 5, 5\r\n", 400),
        ("Content-Length: 5,6\r\n", 400),
        ("Content-Length: +5\r\n", 400),
        ("Content-Length: -5\r\n", 400),
        ("Content-Length: 5 5\r\n", 400),
        ("Content-Length: 0x5\r\n", 400),
        ("Content-Length: 5.0\r\n", 400),
        ("Content-Length: \"5\"\r\n", 400),
        ("Content-Length:\r\n", 400),
        ("Content-Length: 18446744073709551616\r\n", 400),
        ("Content-Length: 18446744073709551615\r\n", 413),
        ("Content-Length: 16384001\r\n", 413),
        ("Content-Length: 0\r\n", 400),
        ("Content-Length : 5\r\n", 400),
        ("Content-Length: \r\n 5\r\n", 400),
        ("Transfer-Encoding:\r\n chunked\r\n", 400),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 501),
        ("Transfer-Encoding: gzip, chunked\r\n", 501),
        ("Transfer-Encoding: chunked, identity\r\n", 501),
        ("Transfer-Encoding: xchunked\r\n", 501),
        ("Transfer-Encoding: identity\r\n", 501),
        ("Transfer-Encoding: \"chunked\"\r\n", 501),
        ("Transfer-Encoding: chunked;q=1\r\n", 501),
        ("Transfer-Encoding:\r\n", 501),
        ("Transfer-Encoding: \x0bchunked\r\n", 400),
        ("", 411),
    ];
    for (lines, status) in refusals {
        refused(&post(lines, "hello"), status);
    }
    refused("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 400);
    refused("POST / HTTP/1.0\r\nHost: a\r\n\r\n", 411);
}

#[test]
fn chunks() {
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\n", body);
    for good in [
        "2\r\nhi\r\n0\r\n\r\n",
        "1\r\nh\r\n00001\r\ni\r\n000\r\n\r\n",
        "2;\r\nhi\r\n0\r\n\r\n",
        "2;a=\"\\\";\"\r\nhi\r\n0\r\nA: b\r\n\r\n",
        "2 \t; a = b ; c\r\nhi\r\n0 ;d\r\n\r\n",
    ] {
        served(&chunked(good), "hi");
    }
    served(&chunked("A\r\n0123456789\r\n0\r\n\r\n"), "0123456789");
    served(&chunked(&format!("2;{}\r\nhi\r\n0\r\n\r\n", "e".repeat(254))), "hi");
    served(&chunked(&format!("2\r\nhi\r\n0\r\nA:{}\r\n\r\n", "t".repeat(4092))), "hi");
    let refusals = [
        "0\r\n\r\n".to_owned(),
        "\r\nhi".to_owned(),
        ";a\r\nhi".to_owned(),
        "g\r\n".to_owned(),
        "-2\r\nhi\r\n".to_owned(),
        "+2\r\nhi\r\n".to_owned(),
        "0x2\r\nhi\r\n".to_owned(),
        " 2\r\nhi\r\n".to_owned(),
        "2 \r\nhi\r\n".to_owned(),
        "2 2;a\r\nhi\r\n".to_owned(),
        "2\nhi\r\n".to_owned(),
        "2\rhi\r\n".to_owned(),
        "2\r\nhi\n0\r\n\r\n".to_owned(),
        "2\r\nhi0\r\n\r\n".to_owned(),
        "2\r\nhip\r\n".to_owned(),
        "2;a=\"\r\n\"\r\nhi\r\n0\r\n\r\n".to_owned(),
        "2;a\x00\r\nhi\r\n".to_owned(),
        "2;a\nhi\r\n".to_owned(),
        format!("2;{}\r\nhi\r\n0\r\n\r\n", "e".repeat(255)),
        format!("{}2\r\nhi\r\n0\r\n\r\n", "0".repeat(256)),
        format!("{}0\r\n\r\n", format!("1;{}\r\nx\r\n", "e".repeat(199)).repeat(21)),
        "2\r\nhi\r\n0\r\n folded\r\n\r\n".to_owned(),
        "2\r\nhi\r\n0\r\nA : b\r\n\r\n".to_owned(),
        "2\r\nhi\r\n0\r\n: b\r\n\r\n".to_owned(),
        "2\r\nhi\r\n0\r\nA\r\n\r\n".to_owned(),
        "2\r\nhi\r\n0\r\nA: \x00\r\n\r\n".to_owned(),
        "2\r\nhi\r\n0\r\nA: b\n\r\n".to_owned(),
        "2\r\nhi\r\n0\r\n\n".to_owned(),
        format!("2\r\nhi\r\n0\r\nA:{}\r\n\r\n", "t".repeat(4093)),
        format!("2\r\nhi\r\n0\r\n{}\r\n", "A: b\r\n".repeat(100_000)),
    ];
    for body in refusals {
        let request = chunked(&body);
        assert_eq!(run(&[request.as_bytes()], &Limits::default()), [Event::Refused(Status::BadRequest)], "{body:.80}");
        if body.len() < 10_000 {
            refused(&request, 400);
        }
    }
}

#[test]
fn a_chunked_body_is_bounded_by_its_content_and_by_its_framing() {
    let limits = Limits { message_max: 1000, ..Limits::default() };
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\n", body);
    let chunk = |size: usize| format!("{size:x}\r\n{}\r\n", "x".repeat(size));
    let exact = chunked(&(chunk(600) + &chunk(400) + "0\r\n\r\n"));
    assert_eq!(verdict_under(exact.as_bytes(), &limits), Ok(vec![b'x'; 1000]));
    assert_eq!(verdict_under(chunked(&(chunk(600) + "191")).as_bytes(), &limits), Err(413));
    // 1000 chunks of one byte cost 5000 bytes of framing; with leading zeros the framing is refused before the content.
    let tiny = chunked(&(chunk(1).repeat(1000) + "0\r\n\r\n"));
    assert_eq!(run(&[tiny.as_bytes()], &limits), [Event::Message(vec![b'x'; 1000], Exchange::default())]);
    let padded = chunked(&format!("{}1\r\nx\r\n", "0".repeat(200)).repeat(400));
    assert_eq!(run(&[padded.as_bytes()], &limits), [Event::Refused(Status::ContentTooLarge)]);
}

#[test]
fn hosts() {
    let with = |lines: &str, version: &str| format!("POST / HTTP/{version}\r\n{lines}Content-Length: 2\r\n\r\nhi");
    for good in ["a", "a.example.com:9090", "127.0.0.1", "[::1]", "[::1]:80", "a_b-c:1", "A:"] {
        served(&with(&format!("hOST: {good}\r\n"), "1.1"), "hi");
    }
    served(&with("", "1.0"), "hi");
    let bad =
        ["", "a b", "a/b", "a@b", "a,b", "a:b", "a:123456", "[::1", "[]", "[::1]x", ":80", "::1", "a:b:c", "a\"b", "http://a"];
    for host in bad {
        refused(&with(&format!("Host: {host}\r\n"), "1.1"), 400);
        refused(&with(&format!("Host: {host}\r\n"), "1.0"), 400);
    }
    refused(&with("", "1.1"), 400);
    refused(&with("Host: a\r\nHost: a\r\n", "1.1"), 400);
    refused(&with("Host: a\r\nHost: b\r\n", "1.0"), 400);
}

#[test]
fn listed_host_names_only() {
    let limits = Limits { hosts: vec!["api.example.com".to_owned(), "10.0.0.1:9090".to_owned()], ..Limits::default() };
    let ask = |host: &str, version: &str| {
        let request = format!("POST / HTTP/{version}\r\n{host}Content-Length: 2\r\n\r\nhi");
        verdict_under(request.as_bytes(), &limits)
    };
    for good in ["api.example.com", "API.example.com:81", "10.0.0.1:9090"] {
        assert_eq!(ask(&format!("Host: {good}\r\n"), "1.1"), Ok(b"hi".to_vec()), "{good}");
    }
    for bad in ["10.0.0.1", "10.0.0.1:9091", "evil.example.com", "api.example.com.evil", "localhost"] {
        assert_eq!(ask(&format!("Host: {bad}\r\n"), "1.1"), Err(421), "{bad}");
    }
    assert_eq!(ask("", "1.0"), Err(421));
    // RFC 9112 3.2.2: the authority in the target stands above Host.
    let proxied = |authority: &str, host: &str| {
        let request = format!("POST http://{authority}/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\nhi");
        verdict_under(request.as_bytes(), &limits)
    };
    assert_eq!(proxied("api.example.com", "evil.example.com"), Ok(b"hi".to_vec()));
    assert_eq!(proxied("evil.example.com", "api.example.com"), Err(421));
}

#[test]
fn pages_of_other_sites_are_kept_out() {
    let lines = |lines: &str| post(&format!("{lines}Content-Length: 2\r\n"), "hi");
    for good in
        ["application/x-thrift", "application/vnd.apache.thrift.binary", "application/json; charset=utf-8", "text/plainer"]
    {
        served(&lines(&format!("Content-Type: {good}\r\n")), "hi");
    }
    let forms = [
        "text/plain",
        "Text/Plain;charset=utf-8",
        "application/x-www-form-urlencoded ; a",
        "multipart/form-data; boundary=x",
        "text/plain,a",
    ];
    for form in forms {
        refused(&lines(&format!("Content-Type: {form}\r\n")), 415);
    }
    refused(&lines("Content-Type: text/plain\r\nContent-Type: application/x-thrift\r\n"), 400);
    for origin in ["http://evil", "null", "", "http://localhost"] {
        refused(&lines(&format!("Origin: {origin}\r\n")), 403);
        refused(
            &format!("OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\n\r\n"),
            403,
        );
    }
}

#[test]
fn pages_of_listed_origins_may_call() {
    let limits = Limits { origins: vec!["https://b.example".to_owned(), "https://app.example".to_owned()], ..Limits::default() };
    let ask = |text: &str| run_cut(text.as_bytes(), &limits);
    let call = post("Origin: https://app.example\r\nContent-Length: 2\r\n", "hi");
    let exchange = Exchange { origin: 2, ..Exchange::default() };
    assert_eq!(ask(&call), [Event::Message(b"hi".to_vec(), exchange)]);
    let preflight = "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n\r\n";
    assert_eq!(ask(&(preflight.to_owned() + &call)), [Event::Preflight(exchange), Event::Message(b"hi".to_vec(), exchange)]);
    assert_eq!(
        ask(&post("Origin: https://app.example.evil\r\nContent-Length: 2\r\n", "hi")),
        [Event::Refused(Status::Forbidden)]
    );
    let form = post("Origin: https://app.example\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n", "hi");
    assert_eq!(ask(&form), [Event::Refused(Status::UnsupportedMediaType)]);
    let body = preflight.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nhi");
    assert_eq!(ask(&body), [Event::Refused(Status::BadRequest)]);
    let question = preflight.replace("Access-Control-Request-Method: POST\r\n", "");
    assert_eq!(ask(&question), [Event::Refused(Status::MethodNotAllowed)]);

    let mut out = Vec::new();
    write_head(&mut out, exchange, 7, &limits);
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("\r\nAccess-Control-Allow-Origin: https://app.example\r\nVary: Origin\r\n"), "{text}");
    let mut out = Vec::new();
    write_preflight(&mut out, exchange, &limits);
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: https://app.example\r\n"), "{text}");
    assert!(text.contains("\r\nAccess-Control-Allow-Methods: POST\r\n") && text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn codings_and_expectations() {
    served(&post("Content-Encoding: Identity\r\nContent-Length: 2\r\n", "hi"), "hi");
    served(&post("Content-Encoding:\r\nContent-Length: 2\r\n", "hi"), "hi");
    for coding in ["gzip", "deflate", "identity, gzip"] {
        refused(&post(&format!("Content-Encoding: {coding}\r\nContent-Length: 2\r\n"), "hi"), 415);
    }
    for lines in
        ["Expect: x\r\n", "Expect:\r\n", "Expect: 100-continue\r\nExpect: y\r\n", "Expect: y\r\nExpect: 100-continue\r\n"]
    {
        refused(&post(&format!("{lines}Content-Length: 2\r\n"), "hi"), 417);
    }
}

#[test]
fn a_client_that_waits_is_told_to_go_on_once() {
    let limits = Limits::default();
    for framing in ["Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"] {
        let head = post(&format!("{framing}Expect: 100-CONTINUE\r\n"), "");
        let body = if framing.starts_with('C') { "hi" } else { "2\r\nhi\r\n0\r\n\r\n" };
        let told = |pieces: &[&str]| {
            let mut peer = Peer::new(&limits);
            for piece in pieces {
                peer.receive(piece.as_bytes());
            }
            assert_eq!(peer.events.len(), 1, "{pieces:?}");
            peer.continues
        };
        assert_eq!(told(&[&head, body]), 1);
        assert_eq!(told(&[&head, &body[..1], &body[1..]]), 1);
        assert_eq!(told(&[&(head.clone() + &body[..1]), &body[1..]]), 1);
        assert_eq!(told(&[&(head.clone() + body)]), 0);
    }
    let old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let mut peer = Peer::new(&limits);
    peer.receive(old.as_bytes());
    assert_eq!((peer.continues, peer.http.phase()), (0, Phase::Body { declared: Some(2) }));
    assert_eq!(CONTINUE, b"HTTP/1.1 100 Continue\r\n\r\n");
}

#[test]
fn one_empty_line_in_front_is_passed_over() {
    let request = post("Content-Length: 2\r\n", "hi");
    served(&format!("\r\n{request}"), "hi");
    for bad in ["\n", "\r\r\n", "\r\n\n", "\r\n\r\n", "\r\n\r", " ", "\r\n \r\n", "\0"] {
        refused(&format!("{bad}{request}"), 400);
    }
    let twice = format!("{request}\r\n{request}\r\n");
    assert_eq!(run_cut(twice.as_bytes(), &Limits::default()).len(), 2);
    let limits = Limits::default();
    let mut peer = Peer::new(&limits);
    peer.receive(b"\r\n");
    assert_eq!((peer.http.phase(), peer.buffer.len()), (Phase::Idle, 0));
}

#[test]
fn phases_tell_the_deadline() {
    let limits = Limits::default();
    let mut peer = Peer::new(&limits);
    assert_eq!(peer.http.phase(), Phase::Idle);
    peer.receive(b"POST");
    assert_eq!(peer.http.phase(), Phase::Head);
    peer.receive(b" / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh");
    assert_eq!(peer.http.phase(), Phase::Body { declared: Some(2) });
    peer.receive(b"i");
    assert_eq!((peer.http.phase(), peer.events.len()), (Phase::Idle, 1));
    peer.receive(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx");
    assert_eq!((peer.http.phase(), peer.buffer.len()), (Phase::Body { declared: None }, 0));
    peer.receive(b"\r\n0\r\n\r\n");
    assert_eq!((peer.http.phase(), peer.events.len()), (Phase::Idle, 2));
    assert_eq!(peer.http.take_body(), b"");
}

#[test]
fn answers() {
    let limits = Limits::default();
    let head = |close, http10| {
        let mut out = b"before".to_vec();
        write_head(&mut out, Exchange { close, http10, ..Exchange::default() }, 1203, &limits);
        String::from_utf8(out).unwrap()
    };
    let start = "beforeHTTP/1.1 200 OK\r\nContent-Type: application/x-thrift\r\nContent-Length: 1203\r\n";
    assert_eq!(head(false, false), format!("{start}\r\n"));
    assert_eq!(head(true, false), format!("{start}Connection: close\r\n\r\n"));
    assert_eq!(head(true, true), format!("{start}Connection: close\r\n\r\n"));
    assert_eq!(head(false, true), format!("{start}Connection: keep-alive\r\n\r\n"));
    for (length, text) in [(0, "0"), (usize::MAX, "18446744073709551615")] {
        let mut out = Vec::new();
        write_head(&mut out, Exchange::default(), length, &limits);
        assert!(out.ends_with(format!("Content-Length: {text}\r\n\r\n").as_bytes()));
    }
    let refusal = |refusal: &Refusal| {
        let mut out = Vec::new();
        write_refusal(&mut out, refusal);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        refusal(&Refusal::new(Status::MethodNotAllowed, "no")),
        "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\
         Connection: close\r\n\r\nno\n"
    );
    assert!(refusal(&Refusal::OVERLOADED).contains("\r\nRetry-After: 1\r\n"));
    let head_request = Http::new().split(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", &limits).unwrap_err();
    assert!(refusal(&head_request).ends_with("\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    assert_eq!(Refusal::TIMED_OUT.to_string(), "HTTP 408: the request took too long to arrive");
}

/// The same request read in the plainest way: `Some((body, length of the request))`. It knows no rule; it only frames.
fn read_naively(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let skip = if input.starts_with(b"\r\n") { 2 } else { 0 };
    let raw = &input[skip..];
    let text = raw.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect::<String>();
    let (head, _) = text.split_once("\r\n\r\n")?;
    let start = head.len() + 4;
    let value = |name: &str| {
        let mut lines = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    if let Some(length) = value("content-length") {
        let end = start + length.parse::<usize>().ok()?;
        return Some((input.get(skip + start..skip + end)?.to_vec(), skip + end));
    }
    value("transfer-encoding")?;
    let (mut at, mut body) = (start, Vec::new());
    loop {
        let line = text[at..].split_once("\r\n")?.0;
        let size = usize::from_str_radix(line.split(';').next()?, 16).ok()?;
        at += line.len() + 2;
        if size == 0 {
            break;
        }
        body.extend(raw.get(at..at + size)?);
        at += size + 2;
    }
    while !text[at..].starts_with("\r\n") {
        at += text[at..].find("\r\n")? + 2;
    }
    Some((body, skip + at + 2))
}

/// A small generator; the same seed gives the same run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

fn mutate(input: &mut Vec<u8>, random: &mut Random) {
    const TOKENS: [&[u8]; 16] = [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b"0",
        b"5",
        b",",
        b";",
        b"\0",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\xff",
        b"Host: b\r\n",
        b"\r\n\r\n",
    ];
    let at = random.below(input.len());
    match random.below(5) {
        0 => input[at] = random.below(256) as u8,
        1 => drop(input.remove(at)),
        2 => drop(input.splice(at..at, TOKENS[random.below(TOKENS.len())].iter().copied())),
        3 => input[at] ^= 1 << random.below(8),
        _ => {
            let end = (at + random.below(20)).min(input.len());
            let copy = input[at..end].to_vec();
            let to = random.below(input.len());
            drop(input.splice(to..to, copy));
        }
    }
}

#[test]
fn mutated_requests_are_refused_or_mean_the_same_to_a_naive_reader() {
    let (seeds, limits, mut random) = (golden(), Limits::default(), Random(0x9e37_79b9_7f4a_7c15));
    let (mut messages, mut refusals, mut memo) = (0, 0, Memo::new());
    for _ in 0..20_000 {
        let mut stream = Vec::new();
        for _ in 0..=random.below(2) {
            stream.extend_from_slice(seeds[random.below(seeds.len())].0.as_bytes());
        }
        for _ in 0..=random.below(4) {
            mutate(&mut stream, &mut random);
        }
        let events = run(&[&stream], &limits);
        let mut repeating = Peer { memo, ..Peer::new(&limits) };
        repeating.receive(&stream);
        assert_eq!(repeating.events, events, "with a memo: {}", stream.escape_ascii());
        memo = repeating.memo;
        let (first, second) = (random.below(stream.len() + 1), random.below(stream.len() + 1));
        let (first, second) = (first.min(second), first.max(second));
        let cut = [&stream[..first], &stream[first..second], &stream[second..]];
        assert_eq!(run(&cut, &limits), events, "cut at {first}, {second}: {}", stream.escape_ascii());
        let mut rest = &stream[..];
        for event in &events {
            let Event::Message(body, _) = event else {
                refusals += 1;
                break;
            };
            let (naive, length) = read_naively(rest).unwrap_or_else(|| panic!("{}", rest.escape_ascii()));
            assert_eq!(body, &naive, "{}", rest.escape_ascii());
            rest = &rest[length..];
            messages += 1;
        }
    }
    assert!(messages > 3_000 && refusals > 3_000, "the mutations are one-sided: {messages} and {refusals}");
}

#[test]
fn noise_neither_panics_nor_asks_for_nothing() {
    let (limits, mut random) = (Limits::default(), Random(42));
    for _ in 0..20_000 {
        let noise: Vec<u8> = (0..random.below(64)).map(|_| random.below(256) as u8).collect();
        run(&[b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", &noise], &limits);
        run(&[&noise], &limits);
        run(&[b"POST / HTTP/1.1\r\n", &noise], &limits);
    }
}

/// The processor time of the shortest of some runs, for the machine may be busy.
fn shortest(mut run: impl FnMut()) -> Duration {
    let worked = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let time = |run: &mut dyn FnMut()| {
        let start = worked();
        run();
        worked().saturating_sub(start)
    };
    (0..5).map(|_| time(&mut run)).min().unwrap()
}

#[test]
fn a_head_that_drips_costs_linear_time() {
    let limits = Limits::default();
    let drip = |size: usize| {
        let line = format!("X: {}\r\n", "v".repeat(995));
        let head = format!("POST / HTTP/1.1\r\n{}", line.repeat(size / 1000));
        let mut http = Http::new();
        for end in 1..head.len() {
            assert!(http.split(&head.as_bytes()[..end], &limits).is_ok());
        }
    };
    let (short, long) = (shortest(|| drip(4_000)), shortest(|| drip(32_000)));
    assert!(long < short * 20, "8 times the bytes took {long:?} after {short:?}");
}

#[test]
fn a_million_chunks_of_one_byte_cost_linear_time() {
    let limits = Limits { message_max: 8_000_000, ..Limits::default() };
    let feed = |count: usize, piece: usize| {
        let mut http = Http::new();
        http.split(post("Transfer-Encoding: chunked\r\n", "").as_bytes(), &limits).unwrap();
        let body = "1\r\nx\r\n".repeat(count) + "0\r\n\r\n";
        let mut rest = body.as_bytes();
        while !rest.is_empty() {
            match http.split(&rest[..piece.min(rest.len())], &limits).unwrap() {
                Split::Need { consumed, need: 1 } | Split::Message { consumed, payload: Payload::Own, .. } => {
                    rest = &rest[consumed..];
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(http.take_body().len(), count);
    };
    feed(1_000_000, 65_536);
    let (short, long) = (shortest(|| feed(20_000, 7)), shortest(|| feed(160_000, 7)));
    assert!(long < short * 20, "8 times the bytes took {long:?} after {short:?}");
}

//! The blocking client over real sockets: against farthing's own server, and against servers that hang, lie and die.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use farthing::client::{Builder, Cause, Connection, Error, Step};
use farthing::generated::cache::{CacheClient, CacheService};
use farthing::generated::calculator::{CalculatorClient, CalculatorService};
use farthing::generated::conformance::{ThriftTestClient, ThriftTestService};
use farthing::rpc::{CallError, Failure};
use farthing::server::Server;
use farthing::services::cache::MemoryCache;
use farthing::services::calculator::Arithmetic;
use farthing::services::conformance::CrossTest;
use farthing::transport::{Kind, Stack};
use farthing::wire::{Codec, Text};

use self::serving::Serving;

#[path = "in_process/serving.rs"]
mod serving;

fn serve_at(address: &str) -> Serving {
    let builder = Server::builder()
        .service(CalculatorService::new(Arithmetic))
        .service(CacheService::new(MemoryCache::new(1 << 28)))
        .service(ThriftTestService::new(CrossTest))
        .shards(1);
    Serving::at(address, builder)
}

fn serve() -> Serving {
    serve_at("127.0.0.1:0")
}

/// A server of a few lines: each connection is given to `serve`, one after the other.
fn scripted(mut serve: impl FnMut(usize, TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || listener.incoming().flatten().enumerate().for_each(|(number, stream)| serve(number, stream)));
    address
}

fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).expect("a request");
    bytes.truncate(count);
    bytes
}

/// Answers calls of `add`, framed, with 5, until the client closes or `calls` are answered.
fn answer_adds(stream: &mut TcpStream, calls: usize) {
    for _ in 0..calls {
        let request = read_request(stream);
        let Some(at) = request.windows(3).position(|window| window == b"add") else { return };
        let mut reply = b"\0\0\0\x17\x80\x01\0\x02\0\0\0\x03add".to_vec();
        reply.extend(&request[at + 3..at + 7]);
        reply.extend([8, 0, 0, 0, 0, 0, 5, 0]);
        stream.write_all(&reply).expect("a client");
    }
}

fn short(address: &str) -> Builder {
    Connection::builder(address).timeout(Duration::from_millis(200))
}

fn long(address: &str) -> Builder {
    Connection::builder(address).timeout(Duration::from_secs(20))
}

fn error<T: std::fmt::Debug, E: std::fmt::Debug>(result: &Result<T, CallError<E>>) -> &Error {
    match result {
        Err(failed @ CallError::Failed(_)) => Error::of(failed).expect("an error of the client"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_transport_reaches_every_service() {
    let server = serve();
    let codecs = Codec::ALL;
    let ways = Stack::ALL.into_iter().flat_map(|kind| codecs.map(|codec| (kind, codec)));
    for (kind, codec) in ways.filter(|(kind, codec)| kind.carries(*codec)) {
        let builder = long(&server.address).transport(kind).codec(codec);
        let mut sums = CalculatorClient::new(builder.clone().connect().unwrap());
        assert_eq!(sums.add(2, 3).unwrap(), 5);
        assert!(matches!(sums.add(i32::MAX, 1), Err(CallError::Exception(_))));
        assert_eq!(sums.add(2, 4).unwrap(), 6);

        let mut cache = CacheClient::new(builder.clone().service("Cache").connect().unwrap());
        // Not of one letter: a zlib stream that shrinks to a thousandth is taken for a bomb.
        let value = Text::from((0..500_000).map(|n| n.to_string()).collect::<String>());
        assert!(cache.put("large", &value).unwrap());
        assert_eq!(cache.get("large").unwrap(), value);
        assert_eq!(cache.get("large").unwrap(), value);

        let mut test = ThriftTestClient::new(builder.service("ThriftTest").connect().unwrap());
        test.test_oneway(0).unwrap();
        assert_eq!(test.test_i32(7).unwrap(), 7);
    }
    let mut sums = CalculatorClient::new(long(&format!("http://{}/any?path", server.address)).connect().unwrap());
    assert_eq!(sums.add(2, 3).unwrap(), 5);
}

#[test]
fn unix_sockets_carry_calls() {
    let folder = std::env::temp_dir().join(format!("farthing-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("socket");
    let server = serve_at(&format!("unix:{}", path.display()));
    for kind in Kind::ALL {
        let mut sums = CalculatorClient::new(long(&server.address).transport(kind).connect().unwrap());
        assert_eq!(sums.add(2, 3).unwrap(), 5);
    }
    drop(server);
    let refused = long(&format!("unix:{}", path.display())).connect().unwrap_err();
    assert!(matches!(refused.cause(), Cause::Connect(_)), "{refused}");

    // A listener whose queue is full keeps a client waiting, and no longer than it wants.
    let full = folder.join("full");
    let _listener = UnixListener::bind(&full).unwrap();
    let mut kept = Vec::new();
    let timed_out = loop {
        match short(&format!("unix:{}", full.display())).connect() {
            Ok(connection) => kept.push(connection),
            Err(error) => break error,
        }
    };
    assert!(timed_out.is_timeout(), "{timed_out}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_cannot_be_built_says_why() {
    let text = |builder: Builder| builder.connect().unwrap_err().to_string();
    assert!(text(long("localhost")).contains("no port"));
    assert!(text(long("ftp://localhost")).contains("ftp:// are not supported"));
    assert!(text(long("http://a/").transport(Kind::Framed)).contains("cannot have the transport framed"));
    assert!(text(long("a:1").field("X", "y")).contains("the transport framed has none"));
    assert!(text(long("a:1").transport(Kind::Header).codec(Codec::Json)).contains("header does not carry the json protocol"));
    assert!(text(long("a:1").transport(Kind::Header).field("x", "y".repeat(5000))).contains("4 KiB"));
    assert!(text(long("http://a/").field("Host", "y")).contains("sets by itself"));
    assert!(text(long("http://a/").field("X", "y\r\nZ: z")).contains("cannot stand"));
    assert!(text(long("http://a/ b")).contains("not a path"));
    assert!(text(long("a:1").service("x:y")).contains("colon"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(text(long(&closed.to_string()).service("Calculator")).contains("Calculator (binary, framed): cannot connect: "));
    let unknown = long("no-such-host.invalid:9090").connect().unwrap_err();
    assert!(matches!(unknown.cause(), Cause::Resolve(_) | Cause::Timeout { step: Step::Resolving, .. }), "{unknown}");
}

#[test]
fn names_are_looked_up() {
    let server = serve();
    let port = server.address.rsplit(':').next().unwrap();
    let mut sums = CalculatorClient::new(long(&format!("localhost:{port}")).connect().unwrap());
    assert_eq!(sums.add(2, 3).unwrap(), 5);
}

#[test]
fn a_deadline_holds_against_silence_and_against_drips() {
    let address = scripted(|number, mut stream| {
        thread::spawn(move || {
            read_request(&mut stream);
            let answer = b"\0\0\0\x17\x80\x01\0\x02\0\0\0\x03add\0\0\0\x01\x08\0\0\0\0\0\x05\0";
            // Silence on the first connection; a byte every 20 ms, forever in time, on the others.
            for byte in answer.iter().filter(|_| number > 0) {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
            while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        });
    });
    for number in 0..2 {
        let mut sums = CalculatorClient::new(short(&address).connect().unwrap());
        let started = Instant::now();
        let result = sums.add(2, 3);
        let took = started.elapsed();
        let error = error(&result);
        assert!(error.is_timeout(), "{error}");
        assert!((Duration::from_millis(199)..Duration::from_millis(1000)).contains(&took), "{took:?}");
        let text = error.to_string();
        assert!(
            text.contains(&address) && text.contains(": add (binary, framed): timed out after 200ms while waiting"),
            "{text}"
        );
        assert_eq!(text.contains("does the peer expect another transport"), number == 0, "{text}");
        // The answer may come yet, so that nothing else goes over this connection.
        let again = sums.add(2, 3);
        assert!(matches!(self::error(&again).cause(), Cause::Broken));
    }
}

#[test]
fn a_deadline_holds_against_a_server_that_does_not_read() {
    let (sender, receiver) = mpsc::channel();
    let address = scripted(move |_, stream| _ = sender.send(stream));
    let mut cache = CacheClient::new(short(&address).connect().unwrap());
    let result = cache.put("key", &Text::from("x".repeat(16_000_000)));
    let error = error(&result);
    assert!(matches!(error.cause(), Cause::Timeout { step: Step::Sending, .. }), "{error}");
    drop(receiver);
}

#[test]
fn a_server_that_speaks_something_else_is_named() {
    let answers: [(&[u8], &str); 5] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the peer speaks HTTP, and answers with status 400"),
        (b"\x15\x03\x01\0\x02\x02\x46", "the peer speaks TLS"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "the peer speaks SSH"),
        (b"-ERR unknown command\r\n", "begins with \"-ERR unknown command\\r\\n\" (as the length of a frame: 759517778)"),
        (b"", "the peer closed the connection without an answer"),
    ];
    let address = scripted(move |number, mut stream| {
        read_request(&mut stream);
        stream.write_all(answers[number].0).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    });
    for (_, expected) in answers {
        let mut sums = CalculatorClient::new(long(&address).connect().unwrap());
        let text = error(&sums.add(2, 3)).to_string();
        assert!(text.contains(expected), "{text}");
    }
    let address = scripted(|_, mut stream| _ = read_request(&mut stream));
    let mut sums = CalculatorClient::new(long(&address).transport(Kind::Unframed).connect().unwrap());
    let text = error(&sums.add(2, 3)).to_string();
    assert!(text.ends_with("without an answer: does it expect a framed transport?"), "{text}");
}

#[test]
fn an_early_refusal_is_read_though_the_request_could_not_be_sent() {
    let address = scripted(|_, mut stream| {
        read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // Reads a while, so that no reset eats the answer.
        while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
    });
    let mut cache = CacheClient::new(long(&format!("http://{address}/")).connect().unwrap());
    let text = error(&cache.put("key", &Text::from("x".repeat(10_000_000)))).to_string();
    assert!(text.contains("status 413"), "{text}");
}

#[test]
fn http_servers_that_close_behind_each_answer_are_called_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let address = scripted(move |_, mut stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        let request = read_request(&mut stream);
        let at = request.windows(3).position(|window| window == b"add").unwrap();
        let mut answer = b"HTTP/1.0 200 OK\r\n\r\n\x80\x01\0\x02\0\0\0\x03add".to_vec();
        answer.extend(&request[at + 3..at + 7]);
        answer.extend([8, 0, 0, 0, 0, 0, 5, 0]);
        stream.write_all(&answer).unwrap();
    });
    let builder = long(&format!("http://{address}/"));
    let mut sums = CalculatorClient::new(builder.clone().connect().unwrap());
    for calls in 1..=3 {
        assert_eq!(sums.add(2, 3).unwrap(), 5);
        assert_eq!(connections.load(Ordering::SeqCst), calls);
    }
    let pool = builder.pool().build().unwrap();
    let mut sums = CalculatorClient::new(pool.clone());
    assert_eq!(sums.add(2, 3).unwrap(), 5);
    assert_eq!(pool.counts(), (0, 0));
}

#[test]
fn a_pool_serves_many_threads_with_few_connections() {
    let server = serve();
    let pool = long(&server.address).pool().connections_max(3).build().unwrap();
    let start = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let (pool, start) = (pool.clone(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                let mut sums = CalculatorClient::new(pool.clone());
                for n in 0..200 {
                    assert_eq!(sums.add(thread, n).unwrap(), thread + n);
                    assert!(pool.counts().0 <= 3);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let (count, idle) = pool.counts();
    assert!((1..=3).contains(&count) && idle == count, "{count} {idle}");
}

#[test]
fn a_full_pool_keeps_threads_waiting_in_order_and_not_too_long() {
    let server = serve();
    let pool = short(&server.address).pool().connections_max(1).build().unwrap();
    let only = pool.get().unwrap();
    let started = Instant::now();
    let late = pool.get().unwrap_err();
    assert!(matches!(late.cause(), Cause::Timeout { step: Step::Queueing, .. }), "{late}");
    assert!(started.elapsed() >= Duration::from_millis(199));

    let pool = long(&server.address).pool().connections_max(1).build().unwrap();
    drop(only);
    let only = pool.get().unwrap();
    let (sender, order) = mpsc::channel();
    let mut threads = Vec::new();
    for number in 0..4 {
        let (waiting, sender) = (pool.clone(), sender.clone());
        threads.push(thread::spawn(move || {
            let taken = waiting.get().unwrap();
            sender.send(number).unwrap();
            drop(taken);
        }));
        while pool.waiting() <= number {
            thread::yield_now();
        }
    }
    drop(only);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    drop(sender);
    assert_eq!(order.iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn a_pool_survives_a_restart_of_its_server() {
    let mut server = serve();
    let pool = long(&server.address).pool().build().unwrap();
    let mut sums = CalculatorClient::new(pool.clone());
    for _ in 0..3 {
        assert_eq!(sums.add(2, 3).unwrap(), 5);
        server.stop();
        server = serve_at(&server.address.clone());
    }
    let mut cache = CacheClient::new(pool);
    assert!(matches!(cache.get("key"), Err(CallError::Exception(_))));
}

#[test]
fn a_call_that_met_a_closing_connection_is_sent_once_more_and_no_more_than_once() {
    // Each connection answers one call, takes a second, and closes without an answer.
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let address = scripted(move |_, mut stream| {
        answer_adds(&mut stream, 1);
        if stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut sums = CalculatorClient::new(long(&address).pool().build().unwrap());
    assert_eq!(sums.add(2, 3).unwrap(), 5);
    assert_eq!(sums.add(2, 3).unwrap(), 5);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    // The server has one connection at a time.
    drop(sums);

    let mut sums = CalculatorClient::new(long(&address).pool().retry(false).build().unwrap());
    assert_eq!(sums.add(2, 3).unwrap(), 5);
    assert!(error(&sums.add(2, 3)).is_unanswered());

    // On a new connection nothing is sent twice.
    let tries = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&tries);
    let address = scripted(move |_, mut stream| {
        read_request(&mut stream);
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let mut sums = CalculatorClient::new(long(&address).pool().build().unwrap());
    assert!(error(&sums.add(2, 3)).is_unanswered());
    assert_eq!(tries.load(Ordering::SeqCst), 1);
}

#[test]
fn connections_that_failed_or_were_closed_are_not_used_again() {
    let (closed, is_closed) = mpsc::channel();
    let address = scripted(move |number, mut stream| {
        if number == 0 {
            // Half an answer.
            read_request(&mut stream);
            stream.write_all(b"\0\0\0\x17\x80\x01").unwrap();
        } else {
            answer_adds(&mut stream, 1);
        }
        drop(stream);
        closed.send(()).unwrap();
    });
    let pool = long(&address).pool().retry(false).build().unwrap();
    let mut sums = CalculatorClient::new(pool.clone());
    let cut = sums.add(2, 3);
    assert!(matches!(error(&cut).cause(), Cause::Call(Failure::Closed { partial: true })));
    assert_eq!(pool.counts(), (0, 0));
    is_closed.recv().unwrap();
    for _ in 0..3 {
        assert_eq!(sums.add(2, 3).unwrap(), 5);
        is_closed.recv().unwrap();
    }
}

#[test]
fn idle_connections_grow_old() {
    let server = serve();
    let pool = long(&server.address).pool().idle_timeout(Duration::ZERO).build().unwrap();
    let (first, second) = (pool.get().unwrap(), pool.get().unwrap());
    assert_eq!(pool.counts(), (2, 0));
    drop((first, second));
    assert_eq!(pool.counts(), (1, 1));
    CalculatorClient::new(pool.clone()).add(2, 3).unwrap();
    assert_eq!(pool.counts(), (1, 1));
}

#[test]
fn a_panic_of_a_user_gives_the_connection_back() {
    let server = serve();
    let pool = long(&server.address).pool().connections_max(1).build().unwrap();
    let panicking = pool.clone();
    let thread = thread::spawn(move || {
        let _kept = panicking.get().unwrap();
        std::panic::resume_unwind(Box::new(()));
    });
    assert!(thread.join().is_err());
    assert_eq!(CalculatorClient::new(pool).add(2, 3).unwrap(), 5);
}

#[test]
fn a_oneway_call_over_http_is_sent_whether_or_not_the_server_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    // Answers nothing on its first connection, and too late what nobody waits for any more; on its second one it answers.
    let server = thread::spawn(move || {
        let (mut mute, _) = listener.accept().unwrap();
        let mut bytes = [0; 4096];
        assert!(mute.read(&mut bytes).unwrap() > 100);
        let (mut other, _) = listener.accept().unwrap();
        _ = mute.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assert!(other.read(&mut bytes).unwrap() > 100);
        let reply = b"\x80\x01\0\x02\0\0\0\x07testI32\0\0\0\x01\x08\0\0\0\0\0\x07\0";
        other.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", reply.len()).as_bytes()).unwrap();
        other.write_all(reply).unwrap();
    });
    let builder = long(&address).oneway_timeout(Duration::from_millis(200));
    let mut test = ThriftTestClient::new(builder.connect().unwrap());
    let started = Instant::now();
    test.test_oneway(3).unwrap();
    let waited = started.elapsed();
    assert!(waited >= Duration::from_millis(200) && waited < Duration::from_secs(5), "{waited:?}");
    assert_eq!(test.test_i32(7).unwrap(), 7);
    server.join().unwrap();

    // Half of an answer is one that goes wrong.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut half, _) = listener.accept().unwrap();
        assert!(half.read(&mut [0; 4096]).unwrap() > 100);
        half.write_all(b"HTTP/1.1 200").unwrap();
        _ = half.read(&mut [0; 1]);
    });
    let builder = long(&address).oneway_timeout(Duration::from_millis(200));
    let result = ThriftTestClient::new(builder.connect().unwrap()).test_oneway(3);
    assert!(error(&result).is_timeout());
}

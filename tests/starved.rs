//! A system that has no memory: an allocator that refuses every large request, one at a time, while a server answers calls of all
//! kinds. Each time one call or one connection ends, and never the process.

#![allow(unsafe_code)] // only a global allocator can refuse, and its trait is unsafe; what it does not refuse the system's gets

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use std::collections::{BTreeMap, HashMap, HashSet};

use farthing::rpc::{Fault, Method, Reply, Request, Service};
use farthing::server::{Config, Server};
use farthing::wire::{Bytes, Codec, Decode, Encode, Error, MessageKind, Output, Reader, Text, Typed, VecMap, WireType, Writer};
use flate2::Compression;
use flate2::write::ZlibEncoder;

#[path = "in_process/serving.rs"]
mod serving;
mod vectors;

use self::serving::Serving;
use self::vectors::{Answer, Over, Replies, UPGRADE, masked};

/// Requests from this size on may be refused. Those below are of fixed sizes, or few and small.
const LARGE: usize = 48 * 1024;

struct Miser;

/// Large requests of the server's threads are counted down; the one that finds this at 1 is refused.
static COUNTDOWN: AtomicUsize = AtomicUsize::new(0);
/// Once one was refused, all that follow are.
static LASTING: AtomicBool = AtomicBool::new(false);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static IS_TESTS: Cell<bool> = const { Cell::new(false) };
}

fn refuses(size: usize) -> bool {
    if size < LARGE || IS_TESTS.get() || COUNTDOWN.load(Ordering::SeqCst) == 0 {
        return false;
    }
    let lasts = LASTING.load(Ordering::SeqCst);
    let count = |left: usize| Some(if lasts { left.saturating_sub(1).max(1) } else { left.saturating_sub(1) });
    let refused = COUNTDOWN.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(1);
    REFUSED.fetch_add(usize::from(refused), Ordering::SeqCst);
    refused
}

// SAFETY: every call is refused, which an allocator may do, or handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Miser {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        if refuses(layout.size()) { null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        if refuses(layout.size()) { null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `realloc`, and the pointer came from here.
        if refuses(size) { null_mut() } else { unsafe { System.realloc(pointer, layout, size) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Miser = Miser;

/// Sends back what it gets, of many types.
struct Echo;

const METHODS: &[Method] = &{
    const fn two_way(name: &'static str) -> Method {
        Method { name, oneway: false }
    }
    [
        two_way("bytes"),
        two_way("vector"),
        two_way("text"),
        two_way("string"),
        two_way("job"),
        two_way("bools"),
        two_way("ints"),
        two_way("longs"),
        two_way("doubles"),
        two_way("texts"),
        two_way("map"),
        two_way("set"),
        two_way("pairs"),
        two_way("tree"),
    ]
};

impl Service for Echo {
    fn name(&self) -> &'static str {
        "Echo"
    }

    fn methods(&self) -> &'static [Method] {
        METHODS
    }

    fn call(&self, request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
        fn echo<T: Default + Encode + for<'a> Decode<'a>>(request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
            let One(value) = request.arguments::<One<T>>()?;
            reply.field(0, &value);
            Ok(())
        }
        match request.method() {
            "bytes" => echo::<Bytes>(request, reply),
            "vector" => echo::<Vec<u8>>(request, reply),
            "text" => echo::<Text>(request, reply),
            "string" | "job" => echo::<String>(request, reply),
            "bools" => echo::<Vec<bool>>(request, reply),
            "ints" => echo::<Vec<i32>>(request, reply),
            "longs" => echo::<Vec<i64>>(request, reply),
            "doubles" => echo::<Vec<f64>>(request, reply),
            "texts" => echo::<Vec<String>>(request, reply),
            "map" => echo::<HashMap<i32, i64>>(request, reply),
            "set" => echo::<HashSet<i64>>(request, reply),
            "pairs" => echo::<VecMap<i32, i64>>(request, reply),
            "tree" => echo::<BTreeMap<i32, i64>>(request, reply),
            _ => Err(Fault::UnknownMethod),
        }
    }
}

/// A struct with one value as field 1.
struct One<T>(T);

impl<T> Typed for One<T> {
    const TYPE: WireType = WireType::Struct;
}

impl<'a, T: Decode<'a> + Default> Decode<'a> for One<T> {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut value = T::default();
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            if field.id == 1 && field.kind == T::TYPE {
                value = T::decode(reader)?;
            } else {
                reader.skip(field.kind)?;
            }
        }
        Ok(Self(value))
    }
}

impl<T: Encode> Encode for One<T> {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &self.0);
        writer.struct_end();
    }
}

/// Writes a message with this head.
type Writing<'w> = &'w dyn Fn(&mut Output, (&str, MessageKind, i32));

/// A call of each method with a value that takes much more than [`LARGE`].
fn calls(codec: Codec) -> Vec<(&'static str, Vec<u8>)> {
    let call = |name: &'static str, write: Writing<'_>| {
        let mut out = Output::new();
        write(&mut out, (name, MessageKind::CALL, 7));
        (name, out.to_vec())
    };
    // Where the value is JSON, some of it has escapes.
    let text = "a text with \"quotes\" and an \u{e9} ".repeat(4_000);
    let longs = || (0..8_000_i64).map(|n| n.wrapping_mul(0x0123_4567_89ab_cdef));
    let pairs = || (0..8_000_i32).zip(longs());
    vec![
        call("bytes", &|out, head| codec.write(out, 64, head, &One(Bytes::from(text.clone())))),
        call("vector", &|out, head| codec.write(out, 64, head, &One(text.clone().into_bytes()))),
        call("text", &|out, head| codec.write(out, 64, head, &One(text.clone()))),
        call("string", &|out, head| codec.write(out, 64, head, &One(text.clone()))),
        call("job", &|out, head| codec.write(out, 64, head, &One(text.clone()))),
        call("bools", &|out, head| codec.write(out, 64, head, &One(vec![true; 100_000]))),
        call("ints", &|out, head| codec.write(out, 64, head, &One((0..20_000).collect::<Vec<i32>>()))),
        call("longs", &|out, head| codec.write(out, 64, head, &One(longs().collect::<Vec<_>>()))),
        call("doubles", &|out, head| codec.write(out, 64, head, &One(longs().map(|n| n as f64).collect::<Vec<_>>()))),
        call("texts", &|out, head| codec.write(out, 64, head, &One(vec![text[..1000].to_owned(); 120]))),
        call("map", &|out, head| codec.write(out, 64, head, &One(pairs().collect::<HashMap<_, _>>()))),
        call("set", &|out, head| codec.write(out, 64, head, &One(longs().collect::<HashSet<_>>()))),
        call("pairs", &|out, head| codec.write(out, 64, head, &One(VecMap(pairs().collect())))),
        call("tree", &|out, head| codec.write(out, 64, head, &One(pairs().collect::<BTreeMap<_, _>>()))),
    ]
}

/// The same message in everything that carries messages.
fn ways(message: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in message.chunks(10_000) {
        chunked.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    }
    chunked.extend(b"0\r\n\r\n");
    let deflated = {
        let mut deflater = ZlibEncoder::new(Vec::new(), Compression::fast());
        deflater.write_all(&Over::Framed.wrap(message)).expect("a vector");
        deflater.flush().expect("a vector");
        deflater.get_ref().clone()
    };
    vec![
        ("framed", Over::Framed.wrap(message)),
        ("unframed", Over::Unframed.wrap(message)),
        ("HTTP", Over::Http.wrap(message)),
        ("HTTP, chunked", chunked),
        ("WebSocket", [UPGRADE, &masked(0x82, message)].concat()),
        ("zlib", deflated),
    ]
}

/// What became of one call.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Answered,
    /// An INTERNAL_ERROR that says so.
    Refused,
    Closed,
}

fn call(stream: &mut TcpStream, request: &[u8]) -> Outcome {
    if stream.write_all(request).is_err() {
        return Outcome::Closed;
    }
    let (mut replies, mut buffer) = (Replies::default(), vec![0; 64 * 1024]);
    loop {
        let answers = match stream.read(&mut buffer) {
            Ok(0) => return Outcome::Closed,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return Outcome::Closed,
            Err(error) => panic!("neither an answer nor an end: {error}"),
            Ok(got) => replies.feed(&buffer[..got]),
        };
        for answer in answers {
            match answer {
                Answer::Reply { .. } => return Outcome::Answered,
                Answer::Exception { text, .. } if text.contains("no memory") => return Outcome::Refused,
                Answer::Http(101) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn connect(server: &Serving) -> TcpStream {
    let stream = TcpStream::connect(&server.address).expect("a server that lives");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    stream.set_nodelay(true).expect("a socket");
    stream
}

/// Refuses the first large request for memory, then the second, until a call needs no more: one alone, and all from then on. A
/// connection that was there before is answered all the while.
#[test]
fn whatever_memory_is_refused_the_server_goes_on() {
    IS_TESTS.set(true);
    let config = Config { shards: 1, ..Config::default() };
    let server = Serving::at("127.0.0.1:0", Server::builder().config(config).service(Echo).offload("job"));
    let mut small = Output::new();
    Codec::Binary.write(&mut small, 64, ("ints", MessageKind::CALL, 1), &One(vec![1, 2, 3]));
    let small = Over::Framed.wrap(&small.to_vec());
    let mut canary = connect(&server);
    let (mut refused, mut closed) = (0_u64, 0_u64);
    for codec in [Codec::Binary, Codec::Compact, Codec::Json] {
        for (method, message) in calls(codec) {
            // How it comes matters to bytes, and what they are to the decoder.
            let ways = ways(&message).into_iter().take(if matches!(method, "bytes" | "string") { usize::MAX } else { 2 });
            for (way, request) in ways {
                let place = format!("{method}, {way}, {}", codec.name());
                // What all connections share is had once.
                assert_eq!(call(&mut connect(&server), &request), Outcome::Answered, "{place}: {}", server.handle.counts());
                let mut nth = 0;
                loop {
                    nth += 1;
                    let before = REFUSED.load(Ordering::SeqCst);
                    for lasting in [false, true] {
                        LASTING.store(lasting, Ordering::SeqCst);
                        COUNTDOWN.store(nth, Ordering::SeqCst);
                        let outcome = call(&mut connect(&server), &request);
                        assert_eq!(call(&mut canary, &small), Outcome::Answered, "behind {place}, {nth}, {lasting}");
                        COUNTDOWN.store(0, Ordering::SeqCst);
                        refused += u64::from(outcome == Outcome::Refused);
                        closed += u64::from(outcome == Outcome::Closed);
                    }
                    if REFUSED.load(Ordering::SeqCst) == before {
                        break;
                    }
                    assert!(nth < 1000, "{place}: no end of it");
                }
                // Such a value does not come without any.
                assert!(nth > 1, "{place}: nothing was refused");
            }
        }
    }
    let counts = server.handle.counts();
    // A call that was refused may have had no memory for its refusal.
    assert!(counts.requests["no_memory"] >= refused, "{refused} of {counts}");
    assert_eq!(counts.closed["no_memory"], closed, "{counts}");
    assert!(refused > 100 && closed > 100, "{refused} calls refused, {closed} connections closed");
    assert_eq!(counts.requests["panics"], 0);
}

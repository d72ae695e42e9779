//! Whole calls, in time: through a responder and a requester in memory, and over loopback through the event loop. `framed`,
//! `unframed` and `http`, alone and 16 behind one another.

mod conversation;
mod shapes;

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing::generated::bench::{BenchClient, BenchService};
use farthing::server::Server as Sockets;
use farthing::services::bench::Workloads;
use farthing::transport::{Error, Exchange, Limits, Memo, Split, Spoken, Transport, sniff};
use farthing::wire::Output;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use self::conversation::{Call, Near, Server, Way};

const PIPELINED: [usize; 2] = [1, 16];
/// Bytes of values that the service keeps.
const STORE_BYTES: u64 = 1 << 26;

/// The server's side and the client's, without a socket.
fn memory(criterion: &mut Criterion) {
    for way in Way::ALL {
        for call in Call::ALL {
            let mut group = criterion.benchmark_group(format!("memory/{}/{}", call.name(), way.name()));
            for count in PIPELINED {
                let (requests, mut server) = (call.requests(way, count), Server::new());
                server.answer(&Call::Put.requests(way, 1));
                group.throughput(Throughput::Elements(count as u64));
                group.bench_function(format!("serve/{count}"), |bencher| {
                    bencher.iter(|| black_box(server.answer(black_box(&requests))));
                });
            }
            let mut near = Near::answered(way, call, &mut Server::new());
            let mut client = BenchClient::new(&mut near);
            group.throughput(Throughput::Elements(1));
            group.bench_function("request", |bencher| bencher.iter(|| call.make(&mut client)));
            group.finish();
        }
    }
}

/// Finding out what is spoken and where a message ends, and putting around an answer what belongs there.
fn transports(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("transport");
    for way in Way::ALL {
        let request = Call::Echo.requests(way, 1);
        group.bench_function(format!("sniff/{}", way.name()), |bencher| {
            bencher.iter(|| black_box(sniff(black_box(&request), &limits)));
        });
        let (mut transport, mut memo) = (Transport::new(way.spoken()), Memo::new());
        group.bench_function(format!("split/{}", way.name()), |bencher| {
            bencher.iter(|| black_box(transport.split(black_box(&request), &limits, &mut memo)).expect("a message"));
        });
        let exchange = exchange_of(transport.split(&request, &limits, &mut memo));
        let (mut out, answer) = (Output::new(), vec![b'a'; 1200]);
        group.bench_function(format!("join/{}", way.name()), |bencher| {
            bencher.iter(|| {
                out.clear();
                let envelope = black_box(exchange).begin(&mut out);
                out.push(black_box(&answer));
                envelope.end(&mut out, &limits, None);
                black_box(&mut out);
            });
        });
    }
    let (request, mut memo) = (Call::Echo.requests(Way::Unframed, 1), Memo::new());
    group.bench_function("scan/unframed", |bencher| {
        bencher.iter(|| {
            let mut transport = Transport::new(Way::Unframed.spoken());
            transport.scan_first();
            black_box(transport.split(black_box(&request), &limits, &mut memo)).expect("a message");
        });
    });
    group.finish();
    zlib(criterion, &limits);
}

/// The first message of a zlib stream, with the memory that inflating takes, and an answer on its way into one.
fn zlib(criterion: &mut Criterion, limits: &Limits) {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&Call::Echo.requests(Way::Framed, 1)).expect("memory");
    encoder.flush().expect("memory");
    let (stream, mut memo) = (encoder.get_ref().clone(), Memo::new());
    let mut group = criterion.benchmark_group("transport");
    group.bench_function("split/zlib", |bencher| {
        bencher.iter(|| {
            let mut transport = Transport::new(Spoken::Zlib);
            black_box(exchange_of(transport.split(black_box(&stream), limits, &mut memo)));
        });
    });
    let mut transport = Transport::new(Spoken::Zlib);
    let exchange = exchange_of(transport.split(&stream, limits, &mut memo));
    let (mut out, answer) = (Output::new(), Call::Echo.requests(Way::Unframed, 1));
    group.bench_function("join/zlib", |bencher| {
        bencher.iter(|| {
            out.clear();
            let mark = out.mark();
            let envelope = exchange.begin(&mut out);
            out.push(black_box(&answer));
            envelope.end(&mut out, limits, None);
            transport.deflate(mark, &mut out, &mut memo);
            black_box(&mut out);
        });
    });
    group.finish();
}

/// How a message is answered that was found whole.
fn exchange_of(split: Result<Split, Error>) -> Exchange {
    match split.expect("a message") {
        Split::Message { exchange, .. } => exchange,
        other => panic!("no whole message: {other:?}"),
    }
}

/// Through sockets and the event loop, one connection: what a call takes from the first byte out to the last byte back.
fn loopback(criterion: &mut Criterion) {
    let service = BenchService::new(Workloads::new(STORE_BYTES));
    let server = Sockets::builder().service(service).shards(1).bind("127.0.0.1:0").expect("a free port");
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    let serving = thread::spawn(move || server.run().expect("a poll"));
    for way in Way::ALL {
        let mut group = criterion.benchmark_group(format!("loopback/{}", way.name()));
        for call in Call::ALL {
            for count in PIPELINED {
                let mut memory = Server::new();
                memory.answer(&Call::Put.requests(way, 1));
                let requests = call.requests(way, count);
                let mut answers = vec![0; memory.answer(&requests)];
                let mut stream = TcpStream::connect(&address).expect("a listener");
                stream.set_nodelay(true).expect("a socket");
                let mut exchange = |requests: &[u8], answers: &mut [u8]| {
                    stream.write_all(requests).expect("an open connection");
                    stream.read_exact(answers).expect("an answer of the same size as in memory");
                };
                let put = Call::Put.requests(way, 1);
                let mut stored = vec![0; memory.answer(&put)];
                exchange(&put, &mut stored);
                group.throughput(Throughput::Elements(count as u64));
                group.bench_function(format!("{}/{count}", call.name()), |bencher| {
                    bencher.iter(|| exchange(&requests, &mut answers));
                });
            }
        }
        group.finish();
    }
    handle.stop();
    serving.join().expect("a loop that ends");
}

criterion_group!(benches, memory, transports, loopback);
criterion_main!(benches);

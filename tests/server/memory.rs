//! What all connections may hold together, and what is done on the way there.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use farthing::server::Config;

use crate::net::{Canary, Client, Ending, Process, Running, farthing, until};
use crate::vectors::{Answer, Over, bytes};

const MIB: usize = 1 << 20;
/// Too little to be a big message.
const SMALL: usize = 62_000;

fn limited(change: impl FnOnce(&mut Config)) -> Running {
    Running::start(|config| {
        config.memory_max = 8 * MIB;
        config.calls.body_timeout = Duration::from_mins(5);
        // A message on its way through the pool counts as a request and as its answer for a moment.
        config.calls.offload_above = usize::MAX;
        config.sockets.strain_timeout = Duration::from_mins(5);
        change(config);
    })
}

/// The first part of a long message, and the rest of it.
fn parts(over: Over, first: usize) -> (Vec<u8>, Vec<u8>) {
    let message = over.wrap(&bytes("HDR(echo) 0b0001 F(61*12000000) 00"));
    let (first, rest) = message.split_at(first);
    (first.to_vec(), rest.to_vec())
}

fn holds(server: &Running, bytes: &[u8]) -> Client {
    let mut client = server.connect();
    client.send(bytes);
    client
}

/// Connections that each hold most of a message that is not big.
fn small_holders(server: &Running, count: usize) -> Vec<Client> {
    let message = Over::Framed.wrap(&bytes("HDR(echo) 0b0001 F(61*64000) 00"));
    // Connected first: once memory is short nobody is let in.
    let mut clients: Vec<_> = (0..count).map(|_| server.connect()).collect();
    until("all to be let in", || server.open() >= count as u64);
    clients.iter_mut().for_each(|client| _ = client.send(&message[..SMALL]));
    clients
}

fn held(server: &Running) -> usize {
    server.handle.counts().memory.held
}

fn passed(server: &Running) -> [u64; 4] {
    server.handle.counts().memory.passed
}

/// It has been read, and is not over the limit: another connection is answered behind it.
fn settle(server: &Running) {
    let mut client = server.connect();
    client.send(&Over::Framed.wrap(&bytes("HDR(m) 00")));
    client.answers(1);
}

fn is_shed(answer: &Answer) -> bool {
    matches!(answer, Answer::Exception { kind: 6, text, .. } if text.starts_with("LOADSHEDDING:"))
}

#[test]
fn whoever_holds_the_most_is_reset() {
    let chunked =
        [&b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n500001\r\n"[..], &vec![0; 5 * MIB]].concat();
    for big in [parts(Over::Framed, 5 * MIB).0, parts(Over::Http, 5 * MIB).0, parts(Over::Unframed, 5 * MIB).0, chunked] {
        let server = limited(|config| config.sockets.strain_timeout = Duration::from_secs(1));
        let mut big = holds(&server, &big);
        let small = bytes("HDR(echo) 0b0001 F(61*1500000) 00");
        let small = Over::Framed.wrap(&small);
        let (first, rest) = small.split_at(MIB);
        let mut small = holds(&server, first);
        settle(&server);
        assert_eq!(server.closed("memory_max"), 0);
        let crowd = small_holders(&server, 40);
        until("the biggest to go", || server.closed("memory_max") > 0);
        assert_eq!(big.rest().1, Ending::Reset);
        until("calls to be taken again", || held(&server) < 7 * MIB);
        settle(&server);
        small.send(rest);
        assert_eq!(small.answers(1).len(), 1);
        assert_eq!(server.closed("memory_max"), 1);
        drop(crowd);
    }
}

#[test]
fn what_was_given_back_is_there_again() {
    let server = limited(|_| {});
    for _ in 0..20 {
        let _client = holds(&server, &parts(Over::Framed, 3 * MIB).0);
        let mut whole = server.connect();
        whole.send(&Over::Framed.wrap(&bytes("HDR(echo) 0b0001 F(61*3000000) 00")));
        assert_eq!(whole.answers(1).len(), 1);
    }
    until("all to be closed", || server.open() == 0);
    assert_eq!(server.closed("memory_max"), 0);
    assert_eq!(passed(&server), [0; 4]);
}

#[test]
fn past_80_percent_silence_is_borne_for_less_long() {
    let server = limited(|config| config.strained_idle_timeout = Duration::from_millis(300));
    let idle = |over: Over| {
        let mut client = server.connect();
        client.send(&over.wrap(&bytes("HDR(m) 00")));
        client.answers(1);
        client
    };
    let mut idle = [idle(Over::Framed), idle(Over::Http), server.connect()];
    thread::sleep(Duration::from_millis(400));
    assert_eq!(server.open(), 3, "as long as there is enough");
    let holder = holds(&server, &parts(Over::Framed, 7 * MIB).0);
    until("the silent to go", || server.open() == 1);
    assert_eq!((server.closed("idle_timeout"), server.closed("first_byte_timeout")), (2, 1));
    idle.iter_mut().for_each(|client| assert_eq!(client.rest(), (vec![], Ending::Fin)));
    assert_eq!(passed(&server), [1, 0, 0, 0]);
    drop(holder);
    until("enough to be free", || server.open() == 0 && held(&server) == 0);
    let patient = server.connect();
    settle(&server);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(server.closed("first_byte_timeout"), 1);
    drop(patient);
}

#[test]
fn past_90_percent_big_messages_wait_and_small_ones_do_not() {
    let server = limited(|_| {});
    for big in [Over::Framed, Over::Http, Over::Unframed] {
        let before = passed(&server);
        let (first, _) = parts(big, 11 * MIB);
        let holder = server.connect();
        let mut writer = holder.stream.try_clone().unwrap();
        // More than is read of it.
        let writing = thread::spawn(move || _ = std::io::Write::write_all(&mut writer, &first));
        until("90 %", || passed(&server)[1] > before[1]);
        for _ in 0..20 {
            settle(&server);
        }
        let mut waiting = server.connect();
        waiting.send(&Over::Framed.wrap(&bytes("HDR(echo) 0b0001 F(61*100000) 00")));
        waiting.stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let peeked = waiting.stream.peek(&mut [0]);
        assert!(peeked.is_err(), "{peeked:?} though memory is short: {:?} {}", passed(&server), held(&server));
        assert!(held(&server) < 8 * MIB * 95 / 100, "{} held", held(&server));
        waiting.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        rustix::net::connect_unspec(&holder.stream).unwrap(); // a reset, whoever else has the stream
        writing.join().unwrap();
        // Nobody else stirs: it is the server that looks again.
        assert_eq!(waiting.answers(1).len(), 1, "{big:?}");
        drop(waiting);
        until("all to be closed", || server.open() == 0 && held(&server) == 0);
        assert_eq!((passed(&server)[2..].to_vec(), server.closed("memory_max")), (vec![0, 0], 0));
    }
}

#[test]
fn past_95_percent_calls_are_shed_and_nobody_is_let_in() {
    let server = limited(|_| {});
    let mut callers: Vec<_> = [Over::Framed, Over::Unframed, Over::Http].map(|over| (over, server.connect())).into();
    let call = bytes("HDR(ints) 0f0001 08 00000001 00000007 00");
    for (over, client) in &mut callers {
        client.send(&over.wrap(&call));
        assert!(matches!(client.answers(1)[..], [Answer::Reply { .. }]));
    }
    let entered = server.calls.entered();
    let holders = small_holders(&server, 131);
    until("95 %", || passed(&server)[2] > 0);
    for (over, client) in &mut callers {
        client.send(&over.wrap(&call));
        let answers = client.answers(1);
        assert!(is_shed(&answers[0]), "{over:?}: {answers:?}");
    }
    // A oneway call is dropped; over HTTP its sender is told.
    for (over, client) in &mut callers {
        client.send(&over.wrap(&bytes("HDR(note,4) 00")));
        client.send(&over.wrap(&call));
        assert!(is_shed(client.answers(if *over == Over::Http { 2 } else { 1 }).last().unwrap()));
    }
    assert_eq!((server.calls.entered(), server.calls.noted()), (entered, 0));
    assert_eq!(server.count("shed"), 9);
    let late = TcpStream::connect(server.address).unwrap();
    thread::sleep(Duration::from_millis(300));
    assert_eq!((server.open(), server.closed("memory_max")), (134, 0));
    drop(holders);
    until("the late one to be let in", || server.handle.counts().opened == 135);
    for (over, client) in &mut callers {
        client.send(&over.wrap(&call));
        assert!(matches!(client.answers(1)[..], [Answer::Reply { .. }]), "{over:?}");
    }
    drop(late);
}

/// Peers that take up memory and never move could else keep everybody out.
#[test]
fn calls_are_shed_for_a_moment_and_then_the_biggest_go() {
    let server = limited(|config| config.sockets.strain_timeout = Duration::from_millis(500));
    let mut caller = server.connect();
    let big = holds(&server, &parts(Over::Framed, 3 * MIB).0);
    // But for what a shard keeps to itself, a 64th of all there may be.
    until("all of it to be read", || held(&server) >= 3 * MIB - 8 * MIB / 64);
    let crowd = small_holders(&server, 80);
    until("95 %", || passed(&server)[2] > 0);
    until("the biggest to go", || server.closed("memory_max") == 1);
    until("enough to be free", || held(&server) < 6 * MIB);
    caller.send(&Over::Framed.wrap(&bytes("HDR(need) 080001 00000001 00")));
    caller.answers(1);
    assert_eq!((server.open(), passed(&server)[3]), (81, 0));
    drop((big, crowd));
}

#[test]
fn calls_that_wait_for_a_worker_count() {
    let server = limited(|config| {
        config.pool.queue_timeout = Duration::from_mins(1);
        config.pool.queue_timeout_loaded = Duration::from_mins(1);
    });
    let call = Over::Framed.wrap(&bytes("HDR(block) 0b0007 F(61*1000000) 00"));
    let mut clients: Vec<_> = (0..7).map(|_| holds(&server, &call)).collect();
    until("all to wait", || (7_000_000..7_100_000).contains(&held(&server)));
    assert!(passed(&server)[0] > 0);
    server.calls.open_gate();
    clients.iter_mut().for_each(|client| assert_eq!(client.answers(1).len(), 1));
    until("all to be given back", || held(&server) == 0);
}

/// L5 in small: sizes that are only promised, bodies that drip, answers that nobody reads, and bombs, all at once.
#[test]
fn an_attack_on_memory_stays_within_it_and_others_are_answered() {
    const MAX: usize = 32 * MIB;
    let serve = ["serve", "--listen", "127.0.0.1:0=calculator,cache", "--workers", "2"];
    let mut command = farthing(&serve);
    // The C library's allocator keeps for itself what was freed, as it sees fit, but gives back what it had mapped apart.
    command.env("MALLOC_MMAP_THRESHOLD_", "65536");
    command.env("FARTHING_MEMORY_MAX", "32MiB").env("FARTHING_WRITE_TIMEOUT", "3s").env("FARTHING_BODY_TIMEOUT", "3s");
    let server = Process::start(&mut command, 1);
    let address = server.tcp();
    let mut canary = Canary::new(address);
    let mut client = Client::connect(address);
    client.send(&Over::Framed.wrap(&bytes("HDR(Cache:put) 0b0001 F(\"k\") 0b0002 F(61*1000000) 00")));
    client.answers(1);
    let (base, files) = (server.memory(), server.files());
    let promise = Over::Framed.wrap(&vec![0; 16_000_000])[..8].to_vec();
    let part = parts(Over::Framed, 2 * MIB).0;
    let get = Over::Framed.wrap(&bytes("HDR(Cache:get) 0b0001 F(\"k\") 00")).repeat(200);
    let bomb = bomb();
    let mut attackers = Vec::new();
    let mut most = 0;
    for _ in 0..40 {
        for attack in [&promise, &part, &get, &bomb] {
            let attack = attack.clone();
            let Ok(mut client) = TcpStream::connect_timeout(&address, Duration::from_secs(5)) else { continue };
            client.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
            drop(std::io::Write::write_all(&mut client, &attack));
            attackers.push(client);
        }
        let took = canary.sings();
        assert!(took < Duration::from_secs(2), "{took:?} for an answer");
        most = most.max(server.memory());
    }
    assert!(most < base + MAX + 64 * MIB, "{} MiB at the most", most / MIB);
    drop(attackers);
    until("the descriptors to come back", || server.files() <= files + 2);
    until("the memory to come back", || server.memory() <= base + base / 10 + 16 * MIB);
    canary.sings();
    let stages = ["80 %", "90 %"];
    let mut log = Vec::new();
    until("the log to say so", || {
        log.extend(server.log());
        stages.iter().all(|stage| log.iter().any(|line| line.contains("memory_max") && line.contains(stage)))
    });
}

/// A THeader message of 16 KB whose zlib transform makes 1.6 MB of zeros of it: a bomb that is within the ratio.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(1));
    zlib.write_all(&bytes("HDR(Cache:get) 0b0001 F(00*3000000) 00")).unwrap();
    let body = zlib.finish().unwrap();
    let head = bytes("0fff0000 00000001 0001 00010100");
    let mut message = ((head.len() + body.len()) as u32).to_be_bytes().to_vec();
    message.extend(head);
    message.extend(body);
    message
}

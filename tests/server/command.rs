//! `farthing serve` as scripts and people meet it: flags, settings, texts, exit codes, signals.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::Signal;

use crate::net::{Client, Ending, Process, farthing, until};
use crate::vectors::{Answer, Over, Replies, bytes};

const ANY: [&str; 3] = ["serve", "--listen", "127.0.0.1:0=calculator"];

/// Runs to its end; returns its exit code and what it said.
fn fails(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A file of this test's own.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    drop(fs::remove_file(&path));
    path
}

fn add(seqid: u32) -> Vec<u8> {
    Over::Framed.wrap(&bytes(&format!("HDR(add,1,{seqid:x}) 080001 00000002 080002 00000003 00")))
}

#[test]
fn mistakes_are_named_with_what_would_be_right() {
    for (arguments, code, parts) in [
        (&["serve", "--listen", "127.0.0.1:0=calculater"][..], 2, &["calculater", "calculator", "cache"][..]),
        (&["serve", "--listen", "127.0.0.1:0"], 2, &["ADDR=SERVICE"]),
        (&["serve", "--listen", "127.0.0.1:0="], 2, &["no service \"\""]),
        (&["serve", "--listen", "localhost=cache"], 2, &["no port", "host:port"]),
        (&["serve", "--listen", "127.0.0.1:99999=cache"], 2, &["65535"]),
        (&["serve", "--listen", "unix:=cache"], 2, &["path"]),
        (&["serve", "--listen", "unix:@=cache"], 2, &["@name"]),
        (&["serve", "--listen", "unix:/no/such/place/x=cache"], 78, &["/no/such/place/x"]),
        (&["serve", "--workers", "0"], 2, &["--workers", "1 to 1024"]),
        (&["serve", "--workers", "many"], 2, &["many", "1 to 1024"]),
        (&["serve", "--cache-max", "much"], 2, &["much", "16MiB"]),
        (&["serve", "--listen", "x"], 2, &["--listen"]),
        (&["serv"], 2, &["serve"]),
        (&["serve", "--config", "/no/such/file.toml"], 2, &["/no/such/file.toml"]),
        (&[], 2, &["serve"]),
    ] {
        let (got, text) = fails(&mut farthing(arguments));
        assert_eq!(got, code, "{arguments:?}: {text}");
        assert!(parts.iter().all(|part| text.contains(part)), "{arguments:?}: {text}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

#[test]
fn a_port_in_use_says_which() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, text) = fails(&mut farthing(&["serve", "--listen", &format!("{address}=cache")]));
    assert!(code == 78 && text.contains(&address) && text.contains("in use"), "{code}: {text}");
}

#[test]
fn wrong_files_are_refused_with_their_line() {
    let path = scratch("wrong.toml");
    for (text, line, part) in [
        ("frame_max = 1024\nfrmae_max = 3\n", 2, "frame_max"),
        ("\n\nidle_timeout = \"soon\"\n", 3, "idle_timeout"),
        ("depth_max = 1000", 1, "256"),
        ("frame_max = ", 1, ""),
    ] {
        fs::write(&path, text).unwrap();
        let (code, said) = fails(farthing(&ANY).arg("--config").arg(&path));
        let place = format!("{}:{line}:", path.display());
        assert!(code == 2 && said.contains(&place) && said.contains(part), "{code}: {said}");
    }
    fs::write(&path, "output_soft = \"1GiB\"\noutput_hard = \"64MiB\"\n").unwrap();
    let (code, said) = fails(farthing(&ANY).arg("--config").arg(&path));
    assert!(code == 2 && said.contains("`output_soft`") && said.contains("`output_hard`"), "{code}: {said}");
    fs::remove_file(path).unwrap();
}

#[test]
fn the_environment_sets_what_files_do_and_flags_win() {
    let (code, text) = fails(farthing(&ANY).env("FARTHING_IDLE_TIMOUT", "5s"));
    assert!(code == 2 && text.contains("FARTHING_IDLE_TIMOUT") && text.contains("idle_timeout"), "{text}");
    let (code, text) = fails(farthing(&ANY).env("FARTHING_FRAME_MAX", "0"));
    assert!(code == 2 && text.contains("FARTHING_FRAME_MAX"), "{text}");

    let path = scratch("good.toml");
    fs::write(&path, "frame_max = 64\nlisten = [\"127.0.0.1:0=cache\"]\n").unwrap();
    let config = path.to_str().unwrap();
    let server = Process::start(farthing(&["serve", "--config", config]).env("FARTHING_IDLE_TIMEOUT", "200ms"), 1);
    let mut client = Client::connect(server.tcp());
    client.send(&Over::Framed.wrap(&bytes("HDR(get) 0b0001 F(\"k\") 00")));
    assert!(matches!(&client.answers(1)[..], [Answer::Reply { method, .. }] if method == "get"));
    assert_eq!(client.rest(), (vec![], Ending::Fin));
    let mut client = Client::connect(server.tcp());
    client.send(&Over::Framed.wrap(&bytes("HDR(get) 0b0001 F(61*100) 00")));
    assert_eq!(client.rest().0, []);
    fs::remove_file(path).unwrap();
}

#[test]
fn listeners_can_come_from_the_environment() {
    let listen = "127.0.0.1:0=calculator 127.0.0.1:0=cache,calculator";
    let server = Process::start(farthing(&["serve"]).env("FARTHING_LISTEN", listen), 2);
    let mut client = Client::connect(server.addresses[1].parse().unwrap());
    client.send(&add(1));
    assert!(matches!(client.answers(1)[..], [Answer::Reply { .. }]));
}

#[test]
fn an_environment_that_is_no_text_is_no_reason_to_die() {
    let server = Process::start(farthing(&ANY).env("SOME_OTHER", OsStr::from_bytes(b"\xff\xfe")), 1);
    drop(Client::connect(server.tcp()));
    let (code, text) = fails(farthing(&ANY).env("FARTHING_FRAME_MAX", OsStr::from_bytes(b"\xff")));
    assert!(code == 2 && text.contains("FARTHING_FRAME_MAX"), "{code}: {text}");
}

#[test]
fn an_empty_list_allows_what_no_list_allows() {
    let server = Process::start(farthing(&ANY).env("FARTHING_HOSTS", ""), 1);
    let mut client = Client::connect(server.tcp());
    client.send(&Over::Http.wrap(&add(1)[4..]));
    assert!(matches!(client.answers(1)[..], [Answer::Reply { .. }]));
}

#[test]
fn a_signal_drains_and_loses_nothing_under_load() {
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        let mut server = Process::start(&mut farthing(&ANY), 1);
        let address = server.tcp();
        let clients: Vec<_> = (0..8)
            .map(|number| {
                // Connected and answered before the signal, whenever the thread gets to run.
                let mut client = Client::connect(address);
                client.send(&add(1));
                let mut answered = client.answers(1).len();
                thread::spawn(move || {
                    let depth = if number % 2 == 0 { 1 } else { 50 };
                    // Until the end comes; a half answer or a reset fails the test.
                    for _ in 0..1_000_000 {
                        client.send(&add(1).repeat(depth));
                        let mut got = 0;
                        while got < depth {
                            if client.stream.peek(&mut [0]).is_ok_and(|n| n > 0) {
                                got += client.answers(1).len();
                            } else {
                                let (rest, ending) = client.rest();
                                return (answered + got + rest.len(), ending);
                            }
                        }
                        answered += got;
                    }
                    panic!("the server never ended");
                })
            })
            .collect();
        let mut watcher = Client::connect(address);
        watcher.send(&add(1).repeat(1000));
        watcher.answers(1000);
        server.signal(signal);
        for client in clients {
            let (answered, ending) = client.join().unwrap();
            assert!(answered > 0 && ending == Ending::Fin, "{answered} {ending:?}");
        }
        drop(watcher);
        assert_eq!(server.wait().code(), Some(0));
    }
}

/// O8: whoever could not be heard is not late.
#[test]
fn a_stop_times_nobody_out() {
    let server = Process::start(farthing(&ANY).env("FARTHING_IDLE_TIMEOUT", "1500ms"), 1);
    let mut clients: Vec<_> = (0..20).map(|_| Client::connect(server.tcp())).collect();
    for client in &mut clients {
        client.send(&add(1));
        client.answers(1);
    }
    server.signal(Signal::STOP);
    thread::sleep(Duration::from_secs(4));
    server.signal(Signal::CONT);
    thread::sleep(Duration::from_millis(100));
    for client in &mut clients {
        client.send(&add(2));
        assert_eq!(client.answers(1).len(), 1);
    }
    // And then as ever.
    let start = Instant::now();
    clients.iter_mut().for_each(|client| assert_eq!(client.rest(), (vec![], Ending::Fin)));
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[test]
fn a_signal_asks_for_the_counts() {
    let server = Process::start(&mut farthing(&ANY), 1);
    let mut client = Client::connect(server.tcp());
    client.send(&[add(1), Over::Framed.wrap(&bytes("HDR(nobody) 00"))].concat());
    client.answers(2);
    server.signal(Signal::USR1);
    let mut log = Vec::new();
    until("the counts", || {
        log.extend(server.log());
        log.iter()
            .any(|line| line.contains("opened=1 open=1") && line.contains(" requests=2") && line.contains(" unknown_methods=1"))
    });
}

#[test]
fn a_hangup_ends_nothing_where_there_is_nothing_to_read_again() {
    let server = Process::start(&mut farthing(&ANY), 1);
    let mut client = Client::connect(server.tcp());
    for _ in 0..2 {
        server.signal(Signal::HUP);
        let mut log = Vec::new();
        until("a word about it", || {
            log.extend(server.log());
            log.iter().any(|line| line.contains("nothing to read again"))
        });
        client.send(&add(1));
        assert_eq!(client.answers(1).len(), 1);
    }
}

/// A server that is passed this socket as a supervisor passes it.
fn passed(socket: impl Into<OwnedFd>, listen: &str) -> Command {
    let mut command = Command::new("sh");
    let serve = format!("exec 3<&0; exec {} serve --listen {listen}", env!("CARGO_BIN_EXE_farthing"));
    command.args(["-c", &serve]).env("LISTEN_FDS", "1").stdin(socket.into()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// O6: one server follows another on a socket that neither opened, and no client notices.
#[test]
fn a_socket_that_is_passed_outlives_its_servers() {
    for host in ["127.0.0.1", "[::1]"] {
        let socket = TcpListener::bind(format!("{host}:0")).unwrap();
        let address = socket.local_addr().unwrap();
        let start = || Process::start(&mut passed(socket.try_clone().unwrap(), &format!("{address}=calculator")), 1);
        let mut server = start();
        let stop = AtomicBool::new(false);
        let answered = thread::scope(|scope| {
            let clients = scope.spawn(|| {
                let mut answered = 0;
                while !stop.load(Ordering::Relaxed) {
                    let mut client = Client::connect(address);
                    client.send(&add(1));
                    client.half_close();
                    // Who connected as the old one left may meet an end in order, and ask again; a reset is none.
                    let (answers, ending) = client.rest();
                    assert_eq!(ending, Ending::Fin);
                    answered += answers.len();
                }
                answered
            });
            for round in 0..6 {
                // Before the old one goes, or after: whoever connects in between waits.
                let next = (round % 2 == 0).then(start);
                server.signal(Signal::TERM);
                assert_eq!(server.wait().code(), Some(0));
                server = next.unwrap_or_else(start);
            }
            stop.store(true, Ordering::Relaxed);
            clients.join().unwrap()
        });
        assert!(answered > 10, "{answered}");
    }
}

#[test]
fn a_unix_socket_that_is_passed_stays() {
    let path = scratch("passed.sock");
    let socket = UnixListener::bind(&path).unwrap();
    for _ in 0..2 {
        let listen = format!("unix:{}=calculator", path.display());
        let mut server = Process::start(&mut passed(socket.try_clone().unwrap(), &listen), 1);
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.write_all(&add(9)).unwrap();
        assert!(stream.read(&mut [0; 64]).unwrap() > 0);
        drop(stream);
        server.signal(Signal::TERM);
        assert_eq!(server.wait().code(), Some(0));
    }
    assert!(path.exists());
    fs::remove_file(path).unwrap();
}

#[test]
fn what_is_passed_and_is_no_use_is_refused() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let (code, text) = fails(&mut passed(socket, "127.0.0.1:0=calculator"));
    assert!(code == 2 && text.contains(&address) && text.contains("passed"), "{code}: {text}");
    let (one, _other) = UnixStream::pair().unwrap();
    let (code, text) = fails(&mut passed(one, "127.0.0.1:0=calculator"));
    assert!(code == 78 && text.contains("does not listen"), "{code}: {text}");
    let (code, text) = fails(&mut passed(fs::File::open("/dev/null").unwrap(), "127.0.0.1:0=calculator"));
    assert!(code == 2 && text.contains("file 0 of LISTEN_FDS"), "{code}: {text}");
}

/// O12: one connection at a time, and the reason.
#[test]
fn where_few_files_may_be_open_it_says_so() {
    let serve = format!("ulimit -n 64; exec {} {}", env!("CARGO_BIN_EXE_farthing"), ANY.join(" "));
    let mut server = Command::new("sh").args(["-c", &serve]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    // The log is written by a thread of its own: either may be first.
    let said = [lines.next().unwrap(), lines.next().unwrap()];
    let address = said.iter().find_map(|line| line.strip_prefix("listening on ")?.split(' ').next()).unwrap().parse().unwrap();
    let mut client = Client::connect(address);
    client.send(&add(1));
    let answers = client.answers(1);
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(said.iter().any(|line| line.contains("ulimit -n") && line.contains("connections=1")), "{said:?}");
    assert!(matches!(answers[..], [Answer::Reply { .. }]));
}

#[test]
fn a_signal_right_after_the_start_drains_too() {
    for _ in 0..20 {
        let mut server = Process::start(&mut farthing(&ANY), 1);
        server.signal(Signal::TERM);
        assert_eq!(server.wait().code(), Some(0));
    }
}

#[test]
fn a_half_read_request_is_cut_at_the_end_of_the_drain() {
    let mut server = Process::start(farthing(&ANY).env("FARTHING_DRAIN_TIMEOUT", "300ms"), 1);
    let mut client = Client::connect(server.tcp());
    client.send(&[&add(1)[..], &add(2)[..10]].concat());
    client.answers(1);
    server.signal(Signal::TERM);
    assert_eq!(client.rest(), (vec![], Ending::Reset));
    assert_eq!(server.wait().code(), Some(75));
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut server = Process::start(&mut farthing(&ANY), 1);
    let mut client = Client::connect(server.tcp());
    client.send(&[&add(1)[..], &add(2)[..10]].concat());
    client.answers(1);
    let start = Instant::now();
    server.signal(Signal::TERM);
    // Signals of one kind that wait are one: the first must have been taken.
    thread::sleep(Duration::from_millis(200));
    server.signal(Signal::INT);
    assert_eq!(server.wait().code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// U5.
#[test]
fn a_unix_socket_is_for_those_who_are_listed() {
    let path = scratch("owned.sock");
    let listen = format!("unix:{}=calculator", path.display());
    let own = rustix::process::getuid().as_raw();
    let other = own + 1;
    for (uids, gids, served) in [(own, 1, true), (other, rustix::process::getgid().as_raw(), true), (other, other, false)] {
        let lists = [("FARTHING_UNIX_UIDS", uids), ("FARTHING_UNIX_GIDS", gids)].map(|(name, id)| (name, id.to_string()));
        let mut server = Process::start(farthing(&["serve", "--listen", &listen]).envs(lists), 1);
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        drop(stream.write_all(&add(9))); // it may be refused already
        let mut answer = [0; 64];
        let got = stream.read(&mut answer).unwrap_or(0);
        assert_eq!(got > 0, served, "{uids} {gids}");
        if !served {
            let mut log = Vec::new();
            until("a word about it", || {
                log.extend(server.log());
                log.iter().any(|line| line.contains("neither its user nor its group") && line.contains(&format!("uid {own}")))
            });
        }
        drop(stream);
        server.signal(Signal::TERM);
        assert_eq!(server.wait().code(), Some(0));
    }
}

/// U6: descriptors that come with the bytes of a call are not kept.
#[test]
fn descriptors_that_a_peer_sends_are_not_kept() {
    let path = scratch("sent.sock");
    let listen = format!("unix:{}=calculator", path.display());
    let server = Process::start(&mut farthing(&["serve", "--workers", "1", "--listen", &listen]), 1);
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.write_all(&add(0)).unwrap();
    assert!(stream.read(&mut [0; 64]).unwrap() > 0);
    let before = server.files();
    let file = fs::File::open("/dev/null").unwrap();
    let sent = [file.as_fd(); 200];
    let mut space = vec![MaybeUninit::uninit(); SendAncillaryMessage::ScmRights(&sent).size()];
    for call in [add(1), add(2), add(3)[..9].to_vec()] {
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(&sent)));
        sendmsg(&stream, &[IoSlice::new(&call)], &mut control, SendFlags::empty()).unwrap();
        if call.len() > 9 {
            assert!(stream.read(&mut [0; 64]).unwrap() > 0);
        }
    }
    // The half call was read once another connection is answered behind it.
    let mut other = UnixStream::connect(&path).unwrap();
    other.write_all(&add(4)).unwrap();
    assert!(other.read(&mut [0; 64]).unwrap() > 0);
    assert_eq!(server.files(), before + 1);
}

#[test]
fn a_unix_socket_is_claimed_guarded_and_removed() {
    let path = scratch("unix.sock");
    drop(UnixListener::bind(&path).unwrap()); // stale: nobody listens any more
    let listen = format!("unix:{}=calculator", path.display());
    let mut server = Process::start(&mut farthing(&["serve", "--listen", &listen]), 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&add(9)).unwrap();
    let mut answer = [0; 64];
    let got = stream.read(&mut answer).unwrap();
    assert!(matches!(Replies::all(&answer[..got])[..], [Answer::Reply { seqid: 9, .. }]));
    let (code, text) = fails(&mut farthing(&["serve", "--listen", &listen]));
    assert!(code == 78 && text.contains("in use"), "{code}: {text}");
    drop(stream);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    assert!(!path.exists());
}

//! SIGHUP: settings are read again while the server runs, and all of them hold or none.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::net::{Client, Ending, Process, farthing, until};
use crate::vectors::{Answer, Over, bytes};

/// A folder with a file of settings, and what a server makes of it.
struct Server {
    folder: PathBuf,
    process: Process,
}

impl Server {
    fn start(settings: &str, listeners: usize) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("farthing-reload-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("settings.toml");
        fs::write(&file, settings).unwrap();
        let mut command = farthing(&["serve", "--workers", "2", "--config", file.to_str().unwrap()]);
        Self { process: Process::start(&mut command, listeners), folder }
    }

    /// Writes other settings and has them read; the lines that it logs, up to the one that says how that went.
    fn reload(&self, settings: &str) -> Vec<String> {
        fs::write(self.folder.join("settings.toml"), settings).unwrap();
        self.process.signal(Signal::HUP);
        let mut lines: Vec<String> = Vec::new();
        until("a line about the settings", || {
            lines.extend(self.process.log());
            lines.iter().any(|line| line.contains("the settings were"))
        });
        lines
    }

    /// Has other settings read, which are right: the addresses that are listened at from now on.
    fn takes(&self, settings: &str) -> Vec<String> {
        let lines = self.reload(settings);
        assert!(lines.iter().any(|line| line.contains("were read again")), "{lines:?}");
        let opened = lines.iter().filter_map(|line| line.strip_prefix("listening on ")?.split(' ').next());
        opened.map(str::to_owned).collect()
    }

    fn address(&self, index: usize) -> SocketAddr {
        self.process.addresses[index].parse().unwrap()
    }

    fn connect(&self, index: usize) -> Client {
        Client::connect(self.address(index))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn add(client: &mut Client) {
    client.send(&Over::Framed.wrap(&bytes("HDR(add) 080001 00000002 080002 00000003 00")));
    let answers = client.answers(1);
    assert!(matches!(&answers[..], [Answer::Reply { .. }]), "{answers:?}");
}

/// A call with a frame of that many bytes and more.
fn large(client: &mut Client, size: usize) {
    client.send(&Over::Framed.wrap(&bytes(&format!("HDR(add) 0b0009 F(61*{size}) 00"))));
}

fn is_refused(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_err()
}

const ONE: &str = "listen = [\"127.0.0.1:0=calculator\"]\n";

#[test]
fn limits_hold_for_connections_that_begin_behind_them() {
    let server = Server::start(&format!("{ONE}frame_max = 10000\n"), 1);
    let mut open = server.connect(0);
    large(&mut open, 5000);
    open.answers(1);
    assert!(server.takes(&format!("{ONE}frame_max = 1000\n")).is_empty(), "no address is new");
    for _ in 0..4 {
        // On both shards.
        let mut new = server.connect(0);
        add(&mut new);
        large(&mut new, 5000);
        assert_eq!(new.rest(), (vec![], Ending::Fin));
    }
    large(&mut open, 5000);
    open.answers(1);
    server.takes(ONE);
    let mut new = server.connect(0);
    large(&mut new, 50_000);
    new.answers(1);
    large(&mut open, 9000);
    open.answers(1);
}

#[test]
fn a_mistake_is_told_with_its_place_and_changes_nothing() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap();
    let server = Server::start(&format!("{ONE}frame_max = 10000\n"), 1);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let two = format!("listen = [\"127.0.0.1:0=calculator\", \"{free}=cache\"]\n");
    let files = server.process.files();
    let mut open = server.connect(0);
    let busy = two.replace("=cache\"]", &format!("=cache\", \"{taken}=cache\"]"));
    for (settings, said) in [
        (format!("{two}frame_max = 1000\nframe_mx = 7\n"), "settings.toml:3: there is no setting `frame_mx`"),
        (format!("{two}frame_max = 0\n"), "settings.toml:2: `frame_max` cannot be"),
        (format!("{two}frame_max = 1000\noutput_soft = \"1GiB\"\n"), "`output_soft` is above `output_hard`"),
        (two.replace("=cache", "=cash"), "there is no service \"cash\""),
        (two.replace("=cache", ""), "it is ADDR=SERVICE"),
        (busy, "cannot listen on"),
        (format!("{two}tls_cert = \"a\"\ntls_key = \"b\"\n"), "whether TLS is taken cannot change"),
        ("listen = [".to_owned(), "settings.toml:1:"),
    ] {
        let lines = server.reload(&settings);
        let found = lines.iter().any(|line| line.contains(said) && line.contains("nothing has changed"));
        assert!(found, "{said}: {lines:?}");
        assert!(is_refused(free), "{said}: half of it was taken over");
        let mut new = server.connect(0);
        large(&mut new, 5000);
        new.answers(1);
    }
    fs::remove_file(server.folder.join("settings.toml")).unwrap();
    server.process.signal(Signal::HUP);
    until("a line about the file", || server.process.log().iter().any(|line| line.contains("cannot read")));
    add(&mut open);
    drop(open);
    until("descriptors to come back", || server.process.files() <= files);
}

#[test]
fn addresses_come_and_go() {
    let server = Server::start(ONE, 1);
    let path = server.folder.join("socket");
    let unix = format!("unix:{}", path.display());
    let mut kept = server.connect(0);
    add(&mut kept);
    let files = server.process.files();
    for _ in 0..5 {
        let two = format!("listen = [\"127.0.0.1:0=calculator\", \"{unix}=calculator\", \"127.0.0.1:0=cache\"]\n");
        let opened = server.takes(&two);
        assert_eq!(opened.len(), 2);
        let late: SocketAddr = opened.iter().find_map(|address| address.parse().ok()).expect("a port");
        let mut put = Client::connect(late);
        put.send(&Over::Framed.wrap(&bytes("HDR(put) 0b0001 F(\"k\") 0b0002 F(\"v\") 00")));
        put.answers(1);
        let mut idle: Vec<_> = (0..10).map(|_| Client::connect(late)).collect();
        for idle in &mut idle {
            idle.send(&Over::Framed.wrap(&bytes("HDR(get) 0b0001 F(\"k\") 00")));
            idle.answers(1);
        }
        // A part of a message: it is answered yet, and then it is over.
        let mut half = Client::connect(late);
        let message = Over::Framed.wrap(&bytes("HDR(get) 0b0001 F(\"k\") 00"));
        half.send(&message);
        half.answers(1);
        half.send(&message[..9]);
        let mut local = UnixStream::connect(&path).unwrap();
        local.write_all(&Over::Framed.wrap(&bytes("HDR(add) 080001 00000002 080002 00000003 00"))).unwrap();
        let mut length = [0; 4];
        local.read_exact(&mut length).unwrap();
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        local.read_exact(&mut answer).unwrap();

        let lines = server.reload(ONE);
        assert_eq!(lines.iter().filter(|line| line.contains("no longer listening on")).count(), 2, "{lines:?}");
        until("the address to be closed", || is_refused(late));
        until("the file to go", || !path.exists());
        for idle in &mut idle {
            assert_eq!(idle.rest(), (vec![], Ending::Fin));
        }
        half.send(&message[9..]);
        let (answers, ending) = half.rest();
        assert_eq!((answers.len(), ending), (1, Ending::Fin));
        assert_eq!(local.read(&mut [0]).unwrap(), 0, "the end");
        add(&mut kept);
        until("descriptors to come back", || server.process.files() <= files);
    }
    add(&mut server.connect(0));
}

#[test]
fn services_change_for_those_who_come_then() {
    let server = Server::start(ONE, 1);
    let mut old = server.connect(0);
    add(&mut old);
    server.takes("listen = [\"127.0.0.1:0=cache\"]\n");
    add(&mut old);
    for _ in 0..4 {
        let mut new = server.connect(0);
        new.send(&Over::Framed.wrap(&bytes("HDR(add) 00")));
        assert!(matches!(&new.answers(1)[..], [Answer::Exception { kind: 1, .. }]));
        new.send(&Over::Framed.wrap(&bytes("HDR(put) 0b0001 F(\"k\") 0b0002 F(\"v\") 00")));
        assert!(matches!(&new.answers(1)[..], [Answer::Reply { .. }]));
    }
}

#[test]
fn what_cannot_change_is_named_and_the_rest_holds() {
    let server = Server::start(ONE, 1);
    let lines = server.reload(&format!("{ONE}memory_max = \"1GiB\"\nunix_uids = [7]\ncache_max = \"1MiB\"\nframe_max = 1000\n"));
    let line = lines.iter().find(|line| line.contains("until the server is started anew")).expect("a line");
    for name in ["memory_max", "unix_uids", "cache_max"] {
        assert!(line.contains(name), "{line}");
    }
    assert!(!line.contains("frame_max") && !line.contains("workers"), "{line}");
    let mut new = server.connect(0);
    large(&mut new, 5000);
    assert_eq!(new.rest().1, Ending::Fin);
    // Named once more for as long as the file says so.
    assert!(server.reload(&format!("{ONE}memory_max = \"1GiB\"\n")).iter().any(|line| line.contains("memory_max")));
}

/// Nobody loses a call to it, and nobody is refused where an address stays.
#[test]
fn calls_go_on_while_settings_change() {
    let server = Server::start(ONE, 1);
    let address = server.address(0);
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..3)
            .map(|kind| {
                let done = &done;
                scope.spawn(move || {
                    let (mut client, mut calls) = (Client::connect(address), 0);
                    while !done.load(Ordering::Relaxed) {
                        add(&mut client);
                        calls += 1;
                        if kind > 0 {
                            client = Client::connect(address);
                        }
                    }
                    calls
                })
            })
            .collect();
        for round in 0..20 {
            let more = if round % 2 == 0 { ", \"127.0.0.1:0=cache\"" } else { "" };
            server.takes(&format!("listen = [\"127.0.0.1:0=calculator\"{more}]\nframe_max = {}\n", 1000 + round));
        }
        done.store(true, Ordering::Relaxed);
        for caller in callers {
            assert!(caller.join().expect("no call lost") > 0);
        }
    });
}

//! Unix sockets: whose they are, and when their files go.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use farthing::reactor::{Address, Limits, ListenOptions, listen};

use super::echo::{self, frame};
use super::{Server, read_frame};

#[test]
fn unix_sockets_are_claimed_guarded_and_removed() {
    let directory = std::env::temp_dir().join(format!("farthing-reactor-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("socket");
    let address = Address::Unix(path.clone());
    // A file that nobody listens behind, as a killed server leaves it.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let server = Server::at(&address, &Limits::default(), 1, &ListenOptions::default());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let refused = listen(&address, 1, &ListenOptions::default()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AddrInUse);
    assert!(refused.to_string().contains("socket"), "{refused}");
    let mut stream = UnixStream::connect(&path).unwrap();
    let body = vec![echo::ECHO; 1_000_000];
    let mut sender = stream.try_clone().unwrap();
    let sent = frame(&body);
    let writer = thread::spawn(move || sender.write_all(&sent).unwrap());
    assert!(read_frame(&mut stream) == body);
    writer.join().unwrap();
    drop(stream);
    server.drain();
    assert!(!path.exists());
    std::fs::write(&path, "not a socket").unwrap();
    assert_eq!(listen(&address, 1, &ListenOptions::default()).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(std::fs::read(&path).unwrap(), b"not a socket");
    // Nor is anything else replaced that is no dead socket.
    for (name, make) in [
        ("folder", (|path| std::fs::create_dir(path)) as fn(&std::path::Path) -> std::io::Result<()>),
        ("link", |path| std::os::unix::fs::symlink("/nowhere", path)),
    ] {
        let path = directory.join(name);
        make(&path).unwrap();
        let error = listen(&Address::Unix(path.clone()), 1, &ListenOptions::default()).unwrap_err();
        assert!(error.kind() == ErrorKind::AddrInUse && error.to_string().contains(name), "{error}");
        assert!(std::fs::symlink_metadata(&path).is_ok());
    }
    let long = Address::Unix(directory.join("x".repeat(200)));
    assert_eq!(listen(&long, 1, &ListenOptions::default()).unwrap_err().kind(), ErrorKind::InvalidInput);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn an_abstract_name_is_taken_once_and_leaves_nothing_behind() {
    let name = format!("farthing-reactor-{}", std::process::id());
    let address = Address::Abstract(name.clone());
    let give_up = Instant::now() + Duration::from_secs(20);
    for _ in 0..2 {
        // A process that another test starts just now has the listener, too, until it is a program of its own.
        while let Err(error) = listen(&address, 1, &ListenOptions::default()) {
            assert!(Instant::now() < give_up, "{error}");
            thread::sleep(Duration::from_millis(5));
        }
        let server = Server::at(&address, &Limits::default(), 2, &ListenOptions::default());
        let refused = listen(&address, 1, &ListenOptions::default()).unwrap_err();
        assert!(refused.kind() == ErrorKind::AddrInUse && refused.to_string().contains(&format!("unix:@{name}")), "{refused}");
        let address = <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(&name).unwrap();
        let mut stream = UnixStream::connect_addr(&address).unwrap();
        stream.write_all(&frame(&[echo::ECHO, 1, 2])).unwrap();
        assert_eq!(read_frame(&mut stream), [echo::ECHO, 1, 2]);
        drop(stream);
        server.drain();
    }
    let long = Address::Abstract("x".repeat(108));
    assert_eq!(listen(&long, 1, &ListenOptions::default()).unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// A folder of a test's own.
fn folder(test: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("farthing-reactor-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// U7: on the way out nothing goes that somebody else has put there meanwhile.
#[test]
fn a_file_that_is_somebody_elses_by_now_stays() {
    let directory = folder("else");
    let path = directory.join("socket");
    let start = || Server::at(&Address::Unix(path.clone()), &Limits::default(), 1, &ListenOptions::default());

    let server = start();
    std::fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    server.drain();
    UnixStream::connect(&path).expect("the other's socket");
    drop(other);

    let server = start();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "a file").unwrap();
    server.drain();
    assert_eq!(std::fs::read(&path).unwrap(), b"a file");
    std::fs::remove_file(&path).unwrap();

    // What is gone already is no reason to complain.
    let server = start();
    std::fs::remove_dir_all(&directory).unwrap();
    server.drain();
}

/// U1: of several that find what a dead server left, one gets it.
#[test]
fn a_stale_file_is_taken_over_once() {
    let directory = folder("stale");
    for round in 0..20 {
        let path = directory.join(round.to_string());
        drop(UnixListener::bind(&path).unwrap());
        let (address, barrier) = (Address::Unix(path.clone()), Barrier::new(8));
        let taken = thread::scope(|scope| {
            let claim = || {
                barrier.wait();
                listen(&address, 1, &ListenOptions::default())
            };
            let claims: Vec<_> = (0..8).map(|_| scope.spawn(claim)).collect();
            claims.into_iter().filter_map(|claim| claim.join().unwrap().ok()).collect::<Vec<_>>()
        });
        assert_eq!(taken.len(), 1, "round {round}");
        UnixStream::connect(&path).expect("a socket that is listened at");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

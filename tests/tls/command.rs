//! `farthing serve` with TLS, as scripts and people meet it: flags, settings, texts, signals, and clients that others wrote.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::authority::{Authority, BOTH, Kind};
use crate::clients::{PATIENCE, add, calls, plain, secure, try_call};

fn serve() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
    command.args(["serve", "--workers", "1", "--listen", "127.0.0.1:0=calculator"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A server in a process of its own, which does not outlive this.
struct Process {
    child: Child,
    address: SocketAddr,
    log: mpsc::Receiver<String>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (lines, log) = mpsc::channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| lines.send(line).is_ok()));
        let mut process = Self { child, address: ([0, 0, 0, 0], 0).into(), log };
        let line = process.said("listening on ");
        process.address = line["listening on ".len()..].split(' ').next().unwrap().parse().unwrap();
        process
    }

    /// Waits for a line of the log.
    fn said(&self, part: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("never said: {part}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs to its end, which is a mistake of the user's; returns what it said.
fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[test]
fn mistakes_name_the_file_and_what_would_be_right() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (options, stranger) = (authority.server(), other.server());
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let (cert, key) = (path(&options.certificate), path(&options.key));
    let write = |name: &str, text: &str| {
        let file = options.key.with_file_name(name);
        fs::write(&file, text).unwrap();
        path(&file)
    };
    let empty = write("empty.pem", "");
    let broken = write("broken.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    let sealed = write("sealed.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let der = write("der.pem", "0\u{82}\u{1}");
    let (other_key, ca) = (path(&stranger.key), path(&authority.file()));
    let nowhere = "/no/such/file.pem".to_owned();
    let is: &[(&[&str], &[&str])] = &[
        (&["--tls-cert", &cert], &["--tls-cert needs --tls-key"]),
        (&["--tls-key", &key], &["--tls-key needs --tls-cert"]),
        (&["--tls-only"], &["TLS needs --tls-cert and --tls-key"]),
        (&["--tls-cert", &nowhere, "--tls-key", &key], &[&nowhere, "No such file"]),
        (&["--tls-cert", &cert, "--tls-key", &nowhere], &[&nowhere, "No such file"]),
        (&["--tls-cert", &cert, "--tls-key", &other_key], &[&other_key, "is not the key of the first certificate in", &cert]),
        (&["--tls-cert", &key, "--tls-key", &key], &[&key, "no certificate", "there is a private key"]),
        (&["--tls-cert", &cert, "--tls-key", &cert], &[&cert, "no private key", "there is a certificate"]),
        (&["--tls-cert", &empty, "--tls-key", &key], &[&empty, "BEGIN CERTIFICATE"]),
        (&["--tls-cert", &broken, "--tls-key", &key], &[&broken, "no -----END line"]),
        (&["--tls-cert", &der, "--tls-key", &key], &[&der, "looks like DER"]),
        (&["--tls-cert", &cert, "--tls-key", &sealed], &[&sealed, "is encrypted", "openssl pkey"]),
        (&["--tls-cert", &cert, "--tls-key", &key, "--tls-client-ca", &empty], &[&empty, "no certificate"]),
        (&["--tls-cert", &cert, "--tls-key", &key, "--tls-client-san", "a.b"], &["without the authority"]),
        (
            &["--tls-cert", &cert, "--tls-key", &key, "--tls-client-ca", &ca, "--tls-client-san", "*.b"],
            &["\"*.b\" is no name", "without wildcards"],
        ),
    ];
    for (flags, parts) in is {
        let text = fails(serve().args(*flags));
        assert!(parts.iter().all(|part| text.contains(part)), "{flags:?}: {text}");
    }
    for (setting, part) in [
        ("tls_only = \"yes\"", "`tls_only` cannot be \"yes\": it is true or false"),
        ("tls_crt = \"x\"", "did you mean `tls_cert`"),
        ("tls_cert = 1.5", "`tls_cert` is"),
        ("tls_handshake_timeout = 0", "`tls_handshake_timeout` cannot be"),
    ] {
        let file = write("bad.toml", &format!("# a comment\n{setting}\n"));
        let text = fails(serve().args(["--config", &file]));
        assert!(text.contains(part) && text.contains("bad.toml:2"), "{setting}: {text}");
    }
}

#[test]
fn a_file_says_the_same_as_flags() {
    let authority = Authority::new();
    let options = authority.server();
    let file = options.key.with_file_name("serve.toml");
    let toml = format!(
        "tls_cert = {:?}\ntls_key = {:?}\ntls_client_ca = {:?}\ntls_client_san = [\"web.example.org\"]\ntls_handshake_timeout = \"5s\"\n",
        options.certificate,
        options.key,
        authority.file()
    );
    fs::write(&file, toml).unwrap();
    let process = Process::start(serve().arg("--config").arg(&file));
    let client = authority.issue("web", "web.example.org", Kind::Client);
    calls(&mut secure(process.address, &authority.client(BOTH, Some(&client))), 1);
    assert!(try_call(&mut secure(process.address, &authority.client(BOTH, None)), 1).is_err());
    process.said("tls_certificate");
    assert!(try_call(&mut plain(process.address), 1).is_err());
    let line = process.said("tls_plain_text");
    assert!(line.contains("plain text where only TLS is taken"), "{line}");
}

#[test]
fn a_hello_is_refused_where_no_certificate_is_set() {
    let process = Process::start(&mut serve());
    let authority = Authority::new();
    assert!(try_call(&mut secure(process.address, &authority.client(BOTH, None)), 1).is_err());
    let line = process.said("wrong_transport");
    assert!(line.contains("TLS"), "{line}");
}

#[test]
fn sighup_takes_another_certificate_and_keeps_the_old_one_where_it_is_bad() {
    let authority = Authority::new();
    let options = authority.server();
    let process = Process::start(serve().arg("--tls-cert").arg(&options.certificate).arg("--tls-key").arg(&options.key));
    let shown = |stream: &crate::clients::Secure| stream.conn.peer_certificates().unwrap()[0].clone();
    let connect = || {
        let mut stream = secure(process.address, &authority.client(BOTH, None));
        calls(&mut stream, 1);
        stream
    };
    let (mut open, mut unsafe_open) = (connect(), plain(process.address));
    calls(&mut unsafe_open, 1);
    let first = shown(&open);

    fs::write(&options.certificate, "-----BEGIN CERTIFICATE-----\n").unwrap();
    process.signal(Signal::HUP);
    let line = process.said("not taken over");
    assert!(line.contains("server.pem"), "{line}");
    assert_eq!(shown(&connect()), first);

    authority.server();
    process.signal(Signal::HUP);
    process.said("read again");
    assert_ne!(shown(&connect()), first);
    calls(&mut open, 2);
    calls(&mut unsafe_open, 2);
}

/// What a program prints when it is given these bytes.
fn answered(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it is installed");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn openssl_and_curl_are_answered() {
    let authority = Authority::new();
    let options = authority.server();
    let process = Process::start(serve().arg("--tls-cert").arg(&options.certificate).arg("--tls-key").arg(&options.key));
    let (call, answer) = add(9);
    for version in ["-tls1_2", "-tls1_3"] {
        let address = process.address.to_string();
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-connect", &address, "-servername", "localhost", "-verify_return_error", "-quiet", version]);
        openssl.arg("-CAfile").arg(authority.file()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut openssl = openssl.spawn().expect("it is installed");
        openssl.stdin.as_mut().unwrap().write_all(&call).unwrap();
        let mut got = vec![0; answer.len()];
        let read = openssl.stdout.as_mut().unwrap().read_exact(&mut got);
        openssl.kill().unwrap();
        openssl.wait().unwrap();
        read.expect("an answer");
        assert_eq!(got, answer, "{version}");
    }
    let url = format!("https://localhost:{}/", process.address.port());
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail", "--data-binary", "@-", "-H", "Content-Type: application/x-thrift", &url, "--cacert"]);
    assert_eq!(answered(curl.arg(authority.file()), &call[4..]), answer[4..]);
}

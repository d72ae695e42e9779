//! `farthing bench` as a person runs it, against `farthing serve`.

#![cfg(feature = "cli")]

#[path = "tls/authority.rs"]
#[allow(dead_code)] // it issues certificates for other tests too
mod authority;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use authority::{Authority, Kind};
use serde_json::Value as Json;

struct Served {
    child: Child,
    addresses: Vec<String>,
}

impl Served {
    fn start(listen: &[&str]) -> Self {
        Self::start_with(listen, &[])
    }

    fn start_with(listen: &[&str], arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
        command.args(["serve", "--workers", "1"]).args(arguments).stderr(Stdio::piped());
        listen.iter().for_each(|listen| _ = command.args(["--listen", listen]));
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let listening = lines.filter_map(|line| Some(line.strip_prefix("listening on ")?.split(' ').next()?.to_owned()));
        let addresses = listening.take(listen.len()).collect();
        Served { child, addresses }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_farthing")).arg("bench").args(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> Json {
    let output = bench(&[arguments, &["--json", "--warmup", "50ms"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "nothing where there is no terminal");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

#[test]
fn every_workload_is_answered_rightly_over_every_way() {
    let path = scratch("bench.sock");
    let unix = format!("unix:{}", path.display());
    let served = Served::start(&["127.0.0.1:0=bench", &format!("{unix}=bench")]);
    let (tcp, http) = (&*served.addresses[0], format!("http://{}/", served.addresses[0]));
    let ways: [&[&str]; 11] = [
        &[tcp, "--workload", "add", "--pipeline", "16"],
        &[tcp, "--workload", "echo", "-t", "header", "--compress", "-H", "tenant: blue", "--pipeline", "4"],
        &[&http, "--workload", "put", "--keys", "9", "-t", "http+header", "--compress", "--info-header", "a: b", "-H", "c: d"],
        &[tcp, "--workload", "get=9,put=1", "--keys", "50", "--key-distribution", "zipf"],
        &[tcp, "--workload", "echo", "-p", "compact"],
        &[tcp, "--workload", "get", "--keys", "3", "--size", "100KiB", "-p", "json", "-t", "buffered"],
        &[tcp, "--workload", "echo", "-t", "zlib", "--pipeline", "4"],
        &[tcp, "--workload", "put", "-t", "header", "--keys", "10", "--pipeline", "4"],
        &[&http, "--workload", "add", "--connect-per-call"],
        &[&http, "--workload", "echo", "--rate", "500", "--arrivals", "poisson"],
        &[&unix, "--workload", "add", "--multiplexed", "Bench", "--threads", "2"],
    ];
    for way in ways {
        let report = json(&[way, &["-n", "400", "-c", "4"]].concat());
        assert_eq!(report["schema"], "farthing-bench/1");
        let round = &report["rounds"][0];
        assert_eq!((&round["calls"], &round["failed"]), (&400.into(), &0.into()), "{way:?}: {}", round["errors"]);
    }
}

#[test]
fn headers_are_sent_and_requests_deflated() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let sent = |arguments: &[&str]| {
        let child = Command::new(env!("CARGO_BIN_EXE_farthing"))
            .args(["bench", "--workload", "echo", "--size", "60000", "-n", "1", "-c", "1"])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 500];
        stream.read_exact(&mut request).unwrap();
        let mut child = child.unwrap();
        child.kill().and_then(|()| child.wait()).unwrap();
        request
    };
    let head = text(&sent(&[&format!("http://{address}/"), "-H", "Authorization: Bearer me"]));
    assert!(head.contains("\r\nAuthorization: Bearer me\r\n"), "{head}");
    // Behind the length: the magic number, flags and a seqid; then the header's size, the protocol, and the transforms with zlib as one.
    let [plain, deflated] = [&[][..], &["--compress"]].map(|more| sent(&[&[&*address, "-t", "header"], more].concat()));
    assert_eq!((&plain[14..16], &deflated[14..17]), (&[0, 0][..], &[0, 1, 1][..]));
}

#[test]
fn what_is_secured_or_upgraded_is_so_before_the_first_call() {
    let authority = Authority::new();
    let (ca, server) = (authority.file(), authority.issue("server", "localhost", Kind::Server));
    let path = scratch("bench-tls.sock");
    let (unix, name) = (format!("unix:{}", path.display()), format!("unix:@{}", path.display()));
    let [certificate, key] = [&server.certificate, &server.key].map(|file| file.to_str().unwrap());
    let listen = ["127.0.0.1:0=bench".to_owned(), format!("{unix}=bench"), format!("{name}=bench")];
    let served = Served::start_with(&listen.each_ref().map(String::as_str), &["--tls-cert", certificate, "--tls-key", key]);
    let port = served.addresses[0].rsplit(':').next().unwrap();
    let [tcp, ws, wss, https] = ["", "ws://", "wss://", "https://"].map(|scheme| format!("{scheme}localhost:{port}"));
    let trust = ["--tls-ca", ca.to_str().unwrap(), "--tls-server-name", "localhost"];
    let ways: [(&[&str], bool); 12] = [
        (&[&tcp, "--pipeline", "8"], true),
        (&[&tcp, "--workload", "get", "--keys", "3", "--size", "100KiB", "-p", "json", "-t", "buffered"], true),
        (&[&tcp, "-t", "header", "-p", "compact", "--rate", "2000"], true),
        (&[&tcp, "-t", "zlib", "--workload", "echo", "--threads", "2"], true),
        (&[&https, "--workload", "echo"], true),
        (&[&https, "--connect-per-call", "-n", "40"], true),
        (&[&wss, "--workload", "put", "--keys", "9", "--pipeline", "4"], true),
        (&[&wss, "--connect-per-call", "-n", "40"], true),
        (&[&unix, "--pipeline", "4"], true),
        (&[&ws, "-p", "json", "--pipeline", "4"], false),
        (&[&ws, "--connect-per-call", "--rate", "500"], false),
        (&[&name, "-t", "websocket", "--workload", "echo", "-p", "compact"], false),
    ];
    for (way, is_secure) in ways {
        let count = if way.contains(&"-n") { &[][..] } else { &["-n", "300"] };
        let report = json(&[way, count, if is_secure { &trust } else { &[] }, &["-c", "3"]].concat());
        let round = &report["rounds"][0];
        assert_eq!(round["failed"], 0, "{way:?}: {}", round["errors"]);
        assert!(round["calls"].as_u64().unwrap() >= 40, "{way:?}");
        let service = round["service_time"]["p50_us"].as_f64();
        let latency = round["latency"]["p50_us"].as_f64().unwrap();
        if way.contains(&"--connect-per-call") {
            assert!(service.unwrap() < latency, "{way:?}: what comes before a call is no part of its service time");
        }
    }
}

#[test]
fn a_connection_that_cannot_be_secured_or_upgraded_says_why() {
    let authority = Authority::new();
    let server = authority.issue("server", "localhost", Kind::Server);
    let [certificate, key] = [&server.certificate, &server.key].map(|file| file.to_str().unwrap());
    let served = Served::start_with(&["127.0.0.1:0=bench"], &["--tls-cert", certificate, "--tls-key", key, "--tls-only"]);
    let plain = Served::start(&["127.0.0.1:0=bench"]);
    let (secure, open) = (&*served.addresses[0], &*plain.addresses[0]);
    let stranger = Authority::new();
    let (mine, other) = (authority.file(), stranger.file());
    let [mine, other] = [&mine, &other].map(|file| file.to_str().unwrap());
    let refused = |address: &str, arguments: &[&str], why: &str| {
        let output = bench(&[&[address, "-n", "20", "-c", "2", "--warmup", "0", "--timeout", "300ms"], arguments].concat());
        let told = text(&output.stderr);
        assert!(told.contains(why) && told.lines().count() == 1, "{address}: {told}");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), String::new()), "{address}");
    };
    refused(secure, &["--tls-ca", other], "comes from no authority that is trusted here");
    refused(secure, &["--tls-ca", mine, "--tls-server-name", "elsewhere"], "is for another name");
    refused(open, &["--tls-ca", mine, "--tls-server-name", "localhost"], "closed within the TLS handshake; does it speak TLS?");
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap().to_string();
    refused(&address, &["--tls-ca", mine], "was not done with the TLS handshake in time");
    refused(&format!("ws://{address}/"), &[], "no answer to the handshake of WebSocket in time");
}

#[test]
fn calls_of_an_idl_have_their_values_and_results() {
    let served = Served::start(&["127.0.0.1:0=calculator"]);
    let idl = concat!(env!("CARGO_MANIFEST_DIR"), "/idl/calculator.thrift");
    let address = &*served.addresses[0];
    let made = r#"3*Calculator.add {"num1": {"$int": [1, 9]}, "num2": {"$seq": 1}}"#;
    let report = json(&[address, "--idl", idl, "--call", r"Calculator.add [2, 3] => 5", "--call", made, "-n", "400"]);
    let by_call = report["rounds"][0]["by_call"].as_object().unwrap();
    let calls: Vec<u64> = by_call.values().map(|call| call["calls"].as_u64().unwrap()).collect();
    assert!(calls.len() == 2 && calls[0] + calls[1] == 400 && calls[1] > 2 * calls[0], "{calls:?}");
    let exit = |call: &str| bench(&[address, "--idl", idl, "--call", call, "-n", "10", "--warmup", "0"]).status.code();
    assert_eq!(exit("Calculator.add [2, 3] => 6"), Some(5), "another value");
    assert_eq!(exit("Calculator.add [2147483647, 1]"), Some(1), "an exception");
    assert_eq!(exit("Calculator.add [2147483648, 1]"), Some(2), "no i32");
    assert_eq!(exit("Calculator.sub [2, 1]"), Some(2), "no such method");
}

#[test]
fn exit_codes_tell_scripts_what_happened() {
    let served = Served::start(&["127.0.0.1:0=bench"]);
    let address = &*served.addresses[0];
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = mute.local_addr().map(|at| (mute, at.to_string())).unwrap();
    let code = |arguments: &[&str]| bench(&[arguments, &["--warmup", "0"]].concat()).status.code();
    assert_eq!(code(&[address, "-n", "100"]), Some(0));
    assert_eq!(code(&[&format!("https://{address}/")]), Some(3), "never plain text instead");
    assert_eq!(code(&[&gone]), Some(3));
    assert_eq!(code(&[&mute.1, "-d", "100ms", "--timeout", "200ms"]), Some(4));
    // Calls from before the begin are under way to the end: that nothing failed says nothing.
    let idle = bench(&[&mute.1, "-d", "50ms", "--warmup", "50ms"]);
    assert_eq!(idle.status.code(), Some(4));
    assert!(text(&idle.stdout).contains("nothing was measured"), "{}", text(&idle.stdout));
    assert_eq!(code(&[address, "-n", "100", "--slo", "p50=1us"]), Some(6));
    assert_eq!(code(&[address, "-n", "100", "--slo", "p50=5s"]), Some(0));
    for wrong in [
        &["--rate", "fast"][..],
        &["--workload", "gte"],
        &["--find-max"],
        &["--threads", "9", "-c", "2"],
        &["-d", "0"],
        &["--threshold", "5"],
        &["--html", "/no/such/folder/page.html"],
    ] {
        assert_eq!(code(&[&[address], wrong].concat()), Some(2), "{wrong:?}");
    }
}

#[test]
fn the_highest_rate_is_found_and_reports_are_compared() {
    let served = Served::start(&["127.0.0.1:0=bench"]);
    let address = &*served.addresses[0];
    // No server holds more than ten million calls per second here: the search ends by itself.
    let report = json(&[address, "--find-max", "--slo", "p99=2s,errors=1%", "--rate", "10", "-d", "100ms", "--timeout", "2s"]);
    assert!(report["search"].as_array().unwrap().len() > 2);
    assert!(report["load"]["rate"][0].as_f64().unwrap() >= 10.0);
    let (file, page) = (scratch("report.json"), scratch("report.html"));
    let output = bench(&[address, "-n", "300", "--rounds", "3", "--json", "--html", page.to_str().unwrap()]);
    fs::write(&file, &output.stdout).unwrap();
    let name = file.to_str().unwrap();
    let compared = bench(&["--compare", name, name]);
    assert_eq!(compared.status.code(), Some(0));
    assert!(text(&compared.stdout).contains("no difference"), "{}", text(&compared.stdout));
    assert!(fs::read_to_string(&page).unwrap().contains("</svg>"));
    let wrong = bench(&["--compare", name, page.to_str().unwrap()]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("is no report"), "{}", text(&wrong.stderr));
}

#[test]
fn a_signal_ends_it_with_a_report() {
    let served = Served::start(&["127.0.0.1:0=bench"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
    command.args(["bench", &served.addresses[0], "-d", "10m", "--warmup", "0", "--json"]).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let (started, pid) = (Instant::now(), child.id().to_string());
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(output.status.code(), Some(130));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["rounds"][0]["interrupted"], true);
    assert!(report["rounds"][0]["calls"].as_u64().unwrap() > 0);
}

//! `farthing call` as scripts and people meet it: results, texts, exit codes.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use farthing::generated::cache::CacheService;
use farthing::generated::calculator::CalculatorService;
use farthing::generated::conformance::{SecondServiceService, ThriftTestService};
use farthing::server::Server;
use farthing::services::cache::MemoryCache;
use farthing::services::calculator::Arithmetic;
use farthing::services::conformance::CrossTest;
use serde_json::{Value as Json, json};

use self::serving::Serving;

#[path = "in_process/serving.rs"]
mod serving;

const CALCULATOR: &str = "idl/calculator.thrift";
const CACHE: &str = "idl/cache.thrift";
const CONFORMANCE: &str = "idl/conformance.thrift";

fn serve_at(address: &str) -> Serving {
    let builder = Server::builder()
        .service(ThriftTestService::new(CrossTest))
        .service(SecondServiceService::new(CrossTest))
        .service(CalculatorService::new(Arithmetic))
        .service(CacheService::new(MemoryCache::new(1 << 20)))
        .shards(1);
    Serving::at(address, builder)
}

fn serve() -> Serving {
    serve_at("127.0.0.1:0")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
    command.arg("call").args(arguments).stdin(Stdio::null()).env_remove("FARTHING_LOG");
    command
}

/// Exit code, standard output and standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = command(arguments).output().expect("the binary");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// The result of a call that is answered.
fn result(arguments: &[&str]) -> Json {
    let (code, out, err) = run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {out}"))
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("call-{name}-{}", std::process::id()))
}

/// A server that answers its first request with these bytes and closes.
fn answers(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        _ = stream.read(&mut [0; 4096]);
        _ = stream.write_all(bytes);
    });
    address
}

#[test]
fn every_protocol_and_transport_reaches_a_method() {
    let server = serve();
    let url = format!("http://{}/any/path", server.address);
    for protocol in ["binary", "binary-old", "compact", "json"] {
        for transport in ["framed", "buffered", "http", "header", "zlib", "websocket"] {
            if (protocol, transport) == ("json", "header") {
                continue;
            }
            for method in ["Calculator.add", "Calculator:add"] {
                let sum = result(&[&server.address, method, "[40, 2]", "--idl", CALCULATOR, "-p", protocol, "-t", transport]);
                assert_eq!(sum, 42);
            }
        }
        assert_eq!(result(&[&url, "add", r#"{"num1": -1, "num2": 2}"#, "--idl", CALCULATOR, "--protocol", protocol]), 1);
    }
    assert_eq!(result(&[&format!("ws://{}/socket", server.address), "add", "[1, 2]", "--idl", CALCULATOR, "-p", "json"]), 3);
    let path = scratch("socket");
    let unix = serve_at(&format!("unix:{}", path.display()));
    assert_eq!(result(&[&unix.address, "add", "[1, 2]", "--idl", CALCULATOR]), 3);
    let named = serve_at(&format!("unix:@farthing-call-{}", std::process::id()));
    for transport in ["framed", "http"] {
        assert_eq!(result(&[&named.address, "add", "[1, 2]", "--idl", CALCULATOR, "-t", transport]), 3);
    }
}

#[test]
fn every_method_of_the_cross_test_gives_back_what_it_is_given() {
    let server = serve();
    let uuid = "00112233-4455-6677-8899-aabbccddeeff";
    let xtruct = json!({ "string_thing": "Zero", "byte_thing": 1, "i32_thing": -3, "i64_thing": -5 });
    let insanity = json!({ "userMap": { "FIVE": 5, "77": 8 }, "xtructs": [xtruct] });
    for (method, value) in [
        ("testString", json!("Quizás ¿ \u{0} 🦀")),
        ("testBool", json!(true)),
        ("testByte", json!(-128)),
        ("testI32", json!(i32::MIN)),
        ("testI64", json!(i64::MIN)),
        ("testI64", json!(9_007_199_254_740_993_i64)),
        ("testDouble", json!(0.1)),
        ("testDouble", json!("NaN")),
        ("testBinary", json!("AAH/")),
        ("testUuid", json!(uuid)),
        ("testStruct", xtruct.clone()),
        ("testNest", json!({ "byte_thing": 1, "struct_thing": xtruct, "i32_thing": 5 })),
        ("testMap", json!({ "1": -1 })),
        ("testStringMap", json!({ "a": "b" })),
        ("testSet", json!([7])),
        ("testList", json!([3, 2, 1])),
        ("testEnum", json!("EIGHT")),
        ("testEnum", json!(77)),
        ("testTypedef", json!(309_858_235_082_523_i64)),
    ] {
        for protocol in ["binary", "compact", "json"] {
            let given = json!({ "thing": value }).to_string();
            assert_eq!(result(&[&server.address, method, &given, "--idl", CONFORMANCE, "-p", protocol]), value, "{method}");
        }
    }
    let answer = result(&[&server.address, "testInsanity", &insanity.to_string(), "--idl", CONFORMANCE]);
    assert_eq!(answer["1"]["TWO"]["xtructs"], json!([xtruct]));
    assert_eq!(result(&[&server.address, "testVoid", "--idl", CONFORMANCE]), Json::Null);
    assert_eq!(result(&[&server.address, "SecondService:secondtestString", "\"x\"", "--idl", CONFORMANCE]), "testString(\"x\")");
    let multi = json!([1, 2, 3, { "5": "x" }, "ONE", 6]).to_string();
    assert_eq!(result(&[&server.address, "ThriftTest:testMulti", &multi, "--idl", CONFORMANCE])["string_thing"], "Hello2");
    // Nothing comes back, and nothing is printed.
    for transport in ["framed", "http"] {
        let oneway = run(&[&server.address, "testOneway", "0", "--idl", CONFORMANCE, "-t", transport]);
        assert_eq!(oneway, (0, String::new(), String::new()));
    }
}

#[test]
fn exceptions_have_their_name_their_contents_and_code_1() {
    let server = serve();
    let call = |method: &str, argument: &str| {
        let (code, out, err) = run(&[&server.address, method, argument, "--idl", CONFORMANCE, "--compact-output"]);
        assert_eq!(code, 1, "{out}{err}");
        (out.trim_end().to_owned(), err)
    };
    let (out, err) = call("testException", "\"Xception\"");
    assert_eq!(out, r#"{"Xception":{"errorCode":1001,"message":"Xception"}}"#);
    assert_eq!(err, "farthing: the server raised Xception\n");
    let (out, _) = call("testMultiException", "[\"Xception2\", \"\"]");
    assert!(out.starts_with(r#"{"Xception2":{"errorCode":2002,"struct_thing":{"string_thing":"This is an Xception2""#), "{out}");
    let (out, err) = call("testException", "\"TException\"");
    assert!(out.starts_with(r#"{"TApplicationException":{"type":""#) && err.contains("TApplicationException"), "{out}{err}");
    let (code, out, err) = run(&[&server.address, "Cache:get", "\"none\"", "--idl", CACHE]);
    assert_eq!((code, &*out), (1, "{\n  \"KeyNotFound\": {\n    \"key\": \"none\"\n  }\n}\n"), "{err}");
    // A method that the server does not have.
    let idl = scratch("more.thrift");
    fs::write(&idl, "service Calculator { i32 divide(1: i32 a) }").unwrap();
    let (code, out, err) = run(&[&server.address, "divide", "1", "--idl", idl.to_str().unwrap()]);
    assert!(code == 1 && out.contains("\"type\": \"UNKNOWN_METHOD\"") && err.contains("UNKNOWN_METHOD"), "{out}{err}");
    // A server that returns nothing where something is promised, and one that writes to the terminal.
    let nothing = answers(b"\0\0\0\x10\x80\x01\0\x02\0\0\0\x03add\0\0\0\x01\0");
    let (code, _, err) = run(&[&nothing, "add", "[1, 2]", "--idl", CALCULATOR]);
    assert!(code == 1 && err.contains("MISSING_RESULT"), "{err}");
    let steering = answers(b"\0\0\0\x1b\x80\x01\0\x03\0\0\0\x03add\0\0\0\x01\x0b\0\x01\0\0\0\x04\x1b[2J\0");
    let (code, out, err) = run(&[&steering, "add", "[1, 2]", "--idl", CALCULATOR]);
    assert!(code == 1 && !err.contains('\u{1b}') && !out.contains('\u{1b}'), "{out}{err}");
    fs::remove_file(idl).unwrap();
}

#[test]
fn mistakes_are_named_with_what_would_be_right_and_code_2() {
    for (arguments, parts) in [
        (
            &["127.0.0.1:1", "add", r#"{"num1": "1", "num2": 2}"#, "--idl", CALCULATOR][..],
            &["num1: expected i32, found string"][..],
        ),
        (&["127.0.0.1:1", "add", r#"{"num": 1, "num2": 2}"#, "--idl", CALCULATOR], &["num:", "did you mean \"num1\""]),
        (&["127.0.0.1:1", "add", r#"{"num1": 1}"#, "--idl", CALCULATOR], &["num2: the argument is missing"]),
        (&["127.0.0.1:1", "add", "--idl", CALCULATOR], &["takes arguments", "--template add"]),
        (&["127.0.0.1:1", "add", "{num1: 1}", "--idl", CALCULATOR], &["no JSON", "line 1 column 2"]),
        (&["127.0.0.1:1", "Cache.get", "key", "--idl", CACHE], &["no JSON", "quotes"]),
        (&["127.0.0.1:1", "ad", "[1, 2]", "--idl", CALCULATOR], &["no method \"ad\"", "did you mean \"add\""]),
        (&["127.0.0.1:1", "Calculater.add", "[1, 2]", "--idl", CALCULATOR], &["no service", "did you mean \"Calculator\""]),
        (&["127.0.0.1:1", "add", "@/no/such/file", "--idl", CALCULATOR], &["cannot read /no/such/file"]),
        (&["127.0.0.1:1", "add", "-", "--idl", CALCULATOR], &["standard input: ", "no JSON: there is nothing"]),
        (&["127.0.0.1:1", "add", "", "--idl", CALCULATOR], &["no JSON: there is nothing"]),
        (&["127.0.0.1", "add", "[1, 2]", "--idl", CALCULATOR], &["no port", "host:port"]),
        (&["ftp://127.0.0.1", "add", "[1, 2]", "--idl", CALCULATOR], &["ftp://", "not supported"]),
        (&["http://h/", "add", "[1, 2]", "--idl", CALCULATOR, "-t", "framed"], &["cannot have the transport framed"]),
        (&["h:1", "add", "[1, 2]", "--idl", CALCULATOR, "-t", "header", "-p", "json"], &["header", "json"]),
        (&["h:1", "add", "[1, 2]", "--idl", CALCULATOR, "-H", "a: b"], &["framed", "has none"]),
        (&["h:1", "add", "[1, 2]", "--idl", CALCULATOR, "-H", "a"], &["colon"]),
        (&["h:1", "add", "[1, 2]", "--idl", CALCULATOR, "-t", "frame"], &["frame", "buffered"]),
        (&["h:1", "add", "[1, 2]", "--idl", CALCULATOR, "-p", "bin"], &["bin", "compact"]),
        (&["h:1", "add", "[1, 2]", "--idl", CALCULATOR, "--timeout", "soon"], &["soon", "250ms"]),
        (&["h:1", "add", "[1, 2]", "--idl", "/no/such.thrift"], &["/no/such.thrift"]),
        (&["h:1", "add", "[1, 2]"], &["--idl"]),
        (&["h:1", "--idl", CALCULATOR], &["METHOD"]),
        (&["--describe", "--idl", CALCULATOR], &["which method", "--list"]),
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, &*out), (2, ""), "{arguments:?}: {err}");
        assert!(parts.iter().all(|part| err.contains(part)) && !err.contains("panicked"), "{arguments:?}: {err}");
    }
}

#[test]
fn a_server_that_is_not_there_is_silent_or_speaks_something_else_has_a_code_of_its_own() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (code, _, err) = run(&[&gone, "add", "[1, 2]", "--idl", CALCULATOR]);
    assert!(code == 3 && err.contains(&gone) && err.contains("cannot connect"), "{code} {err}");
    let (code, _, err) = run(&["unix:/no/such/socket", "add", "[1, 2]", "--idl", CALCULATOR]);
    assert!(code == 3 && err.contains("/no/such/socket"), "{code} {err}");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let (code, _, err) = run(&[&address, "add", "[1, 2]", "--idl", CALCULATOR, "--timeout", "200ms"]);
    assert!(code == 4 && err.contains("timed out after 200ms"), "{code} {err}");
    for (bytes, part) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "HTTP, and answers with status 400"),
        (b"\x15\x03\x01\0\x02\x02\x46", "TLS"),
        (b"POST / HTTP/1.1\r\n", "1347375956"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "HTTP, and answers with status 404"),
        (b"", "closed the connection without an answer"),
    ] {
        let (code, out, err) = run(&[&answers(bytes), "add", "[1, 2]", "--idl", CALCULATOR]);
        assert!(code == 5 && out.is_empty() && err.contains(part), "{code} {err}");
    }
}

#[test]
fn arguments_come_from_files_and_pipes_too() {
    let server = serve();
    let file = scratch("arguments.json");
    fs::write(&file, "{\n  \"num1\": 40,\n  \"num2\": 2\n}\n").unwrap();
    assert_eq!(result(&[&server.address, "Calculator.add", &format!("@{}", file.display()), "--idl", CALCULATOR]), 42);
    fs::write(&file, "{\n  \"num1\": 40,\n  \"num2\" 2\n}\n").unwrap();
    let (code, _, err) = run(&[&server.address, "add", &format!("@{}", file.display()), "--idl", CALCULATOR]);
    let place = format!("farthing: {}: the arguments: no JSON", file.display());
    assert!(code == 2 && err.starts_with(&place) && err.contains("line 3"), "{err}");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&[&server.address, "add", "[1, 2]", "--idl", CALCULATOR]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "a result that is lost is no success");
    fs::remove_file(file).unwrap();

    // What a template prints can be piped into a call as it is.
    for (idl, method) in [(CALCULATOR, "Calculator.add"), (CACHE, "Cache.put"), (CONFORMANCE, "ThriftTest.testInsanity")] {
        let template = command(&["--template", method, "--idl", idl]).output().unwrap().stdout;
        let mut child = command(&[&server.address, method, "-", "--idl", idl]);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&template).unwrap();
        assert!(child.wait_with_output().unwrap().status.success(), "{method}");
    }
}

#[test]
fn the_idl_can_be_looked_at() {
    let (code, out, _) = run(&["--list", "--idl", CACHE]);
    assert_eq!((code, out.lines().count()), (0, 3));
    assert!(out.contains("Cache.get: string (1: string key) throws (1: KeyNotFound missing)\n"), "{out}");
    let (code, out, _) = run(&["--describe", "get", "--idl", CACHE]);
    assert!(code == 0 && out.contains("// The value under `key`.") && out.contains("exception KeyNotFound {"), "{out}");
    let (code, out, _) = run(&["--template", "any.address:1", "Cache.put", "--idl", CACHE, "--compact-output"]);
    assert_eq!((code, &*out), (0, "{\"key\":\"\",\"value\":\"\"}\n"));
    let (code, out, _) = run(&["--help"]);
    assert!(code == 0 && ["Examples", "Exit codes", "base64", "--template"].iter().all(|part| out.contains(part)), "{out}");
}

#[test]
fn what_travels_can_be_watched() {
    let server = serve();
    for (transport, parts) in [
        (
            "framed",
            &["frame of 30 bytes", "call \"add\", number 1", "field 2, num2: i32", "reply \"add\"", "what is returned: i32"][..],
        ),
        ("http", &["POST / HTTP/1.1", "who: me", "HTTP/1.1 200 OK", "field 1, num1: i32"]),
        ("header", &["THeader", "binary protocol; who: me", "field 1, num1: i32"]),
        (
            "websocket",
            &["WebSocket frame of 30 bytes, and its mask", "call \"add\"", "WebSocket frame of 23 bytes\n", "what is returned"],
        ),
        ("zlib", &["a zlib stream", "inflated to 30 bytes"]),
    ] {
        let mut arguments = vec![&*server.address, "add", "[40, 2]", "--idl", CALCULATOR, "-t", transport, "-v"];
        if matches!(transport, "http" | "header") {
            arguments.extend(["-H", "who: me"]);
        }
        let (code, out, err) = run(&arguments);
        assert_eq!((code, &*out), (0, "42\n"), "{err}");
        assert!(parts.iter().all(|part| err.contains(part)), "{transport}: {err}");
    }
    let (_, _, err) = run(&[&answers(b"\x7f\x03garbage"), "add", "[1, 2]", "--idl", CALCULATOR, "-v"]);
    assert!(err.contains("< 9 bytes received") && err.contains("7f 03 67"), "{err}");
}

#[test]
fn shells_can_complete_it() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Command::new(env!("CARGO_BIN_EXE_farthing")).args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains("compact-output"), "{shell}: {script}");
    }
}

#[test]
fn names_that_stand_twice_are_refused_with_their_path() {
    let refused = |idl: &str, method: &str, json: &str| run(&["127.0.0.1:1", method, json, "--idl", idl]);
    let (code, out, err) = refused(CALCULATOR, "add", r#"{"num1": 1, "num2": 2, "num1": 3}"#);
    assert_eq!((code, &*out), (2, ""));
    assert!(err.contains("num1: the name stands twice in one object"), "{err}");
    let (code, _, err) = refused(CONFORMANCE, "testStruct", r#"{"thing": {"i32_thing": 1, "i32_thing": 2}}"#);
    assert!(code == 2 && err.contains("thing.i32_thing: the name stands twice"), "{err}");
    let (code, _, err) = refused(CALCULATOR, "add", "[1, 2] [3]");
    assert!(code == 2 && err.contains("\"[3]\" stands behind a value that is whole"), "{err}");
}

#[test]
fn each_command_has_a_manual_page() {
    let man = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_farthing")).arg("man").args(arguments).output().expect("the binary");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let (code, page, _) = man(&[]);
    assert!(code == Some(0) && page.contains(".TH farthing 1"), "{page}");
    let (_, page, _) = man(&["bench"]);
    assert!(page.contains(".TH farthing-bench 1") && page.contains("\\-\\-find\\-max"), "{page}");
    let folder = scratch("man");
    assert_eq!(man(&["--out", folder.to_str().expect("UTF-8")]).0, Some(0));
    let mut names: Vec<_> = fs::read_dir(&folder).expect("pages").map(|file| file.expect("a page").file_name()).collect();
    names.sort();
    let wanted = ["-bench", "-call", "-check", "-completions", "-gen", "-man", "-serve", ""];
    assert_eq!(names, wanted.map(|name| std::ffi::OsString::from(format!("farthing{name}.1"))));
    let (code, page, err) = man(&["bnech"]);
    assert!(code == Some(2) && page.is_empty() && err.contains("there is no command bnech"), "{err}");
}

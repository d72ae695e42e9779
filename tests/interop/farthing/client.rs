//! The cross-test's calls through farthing's client, to be run against servers on the official libraries. It takes the arguments of
//! all clients of the matrix; `--list` prints the protocols and transports that it
//! speaks. Exit code 1 where an answer is wrong.

#![allow(clippy::needless_pass_by_value)] // a check takes what the call before it gave

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use farthing::client::{Builder, Connection};
use farthing::generated::conformance::{
    Insanity, Numberz, SecondServiceClient, TestExceptionError, TestMultiExceptionError, ThriftTestClient, Xception, Xception2,
    Xtruct, Xtruct2,
};
use farthing::rpc::CallError;
use farthing::tls::ClientOptions;
use farthing::transport::{Kind, Layer, Stack};
use farthing::wire::{Codec, Uuid};

/// Protocols by their names in the matrix: the codec, and whether calls carry the name of their service.
const PROTOCOLS: [(&str, Codec, bool); 8] = [
    ("binary", Codec::Binary, false),
    ("compact", Codec::Compact, false),
    ("json", Codec::Json, false),
    ("multi", Codec::Binary, true),
    ("multic", Codec::Compact, true),
    ("multij", Codec::Json, true),
    ("header", Codec::Binary, false),
    ("multih", Codec::Binary, true),
];
const TRANSPORTS: [Kind; 5] = [Kind::Unframed, Kind::Framed, Kind::Http, Kind::Zlib, Kind::WebSocket];

type Client = ThriftTestClient<Connection>;

struct Options(BTreeMap<String, String>);

impl Options {
    fn parse() -> Self {
        let pair = |word: String| {
            let (name, value) = word.split_once('=').unwrap_or((&word, ""));
            (name.trim_start_matches("--").to_owned(), value.to_owned())
        };
        Self(std::env::args().skip(1).map(pair).collect())
    }

    fn get<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.0.get(name).map_or(otherwise, String::as_str)
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn protocol(&self) -> Result<(&str, Codec, bool), String> {
        let name = self.get("protocol", "binary");
        PROTOCOLS.into_iter().find(|row| row.0 == name).ok_or_else(|| format!("there is no protocol {name}"))
    }

    /// Node's server answers on one path only.
    fn builder(&self, service: &str) -> Result<Builder, Box<dyn Error>> {
        let (protocol, codec, is_multiplexed) = self.protocol()?;
        let transport = self.get("transport", "buffered").parse()?;
        let stack = stack(protocol, transport);
        let host = format!("{}:{}", self.get("host", "127.0.0.1"), self.get("port", "0"));
        let secure = if self.has("ssl") { "s" } else { "" };
        let address = match (self.0.get("domain-socket"), transport) {
            (Some(path), _) => format!("unix:{path}"),
            (None, Kind::Http) => format!("http{secure}://{host}/test"),
            (None, Kind::WebSocket) => format!("ws{secure}://{host}/test"),
            (None, _) => host,
        };
        let mut builder = Connection::builder(address).codec(codec).transport(stack).timeout(Duration::from_secs(10));
        if self.has("ssl") {
            let ca = self.0.get("ca").ok_or("--ssl wants --ca=FILE, the authority that signed the server's certificate")?;
            builder = builder.tls(ClientOptions { ca: Some(ca.into()), ..ClientOptions::default() });
        }
        Ok(if is_multiplexed { builder.service(service) } else { builder })
    }
}

/// The protocol of the header transport is a transport here, by itself or inside of another.
fn stack(protocol: &str, transport: Kind) -> Stack {
    match (protocol, transport) {
        ("header" | "multih", Kind::Unframed) => Kind::Header.into(),
        ("header" | "multih", outer) => Stack { outer, inner: Some(Layer::Header) },
        _ => transport.into(),
    }
}

#[derive(Default)]
struct Checks {
    made: u32,
    failed: u32,
}

impl Checks {
    fn check(&mut self, what: &str, good: bool, got: &dyn Debug) {
        self.made += 1;
        if !good {
            self.failed += 1;
            println!("FAIL {what}: got {:.300}", format!("{got:?}"));
        }
    }

    fn equal<T: PartialEq + Debug, E: Display>(&mut self, what: &str, got: Result<T, CallError<E>>, wanted: T) {
        let got = got.map_err(|error| error.to_string());
        self.check(what, got.as_ref() == Ok(&wanted), &got);
    }

    fn raises<T: Debug, E: Debug + Display>(&mut self, what: &str, got: Result<T, CallError<E>>, good: impl Fn(&E) -> bool) {
        let raised = matches!(&got, Err(CallError::Exception(exception)) if good(exception));
        self.check(what, raised, &got);
    }
}

fn scalars(checks: &mut Checks, client: &mut Client, options: &Options) {
    let longest = if options.has("one-read") { 8000 } else { 20_000 };
    checks.equal("testVoid", client.test_void(), ());
    for text in ["", "Test", "quote \" back\\slash / tab\t newline\n.", "Ünïcödé 漢字 العربية 😀", &"x".repeat(longest)]
    {
        checks.equal("testString", client.test_string(text), text.to_owned());
    }
    for value in [true, false] {
        checks.equal("testBool", client.test_bool(value), value);
    }
    for value in [0, 1, -1, i8::MAX, i8::MIN] {
        checks.equal("testByte", client.test_byte(value), value);
    }
    for value in [0, 1, -1, i32::MAX, i32::MIN] {
        checks.equal("testI32", client.test_i32(value), value);
    }
    for value in [0, -1, 1 << 31, 1 << 53] {
        checks.equal("testI64", client.test_i64(value), value);
        checks.equal("testTypedef", client.test_typedef(value), value);
    }
    for value in [0.0, 5.325_098_235, -5.325_098_235, 1e300, 5e-324, f64::MAX] {
        checks.equal("testDouble", client.test_double(value), value);
    }
    let sizes = [0_usize, 1, 2, 4, 16, 255, 256, 4096, 65536, 131_072];
    let is_small = options.has("no-large") || options.has("one-read");
    for size in sizes.into_iter().filter(|size| *size <= 4096 || !is_small) {
        let value: Vec<u8> = (0..size).map(|index| (index * 7) as u8).collect();
        let got = client.test_binary(&value).map(|got| got.to_vec());
        checks.equal("testBinary", got, value);
    }
}

/// What some libraries cannot give back; each has an option that leaves it out.
fn extremes(checks: &mut Checks, client: &mut Client, options: &Options) {
    if !options.has("no-nul") {
        checks.equal("testString", client.test_string("nul\0."), "nul\0.".to_owned());
    }
    for value in if options.has("no-wide") { &[][..] } else { &[-34_359_738_368, (1 << 53) + 1, i64::MAX, i64::MIN] } {
        checks.equal("testI64", client.test_i64(*value), *value);
        checks.equal("testTypedef", client.test_typedef(*value), *value);
    }
    if !options.has("no-negative-zero") {
        checks.equal("testDouble", client.test_double(-0.0).map(f64::to_bits), (-0.0_f64).to_bits());
    }
    if !options.has("no-infinity") {
        for value in [f64::INFINITY, f64::NEG_INFINITY] {
            checks.equal("testDouble", client.test_double(value), value);
        }
        checks.equal("testDouble NaN", client.test_double(f64::NAN).map(f64::is_nan), true);
    }
    if !options.has("no-unknown-enum") {
        checks.equal("testEnum", client.test_enum(Numberz(77)), Numberz(77));
    }
    if !options.has("no-uuid") {
        for value in [Uuid([0; 16]), Uuid(*b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")] {
            checks.equal("testUuid", client.test_uuid(value), value);
        }
    }
}

fn xtruct(text: &str, byte: i8, i32: i32, i64: i64) -> Xtruct {
    Xtruct { string_thing: text.to_owned(), byte_thing: byte, i32_thing: i32, i64_thing: i64 }
}

fn structs(checks: &mut Checks, client: &mut Client) {
    let thing = xtruct("Zero", 1, -3, -5);
    checks.equal("testStruct", client.test_struct(&thing), thing.clone());
    let nested = Xtruct2 { byte_thing: 1, struct_thing: thing, i32_thing: 5 };
    checks.equal("testNest", client.test_nest(&nested), nested.clone());
    let insanity = Insanity {
        user_map: BTreeMap::from([(Numberz::FIVE, 5), (Numberz::EIGHT, 8)]),
        xtructs: vec![xtruct("Goodbye4", 4, 4, 4), xtruct("Hello2", 2, 2, 2)],
    };
    let wanted = BTreeMap::from([
        (1, BTreeMap::from([(Numberz::TWO, insanity.clone()), (Numberz::THREE, insanity.clone())])),
        (2, BTreeMap::from([(Numberz::SIX, Insanity::default())])),
    ]);
    checks.equal("testInsanity", client.test_insanity(&insanity), wanted);
    let map = BTreeMap::from([(1, "blah".to_owned())]);
    let got = client.test_multi(74, 0x00FF_00FF, 0xFF_00FF_00FF, &map, Numberz::FIVE, 0x00F0_F0F0);
    checks.equal("testMulti", got, xtruct("Hello2", 74, 0x00FF_00FF, 0xFF_00FF_00FF));
}

fn containers(checks: &mut Checks, client: &mut Client, options: &Options) {
    let many = if options.has("one-read") { 500 } else { 2000 };
    let few = BTreeMap::from([(0, -10), (4, -6), (i32::MAX, i32::MIN)]);
    for value in [BTreeMap::new(), few, (0..many).map(|index| (index, 7 - index)).collect()] {
        checks.equal("testMap", client.test_map(&value), value.clone());
    }
    let texts = [("a", "123"), (" x y ", " with spaces "), ("0", "numeric key"), ("", "ü 漢")];
    let texts = BTreeMap::from(texts.map(|(key, value)| (key.to_owned(), value.to_owned())));
    checks.equal("testStringMap", client.test_string_map(&texts), texts.clone());
    for value in [vec![], vec![-2, -1, 0, 1, 2], (0..many).collect()] {
        let set: BTreeSet<i32> = value.iter().copied().collect();
        checks.equal("testSet", client.test_set(&set), set.clone());
        checks.equal("testList", client.test_list(&value), value);
    }
    for value in [Numberz::ONE, Numberz::TWO, Numberz::EIGHT] {
        checks.equal("testEnum", client.test_enum(value), value);
    }
    let map = |range: RangeInclusive<i32>| range.map(|index| (index, index)).collect::<BTreeMap<_, _>>();
    checks.equal("testMapMap", client.test_map_map(1), BTreeMap::from([(-4, map(-4..=-1)), (4, map(1..=4))]));
}

fn exceptions(checks: &mut Checks, client: &mut Client) {
    let one = |text: &str| Xception { error_code: 1001, message: text.to_owned() };
    let wanted = TestExceptionError::Err1(one("Xception"));
    checks.raises("Xception", client.test_exception("Xception"), |raised| *raised == wanted);
    checks.equal("no exception", client.test_exception("success"), ());
    let wanted = TestMultiExceptionError::Err1(one("This is an Xception"));
    checks.raises("multi 1", client.test_multi_exception("Xception", "x"), |raised| *raised == wanted);
    let two = Xception2 { error_code: 2002, struct_thing: xtruct("This is an Xception2", 0, 0, 0) };
    let wanted = TestMultiExceptionError::Err2(two);
    checks.raises("multi 2", client.test_multi_exception("Xception2", "x"), |raised| *raised == wanted);
    checks.equal("multi none", client.test_multi_exception("success", "foobar"), xtruct("foobar", 0, 0, 0));
}

fn oneway(checks: &mut Checks, client: &mut Client, options: &Options) {
    if options.has("no-oneway") {
        return;
    }
    let begun = Instant::now();
    let sent = client.test_oneway(1);
    checks.check("testOneway", sent.is_ok() && begun.elapsed() < Duration::from_millis(200), &(sent, begun.elapsed()));
    checks.equal("a call behind a oneway one", client.test_i32(-1), -1);
}

/// Last, for some servers end the connection after it.
fn undeclared(checks: &mut Checks, client: &mut Client, options: &Options) {
    if !options.has("no-undeclared") {
        let is_application = |raised: &TestExceptionError| matches!(raised, TestExceptionError::Application(_));
        checks.raises("TException", client.test_exception("TException"), is_application);
    }
}

fn run(options: &Options, checks: &mut Checks) -> Result<(), Box<dyn Error>> {
    let mut client = ThriftTestClient::new(options.builder("ThriftTest")?.connect()?);
    scalars(checks, &mut client, options);
    extremes(checks, &mut client, options);
    structs(checks, &mut client);
    containers(checks, &mut client, options);
    exceptions(checks, &mut client);
    oneway(checks, &mut client, options);
    undeclared(checks, &mut client, options);
    if options.protocol()?.2 {
        // One connection after the other: not every server takes two at a time.
        drop(client);
        let mut second = SecondServiceClient::new(options.builder("SecondService")?.connect()?);
        for text in ["a", "b", "c"] {
            checks.equal("secondtestString", second.secondtest_string(text), format!("testString(\"{text}\")"));
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.has("list") {
        for (protocol, transport) in PROTOCOLS.iter().flat_map(|row| TRANSPORTS.map(|transport| (row.0, transport))) {
            println!("{protocol} {transport}");
        }
        return ExitCode::SUCCESS;
    }
    let mut checks = Checks::default();
    if let Err(error) = run(&options, &mut checks) {
        checks.check("connection", false, &error);
    }
    println!("{} checks, {} failed", checks.made, checks.failed);
    if checks.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

//! The cross-test's calls through Apache's Rust library. Exit code 1 where an answer is wrong.

mod channel;
#[allow(clippy::all, warnings)]
mod conformance;
mod connection;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol, TInputProtocol,
    TMultiplexedOutputProtocol, TOutputProtocol,
};

use channel::Channel;
use conformance::{
    Insanity, Numberz, SecondServiceSyncClient, TSecondServiceSyncClient, TThriftTestSyncClient, ThriftTestSyncClient, Xception,
    Xception2, Xtruct, Xtruct2,
};
use connection::{Options, transports};

type Input = Box<dyn TInputProtocol>;
type Output = Box<dyn TOutputProtocol>;
type Client = ThriftTestSyncClient<Input, Output>;

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
            println!("FAIL {what}: got {:.200}", format!("{got:?}"));
        }
    }

    fn equal<T: PartialEq + Debug>(&mut self, what: &str, got: thrift::Result<T>, wanted: T) {
        let good = got.as_ref().is_ok_and(|got| *got == wanted);
        self.check(what, good, &got);
    }

    fn same<T: PartialEq + Debug + Clone>(
        &mut self,
        what: &str,
        client: &mut Client,
        call: fn(&mut Client, T) -> thrift::Result<T>,
        values: impl IntoIterator<Item = T>,
    ) {
        for value in values {
            self.equal(what, call(client, value.clone()), value);
        }
    }

    fn raises<T: Debug, E: std::error::Error + 'static>(
        &mut self,
        what: &str,
        got: thrift::Result<T>,
        good: impl Fn(&E) -> bool,
    ) {
        let raised = match &got {
            Err(thrift::Error::User(error)) => error.downcast_ref::<E>().is_some_and(good),
            _ => false,
        };
        self.check(what, raised, &got);
    }
}

/// Protocols of their own on one connection, as each generated client of this library wants them.
fn protocols(options: &Options, channel: &Channel, service: &str) -> (Input, Output) {
    let (read, write) = transports(options, channel.halves());
    let (input, output): (Input, Output) = if options.is_compact() {
        (Box::new(TCompactInputProtocol::new(read)), Box::new(TCompactOutputProtocol::new(write)))
    } else {
        (Box::new(TBinaryInputProtocol::new(read, true)), Box::new(TBinaryOutputProtocol::new(write, true)))
    };
    if !options.is_multiplexed() {
        return (input, output);
    }
    (input, Box::new(TMultiplexedOutputProtocol::new(service, output)))
}

fn echoes(checks: &mut Checks, client: &mut Client) {
    checks.equal("testVoid", client.test_void(), ());
    let texts = ["", "Test", "quote \" back\\slash / tab\t newline\n nul\0.", "Ünïcödé 漢字 العربية 😀", &"x".repeat(20_000)];
    checks.same("testString", client, Client::test_string, texts.map(str::to_owned));
    checks.same("testBool", client, Client::test_bool, [true, false]);
    checks.same("testByte", client, Client::test_byte, [0, 1, -1, i8::MAX, i8::MIN]);
    checks.same("testI32", client, Client::test_i32, [0, 1, -1, i32::MAX, i32::MIN]);
    let wide = [0, -1, -34_359_738_368, (1 << 53) + 1, i64::MAX, i64::MIN];
    checks.same("testI64", client, Client::test_i64, wide);
    checks.same("testTypedef", client, Client::test_typedef, wide);
    for value in [0.0, -0.0, 5.325098235, -5.325098235, 1e300, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
        let got = client.test_double(value.into()).map(|got| got.0.to_bits());
        checks.equal("testDouble", got, value.to_bits());
    }
    let got = client.test_double(f64::NAN.into()).map(|got| got.0.is_nan());
    checks.equal("testDouble NaN", got, true);
    let binary = |size: usize| (0..size).map(|index| (index * 7) as u8).collect();
    checks.same("testBinary", client, Client::test_binary, [0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131_072].map(binary));
    #[cfg(feature = "since_018")]
    {
        let text = "00112233-4455-6677-8899-aabbccddeeff";
        checks.same("testUuid", client, Client::test_uuid, [uuid::Uuid::nil(), uuid::Uuid::parse_str(text).unwrap()]);
    }
}

fn xtruct(text: &str, byte: i8, i32: i32, i64: i64) -> Xtruct {
    Xtruct::new(text.to_owned(), byte, i32, i64)
}

fn structs(checks: &mut Checks, client: &mut Client) {
    let thing = xtruct("Zero", 1, -3, -5);
    checks.same("testStruct", client, Client::test_struct, [thing.clone()]);
    checks.same("testNest", client, Client::test_nest, [Xtruct2::new(1, thing, 5)]);
    let xtructs = vec![xtruct("Goodbye4", 4, 4, 4), xtruct("Hello2", 2, 2, 2)];
    let insanity = Insanity::new(BTreeMap::from([(Numberz::FIVE, 5), (Numberz::EIGHT, 8)]), xtructs);
    let empty = Insanity::new(BTreeMap::new(), Vec::new());
    let wanted = BTreeMap::from([
        (1, BTreeMap::from([(Numberz::TWO, insanity.clone()), (Numberz::THREE, insanity.clone())])),
        (2, BTreeMap::from([(Numberz::SIX, empty)])),
    ]);
    checks.equal("testInsanity", client.test_insanity(insanity), wanted);
    let map = BTreeMap::from([(1, "blah".to_owned())]);
    let got = client.test_multi(74, 0x00FF_00FF, 0xFF_00FF_00FF, map, Numberz::FIVE, 0x00F0_F0F0);
    checks.equal("testMulti", got, xtruct("Hello2", 74, 0x00FF_00FF, 0xFF_00FF_00FF));
}

fn containers(checks: &mut Checks, client: &mut Client) {
    let maps = [BTreeMap::new(), BTreeMap::from([(0, -10), (4, -6)]), BTreeMap::from([(i32::MAX, i32::MIN)])];
    checks.same("testMap", client, Client::test_map, maps);
    checks.same("testMap", client, Client::test_map, [(0..2000).map(|index| (index, -index)).collect()]);
    let texts = [("a", "123"), (" x y ", " with spaces "), ("0", "numeric key"), ("", "ü 漢")];
    let texts = texts.map(|(key, value)| (key.to_owned(), value.to_owned()));
    checks.same("testStringMap", client, Client::test_string_map, [BTreeMap::new(), BTreeMap::from(texts)]);
    let lists: [Vec<i32>; 3] = [vec![], vec![-2, -1, 0, 1, 2], (0..2000).collect()];
    checks.same("testSet", client, Client::test_set, lists.clone().map(BTreeSet::from_iter));
    checks.same("testList", client, Client::test_list, lists);
    checks.same("testEnum", client, Client::test_enum, [Numberz::ONE, Numberz::TWO, Numberz::EIGHT, Numberz(77)]);
    let map = |range: std::ops::RangeInclusive<i32>| range.map(|index| (index, index)).collect::<BTreeMap<_, _>>();
    checks.equal("testMapMap", client.test_map_map(1), BTreeMap::from([(-4, map(-4..=-1)), (4, map(1..=4))]));
}

fn exceptions(checks: &mut Checks, client: &mut Client) {
    let is =
        |text: &'static str| move |error: &Xception| error.error_code == Some(1001) && error.message.as_deref() == Some(text);
    checks.raises("Xception", client.test_exception("Xception".to_owned()), is("Xception"));
    let got = client.test_exception("TException".to_owned());
    checks.check("TException", matches!(got, Err(thrift::Error::Application(_))), &got);
    checks.equal("no exception", client.test_exception("success".to_owned()), ());
    let mut multi = |arg: &str| client.test_multi_exception(arg.to_owned(), "foobar".to_owned());
    checks.raises("multi 1", multi("Xception"), is("This is an Xception"));
    checks.raises("multi 2", multi("Xception2"), |error: &Xception2| {
        error.error_code == Some(2002) && error.struct_thing == Some(xtruct("This is an Xception2", 0, 0, 0))
    });
    checks.equal("multi none", multi("success"), xtruct("foobar", 0, 0, 0));
}

fn oneway(checks: &mut Checks, client: &mut Client) {
    let begun = Instant::now();
    let got = client.test_oneway(3);
    let took = begun.elapsed();
    checks.check("testOneway", got.is_ok() && took < Duration::from_millis(200), &took);
    checks.same("a call behind a oneway one", client, Client::test_i32, [-1]);
}

fn main() -> ExitCode {
    let options = Options::parse();
    let channel = Channel::open(&options);
    let (input, output) = protocols(&options, &channel, "ThriftTest");
    let mut client = Client::new(input, output);
    let mut checks = Checks::default();
    echoes(&mut checks, &mut client);
    structs(&mut checks, &mut client);
    containers(&mut checks, &mut client);
    if options.is_multiplexed() {
        let (input, output) = protocols(&options, &channel, "SecondService");
        let mut second = SecondServiceSyncClient::new(input, output);
        for text in ["a", "b", "c"] {
            checks.equal("secondtestString", second.secondtest_string(text.to_owned()), format!("testString(\"{text}\")"));
            checks.same("testString between", &mut client, Client::test_string, ["a".to_owned()]);
        }
    }
    exceptions(&mut checks, &mut client);
    oneway(&mut checks, &mut client);
    println!("{} checks, {} failed", checks.made, checks.failed);
    if checks.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

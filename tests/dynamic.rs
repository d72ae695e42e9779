//! JSON to Thrift and back by the model of an IDL: every type through every codec, and every way to get it wrong.

use std::path::Path;

use farthing::codegen;
use farthing::dynamic::{self, Arguments, Method, Outcome};
use farthing::idl::Program;
use farthing::wire::{Codec, ErrorKind, Input, Limits, MessageKind, Output};
use serde_json::{Value as Json, json};

const DEPTH: usize = 64;

fn load(path: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let (program, diagnostics) = codegen::load(&[path], &[]);
    program.unwrap_or_else(|| panic!("{}", diagnostics.render(false)))
}

fn mirror() -> Program {
    load("tests/dynamic/mirror.thrift")
}

fn find<'p>(program: &'p Program, name: &str) -> Method<'p> {
    dynamic::find(program, name).unwrap_or_else(|error| panic!("{error}"))
}

fn encoded(codec: Codec, arguments: &Arguments) -> Result<Vec<u8>, ErrorKind> {
    let mut out = Output::new();
    codec.write(&mut out, DEPTH, ("show", MessageKind::REPLY, 1), arguments);
    out.error().map_or_else(|| Ok(out.to_vec()), Err)
}

fn outcome(codec: Codec, method: Method<'_>, bytes: &[u8]) -> Outcome {
    let limits = Limits::default();
    let mut input = Input::new(bytes, &limits);
    codec.head(&mut input).expect("a head");
    let (outcome, rest) = dynamic::read_outcome(method, codec, input).expect("a result");
    assert_eq!(rest.remaining(), 0);
    outcome
}

/// What comes back of one field of the mirror.
fn shown(program: &Program, codec: Codec, holder: &Json) -> Json {
    let method = find(program, "show");
    let arguments =
        Arguments::from_json(method, &json!({ "holder": holder })).unwrap_or_else(|error| panic!("{holder}: {error}"));
    let bytes = encoded(codec, &arguments).unwrap_or_else(|error| panic!("{holder}: {error}"));
    match outcome(codec, method, &bytes) {
        Outcome::Thrown { kind, value } if kind == "Holder" => value,
        other => panic!("{other:?}"),
    }
}

fn refused(program: &Program, method: &str, arguments: &Json) -> String {
    match Arguments::from_json(find(program, method), arguments) {
        Err(error) => error.to_string(),
        Ok(read) => panic!("{arguments} became {read:?}"),
    }
}

#[test]
fn every_type_comes_back_as_it_was_given() {
    let program = mirror();
    let texts = "\u{0}\u{1b}\"\\/ é 漢 🦀";
    for value in [
        json!({}),
        json!({ "flag": true }),
        json!({ "flag": false, "i8": -128, "i16": -32768, "i32": i32::MIN, "i64": i64::MIN }),
        json!({ "i8": 127, "i16": 32767, "i32": i32::MAX, "i64": i64::MAX }),
        json!({ "i64": 9_007_199_254_740_993_i64 }),
        json!({ "double": 0.1, "string": texts, "binary": "AP8=", "uuid": "00112233-4455-6677-8899-aabbccddeeff" }),
        json!({ "double": f64::MAX }),
        json!({ "double": f64::from_bits(1) }),
        json!({ "double": -0.0 }),
        json!({ "double": "NaN" }),
        json!({ "double": "Infinity" }),
        json!({ "double": "-Infinity" }),
        json!({ "string": "", "binary": "" }),
        json!({ "paint": "LAST", "palette": { "RED": [1, -1], "GREEN": [], "7": [0] } }),
        json!({ "paint": -5 }),
        json!({ "lists": [[], ["a", ""], [texts]], "numbers": [1, i64::MIN, 0] }),
        json!({ "by_bool": { "true": 1.5, "false": "NaN" }, "by_number": { "-9223372036854775808": "low", "0": "" } }),
        json!({ "by_text": { "": "empty", texts: "x" }, "by_binary": { "AP8=": "00112233-4455-6677-8899-aabbccddeeff" } }),
        json!({ "by_double": { "0.5": 1, "-Infinity": 2, "NaN": 3, "1e+300": 4 } }),
        json!({ "tree": { "value": 1, "children": [{ "value": 2, "children": [] }, { "value": 3 }] } }),
        json!({ "strict": { "one": 1, "two": "2" } }),
        json!({ "union": { "map_thing": { "ONE": 1, "99": -1 } } }),
        json!({ "union": { "string_thing": "" } }),
        json!({ "union": { "i32_thing": 0 } }),
        json!({ "union": { "insanity_thing": { "userMap": {}, "xtructs": [{ "string_thing": "a", "byte_thing": 1, "i32_thing": 2, "i64_thing": 3 }] } } }),
        json!({ "insanity": {} }),
        json!({ "empty": {} }),
        json!({ "deltas": { "b1": { "im_true": true, "im_false": false }, "check_true": true, "b1000": {}, "check_false": false, "a_set2500": ["x"], "big_numbers": [1, 2, 300_000_000] } }),
        json!({ "mixed": { "int_set_list": [[1, 2], []], "map_int_strset": { "1": ["a"] }, "map_int_strset_list": [{ "-1": [] }, {}] } }),
        json!({ "bonks": { "bonk": [[[{ "message": "m", "type": 1 }], []], []] } }),
        json!({ "guess": { "map_field": {} }, "binaries": { "bin_set": ["", "AA=="], "bin_map": { "": 0 } } }),
        json!({ "maps": { "k": { "message": "", "type": 0 } } }),
    ] {
        for codec in Codec::ALL {
            assert_eq!(shown(&program, codec, &value), value, "{codec:?}");
        }
    }
}

#[test]
fn keys_that_are_no_names_travel_as_pairs() {
    let program = mirror();
    let crazy = json!({ "crazy": {
        "set_field": [{ "userMap": { "ONE": 1 } }, {}],
        "list_field": [[[[1, 2], { "5": [[[[{ "xtructs": [] }, "text"]]]] }]]],
        "binary_field": "",
    } });
    for value in [
        json!({ "by_tree": [[{ "value": 1 }, 2], [{ "value": 1, "children": [] }, 3]] }),
        json!({ "by_list": [[[1, 2], [[[3], true]]], [[], []]] }),
        crazy,
    ] {
        let empty = json!({ "by_list": [[[1, 2], [[[3], true]]], [[], {}]] });
        for codec in [Codec::Binary, Codec::Compact] {
            let back = shown(&program, codec, &value);
            assert!(back == value || back == empty, "{back}");
        }
        let arguments = Arguments::from_json(find(&program, "show"), &json!({ "holder": value })).unwrap();
        assert_eq!(encoded(Codec::Json, &arguments), Err(ErrorKind::KeyNotScalar));
    }
}

#[test]
fn every_form_that_people_write_is_taken() {
    let program = mirror();
    for (given, meant) in [
        (json!({ "double": 3 }), json!({ "double": 3.0 })),
        (json!({ "double": 18_446_744_073_709_551_615_u64 }), json!({ "double": 18_446_744_073_709_551_615.0 })),
        (json!({ "binary": "AP8" }), json!({ "binary": "AP8=" })),
        (json!({ "uuid": "{00112233-4455-6677-8899-AABBCCDDEEFF}" }), json!({ "uuid": "00112233-4455-6677-8899-aabbccddeeff" })),
        (json!({ "paint": 2 }), json!({ "paint": "GREEN" })),
        (json!({ "paint": "Colour.GREEN" }), json!({ "paint": "GREEN" })),
        (json!({ "palette": [["RED", []], [2, [1]]] }), json!({ "palette": { "RED": [], "GREEN": [1] } })),
        (json!({ "by_number": [[7, "a"]] }), json!({ "by_number": { "7": "a" } })),
        (json!({ "by_text": [] }), json!({ "by_text": {} })),
        (json!({ "flag": null, "i32": 1 }), json!({ "i32": 1 })),
        (json!({ "by_tree": { "{\"value\":4}": 5 } }), json!({ "by_tree": [[{ "value": 4 }, 5]] })),
    ] {
        assert_eq!(shown(&program, Codec::Binary, &given), meant);
    }
}

#[test]
fn defaults_are_written_as_generated_clients_write_them() {
    let program = mirror();
    let all = json!({
        "yes": true, "small": -8, "answer": 42, "half": 0.5, "text": "text", "bytes": "Ynl0ZXM=",
        "id": "00112233-4455-6677-8899-aabbccddeeff", "colour": "GREEN", "list": [1, 2], "set": ["a"], "map": { "k": 5 },
        "tree": { "value": 7 },
    });
    assert_eq!(shown(&program, Codec::Compact, &json!({ "defaults": {} }))["defaults"], all);
    let mut without = all.clone();
    without.as_object_mut().unwrap().shift_remove("half");
    without["small"] = json!(1);
    assert_eq!(shown(&program, Codec::Binary, &json!({ "defaults": { "half": null, "small": 1 } }))["defaults"], without);
}

#[test]
fn what_is_wrong_is_said_with_its_path() {
    let program = mirror();
    for (holder, message) in [
        (json!({ "i32": "1" }), "holder.i32: expected i32, found string"),
        (json!({ "i32": 1.5 }), "holder.i32: expected i32, found number with a fraction or beyond 64 bits"),
        (json!({ "i8": 128 }), "holder.i8: 128 does not fit in an i8"),
        (json!({ "i8": -129 }), "holder.i8: -129 does not fit in an i8"),
        (json!({ "i64": 9_223_372_036_854_775_808_u64 }), "holder.i64: 9223372036854775808 does not fit in an i64"),
        (json!({ "i64": 1e30 }), "holder.i64: expected i64, found number with a fraction or beyond 64 bits"),
        (json!({ "i64": true }), "holder.i64: expected i64, found bool"),
        (json!({ "flag": 1 }), "holder.flag: expected true or false, found number"),
        (json!({ "string": 1 }), "holder.string: expected string, found number"),
        (json!({ "binary": "%" }), "holder.binary: expected base64: Invalid symbol 37, offset 0."),
        (json!({ "binary": [1] }), "holder.binary: expected binary as base64 in a string, found list"),
        (json!({ "uuid": "1" }), "holder.uuid: a UUID is written as 8-4-4-4-12 hexadecimal digits"),
        (json!({ "paint": "GREN" }), "holder.paint: the enum Colour has no value \"GREN\"; did you mean \"GREEN\"?"),
        (
            json!({ "paint": "Numberz.RED" }),
            "holder.paint: the enum Colour has no value \"Numberz.RED\"; there are: GREEN, LAST, RED",
        ),
        (json!({ "paint": 2_147_483_648_i64 }), "holder.paint: 2147483648 does not fit in an i32"),
        (json!({ "paint": [] }), "holder.paint: expected enum, by name or number, found list"),
        (
            json!({ "palette": { "BLU": [] } }),
            "holder.palette[\"BLU\"]: the enum Colour has no value \"BLU\"; there are: GREEN, LAST, RED",
        ),
        (json!({ "palette": { "RED": [1, 300] } }), "holder.palette[\"RED\"][1]: 300 does not fit in an i8"),
        (json!({ "lists": [["a"], ["b", 3]] }), "holder.lists[1][1]: expected string, found number"),
        (json!({ "lists": {} }), "holder.lists: expected list, found object"),
        (json!({ "numbers": [1, 2, 1] }), "holder.numbers[2]: the same value is there already"),
        (json!({ "palette": [["GREEN", []], [2, []]] }), "holder.palette[1]: the same value is there already"),
        (json!({ "by_number": { "1": "a", "01": "b" } }), "holder.by_number[\"01\"]: expected i64, found string"),
        (json!({ "by_number": { "x": "a" } }), "holder.by_number[\"x\"]: expected i64, found string"),
        (json!({ "by_bool": { "yes": 1 } }), "holder.by_bool[\"yes\"]: expected true or false, found string"),
        (json!({ "by_text": [["a"]] }), "holder.by_text[0]: expected pair of a key and a value, found list"),
        (json!({ "by_text": 3 }), "holder.by_text: expected map, as an object or a list of pairs, found number"),
        (json!({ "union": {} }), "holder.union: expected exactly one field of the union SomeUnion, found 0"),
        (
            json!({ "union": { "i32_thing": 1, "string_thing": "" } }),
            "holder.union: expected exactly one field of the union SomeUnion, found 2",
        ),
        (json!({ "union": { "i32_thing": null } }), "holder.union: expected exactly one field of the union SomeUnion, found 0"),
        (json!({ "strict": { "two": "" } }), "holder.strict.one: Strict requires this field"),
        (json!({ "strict": { "one": null, "three": 3 } }), "holder.strict: Strict requires the fields one, two"),
        (json!({ "strict": 1 }), "holder.strict: expected Strict as an object, found number"),
        (json!({ "strict": { "onee": 1 } }), "holder.strict.onee: no field of that name; did you mean \"one\"?"),
        (json!({ "empty": { "x": 1 } }), "holder.empty.x: no field of that name; there are none"),
        (
            json!({ "tree": { "value": 1, "children": [{ "value": 1 }, { "valu": 2 }] } }),
            "holder.tree.children[1].valu: no field of that name; did you mean \"value\"?",
        ),
        (
            json!({ "double": "nan" }),
            "holder.double: expected double (\"NaN\", \"Infinity\" and \"-Infinity\" as strings), found string",
        ),
        (json!([]), "holder: expected Holder as an object, found list"),
    ] {
        assert_eq!(refused(&program, "show", &json!({ "holder": holder })), message);
    }
}

#[test]
fn arguments_come_by_name_by_place_or_alone() {
    let program = mirror();
    let plain = find(&program, "plain");
    let bonk = json!({ "message": "m", "type": 1 });
    let by_name = Arguments::from_json(plain, &json!({ "list": [1], "bonk": bonk })).unwrap();
    assert_eq!(by_name, Arguments::from_json(plain, &json!([bonk, [1], 3])).unwrap());
    let grow = find(&program, "grow");
    let tree = json!({ "value": 1 });
    assert_eq!(Arguments::from_json(grow, &tree).unwrap(), Arguments::from_json(grow, &json!({ "tree": tree })).unwrap());
    let texts = find(&program, "texts");
    assert_eq!(
        Arguments::from_json(texts, &json!(["a"])).unwrap(),
        Arguments::from_json(texts, &json!({ "texts": ["a"] })).unwrap()
    );
    let ping = find(&program, "Mirror.ping");
    for nothing in [json!(null), json!({}), json!([])] {
        assert!(Arguments::from_json(ping, &nothing).is_ok(), "{nothing}");
    }
    for (method, given, message) in [
        ("plain", json!({}), "the arguments bonk, list are missing"),
        ("plain", json!({ "bonk": bonk }), "list: the argument is missing"),
        ("plain", json!({ "bonk": bonk, "lists": [] }), "lists: no field of that name; did you mean \"list\"?"),
        ("plain", json!([1]), "expected a list of 3 arguments (bonk, list, number), found 1"),
        ("plain", json!(3), "expected an object with the arguments bonk, list, number, found number"),
        ("plain", json!([bonk, ["x"], 1]), "list[0]: expected i32, found string"),
        ("twice", json!({ "numbr": 1 }), "numbr: no field of that name; did you mean \"number\"?"),
        ("twice", json!("x"), "number: expected i32, found string"),
        ("twice", json!([1]), "number: expected i32, found list"),
        ("grow", json!({ "valu": 1 }), "tree.valu: no field of that name; did you mean \"value\"?"),
        ("Mirror.ping", json!({ "x": 1 }), "x: no field of that name; there are none"),
        ("Mirror.ping", json!([1]), "expected {}: the method takes no arguments"),
    ] {
        assert_eq!(refused(&program, method, &given), message, "{given}");
    }
}

#[test]
fn values_as_deep_as_the_limit_travel_and_deeper_ones_are_refused() {
    let program = mirror();
    let nested = |depth: usize| (1..depth).fold(json!({ "value": 0 }), |inner, _| json!({ "value": 1, "children": [inner] }));
    let grow = find(&program, "grow");
    // The arguments are a struct of their own; each tree is one, and one list.
    for (depth, fits) in [(1, true), (32, true), (33, false), (60, false)] {
        let arguments = Arguments::from_json(grow, &nested(depth)).unwrap();
        for codec in Codec::ALL {
            let bytes = encoded(codec, &arguments);
            assert_eq!(bytes.as_ref().err(), (!fits).then_some(&ErrorKind::TooDeep), "{codec:?} {depth}");
        }
    }
}

#[test]
fn what_the_idl_does_not_declare_is_shown_by_its_number() {
    let (full, other) = (mirror(), load("idl/conformance.thrift"));
    let holder = json!({
        "flag": true, "i8": 1, "i64": 5, "double": 0.5, "string": "text", "uuid": "00112233-4455-6677-8899-aabbccddeeff",
        "lists": [["a"], []], "numbers": [1], "by_number": { "1": "x" }, "tree": { "value": 3 }, "by_text": {},
    });
    let undeclared = json!({
        "#1": true, "#2": 1, "#5": 5, "#6": 0.5, "#7": "text", "#9": "00112233-4455-6677-8899-aabbccddeeff",
        "#12": [["a"], []], "#13": [1], "#15": { "1": "x" }, "#16": {}, "#21": { "#1": 3 },
    });
    let arguments = Arguments::from_json(find(&full, "show"), &json!({ "holder": holder })).unwrap();
    for codec in Codec::ALL {
        let bytes = encoded(codec, &arguments).unwrap();
        let Outcome::Thrown { kind, value } = outcome(codec, find(&other, "testVoid"), &bytes) else { panic!("{codec:?}") };
        assert_eq!((&*kind, &value), ("#1", &undeclared), "{codec:?}");
    }
    let binary = Arguments::from_json(find(&full, "show"), &json!({ "holder": { "binary": "AP8=" } })).unwrap();
    for codec in [Codec::Binary, Codec::Compact] {
        let outcome = outcome(codec, find(&other, "testVoid"), &encoded(codec, &binary).unwrap());
        assert_eq!(outcome, Outcome::Thrown { kind: "#1".into(), value: json!({ "#8": "AP8=" }) });
    }
}

#[test]
fn a_peer_that_sends_a_key_twice_is_shown_in_full() {
    let program = load("idl/conformance.thrift");
    let method = find(&program, "testMap");
    let mut bytes = b"\x80\x01\0\x02\0\0\0\x04show\0\0\0\x01\x0d\0\0\x08\x08\0\0\0\x02".to_vec();
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0]);
    assert_eq!(outcome(Codec::Binary, method, &bytes), Outcome::Returned(Some(json!([[1, 2], [1, 3]]))));
}

#[test]
fn results_that_are_cut_or_of_another_type_are_no_panic() {
    let program = mirror();
    let method = find(&program, "show");
    let holder = json!({ "holder": { "tree": { "value": 1, "children": [{ "value": 2 }] }, "by_text": { "k": "v" }, "paint": 1, "i64": 5 } });
    let arguments = Arguments::from_json(method, &holder).unwrap();
    for codec in Codec::ALL {
        let bytes = encoded(codec, &arguments).unwrap();
        let limits = Limits::default();
        let read = |bytes: &[u8]| {
            let mut input = Input::new(bytes, &limits);
            codec.head(&mut input).ok()?;
            dynamic::read_outcome(method, codec, input).ok().map(|(outcome, _)| outcome)
        };
        assert!(read(&bytes).is_some());
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_none(), "{codec:?} {cut}");
        }
        for at in 0..bytes.len() {
            for value in [0, 1, 0x0c, 0x7f, 0x80, 0xff] {
                let mut wrong = bytes.clone();
                wrong[at] = value;
                drop(read(&wrong));
            }
        }
    }
}

#[test]
fn methods_are_found_by_any_name_that_is_theirs() {
    let program = mirror();
    let name = |text: &str| {
        dynamic::find(&program, text).map(|method| (method.service.head.name.clone(), method.wire_name().to_owned()))
    };
    let found = |service: &str, method: &str| Ok((service.to_owned(), method.to_owned()));
    assert_eq!(name("show"), found("Mirror", "show"));
    assert_eq!(name("Mirror.show"), found("Mirror", "show"));
    assert_eq!(name("Mirror:show"), found("Mirror", "show"));
    assert_eq!(name("Mirror.twice"), found("Mirror", "twice"), "inherited");
    assert_eq!(name("twice"), found("Base", "twice"), "one method, whoever inherits it");
    assert_eq!(name("talk"), found("Mirror", "talk"), "an alias travels as it was asked for");
    assert_eq!(name("alone"), found("Other", "alone"));
    let wrong = |text: &str| dynamic::find(&program, text).unwrap_err().to_string();
    assert_eq!(wrong("ping"), "\"ping\" is a method of both Base and Other: write Base.ping or Other.ping");
    assert_eq!(wrong("Mirror.sho"), "the IDL has no method \"sho\"; did you mean \"show\"?");
    assert_eq!(wrong("Miror.show"), "the IDL has no service \"Miror\"; did you mean \"Mirror\"?");
    assert!(wrong("Nobody.show").starts_with("the IDL has no service \"Nobody\"; there are: Base, Mirror, Other"));
}

/// Every method of every IDL of ours: what the template shows can be sent as it is.
#[test]
fn templates_are_accepted_as_they_are() {
    for path in
        ["idl/conformance.thrift", "idl/cache.thrift", "idl/calculator.thrift", "idl/bench.thrift", "tests/dynamic/mirror.thrift"]
    {
        let program = load(path);
        let mut methods = 0;
        for line in dynamic::list(&program).lines() {
            let (name, _) = line.split_once(": ").expect("Service.method: signature");
            let method = find(&program, name);
            let template = dynamic::template(method);
            let text = format!("{template:#}");
            let again: Json = serde_json::from_str(&text).unwrap();
            let arguments = Arguments::from_json(method, &again).unwrap_or_else(|error| panic!("{name}: {error} in {text}"));
            encoded(Codec::Binary, &arguments).unwrap_or_else(|error| panic!("{name}: {error} in {text}"));
            methods += 1;
        }
        assert!(methods > 0, "{path}");
    }
}

#[test]
fn methods_are_described_with_all_that_they_name() {
    let program = mirror();
    let text = dynamic::describe(find(&program, "grow"));
    assert_eq!(text, "Mirror.grow: Tree (1: Tree tree)\n\nstruct Tree {\n  1: i32 value\n  2: optional list<Tree> children\n}\n");
    let text = dynamic::describe(find(&program, "show"));
    assert!(
        text.starts_with("// Gives back what it is given.\nMirror.show: void (1: Holder holder) throws (1: Holder holder)\n")
    );
    for part in [
        "enum Colour { RED = 1, GREEN = 2, LAST = 2147483647 }",
        "typedef Colour Paint",
        "union SomeUnion {",
        "exception Holder {",
    ] {
        assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
    }
    assert!(dynamic::list(&program).contains("Mirror.tell: oneway void (1: Tree tree)\n"));
    let (program, _) = codegen::load(&["/dev/null".into()], &[]);
    assert_eq!(program.map(|program| dynamic::list(&program)), Some(String::new()));
}

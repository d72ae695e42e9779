//! JSON messages that someone may send, and what becomes of each.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use farthing::wire::{Codec, Decode, ErrorKind, Limits, MessageKind, Output, Scanner, VecMap};
use rustix::time::{ClockId, clock_gettime};

use crate::one::{One, head, json, message, nobody_reads, read, scan};
use crate::sample::{decode, encode};

#[test]
fn j3_numbers_that_are_none() {
    for bad in ["-", "+1", "01", "1.", ".5", "0x10", "1e", "--1", "NaN", "nan", "Infinity", "-Infinity", "null", "true", ""] {
        assert_eq!(json::<f64>("dbl", bad), Err(ErrorKind::InvalidJson), "{bad}");
        assert_eq!(json::<i32>("i32", bad), Err(ErrorKind::InvalidJson), "{bad}");
        assert_eq!(json::<i32>("i64", bad), Err(ErrorKind::InvalidJson), "{bad} read over");
    }
    assert_eq!(json::<f64>("dbl", "1e999999"), Err(ErrorKind::NumberOutOfRange));
    let long = "1".repeat(1_000_000);
    assert_eq!(json::<f64>("dbl", &long), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i64>("i64", &long), Err(ErrorKind::NumberOutOfRange));
}

#[test]
fn j4_integers_out_of_their_range() {
    assert_eq!(json::<i8>("i8", "128"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i16>("i16", "32768"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i32>("i32", "2147483648"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i64>("i64", "9223372036854775808"), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<i64>("i64", "-9223372036854775808"), Ok(Some(i64::MIN)));
    assert_eq!(json::<i64>("i64", "9007199254740993"), Ok(Some((1 << 53) + 1)));
    assert_eq!(json::<i32>("i32", "1.0"), Err(ErrorKind::InvalidJson));
    assert_eq!(json::<i32>("i32", "1e3"), Err(ErrorKind::InvalidJson));
    assert_eq!(json::<i32>("i32", r#""-12""#), Ok(Some(-12)), "in quotes");
    assert_eq!(json::<i32>("i32", r#""12 ""#), Err(ErrorKind::InvalidJson));
}

#[test]
fn j5_doubles_that_json_has_no_number_for() {
    assert!(json::<f64>("dbl", r#""NaN""#).unwrap().unwrap().is_nan());
    assert_eq!(json("dbl", r#""Infinity""#), Ok(Some(f64::INFINITY)));
    assert_eq!(json("dbl", r#""-Infinity""#), Ok(Some(f64::NEG_INFINITY)));
    assert_eq!(json("dbl", r#""1.5""#), Ok(Some(1.5)));
    assert_eq!(json("dbl", "1.000000000000000055511"), Ok(Some(1.0)));
    assert_eq!(json::<f64>("dbl", r#""nan""#), Err(ErrorKind::InvalidJson));
    assert_eq!(json::<f64>("dbl", r#""infinity""#), Err(ErrorKind::InvalidJson));
}

/// What an empty container would hold may be anything that has a name: which must be text, however the message comes.
#[test]
fn j7_names_of_types_that_are_none() {
    for (tag, wanted) in [
        (&b"thing"[..], Ok(())),
        (br"i\u0033\u0032", Ok(())),
        (b"\xff", Err(ErrorKind::InvalidUtf8)),
        (b"a\x01", Err(ErrorKind::InvalidJson)),
        (br"\q", Err(ErrorKind::InvalidJson)),
    ] {
        let body = [br#"{"1":{"lst":[""#, tag, br#"",0]}}"#].concat();
        assert_eq!(read::<Vec<i32>>(Codec::Json, &body).map(drop), wanted, "{tag:?}");
        assert_eq!(read::<i32>(Codec::Json, &body).map(drop), wanted, "{tag:?} read over");
        assert_eq!(scan(Codec::Json, &[br#"[1,"m",1,0,"#, &body[..], b"]"].concat()).map(drop), wanted, "{tag:?} scanned");
    }
}

#[test]
fn j7_strings_that_are_none() {
    for control in 0..0x20 {
        let body = [br#"{"1":{"str":"a"#, &[control][..], br#"b"}}"#].concat();
        assert_eq!(read::<String>(Codec::Json, &body), Err(ErrorKind::InvalidJson));
        assert_eq!(read::<i32>(Codec::Json, &body), Err(ErrorKind::InvalidJson), "read over");
    }
    for bad in [&b"\xc3\x28"[..], b"\xed\xa0\x80", b"\xc0\x80", b"\xff"] {
        let body = [br#"{"1":{"str":""#, bad, br#""}}"#].concat();
        assert_eq!(read::<String>(Codec::Json, &body), Err(ErrorKind::InvalidUtf8));
        assert_eq!(read::<i32>(Codec::Json, &body), Err(ErrorKind::InvalidUtf8), "read over");
    }
    for bad in [r#""\ud800""#, r#""\udc00\ud800""#, r#""\x41""#, r#""\u12""#] {
        assert_eq!(json::<String>("str", bad), Err(ErrorKind::InvalidJson), "{bad}");
        assert_eq!(json::<i32>("str", bad), Err(ErrorKind::InvalidJson), "{bad} read over");
    }
    assert_eq!(json("str", r#""\/\u00E9\ud83d\ude00""#), Ok(Some("/é😀".to_owned())));
    nobody_reads(b"\xef\xbb\xbf[1,\"m\",1,1,{}]");
}

#[test]
fn j8_strings_over_the_limit() {
    let limits = Limits { string_max: 100, ..Limits::default() };
    let over = |body: String| decode::<One<String>>(Codec::Json, &message(Codec::Json, body.as_bytes()), &limits);
    for text in ["x".repeat(101), "\\u0041".repeat(101)] {
        let body = format!(r#"{{"1":{{"str":"{text}"}}}}"#);
        assert_eq!(over(body).unwrap_err().kind, ErrorKind::StringTooLong);
    }
    assert!(over(format!(r#"{{"1":{{"str":"{}"}}}}"#, "\\u0041".repeat(100))).is_ok());
    let name = format!(r#"{{"{}":{{"str":""}}}}"#, "1".repeat(65536));
    assert_eq!(over(name).unwrap_err().kind, ErrorKind::NumberOutOfRange);
    let endless = [&br#"[1,"m",1,1,{"1":{"str":""#[..], &[b'x'; 700]].concat();
    assert_eq!(Scanner::new(Codec::Json).scan(&endless, &limits).unwrap_err().kind, ErrorKind::StringTooLong);
    let endless = [&br#"[1,""#[..], &[b'x'; 4000]].concat();
    assert_eq!(Scanner::new(Codec::Json).scan(&endless, &limits).unwrap_err().kind, ErrorKind::MethodTooLong);
}

#[test]
fn names_of_types_with_escapes() {
    assert_eq!(json("i\\u00332", "5"), Ok(Some(5)));
    assert_eq!(json(r"\u006c\u0073\u0074", r#"["\u0069\u0033\u0032",1,5]"#), Ok(Some(vec![5])));
    for bad in [r"\u0069\u0033\u0039", r"i\x32", r"i\u00", r"\u0069\u0033\u0032\u0000"] {
        assert!(json::<i32>(bad, "5").is_err(), "{bad}");
    }
}

#[test]
fn j9_heads_that_are_none() {
    assert_eq!(head(Codec::Json, br#"[1,"m",9,1,{}]"#), Ok(("m".into(), MessageKind(9), 1)));
    assert_eq!(head(Codec::Json, br#" [ 1 , "s:\u006d" , 1 , -1 , {} ]"#), Ok(("s:m".into(), MessageKind::CALL, -1)));
    for (bad, kind) in [
        (r#"[2,"m",1,1,{}]"#, ErrorKind::BadVersion),
        (r#"["m",1,1,{}]"#, ErrorKind::InvalidJson),
        (r"[1,1,1,{}]", ErrorKind::InvalidJson),
        (r"[1,7,1,1,{}]", ErrorKind::InvalidJson),
        (r#"[1,"m"]"#, ErrorKind::InvalidJson),
        (r#"[1,"m",1,1]"#, ErrorKind::InvalidJson),
        (r#"[1,"m",256,1,{}]"#, ErrorKind::NumberOutOfRange),
        (r#"[1,"m",1,2147483648,{}]"#, ErrorKind::NumberOutOfRange),
        (r#"[1 "m",1,1,{}]"#, ErrorKind::InvalidJson),
    ] {
        assert_eq!(head(Codec::Json, bad.as_bytes()), Err(kind), "{bad}");
    }
    let long = format!(r#"[1,"{}",1,1,{{}}]"#, "m".repeat(513));
    assert_eq!(head(Codec::Json, long.as_bytes()), Err(ErrorKind::MethodTooLong));
    let surplus = decode::<One<i32>>(Codec::Json, br#"[1,"m",1,1,{},2]"#, &Limits::default());
    assert_eq!(surplus.unwrap_err().kind, ErrorKind::InvalidJson);
}

#[test]
fn j12_numbers_of_fields() {
    let field = |id: &str| read::<i32>(Codec::Json, format!(r#"{{"{id}":{{"i32":5}}}}"#).as_bytes());
    assert_eq!(field("1"), Ok(Some(5)));
    assert_eq!(field("-1"), Ok(None));
    assert_eq!(field("99999999999"), Err(ErrorKind::NumberOutOfRange));
    for bad in ["1.5", "", "__proto__", "01", " 1"] {
        assert_eq!(field(bad), Err(ErrorKind::InvalidJson), "{bad}");
    }
    assert_eq!(read::<i32>(Codec::Json, br#"{"1":{"i32":5},"1":{"i32":6}}"#), Ok(Some(6)), "the last one counts");
    for bad in [r#"{1:{"i32":5}}"#, r#"{"1":{"i32":5}"#, r#"{"1":{}}"#, r#"{"1":{"i32":5,"i32":6}}"#, r#"{"1":{"i32":5},}"#] {
        assert!(read::<i32>(Codec::Json, bad.as_bytes()).is_err(), "{bad}");
    }
    assert_eq!(read::<i32>(Codec::Json, br#"{"1":{"u32":5}}"#), Err(ErrorKind::UnknownType));
}

#[test]
fn j_containers_hold_what_they_declare() {
    assert_eq!(json("lst", r#"["i32",2,5,6]"#), Ok(Some(vec![5, 6])));
    for bad in [r#"["i32",1,5,6]"#, r#"["i32",3,5,6]        "#, r#"["i32",2,5 6]"#, r#"["i32",2,5,,6]"#, r#"["i32",2,5,6,]"#] {
        assert_eq!(json::<Vec<i32>>("lst", bad), Err(ErrorKind::InvalidJson), "{bad}");
    }
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",-1]"#), Err(ErrorKind::NegativeSize));
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",2147483648]"#), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",2147483647]"#), Err(ErrorKind::ContainerTooLarge));
    assert_eq!(json::<Vec<i32>>("lst", r#"["i32",1000000]"#), Err(ErrorKind::UnexpectedEnd));
    assert_eq!(json::<Vec<i32>>("lst", r#"["str",1,"5"]"#), Err(ErrorKind::TypeMismatch));
    assert_eq!(json::<Vec<i32>>("lst", r#"["???",1,5]"#), Err(ErrorKind::UnknownType));
    assert_eq!(json::<Vec<i32>>("lst", r#"["",0]"#), Ok(Some(vec![])));
    let map = |value| json::<VecMap<i32, bool>>("map", value);
    assert_eq!(map(r#"["i32","tf",2,{"1":1,"2":0}]"#), Ok(Some(VecMap(vec![(1, true), (2, false)]))));
    for bad in
        [r#"["i32","tf",1,{1:1}]"#, r#"["i32","tf",1,{"1":1,"2":0}]"#, r#"["i32","tf",2,{"1":1}]"#, r#"["i32","tf",1,{"1",1}]"#]
    {
        assert_eq!(map(bad), Err(ErrorKind::InvalidJson), "{bad}");
    }
}

#[test]
fn j_keys_that_json_has_no_form_for() {
    let value = VecMap(vec![(vec![1], 2)]);
    let mut out = Output::new();
    Codec::Json.write(&mut out, 64, ("m", MessageKind::CALL, 1), &One(Some(value)));
    assert_eq!(out.error(), Some(ErrorKind::KeyNotScalar));
    let keyed = json::<VecMap<Vec<i32>, i32>>("map", r#"["lst","i32",1,{["i32",1,1]:2}]"#);
    assert_eq!(keyed, Err(ErrorKind::KeyNotScalar));
    assert_eq!(json::<i32>("map", r#"["rec","i32",1,{{}:2}]"#), Err(ErrorKind::KeyNotScalar), "read over");
    let empty = One(Some(VecMap::<Vec<i32>, i32>(vec![])));
    let bytes = encode(Codec::Json, &empty);
    assert_eq!(decode::<One<VecMap<Vec<i32>, i32>>>(Codec::Json, &bytes, &Limits::default()).unwrap().0, empty);
}

#[test]
fn j_binaries_with_and_without_padding() {
    for text in [r#""AP8Q/g==""#, r#""AP8Q/g""#, r#""AP8Q\/g""#, r#""AP8Q/h=""#] {
        assert_eq!(json("str", text), Ok(Some(Bytes::from_static(&[0, 255, 16, 254]))), "{text}");
    }
    assert_eq!(json::<Bytes>("str", r#""AP8Q-g""#), Err(ErrorKind::InvalidBase64));
    assert_eq!(json::<Bytes>("str", r#""A""#), Err(ErrorKind::InvalidBase64));
}

/// Processor time of this thread so far: other programs may keep the machine busy.
fn worked() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a time since the thread began")
}

/// How many microseconds reading takes, at best of some.
fn time<T: for<'a> Decode<'a>>(bytes: &[u8]) -> u128 {
    let once = || {
        let start = worked();
        _ = decode::<One<T>>(Codec::Json, bytes, &Limits::default());
        _ = scan(Codec::Json, bytes);
        worked().saturating_sub(start).as_micros()
    };
    (0..5).map(|_| once()).min().unwrap_or_default()
}

#[test]
fn j13_j14_time_is_linear() {
    let blanks = |n| message(Codec::Json, format!("{{{}}}", " \n".repeat(n)).as_bytes());
    let escapes = |n: usize| message(Codec::Json, format!(r#"{{"1":{{"str":"{}"}}}}"#, "\\u0041".repeat(n)).as_bytes());
    let strings = |n: usize| {
        let mut body = format!(r#"{{"1":{{"lst":["str",{n}"#);
        (0..n).for_each(|_| _ = write!(body, r#","x""#));
        message(Codec::Json, (body + "]}}").as_bytes())
    };
    let n = 100_000;
    let ratios = [
        (time::<i32>(&blanks(n)), time::<i32>(&blanks(4 * n))),
        (time::<String>(&escapes(n)), time::<String>(&escapes(4 * n))),
        (time::<Vec<String>>(&strings(n)), time::<Vec<String>>(&strings(4 * n))),
    ];
    for (once, four_times) in ratios {
        assert!(four_times <= 10 * once + 1000, "{once} µs and {four_times} µs for four times as much");
    }
}

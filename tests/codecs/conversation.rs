//! Calls in every codec over every transport to one and the same port.

use std::sync::Arc;
use std::time::Instant;

use farthing::generated::calculator::{Calculator, CalculatorService};
use farthing::rpc::{
    ApplicationException, Completer, Context, ExceptionKind, Limits, Next, Reason, Responder, Services, Stats, Strain,
};
use farthing::transport::Memo;
use farthing::wire::{self, Codec, Encode, ErrorKind, Input, MessageKind, Output, Typed, WireType};

use crate::add::Add;
use crate::buffer::Buffer;
use crate::nowhere::Nowhere;
use crate::one::{One, chain};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Over {
    Framed,
    Unframed,
    Http,
}

const TRANSPORTS: [Over; 3] = [Over::Framed, Over::Unframed, Over::Http];

struct Sum;

impl Calculator for Sum {
    fn add(&self, num1: i32, num2: i32) -> Result<i32, ApplicationException> {
        num1.checked_add(num2).ok_or_else(|| ApplicationException::internal("too much"))
    }
}

/// What a server sends to a peer that sends these parts one after the other, and how it ends.
fn converse(parts: &[&[u8]], limits: &Arc<Limits>) -> (Vec<u8>, Next) {
    let mut services = Services::new();
    services.add(Arc::new(CalculatorService::new(Sum)));
    let (now, stats) = (Instant::now(), Stats::default());
    let completer: Arc<dyn Completer> = Arc::new(Nowhere);
    let (mut memo, mut jobs) = (Memo::default(), Vec::new());
    let mut responder = Responder::new(now, limits);
    let (mut received, mut out) = (Buffer::new(false), Output::new());
    let mut next = Next::Again;
    for part in parts {
        received.bytes.extend_from_slice(part);
        next = Next::Again;
        while next == Next::Again || next == Next::Flush {
            let mut context = Context {
                services: &services,
                limits,
                now,
                connection: 1,
                completer: &completer,
                memo: &mut memo,
                strain: Strain::default(),
                jobs: &mut jobs,
                stats: &stats,
            };
            let before = received.bytes.len();
            next = responder.receive(&mut received, &mut out, &mut context);
            // A transport that has just scanned to nothing asks again once.
            if next == Next::Again && received.bytes.len() == before {
                break;
            }
        }
        if matches!(next, Next::Close(_) | Next::Finish(_)) {
            break;
        }
    }
    (out.to_vec(), next)
}

fn wrap(over: Over, message: &[u8]) -> Vec<u8> {
    match over {
        Over::Framed => [&(message.len() as u32).to_be_bytes()[..], message].concat(),
        Over::Unframed => message.into(),
        Over::Http => {
            let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", message.len());
            [head.as_bytes(), message].concat()
        }
    }
}

/// The messages in what was sent.
fn unwrap(over: Over, mut sent: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while !sent.is_empty() {
        let (start, length) = match over {
            Over::Framed => (4, u32::from_be_bytes(*sent.first_chunk().unwrap()) as usize),
            Over::Unframed => (0, sent.len()),
            Over::Http => {
                let end = sent.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
                let head = std::str::from_utf8(&sent[..end]).unwrap().to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
                (end, length.trim().parse().unwrap())
            }
        };
        messages.push(sent[start..start + length].to_vec());
        sent = &sent[start + length..];
    }
    messages
}

fn call(codec: Codec, body: &impl Encode) -> Vec<u8> {
    let mut out = Output::new();
    codec.write(&mut out, 64, ("add", MessageKind::CALL, -9), body);
    out.to_vec()
}

fn answer(codec: Codec, message: &[u8]) -> Result<i32, ApplicationException> {
    let limits = wire::Limits::default();
    assert_eq!(Codec::sniff(message), Some(codec));
    let mut input = Input::new(message, &limits);
    let head = codec.head(&mut input).unwrap();
    assert_eq!((&*head.name, head.seqid), ("add", -9));
    if head.kind == MessageKind::EXCEPTION {
        return Err(codec.body(&mut input).unwrap());
    }
    let result: Zero = codec.body(&mut input).unwrap();
    Ok(result.0)
}

/// A result struct.
struct Zero(i32);

impl Typed for Zero {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> wire::Decode<'a> for Zero {
    fn decode<R: wire::Reader<'a>>(reader: &mut R) -> Result<Self, wire::Error> {
        let mut result = Self(0);
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            assert_eq!((field.id, field.kind), (0, WireType::I32));
            result.0 = reader.i32()?;
        }
        Ok(result)
    }
}

#[test]
fn every_codec_is_answered_over_every_transport_however_it_drips_in() {
    let limits = Arc::new(Limits::default());
    for codec in Codec::ALL {
        for over in TRANSPORTS {
            let request = wrap(over, &call(codec, &Add(40, 2)));
            let (once, _) = converse(&[&request], &limits);
            assert_eq!(answer(codec, &unwrap(over, &once)[0]), Ok(42), "{codec:?} {over:?}");
            let twice = [&request[..], &request].concat();
            let (both, _) = converse(&[&twice], &limits);
            assert_eq!(both, [&once[..], &once].concat(), "{codec:?} {over:?}");
            let drops: Vec<&[u8]> = twice.chunks(1).collect();
            assert_eq!(converse(&drops, &limits).0, both, "{codec:?} {over:?} byte by byte");
            for cut in 1..twice.len() {
                let (front, back) = twice.split_at(cut);
                assert_eq!(converse(&[front, back], &limits).0, both, "{codec:?} {over:?} cut at {cut}");
            }
        }
    }
}

#[test]
fn json_that_a_person_types_is_answered() {
    let limits = Arc::new(Limits::default());
    let line = b"[1, \"add\", 1, -9, {\"1\": {\"i32\": 1}, \"2\": {\"i32\": 2}}]\r\n";
    let (sent, next) = converse(&[line, line], &limits);
    assert!(matches!(next, Next::Read { .. }));
    let reply = br#"[1,"add",2,-9,{"0":{"i32":3}}]"#;
    assert_eq!(sent, [&reply[..], reply].concat());
    let (sent, _) = converse(&[&wrap(Over::Http, line)], &limits);
    assert!(sent.ends_with(reply));
}

/// What is wrong in the body of a message that can be told from the next is answered, and survived; elsewhere it is answered,
/// and the end.
#[test]
fn a_body_over_any_limit_is_answered_over_every_transport() {
    let wire = wire::Limits { string_max: 8, container_max: 4, depth_max: 5, ..wire::Limits::default() };
    let mut limits = Limits::default();
    limits.transport.wire = wire;
    let limits = Arc::new(limits);
    for codec in Codec::ALL {
        let long_string = call(codec, &One(Some("a text of twenty-four...".to_owned())));
        let long_list = call(codec, &One(Some(vec![1; 5])));
        let deep = call(codec, &One(Some(vec![vec![vec![vec![vec![1]]]]])));
        for (body, kind) in
            [(long_string, ErrorKind::StringTooLong), (long_list, ErrorKind::ContainerTooLarge), (deep, ErrorKind::TooDeep)]
        {
            for over in TRANSPORTS {
                let bad = wrap(over, &body);
                let (sent, next) = converse(&[&bad], &limits);
                let exception = answer(codec, &unwrap(over, &sent)[0]).unwrap_err();
                assert_eq!(exception.kind, ExceptionKind::PROTOCOL_ERROR, "{codec:?} {over:?}");
                assert!(exception.message.starts_with(&kind.to_string()), "{codec:?} {over:?}: {}", exception.message);
                if over == Over::Unframed {
                    assert!(matches!(next, Next::Finish(Reason::Undelimited(_))), "{codec:?} {next:?}");
                } else {
                    let good = wrap(over, &call(codec, &Add(1, 2)));
                    let (sent, _) = converse(&[&bad, &good], &limits);
                    assert_eq!(answer(codec, &unwrap(over, &sent)[1]), Ok(3), "{codec:?} {over:?}");
                }
            }
        }
    }
}

#[test]
fn a_head_over_its_limit_is_the_end_over_every_transport() {
    let limits = Arc::new(Limits::default());
    for codec in Codec::ALL {
        let mut out = Output::new();
        codec.write(&mut out, 64, (&"n".repeat(513), MessageKind::CALL, 1), &Add(1, 2));
        for over in TRANSPORTS {
            let (sent, next) = converse(&[&wrap(over, &out.to_vec())], &limits);
            // HTTP has a way to say so without knowing whom to answer.
            assert!(if over == Over::Http { sent.starts_with(b"HTTP/1.1 400 ") } else { sent.is_empty() }, "{codec:?} {over:?}");
            let (Next::Close(reason) | Next::Finish(reason)) = next else { panic!("{codec:?} {over:?} {next:?}") };
            let is_named = matches!(reason, Reason::MessageHead(error) if error.kind == ErrorKind::MethodTooLong);
            assert!(is_named, "{codec:?} {over:?} {reason:?}");
        }
    }
}

#[test]
fn a_message_that_never_ends_is_cut_off_at_its_limit() {
    let mut limits = Limits::default();
    limits.transport.wire.message_max = 100;
    let limits = Arc::new(limits);
    for codec in Codec::ALL {
        let endless = call(codec, &One(Some("x".repeat(200))));
        for step in [1, 7, 90] {
            let parts: Vec<&[u8]> = endless.chunks(step).take(150_usize.div_ceil(step)).collect();
            let (sent, next) = converse(&parts, &limits);
            assert_eq!(answer(codec, &sent).unwrap_err().kind, ExceptionKind::PROTOCOL_ERROR, "{codec:?} by {step}");
            let is_named = matches!(next, Next::Finish(Reason::Undelimited(error)) if error.kind == ErrorKind::MessageTooLarge);
            assert!(is_named, "{codec:?} by {step}: {next:?}");
        }
    }
}

#[test]
fn versions_that_nobody_speaks_are_the_end() {
    let limits = Arc::new(Limits::default());
    let strangers =
        [&b"\x82\x22\x01\x03add\0"[..], b"\x82\x20\x01\x03add\0", b"[2,\"add\",1,1,{}]", b"[x", b"\x80\x02\0\x01\0\0\0\0"];
    for bytes in strangers {
        for over in [Over::Unframed, Over::Framed] {
            let (sent, next) = converse(&[&wrap(over, bytes)], &limits);
            assert!(sent.is_empty() && matches!(next, Next::Close(_)), "{over:?} {bytes:x?} {next:?}");
        }
    }
}

#[test]
fn a_chain_too_deep_is_answered_and_survived_in_frames() {
    let limits = Arc::new(Limits::default());
    for codec in Codec::ALL {
        let deep = wrap(Over::Framed, &chain(codec, 1000));
        let good = wrap(Over::Framed, &call(codec, &Add(1, 2)));
        let (sent, next) = converse(&[&deep, &good], &limits);
        assert!(matches!(next, Next::Read { .. }), "{next:?}");
        assert_eq!(answer(codec, &unwrap(Over::Framed, &sent)[1]), Ok(3));
    }
}

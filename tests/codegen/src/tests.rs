//! Values go out and come back as documented.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;

use farthing::wire::{
    BinaryReader, BinaryWriter, Bytes, Decode, Encode, ErrorKind, Input, Limits, Output, Reader, Text, Typed, Uuid, VecMap,
    VecSet, WireType, Writer,
};

use super::options;
use super::plain::{clashes, common, common2, containers, defaults, documented, keywords, prelude, recursion};

pub(crate) fn encoded<T: Encode>(value: &T) -> Vec<u8> {
    let mut output = Output::new();
    value.encode(&mut BinaryWriter::new(&mut output, 64));
    assert_eq!(output.error(), None);
    output.to_vec()
}

fn decoded<T: for<'a> Decode<'a>>(bytes: &[u8]) -> Result<T, ErrorKind> {
    let limits = Limits::default();
    let mut reader = BinaryReader::new(Input::new(bytes, &limits));
    let value = T::decode(&mut reader).map_err(|error| error.kind)?;
    assert_eq!(reader.into_input().remaining(), 0, "everything is read");
    Ok(value)
}

fn round_trip<T: Encode + for<'a> Decode<'a> + PartialEq + Debug>(value: &T) {
    assert_eq!(decoded::<T>(&encoded(value)).as_ref(), Ok(value));
}

/// A struct on the wire that is written field by field.
fn raw(fields: impl FnOnce(&mut BinaryWriter<'_>)) -> Vec<u8> {
    let mut output = Output::new();
    let mut writer = BinaryWriter::new(&mut output, 64);
    writer.struct_begin();
    fields(&mut writer);
    writer.struct_end();
    drop(writer);
    output.to_vec()
}

fn scalars() -> containers::Scalars {
    containers::Scalars {
        flag: true,
        tiny: -1,
        small: i16::MIN,
        mid: i32::MAX,
        big: i64::MIN,
        ratio: -0.5,
        text: "é".to_owned(),
        data: Bytes::from_static(b"\0\xff"),
        id: Uuid([7; 16]),
        colour: containers::Colour::GREEN,
        shared: Text::from("shared"),
        alias: Text::from("alias"),
        ..containers::Scalars::default()
    }
}

#[test]
fn every_scalar_survives() {
    round_trip(&scalars());
    round_trip(&containers::Scalars::default());
    round_trip(&keywords::Self_ { r#type: "t".to_owned(), r: 1, self_: 2, ..Default::default() });
    round_trip(&keywords::Locals {
        reader: 1,
        field: 2,
        kind: 3,
        writer: 4,
        value: 5,
        f: 6,
        id: "7".to_owned(),
        found: 12,
        ..Default::default()
    });
    round_trip(&clashes::Cases {
        get_url: "a".to_owned(),
        get_url2: "b".to_owned(),
        get_url3: "c".to_owned(),
        ..Default::default()
    });
}

#[test]
fn every_container_survives() {
    let key = containers::Key { a: 1, b: "b".to_owned(), c: vec![1, 2], d: None, ..Default::default() };
    let left = containers::Either::Left(1);
    round_trip(&containers::Lists {
        bools: vec![true, false],
        doubles: vec![0.5, f64::INFINITY],
        binaries: vec![Bytes::from_static(b"x")],
        structs: vec![scalars()],
        nested: vec![vec![], vec![vec![1], vec![]]],
        unions: vec![left.clone(), containers::Either::Neither(vec![containers::Either::Right(1.5)])],
        maps: vec![HashMap::from([("a".to_owned(), 1)])],
        ..Default::default()
    });
    round_trip(&containers::Sets {
        ints: HashSet::from([1, 2, 3]),
        doubles: VecSet(vec![0.5, -0.5]),
        structs: HashSet::from([key.clone()]),
        unions: VecSet(vec![left.clone()]),
        sets: VecSet(vec![HashSet::from([1])]),
        ..Default::default()
    });
    round_trip(&containers::Maps {
        strings: HashMap::from([("a".to_owned(), "b".to_owned())]),
        structs: HashMap::from([(key.clone(), key)]),
        unions: VecMap(vec![(left, 1)]),
        doubles: VecMap(vec![(0.5, "half".to_owned())]),
        maps: VecMap(vec![(HashMap::from([(1, 2)]), HashMap::new())]),
        ..Default::default()
    });
    round_trip(&containers::Optionals { ints: Some(vec![]), alias: Some(scalars()), ..Default::default() });
}

#[test]
fn options_choose_the_collections() {
    round_trip(&options::containers::Maps { ints: BTreeMap::from([(1, 0.5)]), ..Default::default() });
    let scalars = options::containers::Scalars { data: vec![1, 2], ..Default::default() };
    round_trip(&scalars);
    let bytes = options::prelude::Bytes { data: Bytes::from_static(b"a"), more: vec![2] };
    round_trip(&bytes);
    assert_eq!(encoded(&scalars), encoded(&containers::Scalars { data: vec![1, 2].into(), ..Default::default() }));
}

#[test]
fn recursive_types_survive() {
    let leaf = recursion::Tree { value: 1, ..Default::default() };
    round_trip(&recursion::Tree { left: Some(Box::new(leaf.clone())), children: vec![leaf.clone(), leaf], ..Default::default() });
    let chain = recursion::Chain { name: "end".to_owned(), next: None };
    round_trip(&recursion::Chain { name: "start".to_owned(), next: Some(Box::new(chain)) });
    let (one, two) = (recursion::Expression::Number(1), recursion::Expression::Number(2));
    let sum = recursion::Sum { left: Box::new(one.clone()), right: Box::new(two) };
    round_trip(&recursion::Expression::Sum(Box::new(sum)));
    let inner = recursion::Inner { outer: None, depth: 1 };
    round_trip(&recursion::Outer { inner: Box::new(inner) });
    round_trip(&recursion::Endless { again: Some(Box::default()), depth: 1 });
    round_trip(&recursion::Left { right: Some(Box::default()) });
    assert_eq!(decoded::<recursion::Outer>(&[0]), Err(ErrorKind::MissingField(1)));
    round_trip(&recursion::Expression::Named(HashMap::from([("x".to_owned(), recursion::Expression::All(vec![one]))])));
}

#[test]
fn unknown_numbers_of_enums_survive() {
    let unknown = containers::Colour(77);
    round_trip(&unknown);
    assert_eq!((unknown.name(), unknown.to_string()), (None, "77".to_owned()));
    assert_eq!(containers::Colour::GREEN.to_string(), "GREEN");
    assert_eq!(clashes::N::DUPLICATE, clashes::N::A);
    assert_eq!(clashes::N(1).name(), Some("A"));
    assert_eq!(containers::Nothing(3).name(), None);
}

#[test]
fn a_union_keeps_the_id_of_a_field_it_does_not_know() {
    let newer = raw(|writer| writer.field(99, "what?"));
    assert_eq!(decoded(&newer), Ok(containers::Either::Unknown(99)));
    assert_eq!(encoded(&containers::Either::Unknown(99)), [0]);
    assert_eq!(decoded(&[0]), Ok(containers::Either::Unknown(0)));
    assert_eq!(decoded(&newer), Ok(containers::Empty::Unknown(99)));
    assert_eq!(decoded(&raw(|writer| writer.field(1, "no number"))), Ok(containers::Either::Unknown(1)));
    assert_eq!(containers::Either::default(), containers::Either::Unknown(0));
    let list = vec![containers::Either::Left(1), containers::Either::Unknown(0)];
    round_trip(&list);
}

#[test]
fn the_first_known_field_of_a_union_holds() {
    let several = raw(|writer| {
        writer.field(99, &1);
        writer.field(2, &0.5);
        writer.field(1, &7);
    });
    assert_eq!(decoded(&several), Ok(containers::Either::Right(0.5)));
}

#[test]
fn a_missing_required_field_is_an_error() {
    assert_eq!(decoded::<containers::Required>(&[0]), Err(ErrorKind::MissingField(1)));
    let mut required = encoded(&containers::Required::default());
    round_trip(&containers::Required::default());
    required.truncate(required.len() - 5);
    required.push(0);
    assert_eq!(decoded::<containers::Required>(&required), Err(ErrorKind::MissingField(32767)));
    assert_eq!(decoded::<defaults::Demanding>(&raw(|writer| writer.field(2, "x"))), Err(ErrorKind::MissingField(1)));
}

#[test]
fn fields_of_another_type_and_unknown_ones_are_skipped() {
    let strange = raw(|writer| {
        writer.field(1, "not a bool");
        writer.field(1000, &vec![vec![1, 2], vec![]]);
        writer.field(4, &5);
        writer.field(7, &6);
    });
    assert_eq!(decoded(&strange), Ok(containers::Scalars { mid: 5, ..Default::default() }));
    let wrong = raw(|writer| writer.field(1, &1));
    assert_eq!(decoded::<containers::Required>(&wrong), Err(ErrorKind::MissingField(1)));
}

#[test]
fn absent_fields_have_their_defaults() {
    assert_eq!(decoded(&[0]), Ok(defaults::Everything::default()));
    assert_eq!(decoded(&[0]), Ok(defaults::Optional::default()));
    assert_eq!(decoded(&[0]), Ok(defaults::Failure::default()));
    let everything = defaults::Everything::default();
    assert_eq!((everything.mid, everything.big, everything.text.as_str()), (i32::MIN, 5_000_000_000, "te\"xt"));
    assert_eq!(everything.point, common2::Point { x: 1, y: 0 });
    assert_eq!(defaults::Optional::default().plain, None);
    assert_eq!(defaults::Optional::default().mid, Some(3));
    assert_eq!(defaults::Preset::default(), defaults::Preset::Number(4));
    assert_eq!(defaults::Demanding::default().number, 3);
    round_trip(&everything);
    round_trip(&defaults::Optional::default());
}

#[test]
fn constants_have_their_values() {
    assert_eq!(defaults::TINY, i8::MIN);
    assert_eq!(defaults::BIGGER, i64::MAX);
    assert_eq!(defaults::TEXT, "quotes \" ' and \\ and é and {braces}");
    assert_eq!(defaults::RAW, b"by\"tes");
    assert_eq!(defaults::ID.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
    assert_eq!(*defaults::NUMBERS, [1, 2, 3]);
    assert_eq!(defaults::PAIRS["two"], 2);
    assert_eq!(defaults::HALVES.0, [(0.5, "half".to_owned())]);
    assert_eq!(defaults::THING.point.x, 9);
    assert_eq!(*defaults::EITHER, containers::Either::Right(1.5));
    assert_eq!(*common2::ORIGIN, common2::Point::default());
    assert_eq!(defaults::NODES.next.as_ref().map(|node| node.value), Some(6));
    assert_eq!(prelude::TEE.r.w.w, 2);
    assert_eq!((clashes::A, clashes::A2, clashes::A3 { x: 3 }.x), (1, 2, 3));
}

#[test]
fn odd_names_are_types_like_any_other() {
    assert_eq!(prelude::Vec::TYPE, WireType::Struct);
    round_trip(&prelude::Vec { vec: vec!["a".to_owned()] });
    round_trip(&prelude::Option { option: Some("x".to_owned()), r#box: Some(Box::default()) });
    round_trip(&prelude::None { none: 4 });
    round_trip(&prelude::Copy::Copies(vec![prelude::Copy::Unknown(0)]));
    round_trip(&common::Nothing {});
    round_trip(&documented::Documented::default());
}

/// A handler of an inherited service, its adapter and its client.
mod services {
    use farthing::rpc::{ApplicationException, CallError, Caller, Deferred, Service, Success, Throws};
    use farthing::wire::{Binary, Encode};

    use crate::plain::common2::{Base, DeferredBase, DeferredBaseService, MoveError, Point, Shared};
    use crate::plain::inheritance::{Child, ChildClient, ChildService, Middle, Move2Error};

    struct Handler;

    impl Base for Handler {
        fn ping(&self) -> Result<(), ApplicationException> {
            Ok(())
        }
        fn r#move(&self, by: Point) -> Result<Point, MoveError> {
            if by.x == 0 { Err(Shared { why: "stays".to_owned() }.into()) } else { Ok(by) }
        }
        fn echo(&self, text: &str, _: Binary<'_>, _: Vec<Point>) -> Result<String, ApplicationException> {
            Ok(text.to_owned())
        }
        fn forget(&self, _: i64) {}
        fn get_value(&self) -> Result<i32, ApplicationException> {
            Ok(1)
        }
    }

    impl Middle for Handler {
        fn r#where(&self) -> Result<Point, ApplicationException> {
            Ok(Point::default())
        }
        fn get_value2(&self, what: i32) -> Result<i32, ApplicationException> {
            Ok(what)
        }
    }

    impl Child for Handler {
        fn ping(&self, _: i32) -> Result<(), ApplicationException> {
            Ok(())
        }
        fn move2(&self, by: Point) -> Result<Point, Move2Error> {
            Ok(by)
        }
    }

    #[test]
    fn an_adapter_answers_inherited_methods_and_aliases() {
        let service = ChildService::new(Handler);
        let names: Vec<_> = service.methods().iter().map(|method| method.name).collect();
        let expected = ["ping", "move2", "where", "get_value", "move", "echo", "repeat", "mirror", "forget", "getValue"];
        assert_eq!((service.name(), names.as_slice()), ("Child", &expected[..]));
        assert!(service.methods().iter().any(|method| method.name == "forget" && method.oneway));
    }

    impl DeferredBase for Handler {
        fn ping(&self, reply: Deferred<()>) {
            reply.complete(Ok(()));
        }
        fn r#move(&self, by: Point, reply: Deferred<Point, MoveError>) {
            reply.complete(Base::r#move(self, by));
        }
        fn echo(&self, text: &str, _: Binary<'_>, _: Vec<Point>, reply: Deferred<String>) {
            let text = text.to_owned();
            std::thread::spawn(move || reply.complete(Ok(text)));
        }
        fn forget(&self, _: i64) {}
        fn get_value(&self, reply: Deferred<i32>) {
            reply.complete(Ok(1));
        }
    }

    #[test]
    fn both_forms_of_a_handler_answer_the_same_methods() {
        let (deferred, service) = (DeferredBaseService::new(Handler), crate::plain::common2::BaseService::new(Handler));
        assert_eq!(deferred.name(), service.name());
        assert_eq!(deferred.methods(), service.methods());
    }

    /// Remembers the names of the calls it fails.
    struct Recorder(Vec<(&'static str, usize)>);

    impl Caller for &mut Recorder {
        fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>> {
            self.0.push((method, super::encoded(arguments).len()));
            Err(CallError::Exception(ApplicationException::internal("no server").into()))
        }
        fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>> {
            self.0.push((method, super::encoded(arguments).len()));
            Ok(())
        }
    }

    #[test]
    fn a_client_has_inherited_methods_and_lends_its_arguments() {
        let mut calls = Recorder(Vec::new());
        let mut client = ChildClient::new(&mut calls);
        assert!(client.ping(3).is_err());
        let failed = client.r#move(&Point { x: 1, y: 2 });
        assert!(matches!(failed, Err(CallError::Exception(MoveError::Application(_)))));
        assert!(client.echo("text", b"data", &[Point::default()]).is_err());
        assert!(client.forget(7).is_ok());
        assert!(client.get_value().is_err() && client.get_value2(1).is_err());
        let expected = [("ping", 8), ("move", 19), ("echo", 46), ("forget", 12), ("getValue", 1), ("get_value", 8)];
        assert_eq!(calls.0, expected);
    }
}

//! The lent form of a struct reads what the owned one reads, writes the same, and turns into it and back.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;

use farthing::rpc::ApplicationException;
use farthing::wire::{BinaryReader, Bytes, Decode, Input, Limits, Reader, VecMap};

use super::lent::{containers, defaults, recursion};
use super::tests::encoded;

fn decoded<'a, T: Decode<'a>>(bytes: &'a [u8], limits: &'a Limits) -> T {
    T::decode(&mut BinaryReader::new(Input::new(bytes, limits))).unwrap()
}

/// From owned to bytes, lent, bytes and owned again; and from owned to lent without bytes.
macro_rules! there_and_back {
    ($owned:expr, $lent:ty) => {{
        let (owned, limits) = ($owned, Limits::default());
        let bytes = encoded(&owned);
        let lent: $lent = decoded(&bytes, &limits);
        same(&lent, &decoded::<$lent>(&encoded(&lent), &limits));
        same(&lent.clone().into_owned(), &owned);
        same(&<$lent>::from(owned.clone()).into_owned(), &owned);
    }};
}

fn same<T: PartialEq + Debug>(one: &T, other: &T) {
    assert_eq!(one, other);
}

fn scalars() -> containers::Scalars {
    containers::Scalars { text: "é".to_owned(), data: Bytes::from_static(b"\0\xff"), tiny: -1, ..Default::default() }
}

#[test]
fn every_shape_survives() {
    there_and_back!(scalars(), containers::ScalarsRef<'_>);
    let key = containers::Key { b: "b".to_owned(), c: vec![1, 2], f: Bytes::from_static(b"f"), ..Default::default() };
    let either = containers::Either::Neither(vec![containers::Either::Both(scalars()), containers::Either::Unknown(0)]);
    let lists = containers::Lists {
        strings: vec!["a".to_owned(), String::new()],
        binaries: vec![Bytes::from_static(b"x")],
        structs: vec![scalars()],
        nested: vec![vec![], vec![vec![1], vec![]]],
        unions: vec![either.clone()],
        sets: vec![HashSet::from([1])],
        maps: vec![HashMap::from([("a".to_owned(), 1)])],
        moods: vec!["good".to_owned()],
        ..Default::default()
    };
    let sets = containers::Sets {
        strings: HashSet::from(["a".to_owned()]),
        binaries: HashSet::from([Bytes::from_static(b"x")]),
        structs: HashSet::from([key.clone()]),
        ..Default::default()
    };
    let maps = containers::Maps {
        ints: HashMap::from([(1, 0.5)]),
        strings: HashMap::from([("a".to_owned(), "b".to_owned())]),
        binaries: HashMap::from([(Bytes::from_static(b"x"), Bytes::new())]),
        structs: HashMap::from([(key.clone(), key)]),
        unions: VecMap(vec![(either, 1)]),
        lists: HashMap::from([(vec![1], HashSet::from(["a".to_owned()]))]),
        ..Default::default()
    };
    there_and_back!(lists.clone(), containers::ListsRef<'_>);
    there_and_back!(sets.clone(), containers::SetsRef<'_>);
    there_and_back!(maps.clone(), containers::MapsRef<'_>);
    let optionals = containers::Optionals {
        lists: Some(lists),
        sets: Some(sets),
        maps: Some(maps),
        map: Some(HashMap::from([("a".to_owned(), 1)])),
        alias: Some(scalars()),
        ..Default::default()
    };
    there_and_back!(optionals, containers::OptionalsRef<'_>);
    let end = recursion::Chain { name: "end".to_owned(), next: None };
    there_and_back!(recursion::Chain { name: "start".to_owned(), next: Some(Box::new(end)) }, recursion::ChainRef<'_>);
    let one = recursion::Expression::Number(1);
    let sum = recursion::Sum { left: Box::new(one.clone()), right: Box::new(recursion::Expression::All(vec![one.clone()])) };
    there_and_back!(recursion::Expression::Sum(Box::new(sum)), recursion::ExpressionRef<'_>);
    there_and_back!(recursion::Expression::Named(HashMap::from([("x".to_owned(), one)])), recursion::ExpressionRef<'_>);
}

#[test]
fn defaults_are_the_same_in_both_forms() {
    assert_eq!(defaults::EverythingRef::default().into_owned(), defaults::Everything::default());
    assert_eq!(defaults::OptionalRef::default().into_owned(), defaults::Optional::default());
    let limits = Limits::default();
    let absent: defaults::EverythingRef<'_> = decoded(&[0], &limits);
    assert_eq!(absent.into_owned(), defaults::Everything::default());
    assert_eq!(defaults::PresetRef::default().into_owned(), defaults::Preset::default());
}

#[test]
fn text_and_bytes_stay_where_they_are() {
    let limits = Limits::default();
    let bytes = encoded(&scalars());
    let lent: containers::ScalarsRef<'_> = decoded(&bytes, &limits);
    assert!(matches!(lent.text, Cow::Borrowed(_)));
    assert!(bytes.as_ptr_range().contains(&lent.text.as_ptr()));
    assert!(bytes.as_ptr_range().contains(&lent.data.as_ptr()));
}

struct Grower;

/// A result that is lent may come from the arguments; one that borrows nothing has no other form.
impl recursion::Forest for Grower {
    fn grow(&self, seed: recursion::Tree, by: recursion::ExpressionRef<'_>) -> Result<recursion::Tree, recursion::GrowError> {
        match by {
            recursion::ExpressionRef::Number(number) => Ok(recursion::Tree { value: number as i32, ..seed }),
            _ => Err(ApplicationException::internal("only numbers").into()),
        }
    }
}

#[test]
fn handlers_get_the_lent_form() {
    use recursion::Forest;
    let tree = Grower.grow(recursion::Tree::default(), recursion::ExpressionRef::Number(7)).unwrap();
    assert_eq!(tree.value, 7);
    assert!(Grower.grow(tree, recursion::ExpressionRef::default()).is_err());
}

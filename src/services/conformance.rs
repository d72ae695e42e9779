//! `ThriftTest` and `SecondService`: what Apache's cross-test clients call, in every language that has one. They answer to the
//! letter what Apache's own test servers do.

use std::collections::{BTreeMap, BTreeSet};

use crate::generated::conformance::{
    Insanity, Numberz, SecondService, TestExceptionError, TestMultiExceptionError, ThriftTest, UserId, Xception, Xception2,
    Xtruct, Xtruct2,
};
use crate::rpc::ApplicationException;
use crate::wire::{Binary, Bytes, Uuid};

/// Answers the cross-test.
#[derive(Clone, Copy, Debug, Default)]
pub struct CrossTest;

/// What no method of the cross-test answers but for its own reasons.
type Echo<T> = Result<T, ApplicationException>;

impl ThriftTest for CrossTest {
    fn test_void(&self) -> Echo<()> {
        Ok(())
    }

    fn test_string(&self, thing: &str) -> Echo<String> {
        Ok(thing.to_owned())
    }

    fn test_bool(&self, thing: bool) -> Echo<bool> {
        Ok(thing)
    }

    fn test_byte(&self, thing: i8) -> Echo<i8> {
        Ok(thing)
    }

    fn test_i32(&self, thing: i32) -> Echo<i32> {
        Ok(thing)
    }

    fn test_i64(&self, thing: i64) -> Echo<i64> {
        Ok(thing)
    }

    fn test_double(&self, thing: f64) -> Echo<f64> {
        Ok(thing)
    }

    fn test_binary(&self, thing: Binary<'_>) -> Echo<Bytes> {
        Ok(thing.into_bytes())
    }

    fn test_uuid(&self, thing: Uuid) -> Echo<Uuid> {
        Ok(thing)
    }

    fn test_struct(&self, thing: Xtruct) -> Echo<Xtruct> {
        Ok(thing)
    }

    fn test_nest(&self, thing: Xtruct2) -> Echo<Xtruct2> {
        Ok(thing)
    }

    fn test_map(&self, thing: BTreeMap<i32, i32>) -> Echo<BTreeMap<i32, i32>> {
        Ok(thing)
    }

    fn test_string_map(&self, thing: BTreeMap<String, String>) -> Echo<BTreeMap<String, String>> {
        Ok(thing)
    }

    fn test_set(&self, thing: BTreeSet<i32>) -> Echo<BTreeSet<i32>> {
        Ok(thing)
    }

    fn test_list(&self, thing: Vec<i32>) -> Echo<Vec<i32>> {
        Ok(thing)
    }

    fn test_enum(&self, thing: Numberz) -> Echo<Numberz> {
        Ok(thing)
    }

    fn test_typedef(&self, thing: UserId) -> Echo<UserId> {
        Ok(thing)
    }

    fn test_map_map(&self, _: i32) -> Echo<BTreeMap<i32, BTreeMap<i32, i32>>> {
        let to_itself = |number| (number, number);
        Ok([(-4, (-4..0).map(to_itself).collect()), (4, (1..5).map(to_itself).collect())].into())
    }

    fn test_insanity(&self, argument: Insanity) -> Echo<BTreeMap<UserId, BTreeMap<Numberz, Insanity>>> {
        let first = [(Numberz::TWO, argument.clone()), (Numberz::THREE, argument)].into();
        let second = [(Numberz::SIX, Insanity::default())].into();
        Ok([(1, first), (2, second)].into())
    }

    fn test_multi(&self, arg0: i8, arg1: i32, arg2: i64, _: BTreeMap<i16, String>, _: Numberz, _: UserId) -> Echo<Xtruct> {
        Ok(Xtruct { string_thing: "Hello2".into(), byte_thing: arg0, i32_thing: arg1, i64_thing: arg2 })
    }

    fn test_exception(&self, arg: &str) -> Result<(), TestExceptionError> {
        match arg {
            "Xception" => Err(Xception { error_code: 1001, message: arg.into() }.into()),
            "TException" => Err(ApplicationException::internal("the test asked for an undeclared exception").into()),
            _ => Ok(()),
        }
    }

    fn test_multi_exception(&self, arg0: &str, arg1: &str) -> Result<Xtruct, TestMultiExceptionError> {
        let text = |text: &str| Xtruct { string_thing: text.into(), ..Xtruct::default() };
        match arg0 {
            "Xception" => Err(Xception { error_code: 1001, message: "This is an Xception".into() }.into()),
            "Xception2" => Err(Xception2 { error_code: 2002, struct_thing: text("This is an Xception2") }.into()),
            _ => Ok(text(arg1)),
        }
    }

    /// Returns at once, as Apache's C++ server does: to sleep here would hold up the other connections of the shard.
    fn test_oneway(&self, _: i32) {}
}

impl SecondService for CrossTest {
    fn secondtest_string(&self, thing: &str) -> Echo<String> {
        Ok(format!("testString(\"{thing}\")"))
    }
}

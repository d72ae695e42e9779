//! Which calls a load is made of, and how often each. The built-in ones call the service of `idl/bench.thrift`.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;

use super::arguments::{Arguments, Want, payload};
use super::rng::Rng;
use super::zipf::Zipf;

/// Bytes of values that are made in advance, at most.
const VALUES_MAX: usize = 64 << 20;
/// Different calls of `add`; more would only wear out the cache of the processor.
const ADDS: usize = 256;
const ECHOES: usize = 8;
/// Where the random numbers of workloads begin: the same run makes the same calls.
const SEED: u64 = 0x0fa7_1146;

/// One of the built-in workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `i32 add(i32, i32)`.
    Add,
    /// `binary get(string)`, of keys that were put before.
    Get,
    /// `void put(string, binary)`.
    Put,
    /// `Payload echo(Payload)`.
    Echo,
}

/// The text names no workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are add, get, put (or set) and echo")]
pub struct UnknownWorkload;

impl FromStr for Builtin {
    type Err = UnknownWorkload;

    fn from_str(name: &str) -> Result<Self, UnknownWorkload> {
        match name {
            "add" => Ok(Self::Add),
            "get" => Ok(Self::Get),
            "put" | "set" => Ok(Self::Put),
            "echo" => Ok(Self::Echo),
            _ => Err(UnknownWorkload),
        }
    }
}

impl Builtin {
    fn method(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Get => "get",
            Self::Put => "put",
            Self::Echo => "echo",
        }
    }
}

/// How the next key, or the next of several prepared calls, is chosen.
#[derive(Clone, Debug, Default)]
pub enum Pick {
    /// One after the other.
    #[default]
    Sequence,
    /// Each as often as any other.
    Uniform,
    /// The first ones most often.
    Zipf(Zipf),
}

/// What the built-in workloads are made of.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Bytes of a value of `get` and `put`, and about as many of a payload of `echo`.
    pub value: usize,
    /// Different keys of `get` and `put`.
    pub keys: usize,
    /// How keys are chosen.
    pub pick: Pick,
}

/// One kind of call in a load.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its name in the report.
    pub label: String,
    /// The method's name on the wire, without a service.
    pub method: Cow<'static, str>,
    /// Whether it is not answered.
    pub oneway: bool,
    /// How often, in proportion to the others.
    pub weight: u32,
    /// What it sends.
    pub variants: Variants,
}

/// Where the arguments of a call come from.
#[derive(Clone, Debug)]
pub enum Variants {
    /// From a number of them that are made in advance.
    Prepared(Arc<[(Arguments, Want)]>, Pick),
    /// Made anew for every call.
    Made(Arc<dyn Make>, Want),
}

/// Makes the arguments of one call after the other.
pub trait Make: Send + Sync + std::fmt::Debug {
    /// The next ones, by the random numbers of the thread.
    ///
    /// # Errors
    /// Where what was made is nothing that the method takes.
    fn make(&self, rng: &mut Rng) -> Result<Arguments, String>;

    /// Some that use up nothing.
    ///
    /// # Errors
    /// As those of [`make`](Self::make).
    fn sample(&self) -> Result<Arguments, String>;
}

impl Call {
    /// A call of a built-in workload.
    pub fn builtin(kind: Builtin, weight: u32, sizes: &Sizes) -> Self {
        let mut rng = Rng::new(SEED);
        let (variants, pick) = match kind {
            Builtin::Add => (adds(&mut rng), Pick::Sequence),
            Builtin::Echo => (echoes(&mut rng, sizes.value), Pick::Sequence),
            Builtin::Put => (puts(sizes), sizes.pick.clone()),
            Builtin::Get => (gets(sizes), sizes.pick.clone()),
        };
        let method = kind.method();
        let variants = Variants::Prepared(variants.into(), pick);
        Self { label: method.into(), method: method.into(), oneway: false, weight, variants }
    }

    /// The calls that a `get` of such sizes needs to have been made before: every key once.
    pub fn preparation(sizes: &Sizes) -> Self {
        Self::builtin(Builtin::Put, 1, &Sizes { pick: Pick::Sequence, ..sizes.clone() })
    }
}

impl Sizes {
    /// Keys of which all values together can be kept at hand.
    pub fn keys_max(&self) -> usize {
        (VALUES_MAX / self.value.max(1)).clamp(1, 1_000_000)
    }

    /// Keys with their values, the same for `put` and `get`.
    fn pairs(&self) -> impl Iterator<Item = (String, Bytes)> {
        let mut rng = Rng::new(SEED + 1);
        let size = self.value;
        (0..self.keys).map(move |n| (format!("key{n:013}"), Bytes::from(rng.bytes(size))))
    }
}

fn adds(rng: &mut Rng) -> Vec<(Arguments, Want)> {
    let pair = |_| {
        let (num1, num2) = (rng.number() as i32, rng.number() as i32);
        (Arguments::Add(num1, num2), Want::Number(num1.wrapping_add(num2)))
    };
    (0..ADDS).map(pair).collect()
}

fn echoes(rng: &mut Rng, size: usize) -> Vec<(Arguments, Want)> {
    let pair = |_| {
        let payload = Box::new(payload(rng, size));
        (Arguments::Echo(payload.clone()), Want::Payload(payload))
    };
    (0..ECHOES).map(pair).collect()
}

fn puts(sizes: &Sizes) -> Vec<(Arguments, Want)> {
    sizes.pairs().map(|(key, value)| (Arguments::Put(key, value), Want::Void)).collect()
}

fn gets(sizes: &Sizes) -> Vec<(Arguments, Want)> {
    sizes.pairs().map(|(key, value)| (Arguments::Get(key), Want::Binary(value))).collect()
}

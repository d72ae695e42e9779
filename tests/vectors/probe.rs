//! A service that is built to be attacked: one method per thing that a handler or its arguments can do wrong. Written by hand
//! against the public traits, as a user without the code generator would.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use farthing::rpc::{Deferred, Fault, Method, Reply, Request, Service, Services};
use farthing::wire::{Decode, Encode, Error, ErrorKind, Reader, Typed, Uuid, WireType, Writer};

/// What happened to a [`Probe`], for the test that owns it.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// Handlers that were entered.
    pub(crate) entered: AtomicUsize,
    /// Oneway handlers that were entered.
    pub(crate) noted: AtomicUsize,
    /// Promises of `later`, in the order of their calls.
    pub(crate) promises: Mutex<Vec<Deferred<i32>>>,
    /// Some handlers panic with this in hand.
    lock: Mutex<()>,
    /// Held shut, `block` does not return.
    gate: Mutex<bool>,
    opened: Condvar,
}

impl Calls {
    pub(crate) fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }

    pub(crate) fn noted(&self) -> usize {
        self.noted.load(Ordering::SeqCst)
    }

    /// Lets every `block` go on.
    pub(crate) fn open_gate(&self) {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    fn wait_at_gate(&self) {
        let shut = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        // No test waits longer; a worker must not outlive its test by much.
        drop(self.opened.wait_timeout_while(shut, Duration::from_secs(20), |open| !*open));
    }
}

/// The service.
#[derive(Debug, Default)]
pub(crate) struct Probe(Arc<Calls>);

/// Keeps the panics that are part of the tests from filling their output.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let meant = info.payload().downcast_ref::<&str>().is_some_and(|text| text.starts_with(MEANT))
                || info.payload().is::<Grenade>();
            if !meant {
                usual(info);
            }
        }));
    });
}

/// What the panics of the probe begin with.
const MEANT: &str = "meant: ";

/// A probe alone on its listener; `job` and `block` run on the worker pool.
pub(crate) fn services(calls: &Arc<Calls>) -> Services {
    let mut services = Services::new();
    services.add(Arc::new(Probe::new(calls)));
    for method in Probe::OFFLOADED {
        services.offload(method).expect("a method of the probe");
    }
    services
}

impl Probe {
    /// A probe that reports to `calls`.
    pub(crate) fn new(calls: &Arc<Calls>) -> Self {
        hush();
        Self(Arc::clone(calls))
    }

    pub(crate) const OFFLOADED: [&str; 5] = ["job", "job_panic", "job_grenade", "job_later", "block"];
}

const METHODS: &[Method] = &{
    const fn two_way(name: &'static str) -> Method {
        Method { name, oneway: false }
    }
    [
        two_way("m"),
        two_way("echo"),
        two_way("text"),
        two_way("bool"),
        two_way("double"),
        two_way("uuid"),
        two_way("ints"),
        two_way("structs"),
        two_way("nest"),
        two_way("need"),
        two_way("deep"),
        two_way("huge"),
        two_way("mute"),
        two_way("panic"),
        two_way("panic_late"),
        two_way("panic_after"),
        two_way("panic_locked"),
        two_way("grenade"),
        two_way("twice"),
        two_way("later"),
        two_way("later_panic"),
        two_way("later_twice"),
        two_way("job"),
        two_way("job_panic"),
        two_way("job_grenade"),
        two_way("job_later"),
        two_way("block"),
        Method { name: "note", oneway: true },
    ]
};

impl Service for Probe {
    fn name(&self) -> &'static str {
        "Probe"
    }

    fn methods(&self) -> &'static [Method] {
        METHODS
    }

    fn call(&self, request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
        match request.method() {
            "m" => self.enter(request.arguments::<Nothing>()?, |Nothing| reply.void()),
            "echo" => self.enter(request.arguments()?, |One(value): One<Bytes>| reply.field(0, &value)),
            "text" => self.enter(request.arguments()?, |One(value): One<String>| reply.field(0, &value)),
            "bool" => self.enter(request.arguments()?, |One(value): One<bool>| reply.field(0, &value)),
            "double" => self.enter(request.arguments()?, |One(value): One<f64>| reply.field(0, &value)),
            "uuid" => self.enter(request.arguments()?, |One(value): One<Uuid>| reply.field(0, &value)),
            "ints" => self.enter(request.arguments()?, |One(list): One<Vec<i32>>| reply.field(0, &(list.len() as i32))),
            "structs" => self.enter(request.arguments()?, |One(list): One<Vec<Wide>>| reply.field(0, &(list.len() as i32))),
            "nest" => self.enter(request.arguments()?, |One(nest): One<Nest>| reply.field(0, &nest)),
            "need" => self.enter(request.arguments()?, |Needed(value)| reply.field(0, &value)),
            "deep" => self.enter(request.arguments()?, |One(depth): One<i32>| reply.field(0, &Nest::new(depth.min(1000)))),
            "huge" => {
                self.enter(request.arguments()?, |One(size): One<i32>| {
                    // As much as any test asks for, whatever a mutated request does.
                    reply.field(0, &Bytes::from(vec![7; size.clamp(0, 17_000_000) as usize]));
                });
            }
            "mute" => self.enter(request.arguments::<Nothing>()?, |Nothing| {}),
            "panic" | "job_panic" => {
                self.enter(request.arguments::<Nothing>()?, |Nothing| panic!("meant: secret of the handler"));
            }
            "panic_late" => self.enter(request.arguments::<Nothing>()?, |Nothing| reply.field(0, &PanicsInTheMiddle)),
            "panic_after" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                let _last = PanicsAtTheEnd;
                reply.field(0, &1);
            }),
            "panic_locked" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                let _locked = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
                panic!("meant: with a lock in hand");
            }),
            "grenade" | "job_grenade" => {
                self.enter(request.arguments::<Nothing>()?, |Nothing| std::panic::panic_any(Grenade(2)));
            }
            "twice" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                reply.field(0, &1);
                reply.field(0, &2);
                reply.void();
            }),
            "later" | "job_later" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                let promise = reply.defer();
                self.0.promises.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
            }),
            "later_panic" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                let _promise: Deferred<i32> = reply.defer();
                panic!("meant: after the promise");
            }),
            "later_twice" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                let promise = reply.defer();
                self.0.promises.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
                reply.void();
            }),
            "job" => self.enter(request.arguments()?, |One(value): One<i32>| reply.field(0, &value)),
            "block" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                self.0.wait_at_gate();
                reply.void();
            }),
            "note" => self.enter(request.arguments::<Nothing>()?, |Nothing| {
                self.0.noted.fetch_add(1, Ordering::SeqCst);
                reply.oneway();
            }),
            _ => return Err(Fault::UnknownMethod),
        }
        Ok(())
    }
}

impl Probe {
    fn enter<T>(&self, arguments: T, handler: impl FnOnce(T)) {
        self.0.entered.fetch_add(1, Ordering::SeqCst);
        handler(arguments);
    }
}

/// Arguments without any; all fields are skipped.
struct Nothing;

impl Typed for Nothing {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> Decode<'a> for Nothing {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.skip(WireType::Struct)?;
        Ok(Self)
    }
}

/// Arguments with one value as field 1.
struct One<T>(T);

impl<T> Typed for One<T> {
    const TYPE: WireType = WireType::Struct;
}

impl<'a, T: Decode<'a> + Default> Decode<'a> for One<T> {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut value = T::default();
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            if field.id == 1 && field.kind == T::TYPE {
                value = T::decode(reader)?;
            } else {
                reader.skip(field.kind)?;
            }
        }
        Ok(Self(value))
    }
}

/// Arguments whose field 1 is required.
struct Needed(i32);

impl Typed for Needed {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> Decode<'a> for Needed {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut value = None;
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::I32) => value = Some(reader.i32()?),
                (_, kind) => reader.skip(kind)?,
            }
        }
        value.map(Self).ok_or_else(|| reader.error(ErrorKind::MissingField(1)))
    }
}

/// A struct that takes one byte on the wire and 256 in memory.
struct Wide(#[allow(dead_code)] [u64; 32]); // only its size matters

impl Typed for Wide {
    const TYPE: WireType = WireType::Struct;
}

impl<'a> Decode<'a> for Wide {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        reader.skip(WireType::Struct)?;
        Ok(Self([0; 32]))
    }
}

/// A struct inside a struct inside a struct.
#[derive(Default)]
struct Nest(Option<Box<Nest>>);

impl Nest {
    /// One that makes the result struct around it `depth` deep.
    fn new(depth: i32) -> Self {
        (2..depth).fold(Self(None), |inner, _| Self(Some(Box::new(inner))))
    }
}

impl Typed for Nest {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for Nest {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        if let Some(inner) = &self.0 {
            writer.field(1, &**inner);
        }
        writer.struct_end();
    }
}

impl<'a> Decode<'a> for Nest {
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let mut inner = None;
        reader.struct_begin()?;
        while let Some(field) = reader.field()? {
            match (field.id, field.kind) {
                (1, WireType::Struct) => inner = Some(Decode::decode(reader)?),
                (_, kind) => reader.skip(kind)?,
            }
        }
        Ok(Self(inner))
    }
}

/// A value that cannot be written to its end.
struct PanicsInTheMiddle;

impl Typed for PanicsInTheMiddle {
    const TYPE: WireType = WireType::Struct;
}

impl Encode for PanicsInTheMiddle {
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field(1, &Bytes::from(vec![1; 100_000]));
        panic!("meant: in the middle of an answer");
    }
}

/// Panics when it goes, behind the answer.
struct PanicsAtTheEnd;

impl Drop for PanicsAtTheEnd {
    fn drop(&mut self) {
        panic!("meant: behind the answer");
    }
}

/// What a panic carries, and panics in turn when it is thrown away; so many times.
struct Grenade(u8);

impl Drop for Grenade {
    fn drop(&mut self) {
        if let Some(left) = self.0.checked_sub(1) {
            std::panic::panic_any(Grenade(left));
        }
    }
}

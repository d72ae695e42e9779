//! A small call answered on the thread that received it allocates nothing once the connection has warmed up.

#![allow(unsafe_code)] // only a global allocator can count, and its trait is unsafe; it hands all on to the system's

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use farthing::generated::calculator::CalculatorService;
use farthing::rpc::{Completer, Context, Limits, Next, Responder, Services, Stats, Strain};
use farthing::services::calculator::Arithmetic;
use farthing::transport::Memo;
use farthing::wire::Output;

#[path = "in_memory/arrived.rs"]
mod arrived;
#[path = "in_memory/nowhere.rs"]
mod nowhere;

use self::arrived::Arrived;
use self::nowhere::Nowhere;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations of a thousand calls after a hundred to warm up.
fn allocations(request: &[u8]) -> usize {
    let mut services = Services::new();
    services.add(Arc::new(CalculatorService::new(Arithmetic)));
    let (limits, stats) = (Arc::new(Limits::default()), Stats::default());
    let completer: Arc<dyn Completer> = Arc::new(Nowhere);
    let (mut memo, mut jobs, mut out) = (Memo::new(), Vec::new(), Output::new());
    let now = Instant::now();
    let mut responder = Responder::new(now, &limits);
    let (mut before, mut answered) = (0, 0);
    for round in 0..1100 {
        if round == 100 {
            before = COUNT.with(Cell::get);
        }
        let mut context = Context {
            services: &services,
            limits: &limits,
            now,
            connection: 1,
            completer: &completer,
            memo: &mut memo,
            strain: Strain::default(),
            jobs: &mut jobs,
            stats: &stats,
        };
        let next = responder.receive(&mut Arrived(request), &mut out, &mut context);
        assert!(matches!(next, Next::Read { .. }), "{next:?}");
        answered += usize::from(!out.is_empty());
        out.clear();
    }
    let count = COUNT.with(Cell::get) - before;
    assert_eq!(answered, 1100);
    count
}

fn call() -> Vec<u8> {
    b"\x80\x01\0\x01\0\0\0\x03add\0\0\0\x01\x08\0\x01\0\0\0\x02\x08\0\x02\0\0\0\x03\0".to_vec()
}

fn framed() -> Vec<u8> {
    [&(call().len() as u32).to_be_bytes()[..], &call()].concat()
}

fn http(lines: &str) -> Vec<u8> {
    let head = format!("POST / HTTP/1.1\r\nHost: localhost:9090\r\n{lines}Content-Length: {}\r\n\r\n", call().len());
    [head.into_bytes(), call()].concat()
}

#[test]
fn a_small_call_allocates_nothing() {
    let python = "Accept-Encoding: identity\r\nContent-Type: application/x-thrift\r\nUser-Agent: Python/THttpClient (x.py)\r\n";
    for (name, request) in [("framed", framed()), ("unframed", call()), ("http", http("")), ("http of Python", http(python))] {
        assert_eq!(allocations(&request), 0, "{name}");
    }
}

#[test]
fn small_calls_in_one_read_allocate_nothing() {
    for (name, request) in [("framed", framed()), ("unframed", call()), ("http", http(""))] {
        assert_eq!(allocations(&request.repeat(10)), 0, "{name}");
    }
}

#[test]
fn the_counter_counts() {
    let before = COUNT.with(Cell::get);
    drop(std::hint::black_box(vec![1_u8; 100]));
    assert!(COUNT.with(Cell::get) > before);
}

//! Encoding and decoding, in time: the shapes of `shapes`, in the binary and in the compact protocol, beside pilota, Apache's crate
//! and `memcpy` of the same bytes in one process. Ratios hold from machine to machine; times do not.
//!
//! `cargo bench --bench codec` leaves it to criterion. `cargo bench --bench codec -- --table` takes turns instead, a few
//! milliseconds each, and shows medians of ratios within one turn: on a busy machine those say more.

mod contenders;
mod others;
mod shapes;
mod turns;

use std::env;
use std::time::Instant;

use criterion::{Criterion, Throughput};

use self::contenders::shape::Shape;
use self::contenders::{CODECS, Contender, decoders, encoded, encoders};
use self::turns::Table;

/// Takes what is compared: its name, how many bytes are written or read, and who does it.
type Visit<'v> = dyn FnMut(&str, u64, Vec<Contender<'_>>) + 'v;

fn shape<T: Shape>(name: &str, value: &T, visit: &mut Visit<'_>) {
    for codec in CODECS {
        let bytes = encoded(codec, value);
        let len = bytes.len() as u64;
        visit(&format!("encode/{name}/{}", codec.name()), len, encoders(codec, value, &bytes));
        visit(&format!("decode/{name}/{}", codec.name()), len, decoders::<T>(codec, &bytes));
    }
}

fn each(visit: &mut Visit<'_>) {
    shape("payload", &shapes::payload(), visit);
    shape("longs", &shapes::longs(), visit);
    shape("structs", &shapes::structs(), visit);
    shape("dict", &shapes::dict(), visit);
    shape("blob", &shapes::blob(), visit);
    shape("call", &shapes::Add(40, 2), visit);
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--table") {
        let wanted: Vec<String> = arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect();
        let mut table = Table::new();
        each(&mut |name, _, contenders| {
            if wanted.is_empty() || wanted.iter().any(|part| name.contains(part)) {
                table.row(name, contenders);
            }
        });
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    each(&mut |name, len, contenders| {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(len));
        for Contender { name, mut repeat } in contenders {
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| {
                    let start = Instant::now();
                    repeat(times);
                    start.elapsed()
                });
            });
        }
        group.finish();
    });
    criterion.final_summary();
}

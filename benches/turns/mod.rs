//! Times that are taken in turns, each contender for a moment and all of them again and again: whatever else keeps the machine
//! busy meets all of them alike.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::contenders::Contender;

/// Turns; of an odd number the one in the middle is the median.
const TURNS: usize = 41;
/// How long a contender has it.
const TURN: Duration = Duration::from_millis(2);
/// Columns of others.
const OTHERS: [&str; 5] = ["pilota", "pilota, unchecked", "pilota, linked", "apache", "memcpy"];

/// Prints a row for everything that is compared: nanoseconds of each, and how many times as long the best of the others takes as
/// we do.
pub(crate) struct Table;

impl Table {
    pub(crate) fn new() -> Self {
        let [pilota, unchecked, linked, apache, memcpy] = OTHERS;
        println!(
            "{:<24} {:>10} {pilota:>10} {unchecked:>18} {linked:>15} {apache:>10} {memcpy:>10} {:>6} {:>7}",
            "ns, medians of turns", "farthing", "ahead", "copies"
        );
        Self
    }

    /// Takes the turns, and prints what came out.
    #[allow(clippy::unused_self)] // who has a table has printed its head
    pub(crate) fn row(&mut self, name: &str, mut contenders: Vec<Contender<'_>>) {
        let times: Vec<u64> = contenders.iter_mut().map(often_enough).collect();
        let mut turns: Vec<Vec<f64>> = Vec::new();
        for _ in 0..TURNS {
            let turn = contenders.iter_mut().zip(&times).map(|(contender, times)| {
                let start = own_time();
                (contender.repeat)(*times);
                (own_time() - start).as_nanos() as f64 / *times as f64
            });
            turns.push(turn.collect());
        }
        let names: Vec<&str> = contenders.iter().map(|contender| contender.name).collect();
        let middle = |of: &dyn Fn(&[f64]) -> f64| {
            let mut values: Vec<f64> = turns.iter().map(|turn| of(turn)).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let last = names.len() - 1;
        let ahead = middle(&|turn| turn[1..last].iter().copied().fold(f64::MAX, f64::min) / turn[0]);
        let copies = middle(&|turn| turn[0] / turn[last]);
        let column = |other: &str| match names.iter().position(|name| *name == other) {
            Some(index) => format!("{:.1}", middle(&|turn| turn[index])),
            None => "-".to_owned(),
        };
        let [pilota, unchecked, linked, apache, memcpy] = OTHERS.map(column);
        let own = middle(&|turn| turn[0]);
        println!(
            "{name:<24} {own:>10.1} {pilota:>10} {unchecked:>18} {linked:>15} {apache:>10} {memcpy:>10} {ahead:>6.2} {copies:>7.2}"
        );
    }
}

/// The time that this thread was given: while others had the processor, nobody's clock ran.
fn own_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// How often it takes for a turn.
fn often_enough(contender: &mut Contender<'_>) -> u64 {
    let mut times = 1;
    loop {
        let start = own_time();
        (contender.repeat)(times);
        let took = own_time() - start;
        if took >= TURN / 4 {
            return ((times as f64 * TURN.as_secs_f64() / took.as_secs_f64()) as u64).max(1);
        }
        times *= 2;
    }
}

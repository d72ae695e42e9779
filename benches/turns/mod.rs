//! Times that are taken in turns, each contender for a moment and all of them again and again: whatever else keeps the machine
//! busy meets all of them alike.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::contenders::{COPY, Contender, LENT, OWN};

/// Turns; of an odd number the one in the middle is the median.
const TURNS: usize = 41;
/// How long a contender has it.
const TURN: Duration = Duration::from_millis(2);
/// What stands side by side.
const COLUMNS: [&str; 7] = [OWN, LENT, "pilota", "pilota, unchecked", "pilota, linked", "apache", COPY];

/// Prints a row for everything that is compared: nanoseconds of each, and how many times as long the best of the others takes as
/// we do (`ahead`, and `lent` where texts are lent), and how many copies of the bytes would take as long.
pub(crate) struct Table;

impl Table {
    pub(crate) fn new() -> Self {
        let heads = COLUMNS.map(|name| format!("{name:>17}")).join(" ");
        println!("{:<23} {heads} {:>6} {:>6} {:>7}", "ns, medians of turns", "ahead", "lent", "copies");
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
                own_time().saturating_sub(start).as_nanos() as f64 / *times as f64
            });
            turns.push(turn.collect());
        }
        let names: Vec<&str> = contenders.iter().map(|contender| contender.name).collect();
        let middle = |of: &dyn Fn(&[f64]) -> f64| {
            let mut values: Vec<f64> = turns.iter().map(|turn| of(turn)).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let at = |name: &str| names.iter().position(|other| *other == name);
        let best = |turn: &[f64]| {
            let others = names.iter().zip(turn).filter(|(name, _)| ![OWN, LENT, COPY].contains(name));
            others.map(|(_, time)| *time).fold(f64::MAX, f64::min)
        };
        let show = |of: Option<f64>, digits: usize| of.map_or("-".to_owned(), |value| format!("{value:.digits$}"));
        let cell = |name| format!("{:>17}", show(at(name).map(|index| middle(&|turn| turn[index])), 1));
        let cells = COLUMNS.map(cell).join(" ");
        let ahead = |name: &str| show(at(name).map(|index| middle(&|turn| best(turn) / turn[index])), 2);
        let copies = show(at(COPY).map(|index| middle(&|turn| turn[0] / turn[index])), 2);
        println!("{name:<23} {cells} {:>6} {:>6} {copies:>7}", ahead(OWN), ahead(LENT));
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
        let took = own_time().saturating_sub(start);
        if took >= TURN / 4 {
            return ((times as f64 * TURN.as_secs_f64() / took.as_secs_f64()) as u64).max(1);
        }
        times *= 2;
    }
}

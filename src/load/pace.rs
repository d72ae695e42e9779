//! When calls are due in an open loop: a schedule that depends on nothing but itself, least of all on the answers.

use super::rng::Rng;

/// How the calls of an open loop follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Arrivals {
    /// At equal distances.
    #[default]
    Constant,
    /// Independent of one another, as those of many users are (a Poisson process).
    Poisson,
}

/// How many calls per second are due: from the first number to the second, in a straight line over the measured time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Calls per second before the measured time and at its begin.
    pub from: f64,
    /// Calls per second at its end.
    pub to: f64,
}

impl Rate {
    /// The same all the time.
    pub fn steady(rate: f64) -> Self {
        Self { from: rate, to: rate }
    }

    /// One part of several equal ones.
    #[must_use]
    pub fn shared_by(self, parts: usize) -> Self {
        Self { from: self.from / parts as f64, to: self.to / parts as f64 }
    }
}

/// One thread's schedule. Times are seconds since its begin; the ramp lies between `ramp_from` and `ramp_to`.
#[derive(Clone, Debug)]
pub(super) struct Pacer {
    rate: Rate,
    arrivals: Arrivals,
    ramp_from: f64,
    ramp_to: f64,
    /// How many calls are due before the next, in the units of the cumulated rate.
    position: f64,
    rng: Rng,
    next: f64,
}

impl Pacer {
    /// `phase` of the distance between two calls passes before the first, so that threads do not call in step.
    pub(super) fn new(rate: Rate, arrivals: Arrivals, (ramp_from, ramp_to): (f64, f64), phase: f64, rng: Rng) -> Self {
        let mut pacer = Self { rate, arrivals, ramp_from, ramp_to, position: phase, rng, next: 0.0 };
        pacer.next = pacer.when(pacer.position);
        pacer
    }

    /// When the next call is due, in nanoseconds.
    pub(super) fn next(&self) -> u64 {
        (self.next * 1e9) as u64
    }

    /// The next call was taken.
    pub(super) fn advance(&mut self) {
        self.position += match self.arrivals {
            Arrivals::Constant => 1.0,
            Arrivals::Poisson => -(1.0 - self.rng.unit()).ln(),
        };
        self.next = self.when(self.position);
    }

    /// The time at which that many calls are due in all: the inverse of the integral of the rate.
    fn when(&self, calls: f64) -> f64 {
        let Rate { from, to } = self.rate;
        let before = from * self.ramp_from;
        if calls <= before || (to - from).abs() < f64::EPSILON {
            return calls / from;
        }
        let length = self.ramp_to - self.ramp_from;
        let within = f64::midpoint(from, to) * length;
        let rest = calls - before;
        if rest >= within {
            return self.ramp_to + (rest - within) / to;
        }
        let slope = (to - from) / length;
        // from t + slope t^2 / 2 = rest, in the form that loses no digits.
        self.ramp_from + 2.0 * rest / (from + (from * from + 2.0 * slope * rest).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(pacer: &mut Pacer, seconds: f64) -> usize {
        let mut calls = 0;
        while (pacer.next() as f64) < seconds * 1e9 {
            pacer.advance();
            calls += 1;
        }
        calls
    }

    #[test]
    fn a_steady_rate_has_equal_distances() {
        let mut pacer = Pacer::new(Rate::steady(1000.0), Arrivals::Constant, (0.0, 10.0), 0.5, Rng::new(1));
        let mut last = pacer.next();
        assert_eq!(last, 500_000);
        for _ in 0..100_000 {
            pacer.advance();
            let distance = pacer.next() - last;
            assert!((999_999..=1_000_001).contains(&distance), "{distance}");
            last = pacer.next();
        }
    }

    #[test]
    fn a_ramp_has_the_area_below_its_line() {
        let rate = Rate { from: 100.0, to: 1100.0 };
        let mut pacer = Pacer::new(rate, Arrivals::Constant, (2.0, 12.0), 0.0, Rng::new(1));
        assert!((199..=201).contains(&until(&mut pacer, 2.0)), "before it the first rate");
        assert!((1749..=1751).contains(&until(&mut pacer, 7.0)), "half of it: 5 s x (100 + 600) / 2");
        assert!((4249..=4251).contains(&until(&mut pacer, 12.0)), "the other half: 5 s x (600 + 1100) / 2");
        assert!((1099..=1101).contains(&until(&mut pacer, 13.0)), "behind it the second rate");
        let mut falling = Pacer::new(Rate { from: 1100.0, to: 100.0 }, Arrivals::Constant, (0.0, 10.0), 0.0, Rng::new(1));
        assert!((5999..=6001).contains(&until(&mut falling, 10.0)));
    }

    #[test]
    fn independent_calls_come_in_bursts_but_as_many() {
        let mut pacer = Pacer::new(Rate::steady(1000.0), Arrivals::Poisson, (0.0, 1.0), 0.0, Rng::new(9));
        let (mut sum, mut squares, mut last) = (0.0, 0.0, pacer.next());
        for _ in 0..200_000 {
            pacer.advance();
            let distance = (pacer.next() - last) as f64 / 1e6;
            last = pacer.next();
            sum += distance;
            squares += distance * distance;
        }
        let mean = sum / 200_000.0;
        let deviation = (squares / 200_000.0 - mean * mean).sqrt();
        assert!((mean - 1.0).abs() < 0.01 && (deviation - 1.0).abs() < 0.02, "mean {mean} ms, deviation {deviation} ms");
    }
}

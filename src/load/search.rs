//! The search for the highest rate that a server bears: up by doubling, then closer and closer. It runs nothing; whoever drives it
//! tells what came of each rate.

/// How near the highest rate that was borne and the lowest that was not are in the end, as a ratio.
const NEAR: f64 = 1.05;
/// Rates that are tried, at most.
const PROBES_MAX: usize = 40;

/// What speaks against a rate when it was missed, and when it was missed by a generator that had trouble of its own: one miss may be
/// the machine's.
const MISS: u8 = 2;
const DOUBTFUL_MISS: u8 = 1;
/// So much of it, and the rate is refused.
const REFUSED: u8 = 4;

/// What came of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The objective held.
    Held,
    /// It did not.
    Missed,
    /// It did not, and that may be the generator's fault.
    Doubtful,
}

/// A search that goes on.
#[derive(Clone, Debug)]
pub struct Search {
    borne: Option<f64>,
    refused: Option<f64>,
    /// The rate that is to be tried, and what speaks against it so far.
    next: f64,
    doubts: u8,
    probes: usize,
}

impl Search {
    /// From that rate.
    pub fn from(rate: f64) -> Self {
        Self { borne: None, refused: None, next: rate, doubts: 0, probes: 0 }
    }

    /// The rate to try next; none when the highest one is known well enough.
    pub fn next(&self) -> Option<f64> {
        let near = match (self.borne, self.refused) {
            (Some(borne), Some(refused)) => refused / borne <= NEAR,
            (None, Some(refused)) => refused < 1.0,
            _ => false,
        };
        (!near && self.probes < PROBES_MAX).then_some(self.next)
    }

    /// What came of the rate that [`next`](Self::next) gave.
    pub fn note(&mut self, tried: Tried) {
        self.probes += 1;
        self.doubts += match tried {
            Tried::Held => 0,
            Tried::Missed => MISS,
            Tried::Doubtful => DOUBTFUL_MISS,
        };
        if tried == Tried::Held {
            self.borne = Some(self.next);
        } else if self.doubts < REFUSED {
            return;
        } else {
            self.refused = Some(self.next);
        }
        self.doubts = 0;
        self.next = match (self.borne, self.refused) {
            (Some(borne), Some(refused)) => (borne * refused).sqrt(),
            (Some(borne), None) => borne * 2.0,
            (None, Some(refused)) => refused / 4.0,
            (None, None) => self.next,
        };
    }

    /// The highest rate that was borne.
    pub fn best(&self) -> Option<f64> {
        self.borne
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(from: f64, bears: impl Fn(f64, usize) -> bool) -> (Option<f64>, usize) {
        let mut search = Search::from(from);
        let mut tries = 0;
        while let Some(rate) = search.next() {
            tries += 1;
            search.note(if bears(rate, tries) { Tried::Held } else { Tried::Missed });
        }
        (search.best(), tries)
    }

    #[test]
    fn the_highest_rate_is_found_from_below_and_above() {
        for from in [10.0, 1000.0, 900_000.0] {
            let (best, tries) = search(from, |rate, _| rate <= 43_210.0);
            let best = best.expect("a rate");
            assert!(best <= 43_210.0 && best * NEAR >= 43_210.0, "{best}");
            assert!(tries < PROBES_MAX, "{tries}");
        }
    }

    #[test]
    fn one_miss_is_tried_again_and_a_server_that_bears_nothing_ends_it() {
        let (best, _) = search(1000.0, |rate, tries| rate <= 43_210.0 && tries != 3);
        assert!(best.is_some_and(|best| best * NEAR >= 43_210.0));
        let (best, tries) = search(1000.0, |_, _| false);
        assert_eq!(best, None);
        assert!(tries < 20);
    }

    #[test]
    fn a_miss_that_may_be_the_generators_counts_half() {
        let mut search = Search::from(1000.0);
        for tried in [Tried::Doubtful, Tried::Doubtful, Tried::Doubtful, Tried::Held] {
            assert_eq!(search.next(), Some(1000.0));
            search.note(tried);
        }
        for tried in [Tried::Doubtful, Tried::Missed, Tried::Doubtful] {
            assert_eq!(search.next(), Some(2000.0));
            search.note(tried);
        }
        assert!(search.next().is_some_and(|rate| rate < 2000.0 && rate > 1000.0));
    }
}

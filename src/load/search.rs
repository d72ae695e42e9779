//! The search for the highest rate that a server bears: up by doubling, then closer and closer. It runs nothing; whoever drives it
//! tells what came of each rate.

/// How near the highest rate that was borne and the lowest that was not are in the end, as a ratio.
const NEAR: f64 = 1.05;
/// Rates that are tried, at most.
const PROBES_MAX: usize = 40;

/// A search that goes on.
#[derive(Clone, Debug)]
pub struct Search {
    borne: Option<f64>,
    refused: Option<f64>,
    /// The rate that is to be tried, and whether it was missed once: one miss may be the machine's.
    next: f64,
    again: bool,
    probes: usize,
}

impl Search {
    /// From that rate.
    pub fn from(rate: f64) -> Self {
        Self { borne: None, refused: None, next: rate, again: false, probes: 0 }
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
    pub fn note(&mut self, borne: bool) {
        self.probes += 1;
        if borne {
            self.borne = Some(self.next);
        } else if !self.again {
            self.again = true;
            return;
        } else {
            self.refused = Some(self.next);
        }
        self.again = false;
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
            search.note(bears(rate, tries));
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
}

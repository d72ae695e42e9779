//! The Zipf distribution: few keys are asked for often, many seldom. Samples by rejection-inversion (Hörmann and Derflinger,
//! "Rejection-inversion to generate variates from monotone discrete distributions", 1996), so that it needs no table.

use super::rng::Rng;

/// Ranks from 1 to `n`, rank k with a probability in proportion to k^-s.
#[derive(Clone, Debug)]
pub struct Zipf {
    n: f64,
    s: f64,
    /// The integral of the density up to 1.5, less the weight of rank 1.
    low: f64,
    /// The integral up to n + 0.5.
    high: f64,
    /// Distances below this are accepted without a look at the density.
    sure: f64,
}

impl Zipf {
    /// `n` ranks, at least 1, with the exponent `s` above 0.
    pub fn new(n: u64, s: f64) -> Self {
        let n = n.max(1) as f64;
        let mut zipf = Self { n, s, low: 0.0, high: 0.0, sure: 0.0 };
        zipf.low = zipf.integral(1.5) - 1.0;
        zipf.high = zipf.integral(n + 0.5);
        zipf.sure = 2.0 - zipf.inverse(zipf.integral(2.5) - zipf.density(2.0));
        zipf
    }

    /// How many ranks there are.
    pub fn ranks(&self) -> u64 {
        self.n as u64
    }

    /// A rank, from 1 to `n`.
    #[inline]
    pub fn sample(&self, rng: &mut Rng) -> u64 {
        loop {
            let u = self.high + rng.unit() * (self.low - self.high);
            let x = self.inverse(u);
            let k = x.round().clamp(1.0, self.n);
            if k - x <= self.sure || u >= self.integral(k + 0.5) - self.density(k) {
                return k as u64;
            }
        }
    }

    fn density(&self, x: f64) -> f64 {
        (-self.s * x.ln()).exp()
    }

    /// The integral of the density from 1 to `x`.
    fn integral(&self, x: f64) -> f64 {
        let log = x.ln();
        let t = (1.0 - self.s) * log;
        // (e^t - 1) / t, which tends to 1 where s is near 1.
        let ratio = if t.abs() > 1e-8 { t.exp_m1() / t } else { 1.0 + t / 2.0 };
        ratio * log
    }

    fn inverse(&self, y: f64) -> f64 {
        let t = (y * (1.0 - self.s)).max(-1.0);
        let ratio = if t.abs() > 1e-8 { t.ln_1p() / t } else { 1.0 - t / 2.0 };
        (ratio * y).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_come_as_often_as_the_law_says() {
        for (n, s) in [(1000_u64, 0.99), (1000, 1.0), (50, 1.5), (10, 0.5), (1, 1.0)] {
            let zipf = Zipf::new(n, s);
            let mut rng = Rng::new(7);
            let draws = 400_000_u32;
            let mut counts = vec![0_u32; n as usize + 1];
            (0..draws).for_each(|_| counts[zipf.sample(&mut rng) as usize] += 1);
            assert_eq!(counts[0], 0);
            let weights: Vec<f64> = (1..=n).map(|k| (k as f64).powf(-s)).collect();
            let sum: f64 = weights.iter().sum();
            for (rank, weight) in weights.iter().enumerate().take(20) {
                let expected = f64::from(draws) * weight / sum;
                let got = f64::from(counts[rank + 1]);
                let sigma = expected.sqrt();
                assert!((got - expected).abs() < 5.0 * sigma + 1.0, "n {n} s {s} rank {}: {got}, not {expected}", rank + 1);
            }
        }
    }
}

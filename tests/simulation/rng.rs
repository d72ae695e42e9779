//! The seed's random numbers. Not for secrets.

/// A splitmix generator: the same numbers for the same seed, for ever.
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number from 1 to `most`, small ones being as likely as big ones on a logarithmic scale.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        let bits = usize::BITS - most.leading_zeros();
        let scale = self.below(bits as usize) + 1;
        (self.below(1 << scale) + 1).min(most)
    }

    /// True once in `n`.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

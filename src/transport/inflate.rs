//! Inflation within bounds (RFC 1950, RFC 1951): never more at once than was asked for, and never many times what came in.
//!
//! What a compressed byte becomes is the peer's choice, so nothing is inflated ahead of those who look at it.

use flate2::{Decompress, FlushDecompress, Status};

use crate::wire::room;

use super::limits::Limits;

/// Up to this many bytes any ratio is taken: values that repeat themselves shrink to a thousandth, and the largest ones of
/// Apache's own test suite are 128 KiB of that.
const RATIO_FLOOR: usize = 256 * 1024;
/// Inflated at once, at first.
const STEP: usize = 64 * 1024;
const STEP_MIN: usize = 256;
/// How a stream ends that its writer flushed and did not finish: an empty stored block (RFC 1951 3.2.4).
const FLUSHED: [u8; 4] = [0, 0, 0xff, 0xff];

/// Why inflating stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes are no zlib stream, or need a dictionary.
    #[error("a malformed zlib stream")]
    Malformed,
    /// The stream ends before its end.
    #[error("a zlib stream that is cut off")]
    Cut,
    /// There are bytes behind the end of the stream.
    #[error("bytes behind the end of a zlib stream")]
    Trailing,
    /// More than `message_max`.
    #[error("inflated message over the limit `message_max`")]
    TooLarge,
    /// More than `inflate_ratio_max` times what came in.
    #[error("inflates to more than `inflate_ratio_max` times its size")]
    Ratio,
}

impl Fault {
    /// Whether the bytes are in order, and only become too many.
    pub fn is_over_limit(self) -> bool {
        matches!(self, Self::TooLarge | Self::Ratio)
    }
}

/// One zlib stream on its way in.
#[derive(Debug)]
pub(super) struct Inflater {
    stream: Decompress,
    /// Bytes taken and made since the ratio was last started afresh.
    taken: usize,
    made: usize,
    ended: bool,
    /// What comes next is wrong. What came before is not held back because of it.
    fault: Option<Fault>,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { stream: Decompress::new(true), taken: 0, made: 0, ended: false, fault: None }
    }

    /// Appends inflated bytes to `into`, as many as it gets room for: no more than it holds already, or a step. Returns how much
    /// of `input` that took. Where room is left, that was all of it.
    pub(super) fn inflate(&mut self, input: &[u8], into: &mut Vec<u8>, limits: &Limits) -> Result<usize, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.ended {
            return if input.is_empty() { Ok(0) } else { Err(Fault::Trailing) };
        }
        let (before, length) = (self.stream.total_in(), into.len());
        let Some(left) = limits.wire.message_max.saturating_add(STEP).checked_sub(length + 1) else {
            return Err(Fault::TooLarge);
        };
        let step = (4 * input.len()).clamp(STEP_MIN, STEP).max(length);
        room::had(into.try_reserve_exact(step.min(left + 1)));
        let status = self.stream.decompress_vec(input, into, FlushDecompress::Sync);
        let (taken, made) = ((self.stream.total_in() - before) as usize, into.len() - length);
        self.taken += taken;
        self.made += made;
        if self.made > RATIO_FLOOR && self.made > limits.inflate_ratio_max.saturating_mul(self.taken) {
            return Err(Fault::Ratio);
        }
        match status {
            Ok(Status::StreamEnd) => self.ended = true,
            Ok(_) if taken > 0 || made > 0 || input.is_empty() => {}
            _ if made > 0 => self.fault = Some(Fault::Malformed),
            _ => return Err(Fault::Malformed),
        }
        Ok(taken)
    }

    /// Whether the next call fails, whatever it gets.
    pub(super) fn has_failed(&self) -> bool {
        self.fault.is_some()
    }

    /// Starts the ratio afresh: what came before was harmless.
    pub(super) fn settle(&mut self) {
        (self.taken, self.made) = (0, 0);
    }
}

/// Inflates what is one stream by itself, and ends with its last byte: at its end, or where its writer flushed it.
pub(super) fn inflate_whole(input: &[u8], limits: &Limits) -> Result<Vec<u8>, Fault> {
    let (mut inflater, mut rest, mut whole) = (Inflater::new(), input, Vec::new());
    loop {
        let taken = inflater.inflate(rest, &mut whole, limits)?;
        rest = &rest[taken..];
        if whole.len() > limits.wire.message_max {
            return Err(Fault::TooLarge);
        }
        if let Some(fault) = inflater.fault {
            return Err(fault);
        }
        if inflater.ended {
            return if rest.is_empty() { Ok(whole) } else { Err(Fault::Trailing) };
        }
        if rest.is_empty() && whole.len() < whole.capacity() {
            return if input.ends_with(&FLUSHED) { Ok(whole) } else { Err(Fault::Cut) };
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    fn compressed(plain: &[u8], level: u32, end: FlushCompress) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() + plain.len() / 8 + 64);
        Compress::new(Compression::new(level), true).compress_vec(plain, &mut out, end).unwrap();
        out
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(next).collect()
    }

    #[test]
    fn a_stream_is_inflated_whether_it_is_finished_or_flushed() {
        let limits = Limits::default();
        for plain in [Vec::new(), b"message".to_vec(), vec![b'x'; 5000], noise(300_000)] {
            for level in [0, 1, 6, 9] {
                for end in [FlushCompress::Finish, FlushCompress::Sync, FlushCompress::Full] {
                    assert_eq!(inflate_whole(&compressed(&plain, level, end), &limits).as_ref(), Ok(&plain));
                }
            }
        }
    }

    #[test]
    fn a_stream_that_is_wrong_is_refused() {
        let limits = Limits::default();
        let whole = compressed(&noise(1000), 6, FlushCompress::Finish);
        for cut in 0..whole.len() {
            assert_eq!(inflate_whole(&whole[..cut], &limits), Err(Fault::Cut), "{cut}");
        }
        let mut bytes = whole.clone();
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(inflate_whole(&bytes, &limits), Err(Fault::Malformed));
        assert_eq!(inflate_whole(&[&whole[..], b"x"].concat(), &limits), Err(Fault::Trailing));
        assert_eq!(inflate_whole(b"\x78\xbb\0\0\0\0\0\0", &limits), Err(Fault::Malformed), "a dictionary");
        assert_eq!(inflate_whole(b"plain text", &limits), Err(Fault::Malformed));
    }

    #[test]
    fn a_bomb_is_stopped_by_its_ratio_and_by_its_size() {
        let limits = Limits::default();
        let bomb = compressed(&vec![0; 16 << 20], 9, FlushCompress::Finish);
        assert!(bomb.len() < 17_000);
        assert_eq!(inflate_whole(&bomb, &limits), Err(Fault::Ratio));
        let limits = Limits { inflate_ratio_max: 2000, ..limits };
        assert_eq!(inflate_whole(&bomb, &limits), Err(Fault::TooLarge));
        assert_eq!(
            inflate_whole(&compressed(&vec![0; 60_000], 9, FlushCompress::Finish), &limits).map(|plain| plain.len()),
            Ok(60_000)
        );
    }
}

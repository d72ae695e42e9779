//! The head of the response that came last. A server repeats it from answer to answer, but for the digits of `Content-Length`,
//! and what followed from it follows again: comparing it costs a tenth of parsing it. It is never wrong, for it only knows what
//! was parsed before, byte for byte.

use super::client_head::Head;

/// Longer heads are not worth their memory.
const HEAD_MAX: usize = 512;
/// Lengths of more digits are parsed.
const DIGITS_MAX: usize = 8;

/// A head that was accepted, without the digits of its length.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    before: Vec<u8>,
    after: Vec<u8>,
    head: Head,
}

impl Memo {
    /// The head at the front of `input` and its length, if it is the known one.
    #[inline]
    pub(super) fn find(&self, input: &[u8]) -> Option<(usize, Head)> {
        let rest = input.strip_prefix(self.before.as_slice()).filter(|_| !self.before.is_empty())?;
        let digits = rest.iter().take(DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = rest.split_at(digits);
        if digits.is_empty() || !rest.starts_with(&self.after) {
            return None;
        }
        let length = digits.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        let end = self.before.len() + digits.len() + self.after.len();
        Some((end, Head { length: Some(length), ..self.head }))
    }

    /// Takes note of a head that was accepted.
    pub(super) fn learn(&mut self, input: &[u8], head: Head) {
        let at = head.length_at;
        if at == 0 || input.len() > HEAD_MAX || matches!(head.status, ..200) {
            return;
        }
        let digits = input[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.before.clear();
        self.before.extend_from_slice(&input[..at]);
        self.after.clear();
        self.after.extend_from_slice(&input[at + digits..]);
        self.head = head;
    }
}

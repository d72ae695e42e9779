//! Heads that were accepted lately. A client repeats its head from call to call, but for the digits of `Content-Length`; and
//! what follows from a head follows again from the same bytes. So they are compared, which costs a tenth of parsing them.
//! Deliberately not here: anything that was not parsed and judged before, byte for byte, and any rule.

use super::head::{Framing, Plan};
use super::limits::Limits;
use super::response::Exchange;

/// Longer heads carry cookies or tokens, which differ.
const HEAD_MAX: usize = 1024;
/// One per kind of client that calls at the same time.
const KNOWN_MAX: usize = 4;
/// Lengths with more digits are left to the parser.
const DIGITS_MAX: usize = 10;
/// Every so many unknown heads one is learned: with thousands of different clients, learning each would cost for nothing.
const LEARN_EVERY: u32 = 8;

/// A small memory of heads for all connections of a thread. What is found never depends on it.
#[derive(Debug, Default)]
pub struct Memo {
    known: Vec<Known>,
    next: usize,
    misses: u32,
}

/// INVARIANT: with any length from 1 to the limit between its two parts, this head is accepted under every `Limits` that
/// lists no hosts.
#[derive(Debug, Default)]
struct Known {
    /// Without the digits of its length.
    text: Vec<u8>,
    /// Where they were.
    gap: usize,
    exchange: Exchange,
}

/// A head that is known, at the start of some input.
pub(super) struct Found {
    /// Its length.
    pub(super) head: usize,
    /// The length of the body behind it, at least 1.
    pub(super) body: usize,
    pub(super) exchange: Exchange,
}

impl Memo {
    /// Knows nothing, and owns no memory until it does.
    pub const fn new() -> Self {
        Self { known: Vec::new(), next: 0, misses: 0 }
    }

    /// The head at the start of `input`, if it is known.
    #[inline]
    pub(super) fn find(&self, input: &[u8], limits: &Limits) -> Option<Found> {
        if !limits.hosts.is_empty() {
            return None;
        }
        for known in &self.known {
            let found = known.matches(input, limits.message_max);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Takes note of a head that was accepted, and is not known.
    pub(super) fn learn(&mut self, head: &[u8], plan: &Plan) {
        self.misses += 1;
        let repeatable = matches!(plan.framing, Framing::Length(_)) && !plan.expects && plan.exchange.origin == 0;
        if self.misses < LEARN_EVERY || head.len() > HEAD_MAX || !repeatable {
            return;
        }
        self.misses = 0;
        let Some((before, after)) = split_at_length(head) else { return };
        let known = self.slot();
        known.text.clear();
        known.text.extend_from_slice(before);
        known.text.extend_from_slice(after);
        (known.gap, known.exchange) = (before.len(), plan.exchange);
    }

    /// Where the next head goes: over the oldest one once all places are taken, whose memory it uses again.
    fn slot(&mut self) -> &mut Known {
        if self.known.len() < KNOWN_MAX {
            self.known.push(Known::default());
        }
        let at = self.next;
        self.next = (at + 1) % KNOWN_MAX;
        &mut self.known[at]
    }
}

impl Known {
    #[inline]
    fn matches(&self, input: &[u8], message_max: usize) -> Option<Found> {
        let (before, after) = self.text.split_at(self.gap);
        let mut rest = input.strip_prefix(before)?;
        let mut body = 0;
        for _ in 0..DIGITS_MAX {
            let [digit @ b'0'..=b'9', behind @ ..] = rest else { break };
            (body, rest) = (body * 10 + usize::from(digit - b'0'), behind);
        }
        // 0 stands for no digits, too.
        if !rest.starts_with(after) || body == 0 || body > message_max {
            return None;
        }
        Some(Found { head: input.len() - rest.len() + after.len(), body, exchange: self.exchange })
    }
}

/// What stands in front of and behind the digits of `Content-Length`.
fn split_at_length(head: &[u8]) -> Option<(&[u8], &[u8])> {
    const NAME: &[u8] = b"\r\ncontent-length:";
    let name = head.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME))?;
    let from = name + NAME.len();
    let start = from + head[from..].iter().position(u8::is_ascii_digit)?;
    let end = start + head[start..].iter().position(|byte| !byte.is_ascii_digit())?;
    Some((&head[..start], &head[end..]))
}

#[cfg(test)]
mod tests {
    use super::{HEAD_MAX, Memo};
    use crate::transport::http::{Http, Limits, Refusal, Split};

    fn request(path: &str, lines: &str, length: &str) -> String {
        format!("POST /{path} HTTP/1.1\r\nHost: a\r\nContent-Length:  {length} \r\n{lines}\r\nhello world")
    }

    fn split(memo: &mut Memo, request: &str, limits: &Limits) -> Result<Split, Refusal> {
        let found = Http::new().split_with(request.as_bytes(), limits, memo);
        assert_eq!(found, Http::new().split(request.as_bytes(), limits), "{request}");
        found
    }

    fn taught(requests: &[String], limits: &Limits) -> Memo {
        let mut memo = Memo::new();
        for request in requests.iter().cycle().take(400) {
            let _ = split(&mut memo, request, limits);
        }
        memo
    }

    #[test]
    fn a_known_head_is_known_with_any_length() {
        let limits = Limits { message_max: 100, ..Limits::default() };
        let mut memo = taught(&[request("", "", "5")], &limits);
        assert_eq!(memo.known.len(), 1);
        for (length, known) in [("5", true), ("11", true), ("007", true), ("100", true), ("99", true), ("0000000001", true)] {
            assert_eq!(memo.find(request("", "", length).as_bytes(), &limits).is_some(), known, "{length}");
            assert!(split(&mut memo, &request("", "", length), &limits).is_ok());
        }
        for length in
            ["0", "", "101", "4294967296", "18446744073709551621", "00000000001", "5 5", "-5", "5,5", "5\r\n", "5\0", "a"]
        {
            assert!(memo.find(request("", "", length).as_bytes(), &limits).is_none(), "{length}");
            let _ = split(&mut memo, &request("", "", length), &limits);
        }
    }

    #[test]
    fn a_changed_byte_makes_a_head_unknown() {
        let limits = Limits::default();
        let original = request("", "Accept: x\r\n", "5");
        let memo = taught(std::slice::from_ref(&original), &limits);
        let head = original.len() - "hello world".len();
        for at in 0..head {
            let mut changed = original.clone().into_bytes();
            changed[at] ^= 0x15;
            assert!(memo.find(&changed, &limits).is_none(), "{at}");
            assert!(memo.find(&original.as_bytes()[..at], &limits).is_none(), "{at}");
        }
        assert!(memo.find(&original.as_bytes()[..head], &limits).is_some());
    }

    #[test]
    fn a_known_head_is_split_as_an_unknown_one_wherever_its_bytes_are_cut() {
        let limits = Limits { message_max: 100, ..Limits::default() };
        let (one, other) = (request("", "", "11"), request("", "", "101"));
        let mut memo = taught(std::slice::from_ref(&one), &limits);
        assert!(memo.find(one.as_bytes(), &limits).is_some());
        for request in ["\r\n".to_owned() + &one, one.repeat(2), one.clone() + &other, other] {
            let bytes = request.as_bytes();
            for (first, second) in (0..=bytes.len()).flat_map(|cut| (cut..=bytes.len()).step_by(7).map(move |next| (cut, next))) {
                let (mut known, mut unknown) = (Http::new(), Http::new());
                let mut from = 0;
                for to in [first, second, bytes.len()] {
                    let found = known.split_with(&bytes[from..to], &limits, &mut memo);
                    assert_eq!(found, unknown.split(&bytes[from..to], &limits), "{from}..{to} of {request:?}");
                    match found {
                        Ok(Split::Need { consumed, .. } | Split::Message { consumed, .. }) => from += consumed,
                        _ => break,
                    }
                }
                assert_eq!(known.phase(), unknown.phase());
            }
        }
    }

    #[test]
    fn other_limits_are_asked_again() {
        let limits = Limits::default();
        let mut memo = taught(&[request("", "", "5")], &limits);
        let hosts = Limits { hosts: vec!["b".to_owned()], ..Limits::default() };
        assert!(split(&mut memo, &request("", "", "5"), &hosts).is_err());
        assert!(split(&mut memo, &request("", "", "5"), &Limits { message_max: 4, ..limits }).is_err());
    }

    #[test]
    fn what_a_peer_can_vary_is_bounded() {
        let limits = Limits { origins: vec!["http://page".to_owned()], ..Limits::default() };
        let paths: Vec<String> = (0..100).map(|path| request(&path.to_string(), "", "5")).collect();
        assert_eq!(taught(&paths, &limits).known.len(), super::KNOWN_MAX);
        let long = format!("X: {}\r\n", "v".repeat(HEAD_MAX));
        for lines in [&long, "Origin: http://page\r\n", "Expect: 100-continue\r\n"] {
            assert!(taught(&[request("", lines, "5")], &limits).known.is_empty(), "{lines:.30}");
        }
    }
}

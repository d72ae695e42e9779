//! Where messages end and what answers them, as cheaply as can be. No checks: whoever sends is the load generator.

use crate::end;

const SUM: [u8; 23] = [0x80, 1, 0, 2, 0, 0, 0, 3, b'a', b'd', b'd', 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0];
const STORED: [u8; 16] = [0x80, 1, 0, 2, 0, 0, 0, 3, b'p', b'u', b't', 0, 0, 0, 0, 0];
const GOT: [u8; 18] = [0x80, 1, 0, 2, 0, 0, 0, 3, b'g', b'e', b't', 0, 0, 0, 0, 11, 0, 0];
/// The length of every message of `add`.
const ADD: usize = 30;
/// Where the arguments of `echo` begin.
const ECHOED: usize = 16;
/// The head of an answer: the length has eight digits, so that it is patched as the rest is.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-thrift\r\nContent-Length: 00000000\r\n\r\n";
const LENGTH: &[u8] = b"ontent-Length: ";

/// How a message is delimited.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Unframed,
    Framed,
    Http,
}

/// A message at the begin of some bytes: where it starts behind what delimits it, and where it ends, perhaps beyond them.
pub(crate) struct Extent {
    pub(crate) way: Way,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The last head of HTTP that came, and the length of its body: clients repeat themselves, and comparing is cheapest.
#[derive(Default)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    length: usize,
}

impl Head {
    /// Where the body behind the head starts and ends.
    fn body(&mut self, bytes: &[u8]) -> Option<(usize, usize)> {
        if self.bytes.is_empty() || !bytes.starts_with(&self.bytes) {
            let start = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
            let at = memchr::memmem::find(&bytes[..start], LENGTH)? + LENGTH.len();
            let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
            self.length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
            self.bytes = bytes[..start].to_vec();
        }
        Some((self.bytes.len(), self.bytes.len() + self.length))
    }
}

impl Extent {
    /// None while too little is there to tell.
    pub(crate) fn find(bytes: &[u8], head: &mut Head) -> Option<Self> {
        match bytes.first()? {
            0x80 if *bytes.get(8)? == b'a' => Some(Self { way: Way::Unframed, start: 0, end: ADD }),
            0x80 => Some(Self { way: Way::Unframed, start: 0, end: end::of_struct(bytes, ECHOED)? }),
            b'P' => {
                let (start, end) = head.body(bytes)?;
                Some(Self { way: Way::Http, start, end })
            }
            _ => Some(Self { way: Way::Framed, start: 4, end: 4 + be32(bytes, 0)? as usize }),
        }
    }
}

/// The answers that are constants but for a few bytes.
#[derive(Default)]
pub(crate) struct Answers {
    /// The first value that was put: what every `get` is answered with.
    value: Option<Vec<u8>>,
}

impl Answers {
    /// Whether a message's first bytes are enough: the arguments of `put` are, once a value is kept.
    pub(crate) fn needs_no_more(&self, message: &[u8]) -> bool {
        self.value.is_some() && message.len() >= 15 && message[8] == b'p'
    }

    /// Appends the answer to a message, of which the first bytes may do.
    pub(crate) fn answer(&mut self, way: Way, message: &[u8], out: &mut Vec<u8>) {
        match message[8] {
            b'a' => {
                let sum = number(message, 18).wrapping_add(number(message, 25));
                let at = begin(way, &SUM, SUM.len(), message, out);
                out[at + 18..at + 22].copy_from_slice(&sum.to_be_bytes());
            }
            b'p' => {
                if self.value.is_none() {
                    let value = 22 + number(message, 18) as usize + 3;
                    let length = number(message, value) as usize;
                    self.value = Some(message[value + 4..value + 4 + length].to_vec());
                }
                begin(way, &STORED, STORED.len(), message, out);
            }
            b'g' => {
                let value = self.value.as_deref().unwrap_or_default();
                begin(way, &GOT, GOT.len() + 4 + value.len() + 1, message, out);
                out.extend_from_slice(&(value.len() as u32).to_be_bytes());
                out.extend_from_slice(value);
                out.push(0);
            }
            // `echo`: the arguments are a struct with the payload in field 1, the result one with it in field 0.
            _ => {
                let at = begin(way, message, message.len(), message, out);
                out[at + 3] = 2;
                out[at + 18] = 0;
            }
        }
    }
}

/// Appends what delimits an answer of `length` bytes and the first of them, with the number of the request. Where it starts.
fn begin(way: Way, first: &[u8], length: usize, request: &[u8], out: &mut Vec<u8>) -> usize {
    match way {
        Way::Unframed => {}
        Way::Framed => out.extend_from_slice(&(length as u32).to_be_bytes()),
        Way::Http => {
            let at = out.len();
            out.extend_from_slice(HEAD);
            let mut rest = length;
            for place in (at + HEAD.len() - 12..at + HEAD.len() - 4).rev() {
                out[place] = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
    }
    let at = out.len();
    out.extend_from_slice(first);
    let number = if request[8] == b'e' { 12..16 } else { 11..15 };
    out[at + number.start..at + number.end].copy_from_slice(&request[number]);
    at
}

fn number(bytes: &[u8], at: usize) -> i32 {
    be32(bytes, at).unwrap_or_default() as i32
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

//! What is written back. Every text is fixed or comes from the configuration; nothing of a request is repeated. There is no
//! `Date`: an origin server without a use for one may leave it out for speed, and no Thrift client reads it.

use crate::wire::{Mark, Output};

use super::limits::Limits;
use super::refusal::{Refusal, Status};

/// The interim answer to [`Split::Continue`](super::Split::Continue).
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-thrift\r\nContent-Length: ";
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/x-thrift\r\nContent-Length: ";
const CLOSE: &[u8] = b"\r\nConnection: close\r\n\r\n";
const KEEP: &[u8] = b"\r\nConnection: keep-alive\r\n\r\n";
const END: &[u8] = b"\r\n\r\n";

/// What the reply of a request must know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // four independent facts in eight bytes
pub struct Exchange {
    /// The connection closes behind the reply. A server that drains may set it.
    pub close: bool,
    /// The client speaks HTTP/1.0 and must be told when the connection stays open.
    pub http10: bool,
    /// This client reads no reply of a oneway call and must not get one.
    pub silent_oneway: bool,
    /// The reply says that the server is busy: its status is 503.
    pub overloaded: bool,
    /// The position in [`Limits::origins`] of the page that calls, plus one; 0 without a page.
    pub origin: u16,
}

/// The head of the usual reply, whose body has from 10 to 99 bytes. It stands in front of every reply that is being written.
pub(in crate::transport) const DRAFT: &[u8; OK.len() + DRAFT_DIGITS + END.len()] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-thrift\r\nContent-Length: 00\r\n\r\n";
const DRAFT_DIGITS: usize = 2;
/// Digits of any number.
const DIGITS_MAX: usize = 20;

/// Makes the [`DRAFT`] at `start` the head of the body that was written behind it. Only where that has less or more than two digits
/// of bytes must it move.
#[inline(never)]
pub(in crate::transport) fn complete_head(out: &mut Output, start: Mark, exchange: Exchange, limits: &Limits) {
    let content_length = out.written_since(start) - DRAFT.len();
    let usual = matches!(exchange, Exchange { close: false, http10: false, overloaded: false, origin: 0, .. });
    if usual && (10..100).contains(&content_length) {
        let (tens, ones) = ((content_length / 10) as u8, (content_length % 10) as u8);
        let at = start.position() + OK.len();
        out.tail()[at..at + DRAFT_DIGITS].copy_from_slice(&[b'0' + tens, b'0' + ones]);
    } else if usual && content_length >= 100 && out.tail().len() == start.position() + DRAFT.len() + content_length {
        // None of the body is linked: what stands behind the digits moves to where there is room for all of them.
        let (mut digits, bytes, at) = ([0; DIGITS_MAX], out.tail(), start.position() + OK.len());
        let (digits, end) = (decimal(content_length, &mut digits), bytes.len());
        bytes.resize(end + digits.len() - DRAFT_DIGITS, 0);
        bytes.copy_within(at + DRAFT_DIGITS..end, at + digits.len());
        bytes[at..at + digits.len()].copy_from_slice(digits);
    } else {
        out.put_before(start, DRAFT.len(), |head| write_head(head, exchange, content_length, limits));
    }
}

/// Writes the head of a reply whose body has `content_length` bytes. A `TApplicationException` is a reply like any other.
pub fn write_head(out: &mut Vec<u8>, exchange: Exchange, content_length: usize, limits: &Limits) {
    out.extend_from_slice(if exchange.overloaded { BUSY } else { OK });
    write_decimal(out, content_length);
    write_origin(out, exchange, limits);
    out.extend_from_slice(ending(exchange));
}

/// Writes the answer to [`Split::Preflight`](super::Split::Preflight) (Fetch, 3.3.3).
pub fn write_preflight(out: &mut Vec<u8>, exchange: Exchange, limits: &Limits) {
    out.extend_from_slice(b"HTTP/1.1 204 No Content");
    write_origin(out, exchange, limits);
    out.extend_from_slice(b"\r\nAccess-Control-Allow-Methods: POST");
    out.extend_from_slice(b"\r\nAccess-Control-Allow-Headers: Content-Type, Accept, X-Requested-With");
    out.extend_from_slice(b"\r\nAccess-Control-Max-Age: 600");
    out.extend_from_slice(ending(exchange));
}

/// Writes the answer to a refused request. The connection closes behind it.
pub fn write_refusal(out: &mut Vec<u8>, refusal: &Refusal) {
    out.extend_from_slice(b"HTTP/1.1 ");
    write_decimal(out, refusal.status.code().into());
    out.push(b' ');
    out.extend_from_slice(refusal.status.phrase().as_bytes());
    match refusal.status {
        // RFC 9110 15.5.6: a 405 names what is allowed.
        Status::MethodNotAllowed => out.extend_from_slice(b"\r\nAllow: POST"),
        // RFC 6455 4.4: a 426 names the version to come back with.
        Status::UpgradeRequired => out.extend_from_slice(b"\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"),
        Status::ServiceUnavailable => out.extend_from_slice(b"\r\nRetry-After: 1"),
        _ => {}
    }
    let newline = if refusal.reason.is_empty() { "" } else { "\n" };
    out.extend_from_slice(b"\r\nContent-Type: text/plain\r\nContent-Length: ");
    write_decimal(out, refusal.reason.len() + newline.len());
    out.extend_from_slice(CLOSE);
    out.extend_from_slice(refusal.reason.as_bytes());
    out.extend_from_slice(newline.as_bytes());
}

/// RFC 9112 9.3: HTTP/1.1 stays open unless told otherwise, HTTP/1.0 closes unless told otherwise.
fn ending(exchange: Exchange) -> &'static [u8] {
    match exchange {
        Exchange { close: true, .. } => CLOSE,
        Exchange { http10: true, .. } => KEEP,
        _ => END,
    }
}

/// The origin is written as it is configured, never as it was sent. `Vary` keeps a cache from showing it to another page.
fn write_origin(out: &mut Vec<u8>, exchange: Exchange, limits: &Limits) {
    let Some(at) = usize::from(exchange.origin).checked_sub(1) else { return };
    if let Some(origin) = limits.origins.get(at) {
        out.extend_from_slice(b"\r\nAccess-Control-Allow-Origin: ");
        out.extend(origin.bytes().filter(u8::is_ascii_graphic));
        out.extend_from_slice(b"\r\nVary: Origin");
    }
}

pub(super) fn write_decimal(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(decimal(number, &mut [0; DIGITS_MAX]));
}

/// The digits of a number, at the end of `digits`.
fn decimal(mut number: usize, digits: &mut [u8; DIGITS_MAX]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    &digits[at..]
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{DRAFT, Exchange, Limits, complete_head, write_head};
    use crate::wire::Output;

    #[test]
    fn a_draft_becomes_the_head_of_any_body() {
        let limits = Limits { origins: vec!["http://page".to_owned()], ..Limits::default() };
        let usual = Exchange::default();
        let exchanges = [
            usual,
            Exchange { silent_oneway: true, ..usual },
            Exchange { close: true, ..usual },
            Exchange { http10: true, ..usual },
            Exchange { overloaded: true, ..usual },
            Exchange { origin: 1, ..usual },
        ];
        for exchange in exchanges {
            for length in (0..=101).chain([999, 1000, 16_384, 70_000]) {
                let body = vec![b'v'; length];
                let mut expected = b"before".to_vec();
                write_head(&mut expected, exchange, length, &limits);
                expected.extend_from_slice(&body);
                for linked in [false, true] {
                    let mut out = Output::new();
                    out.push(b"before");
                    let start = out.mark();
                    out.push(DRAFT);
                    if linked {
                        out.push_shared(&Bytes::from(body.clone()));
                    } else {
                        out.push(&body);
                    }
                    complete_head(&mut out, start, exchange, &limits);
                    assert!(out.to_vec() == expected, "{length} bytes, {exchange:?}");
                }
            }
        }
    }
}

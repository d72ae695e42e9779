//! A whole head, and the rules that accept or refuse it. Deliberately not here: the end of a head in pieces (`scan`), and
//! single fields (`fields`, `authority`).

use std::mem::MaybeUninit;

use httparse::{Header, Request, Status as Parsed};

use crate::transport::websocket::{Offer, is_key, write_answer};

use super::authority::{check_allowed, check_host, check_origin, check_target};
use super::fields::{Expect, Fields, WebSocket};
use super::limits::{HEADER_LINE_MAX, HEADERS_MAX, Limits, METHOD_MAX};
use super::refusal::{Refusal, Status};
use super::response::Exchange;
use super::scan::is_token;

const MALFORMED: Refusal = Refusal::bad("a malformed request line or header");
const BOTH: Refusal = Refusal::bad("both Content-Length and Transfer-Encoding");
const CODING_IN_10: Refusal = Refusal::bad("Transfer-Encoding in HTTP/1.0");
const EMPTY: Refusal = Refusal::bad("an empty body");
const PREFLIGHT_BODY: Refusal = Refusal::bad("a preflight with a body");
const UPGRADE_BODY: Refusal = Refusal::bad("an upgrade with a body");
const WEBSOCKET_KEY: Refusal = Refusal::bad("a malformed Sec-WebSocket-Key");
const WEBSOCKET_VERSION: Refusal = Refusal::new(Status::UpgradeRequired, "only version 13 of WebSocket is spoken here");
const METHOD: Refusal = Refusal::new(Status::MethodNotAllowed, "only POST is allowed here");
const METHOD_HEAD: Refusal = Refusal::new(Status::MethodNotAllowed, "");
const NO_LENGTH: Refusal = Refusal::new(Status::LengthRequired, "neither Content-Length nor Transfer-Encoding");
const CONTENT_TYPE: Refusal =
    Refusal::new(Status::UnsupportedMediaType, "this content type is not Thrift; use application/x-thrift");
const ENCODED: Refusal = Refusal::new(Status::UnsupportedMediaType, "content codings are not supported");
const EXPECT: Refusal = Refusal::new(Status::ExpectationFailed, "only 100-continue can be expected");

/// What an accepted head leads to.
pub(super) struct Plan {
    pub(super) framing: Framing,
    pub(super) exchange: Exchange,
    /// The client may be waiting for `100 Continue`.
    pub(super) expects: bool,
}

/// How the body is delimited.
pub(super) enum Framing {
    /// By this many bytes, at least one.
    Length(usize),
    Chunked,
    /// A browser's question; there is no body.
    Preflight,
    /// No further request follows, but WebSocket frames, behind [`upgrade_answer`].
    Upgrade,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Call,
    /// An OPTIONS that a browser sends ahead of a page's call (Fetch, 3.3.2).
    Preflight,
    WebSocket,
}

/// Parses a head that stands whole and ordinary at the start of `input`; `None` for all that needs `Scan`'s closer look.
/// This is the path of nearly every request, so it passes over the bytes once.
pub(super) fn parse_ordinary(input: &[u8], limits: &Limits) -> Option<Result<(usize, Plan), Refusal>> {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut request = Request::new(&mut []);
    let window = &input[..input.len().min(HEADER_LINE_MAX)];
    let Ok(Parsed::Complete(length)) = request.parse_with_uninit_headers(window, &mut headers) else { return None };
    let head = &input[..length];
    // The parser skips empty lines in front, bare LF included.
    let method_ok = is_token(head[0]) && request.method.is_some_and(|method| method.len() <= METHOD_MAX);
    if !(method_ok && head.is_ascii() && has_strict_line_ends(head, request.headers)) {
        return None;
    }
    Some(judge(&request, limits).map(|plan| (length, plan)))
}

/// Parses a head that `Scan` has found whole, `head` being exactly that.
pub(super) fn parse(head: &[u8], limits: &Limits) -> Result<Plan, Refusal> {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut request = Request::new(&mut []);
    match request.parse_with_uninit_headers(head, &mut headers) {
        Ok(Parsed::Complete(length)) if length == head.len() => judge(&request, limits),
        _ => Err(MALFORMED),
    }
}

/// The parser takes a bare LF for a line end; two bytes before each name and at the end of the head show whether it met one.
fn has_strict_line_ends(head: &[u8], headers: &[Header<'_>]) -> bool {
    let base = head.as_ptr().addr();
    let ends_line = |at: usize| at.checked_sub(2).is_some_and(|from| head.get(from..at) == Some(b"\r\n"));
    head.ends_with(b"\r\n\r\n") && headers.iter().all(|header| ends_line(header.name.as_ptr().addr() - base))
}

/// What breaks the protocol goes first, then what this server does not do, then what this request may not have.
fn judge(request: &Request<'_, '_>, limits: &Limits) -> Result<Plan, Refusal> {
    let http10 = request.version == Some(0);
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let fields = Fields::collect(request.headers)?;
    check_host(fields.host, http10)?;
    check_framing(&fields, http10)?;
    let purpose = check_method(method, &fields, http10)?;
    let authority = if purpose == Purpose::Preflight { None } else { check_target(target)? };
    check_allowed(authority.or(fields.host), limits)?;
    let origin = check_origin(fields.origin, limits)?;
    let framing = match purpose {
        Purpose::Call => find_framing(&fields, limits)?,
        Purpose::Preflight => Framing::Preflight,
        Purpose::WebSocket => check_upgrade(&fields.websocket).map(|_| Framing::Upgrade)?,
    };
    let close = fields.connection.close || (http10 && !fields.connection.keep_alive);
    let exchange = Exchange { close, http10, silent_oneway: fields.silent_oneway, overloaded: false, origin };
    // RFC 9110 10.1.1: an HTTP/1.0 client would take an interim answer for the answer.
    Ok(Plan { framing, exchange, expects: fields.expect == Expect::Continue && !http10 })
}

/// RFC 9112 6.1 and 6.3: with both headers, or with a coding from an HTTP/1.0 client, somebody in front of us may have framed
/// the request in another way.
fn check_framing(fields: &Fields<'_>, http10: bool) -> Result<(), Refusal> {
    match (fields.chunked, fields.length) {
        (true, Some(_)) => Err(BOTH),
        (true, None) if http10 => Err(CODING_IN_10),
        _ => Ok(()),
    }
}

fn check_method(method: &str, fields: &Fields<'_>, http10: bool) -> Result<Purpose, Refusal> {
    let has_body = fields.chunked || fields.length.is_some_and(|length| length > 0);
    match method {
        "POST" => Ok(Purpose::Call),
        "OPTIONS" if fields.origin.is_some() && fields.asked_method.is_some() => {
            if has_body {
                Err(PREFLIGHT_BODY)
            } else {
                Ok(Purpose::Preflight)
            }
        }
        // RFC 9110 7.8: an upgrade in HTTP/1.0 is ignored, and so is one that `Connection` does not name.
        "GET" if fields.websocket.asked && fields.connection.upgrade && !http10 => {
            if has_body {
                Err(UPGRADE_BODY)
            } else {
                Ok(Purpose::WebSocket)
            }
        }
        "HEAD" => Err(METHOD_HEAD),
        _ => Err(METHOD),
    }
}

/// RFC 6455 4.2.1.
fn check_upgrade<'h>(asked: &WebSocket<'h>) -> Result<Offer<'h>, Refusal> {
    if asked.version != Some(b"13") {
        return Err(WEBSOCKET_VERSION);
    }
    let key = asked.key.filter(|key| is_key(key)).ok_or(WEBSOCKET_KEY)?;
    Ok(Offer { key, protocols: asked.protocols.unwrap_or_default() })
}

/// The answer to a head that led to [`Framing::Upgrade`]: read once more, for that is rare, and a plan is better small.
pub(super) fn upgrade_answer(head: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut request = Request::new(&mut []);
    request.parse_with_uninit_headers(head, &mut headers).map_err(|_| MALFORMED)?;
    let mut answer = Vec::new();
    write_answer(&mut answer, check_upgrade(&Fields::collect(request.headers)?.websocket)?, is_token);
    Ok(answer)
}

fn find_framing(fields: &Fields<'_>, limits: &Limits) -> Result<Framing, Refusal> {
    if fields.content_type.is_some_and(is_form_type) {
        return Err(CONTENT_TYPE);
    }
    if fields.encoded {
        return Err(ENCODED);
    }
    if fields.expect == Expect::Unknown {
        return Err(EXPECT);
    }
    match fields.length {
        _ if fields.chunked => Ok(Framing::Chunked),
        None => Err(NO_LENGTH),
        Some(0) => Err(EMPTY),
        Some(length) if length > limits.message_max => Err(Refusal::TOO_LARGE),
        Some(length) => Ok(Framing::Length(length)),
    }
}

/// The three types that a page of any site can send without a preflight (Fetch, 2.2.2).
fn is_form_type(value: &[u8]) -> bool {
    let starts_with = |form: &str| match value.split_at_checked(form.len()) {
        Some((start, rest)) => start.eq_ignore_ascii_case(form.as_bytes()) && !rest.first().is_some_and(|&byte| is_token(byte)),
        None => false,
    };
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"].into_iter().any(starts_with)
}

//! Who is spoken to (`Host`, the request target), and by whom (`Origin`). Deliberately not here: a general URI parser.

use super::limits::Limits;
use super::refusal::{Refusal, Status};

const HOST_MISSING: Refusal = Refusal::bad("no Host header");
const HOST_MALFORMED: Refusal = Refusal::bad("a malformed Host header");
const TARGET: Refusal = Refusal::bad("a request target that is not for POST");
const MISDIRECTED: Refusal = Refusal::new(Status::MisdirectedRequest, "not a host name of this server");
const FOREIGN: Refusal = Refusal::new(Status::Forbidden, "the origin is not allowed");

/// RFC 9112 3.2: a server answers 400 to an HTTP/1.1 request without `Host` and to any request with a malformed one.
pub(super) fn check_host(host: Option<&[u8]>, http10: bool) -> Result<(), Refusal> {
    match host {
        None if http10 => Ok(()),
        None => Err(HOST_MISSING),
        Some(host) if is_authority(host) => Ok(()),
        Some(_) => Err(HOST_MALFORMED),
    }
}

/// RFC 9110 7.4: a request that went to a name which is not ours is answered with 421. This is what stops a page that points
/// its own name at our address.
pub(super) fn check_allowed(host: Option<&[u8]>, limits: &Limits) -> Result<(), Refusal> {
    if limits.hosts.is_empty() {
        return Ok(());
    }
    let host = host.unwrap_or_default();
    let (name, _) = split_port(host);
    let ours = |entry: &String| host.eq_ignore_ascii_case(entry.as_bytes()) || name.eq_ignore_ascii_case(entry.as_bytes());
    if limits.hosts.iter().any(ours) { Ok(()) } else { Err(MISDIRECTED) }
}

/// RFC 9112 3.2.1 and 3.2.2: a path, or a whole `http` URI, whose authority is then given back, for it stands above `Host`. The
/// two other forms belong to CONNECT and OPTIONS.
pub(super) fn check_target(target: &str) -> Result<Option<&[u8]>, Refusal> {
    if target.starts_with('/') {
        return Ok(None);
    }
    let (scheme, rest) = target.split_once("://").ok_or(TARGET)?;
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest.as_bytes()[..end];
    if web && is_authority(authority) { Ok(Some(authority)) } else { Err(TARGET) }
}

/// The position of a listed origin in `limits.origins`, plus one; 0 for a request without `Origin`.
pub(super) fn check_origin(origin: Option<&[u8]>, limits: &Limits) -> Result<u16, Refusal> {
    let Some(origin) = origin else { return Ok(0) };
    let found = limits.origins.iter().position(|listed| listed.as_bytes().eq_ignore_ascii_case(origin));
    found.and_then(|at| u16::try_from(at + 1).ok()).ok_or(FOREIGN)
}

/// RFC 3986 3.2.2 and 3.2.3, without the punctuation that no host name has: a name, an IPv4 address or a bracketed IPv6
/// address, then perhaps a port.
fn is_authority(text: &[u8]) -> bool {
    let (name, port) = split_port(text);
    let port_ok = port.is_none_or(|digits| digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit));
    let name_ok = match name {
        [b'[', inner @ .., b']'] => {
            inner.contains(&b':') && inner.iter().all(|&b| b.is_ascii_hexdigit() || b == b':' || b == b'.')
        }
        _ => !name.is_empty() && name.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'%')),
    };
    port_ok && name_ok
}

/// Cuts `name:port`; the colons inside brackets belong to the name.
fn split_port(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memrchr(b':', text) {
        Some(at) if !text.ends_with(b"]") => (&text[..at], Some(&text[at + 1..])),
        _ => (text, None),
    }
}

//! The header fields that matter, picked from the many that do not. Deliberately not here: what follows from them together
//! (see `head`), and fields that nobody may be trusted to set, such as `X-Forwarded-For`.

use httparse::Header;

use crate::transport::quirks::is_silent_on_oneway;

use super::refusal::{Refusal, Status};

const TWICE: Refusal = Refusal::bad("a header that may appear only once appears twice");
const LENGTH: Refusal = Refusal::bad("a malformed Content-Length");
const CODING: Refusal = Refusal::new(Status::NotImplemented, "a transfer coding other than chunked");

/// What a head says about itself. Values borrow the head.
#[derive(Default)]
pub(super) struct Fields<'h> {
    pub(super) host: Option<&'h [u8]>,
    pub(super) origin: Option<&'h [u8]>,
    pub(super) content_type: Option<&'h [u8]>,
    /// The method that a preflight asks for (Fetch, 3.3.2).
    pub(super) asked_method: Option<&'h [u8]>,
    pub(super) length: Option<usize>,
    pub(super) chunked: bool,
    pub(super) connection: Connection,
    pub(super) expect: Expect,
    /// A `Content-Encoding` other than `identity`, or none.
    pub(super) encoded: bool,
    pub(super) silent_oneway: bool,
    pub(super) websocket: WebSocket<'h>,
}

/// What asks for WebSocket (RFC 6455 4.2.1).
#[derive(Default)]
pub(super) struct WebSocket<'h> {
    /// `Upgrade` names it.
    pub(super) asked: bool,
    pub(super) key: Option<&'h [u8]>,
    pub(super) version: Option<&'h [u8]>,
    pub(super) protocols: Option<&'h [u8]>,
}

/// The options of all `Connection` lines that change anything.
#[derive(Default)]
pub(super) struct Connection {
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    pub(super) upgrade: bool,
}

/// RFC 9110 10.1.1.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    #[default]
    Nothing,
    Continue,
    Unknown,
}

impl<'h> Fields<'h> {
    pub(super) fn collect(headers: &[Header<'h>]) -> Result<Self, Refusal> {
        let mut fields = Self::default();
        for header in headers {
            fields.take(header.name, header.value)?;
        }
        Ok(fields)
    }

    /// The length of a name rules out nearly all lines before a letter is compared.
    fn take(&mut self, name: &str, value: &'h [u8]) -> Result<(), Refusal> {
        let is = |wanted: &str| is_word(name.as_bytes(), wanted);
        match name.len() {
            4 if is("Host") => once(&mut self.host, value)?,
            6 if is("Origin") => once(&mut self.origin, value)?,
            6 if is("Expect") => self.expect = self.expect.and(value),
            7 if is("Upgrade") => self.websocket.asked |= lists(value, "websocket"),
            10 if is("Connection") => self.connection.read(value),
            10 if is("User-Agent") => self.silent_oneway = is_silent_on_oneway(value),
            12 if is("Content-Type") => once(&mut self.content_type, value)?,
            14 if is("Content-Length") => once(&mut self.length, content_length(value)?)?,
            16 if is("Content-Encoding") => self.encoded |= !value.is_empty() && !value.eq_ignore_ascii_case(b"identity"),
            17 if is("Sec-WebSocket-Key") => once(&mut self.websocket.key, value)?,
            21 if is("Sec-WebSocket-Version") => once(&mut self.websocket.version, value)?,
            // RFC 6455 11.3.4: over several lines it is one list. The first line is enough to choose from.
            22 if is("Sec-WebSocket-Protocol") => _ = self.websocket.protocols.get_or_insert(value),
            17 if is("Transfer-Encoding") => self.transfer_coding(value)?,
            29 if is("Access-Control-Request-Method") => once(&mut self.asked_method, value)?,
            _ => {}
        }
        Ok(())
    }

    /// RFC 9112 6.1: a coding that is not understood is answered with 501; `chunked` must not be applied twice.
    fn transfer_coding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if std::mem::replace(&mut self.chunked, true) {
            return Err(TWICE);
        }
        if value.eq_ignore_ascii_case(b"chunked") { Ok(()) } else { Err(CODING) }
    }
}

impl Connection {
    /// RFC 9110 7.6.1: a list of options in any case, over any number of lines. An option that names a header does not remove
    /// it here: that is for proxies, and a framing header must never go.
    fn read(&mut self, value: &[u8]) {
        for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            self.close |= is_word(option, "close");
            self.keep_alive |= is_word(option, "keep-alive");
            self.upgrade |= is_word(option, "upgrade");
        }
    }
}

impl Expect {
    fn and(self, value: &[u8]) -> Self {
        if self != Self::Unknown && value.eq_ignore_ascii_case(b"100-continue") { Self::Continue } else { Self::Unknown }
    }
}

/// Equal in any case. Nearly all words come in the usual case, and that one is compared as a whole.
fn is_word(text: &[u8], wanted: &str) -> bool {
    text == wanted.as_bytes() || text.eq_ignore_ascii_case(wanted.as_bytes())
}

/// Whether this is one of a list with commas.
fn lists(value: &[u8], wanted: &str) -> bool {
    value.split(|&byte| byte == b',').any(|option| is_word(option.trim_ascii(), wanted))
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), Refusal> {
    if slot.replace(value).is_some() { Err(TWICE) } else { Ok(()) }
}

/// RFC 9112 6.3 (5) lets a server take a list of equal lengths; RFC 9110 8.6 has digits only. Only digits are taken: no sign,
/// blank or list.
fn content_length(value: &[u8]) -> Result<usize, Refusal> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| usize::from(byte - b'0'));
    let sum = value.iter().try_fold(0, |sum: usize, byte| sum.checked_mul(10)?.checked_add(digit(byte)?));
    sum.filter(|_| !value.is_empty()).ok_or(LENGTH)
}

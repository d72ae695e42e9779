//! Where the requests of a client go, and what stands in all of them: checked once, so that no name, path or field ends a line.

use super::limits::{HEADER_LINE_MAX, REQUEST_LINE_MAX};
use super::scan::{is_text, is_token};

/// What cannot stand in the head of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidHead(&'static str);

/// Where requests go, and the fields that all of them have.
#[derive(Clone, Debug)]
pub struct Destination {
    path: String,
    fields: String,
}

impl Destination {
    /// `path` at `host`, which may have a port behind a colon.
    ///
    /// # Errors
    /// Where one of them cannot stand in a request.
    pub fn new(host: &str, path: &str) -> Result<Self, InvalidHead> {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_word(host) || host.contains(['/', '?', '#', '@']) {
            return Err(InvalidHead("not a host"));
        }
        if !is_word(path) || !path.starts_with('/') || path.contains('#') || path.len() > REQUEST_LINE_MAX - 20 {
            return Err(InvalidHead("not a path: it begins with a slash, and other characters than ASCII are percent-encoded"));
        }
        let version = env!("CARGO_PKG_VERSION");
        Ok(Self { path: path.to_owned(), fields: format!("Host: {host}\r\nUser-Agent: farthing/{version}\r\n") })
    }

    /// Adds a field to every request.
    ///
    /// # Errors
    /// Where it cannot stand there, or says what is said without it.
    pub fn field(mut self, name: &str, value: &str) -> Result<Self, InvalidHead> {
        const OWN: [&str; 10] = [
            "Host",
            "Connection",
            "Content-Length",
            "Content-Type",
            "Transfer-Encoding",
            "Expect",
            "Upgrade",
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Extensions",
        ];
        if name.is_empty() || !name.bytes().all(is_token) || name.len() + value.len() > HEADER_LINE_MAX - 2 {
            return Err(InvalidHead("not a name of a header field"));
        }
        if OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return Err(InvalidHead("a header field that the client sets by itself"));
        }
        if !value.bytes().all(is_text) {
            return Err(InvalidHead("a character that cannot stand in a header field"));
        }
        for part in [name, ": ", value, "\r\n"] {
            self.fields.push_str(part);
        }
        Ok(self)
    }

    /// The head of a request by `method`, up to where its own fields follow.
    pub(in crate::transport) fn head(&self, method: &str) -> String {
        let Self { path, fields } = self;
        format!("{method} {path} HTTP/1.1\r\n{fields}")
    }
}

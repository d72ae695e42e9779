//! What a peer may make this side hold or read, and which browsers and host names are welcome. Numbers only; the checks stand
//! where the bytes are.

/// Longest request line without its line end; beyond it 414.
pub(super) const REQUEST_LINE_MAX: usize = 8 * 1024;
/// Longest header line without its line end; beyond it 431.
pub(super) const HEADER_LINE_MAX: usize = 8 * 1024;
/// Longest head, from the request line to the blank line and with both; beyond it 431.
pub(super) const HEAD_MAX: usize = 32 * 1024;
/// Most header lines of a head; beyond it 431.
pub(super) const HEADERS_MAX: usize = 100;
/// Longest method; the longest registered one has 17 bytes.
pub(super) const METHOD_MAX: usize = 32;
/// Longest chunk size line without its line end.
pub(super) const CHUNK_LINE_MAX: usize = 256;
/// Most bytes of chunk extensions in one body.
pub(super) const EXTENSIONS_MAX: usize = 4 * 1024;
/// Most bytes of trailer lines behind one body.
pub(super) const TRAILERS_MAX: usize = 4 * 1024;
/// Bytes of chunk framing that are free. Beyond them a body may be framed by as many bytes as it may hold, so that the wire
/// carries at most twice `message_max` and this.
pub(super) const CHUNK_FRAMING_FREE: usize = 64 * 1024;

/// What one listener accepts over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest body in bytes, after de-chunking. Default 16,384,000; beyond it 413.
    pub message_max: usize,
    /// Origins whose pages may call, as browsers write them: `https://app.example.com`, no slash behind. Default none: a
    /// request with an `Origin` gets 403.
    pub origins: Vec<String>,
    /// Names by which clients may address this server: `example.com` for any port, or `example.com:9090`. Others get 421.
    /// Default empty, which allows every name.
    pub hosts: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message_max: 16_384_000, origins: Vec::new(), hosts: Vec::new() }
    }
}

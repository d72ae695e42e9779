//! Why a request was turned down. Texts are fixed: nothing that a peer sent is ever repeated to it.

use thiserror::Error;

/// The status codes that a refusal can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Status {
    /// The request breaks the protocol.
    BadRequest = 400,
    /// The page that sent it is not on the list.
    Forbidden = 403,
    /// Not a `POST`.
    MethodNotAllowed = 405,
    /// Head or body took too long.
    RequestTimeout = 408,
    /// A body without a length.
    LengthRequired = 411,
    /// The body is longer than allowed.
    ContentTooLarge = 413,
    /// The request line is longer than allowed.
    UriTooLong = 414,
    /// A content type that any web page can send, or a content coding.
    UnsupportedMediaType = 415,
    /// An `Expect` other than `100-continue`.
    ExpectationFailed = 417,
    /// Addressed to a host name that is not ours.
    MisdirectedRequest = 421,
    /// A version of WebSocket that is not spoken here.
    UpgradeRequired = 426,
    /// The head is longer than allowed.
    HeadersTooLarge = 431,
    /// A transfer coding other than `chunked`.
    NotImplemented = 501,
    /// No room for this request now.
    ServiceUnavailable = 503,
    /// Not HTTP/1.0 or HTTP/1.1.
    VersionNotSupported = 505,
}

impl Status {
    /// The three digits.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The registered reason phrase (RFC 9110 15; RFC 6585 5 for 431).
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::BadRequest => "Bad Request",
            Self::Forbidden => "Forbidden",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::RequestTimeout => "Request Timeout",
            Self::LengthRequired => "Length Required",
            Self::ContentTooLarge => "Content Too Large",
            Self::UriTooLong => "URI Too Long",
            Self::UnsupportedMediaType => "Unsupported Media Type",
            Self::ExpectationFailed => "Expectation Failed",
            Self::MisdirectedRequest => "Misdirected Request",
            Self::UpgradeRequired => "Upgrade Required",
            Self::HeadersTooLarge => "Request Header Fields Too Large",
            Self::NotImplemented => "Not Implemented",
            Self::ServiceUnavailable => "Service Unavailable",
            Self::VersionNotSupported => "HTTP Version Not Supported",
        }
    }
}

/// A request that is refused. The connection closes behind its answer: where the next request begins is no longer certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("HTTP {}: {reason}", .status.code())]
pub struct Refusal {
    /// The status of the answer.
    pub status: Status,
    /// The body of the answer, one line. Empty where an answer must have no body (RFC 9110 9.3.2: `HEAD`).
    pub reason: &'static str,
}

impl Refusal {
    /// A head or a body that did not arrive in time.
    pub const TIMED_OUT: Self = Self::new(Status::RequestTimeout, "the request took too long to arrive");
    /// No room for this request now.
    pub const OVERLOADED: Self = Self::new(Status::ServiceUnavailable, "the server is busy");

    /// A body that is longer than `Limits::message_max`, or is framed by about as many bytes.
    pub const TOO_LARGE: Self = Self::new(Status::ContentTooLarge, "the body is too long");

    /// A refusal with this status and reason.
    pub const fn new(status: Status, reason: &'static str) -> Self {
        Self { status, reason }
    }

    /// 400: the request breaks the protocol.
    pub(super) const fn bad(reason: &'static str) -> Self {
        Self::new(Status::BadRequest, reason)
    }
}

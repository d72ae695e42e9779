//! Why a stream cannot be taken apart any further. All of these end the connection.

use crate::wire;

use super::banner::Banner;
use super::foreign::Foreign;
use super::http::Refusal;
use super::websocket::Close;
use super::{header, inflate};

/// The stream is not what its transport asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame with a negative length or one over `frame_max`.
    #[error("frame of {0} bytes, over the limit `frame_max`")]
    FrameSize(u32),
    /// More empty frames in a row than `empty_frames_max`.
    #[error("too many empty frames in a row")]
    EmptyFrames,
    /// The first bytes are those of something else.
    #[error("the peer seems to speak {0}")]
    Foreign(Foreign),
    /// An HTTP request that is not served.
    #[error("HTTP {}: {}", .0.status.code(), .0.reason)]
    Http(Refusal),
    /// A header that cannot be read.
    #[error(transparent)]
    Header(#[from] header::Fault),
    /// A zlib stream that cannot be inflated, or not within the limits.
    #[error(transparent)]
    Inflate(inflate::Fault),
    /// A message in an envelope that cannot be read, though the envelope can.
    #[error(transparent)]
    Denied(header::Denial),
    /// WebSocket frames that must not be sent, by the code that says why.
    #[error("WebSocket: {0}")]
    WebSocket(Close),
    /// A server that speaks something else than its client.
    #[error("the peer speaks {0}")]
    Speaks(Banner),
    /// An HTTP response that carries no message: its status says why.
    #[error("the peer answered HTTP status {0}")]
    Status(u16),
    /// An HTTP response that breaks the protocol.
    #[error("malformed HTTP response: {0}")]
    Response(&'static str),
    /// A message without a frame whose end cannot be found.
    #[error(transparent)]
    Wire(#[from] wire::Error),
}

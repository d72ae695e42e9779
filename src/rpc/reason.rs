//! Why a conversation ends.

use crate::transport;
use crate::transport::websocket::Close;
use crate::wire;

/// Why the server side ends a connection. Each has a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The peer said what it had to say, and was answered.
    #[error("done")]
    Done,
    /// The peer asked for the connection to be closed after its last reply.
    #[error("closed as the peer asked")]
    Asked,
    /// The peer went away in the middle of a message.
    #[error("the peer closed in the middle of a message")]
    Truncated,
    /// The server is shutting down.
    #[error("shutting down")]
    Drained,
    /// No first byte within `first_byte_timeout`.
    #[error("no first byte in time")]
    FirstByteTimeout,
    /// No message within `idle_timeout`.
    #[error("idle")]
    IdleTimeout,
    /// The head of a message took longer than `header_timeout`.
    #[error("message head too slow")]
    HeaderTimeout,
    /// The body of a message took longer than `body_timeout`.
    #[error("message body too slow")]
    BodyTimeout,
    /// The head of a message cannot be read.
    #[error("unreadable message head: {0}")]
    MessageHead(wire::Error),
    /// A message that nothing delimits is wrong: where the next one begins cannot be known.
    #[error("undelimited message: {0}")]
    Undelimited(wire::Error),
    /// More protocol errors than `protocol_errors_max`.
    #[error("too many protocol errors, the last: {0}")]
    ProtocolErrors(wire::Error),
    /// A message in another protocol than the first one of the connection.
    #[error("the protocol changed within the connection")]
    CodecChanged,
    /// The stream is not what its transport asks for.
    #[error("{0}")]
    Transport(transport::Error),
}

impl Reason {
    /// The name of this reason's counter.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Asked => "asked",
            Self::Truncated => "truncated",
            Self::Drained => "drained",
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::HeaderTimeout => "header_timeout",
            Self::BodyTimeout => "body_timeout",
            Self::MessageHead(_) => "message_head",
            Self::Undelimited(_) => "undelimited",
            Self::ProtocolErrors(_) => "protocol_errors",
            Self::CodecChanged => "codec_changed",
            Self::Transport(transport::Error::FrameSize(_)) => "frame_size",
            Self::Transport(transport::Error::EmptyFrames) => "empty_frames",
            Self::Transport(transport::Error::Foreign(_)) => "wrong_transport",
            Self::Transport(transport::Error::Header(_)) => "header",
            Self::Transport(transport::Error::Inflate(_) | transport::Error::Denied(_)) => "transform",
            Self::Transport(transport::Error::WebSocket(_)) => "websocket",
            Self::Transport(_) => "transport",
        }
    }

    /// The same in the words of WebSocket.
    pub(super) fn close(self) -> Close {
        match self {
            Self::Done | Self::Asked => Close::NORMAL,
            Self::Drained | Self::FirstByteTimeout | Self::IdleTimeout | Self::HeaderTimeout | Self::BodyTimeout => Close::AWAY,
            Self::Transport(transport::Error::WebSocket(code)) => code,
            _ => Close::INVALID,
        }
    }
}

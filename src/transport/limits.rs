//! What a transport may hold before it has a whole message.

use crate::wire;

use super::{header, http};

/// Limits on the way messages are delimited, and on the messages themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Limits on the values in a message.
    pub wire: wire::Limits,
    /// Bytes in one frame, after its length. Default 16,384,000, at most 0x3FFF_FFFF.
    pub frame_max: usize,
    /// Who may call over HTTP, and how much in one body.
    pub http: http::Limits,
    /// How much a THeader message may carry beside its arguments.
    pub header: header::Limits,
    /// Empty frames in a row. Default 16.
    pub empty_frames_max: u8,
    /// How many times its compressed size a message may take once it is inflated, if that is more than 256 KiB. Default 100.
    pub inflate_ratio_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wire: wire::Limits::default(),
            frame_max: 16_384_000,
            http: http::Limits::default(),
            header: header::Limits::default(),
            empty_frames_max: 16,
            inflate_ratio_max: 100,
        }
    }
}

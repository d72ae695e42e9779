//! The framed transport: a length of four bytes before each message (TFramedTransport).

use super::error::Error;
use super::exchange::{Exchange, LENGTH_BYTES};
use super::frame::{Payload, Phase, Split};
use super::limits::Limits;

/// Takes frames off a stream.
#[derive(Debug, Default)]
pub struct Framed {
    empty_in_a_row: u8,
}

impl Framed {
    /// Looks for the next frame at the front of `input`.
    ///
    /// # Errors
    /// `FrameSize` as soon as the length is there; `EmptyFrames`.
    #[inline]
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        let mut start = 0;
        loop {
            let Some(length) = input[start..].first_chunk() else {
                // The first byte of a length begins a message, which has its own time.
                let need = if input.len() == start { 1 } else { LENGTH_BYTES };
                return Ok(Split::Need { consumed: start, need });
            };
            let declared = u32::from_be_bytes(*length);
            let length = declared as usize;
            start += LENGTH_BYTES;
            if length == 0 {
                // Asked before it is counted: the limit may be as high as the counter reaches.
                if self.empty_in_a_row >= limits.empty_frames_max {
                    return Err(Error::EmptyFrames);
                }
                self.empty_in_a_row += 1;
                continue;
            }
            if length > limits.frame_max {
                return Err(Error::FrameSize(declared));
            }
            self.empty_in_a_row = 0;
            let end = start + length;
            if input.len() < end {
                let consumed = start - LENGTH_BYTES;
                return Ok(Split::Need { consumed, need: end - consumed });
            }
            return Ok(Split::Message { consumed: end, payload: Payload::Input(start..end), exchange: Exchange::FRAMED });
        }
    }

    /// Where the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        match input.first_chunk() {
            _ if input.is_empty() => Phase::Idle,
            None => Phase::Head,
            Some(length) => Phase::Body(Some(u32::from_be_bytes(*length) as usize)),
        }
    }
}

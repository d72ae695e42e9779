//! Messages one behind the other with nothing between them (TBufferedTransport, TSocket): only their contents tell where
//! they end.
//!
//! Most messages are whole in the first read, and decoding one finds its end anyway. So the first look offers the input as
//! it is; only where that proves too short does the scanner run, and from then on each byte is looked at once.

use crate::wire::{Codec, Scan, Scanner};

use super::error::Error;
use super::exchange::Exchange;
use super::frame::{Payload, Phase, Split};
use super::limits::Limits;

/// Bytes that tell the codec of a message.
const CODEC_BYTES: usize = 2;

/// Takes messages off a stream by their contents.
#[derive(Debug)]
pub struct Unframed {
    codec: Codec,
    scanner: Option<Box<Scanner>>,
}

impl Unframed {
    /// A stream of messages of this codec.
    pub fn new(codec: Codec) -> Self {
        Self { codec, scanner: None }
    }

    /// Looks for the next message at the front of `input`: as an open one at first, and scanned to its end once
    /// [`scan_first`](Self::scan_first) was called.
    ///
    /// # Errors
    /// Where the scanner meets bytes that cannot be a message, or passes a limit.
    #[inline]
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        if self.scanner.is_some() {
            return self.scan(input, limits);
        }
        if input.len() < CODEC_BYTES {
            return Ok(Split::Need { consumed: 0, need: if input.is_empty() { 1 } else { CODEC_BYTES } });
        }
        Ok(Split::Message { consumed: 0, payload: Payload::Open, exchange: Exchange::UNFRAMED })
    }

    /// Goes on looking for the end of a message.
    #[inline(never)] // most messages are whole
    fn scan(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        let scanner = self.scanner.get_or_insert_with(|| Box::new(Scanner::new(self.codec)));
        match scanner.scan(input, &limits.wire)? {
            Scan::Need(need) => Ok(Split::Need { consumed: 0, need }),
            Scan::End(end) => {
                self.scanner = None;
                Ok(Split::Message { consumed: end, payload: Payload::Input(0..end), exchange: Exchange::UNFRAMED })
            }
        }
    }

    /// The same for input that is whole messages or will be: always scanned, never open.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn split_scanned(&mut self, input: &[u8], limits: &Limits) -> Result<Split, Error> {
        self.scan(input, limits)
    }

    /// What the messages are written in.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The open message proved longer than its input, or must be cut out whole: scan for its end at the next look.
    pub fn scan_first(&mut self) {
        self.scanner = Some(Box::new(Scanner::new(self.codec)));
    }

    /// Where the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        if input.is_empty() { Phase::Idle } else { Phase::Body(None) }
    }
}

//! What comes of looking for the next message in a stream.

use std::ops::Range;

use bytes::Bytes;

use super::exchange::Exchange;

/// What there is at the front of a stream. `consumed` bytes of the input are done with.
#[derive(Debug)]
pub enum Split {
    /// No whole message yet: call again when at least `need` bytes are there, counted after those that were consumed.
    Need {
        /// Bytes of the input that are done with.
        consumed: usize,
        /// Bytes that must be there before another call makes sense.
        need: usize,
    },
    /// Send these bytes behind the answers to earlier messages, and call again: the transport answers by itself.
    Answer {
        /// Bytes of the input that are done with.
        consumed: usize,
        /// What the peer waits for.
        bytes: Bytes,
    },
    /// The peer has said that it will say no more: the connection ends once all is answered.
    End {
        /// Bytes of the input that are done with.
        consumed: usize,
    },
    /// A message.
    Message {
        /// Bytes of the input that are done with once the message is.
        consumed: usize,
        /// Where the message is.
        payload: Payload,
        /// What its reply must know.
        exchange: Exchange,
    },
}

/// What there is at the front of what a server sent.
#[derive(Debug)]
pub enum Arrival {
    /// No whole message yet: call again when at least `need` bytes are there, counted after those that were consumed.
    Need {
        /// Bytes of the input that are done with.
        consumed: usize,
        /// Bytes that must be there before another call makes sense.
        need: usize,
    },
    /// A message.
    Message {
        /// Bytes of the input that are done with once the message is.
        consumed: usize,
        /// Where the message is.
        payload: Payload,
    },
    /// An answer without a message: a oneway message has arrived.
    Empty {
        /// Bytes of the input that are done with.
        consumed: usize,
    },
}

/// Where the bytes of a message are.
#[derive(Debug)]
pub enum Payload {
    /// In the input.
    Input(Range<usize>),
    /// Taken apart and put together again by the transport.
    Own(Bytes),
    /// From the front of the input, to an end that only its contents tell: it may not even be there yet. `consumed` is 0.
    Open,
}

/// Where in a message a stream is, which decides how long its peer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Between messages.
    Idle,
    /// In what comes before a message: a frame's length, an HTTP head.
    Head,
    /// In a message of this many bytes, where that is known.
    Body(Option<usize>),
}

//! WebSocket (RFC 6455), as far as Thrift needs it: one Thrift message in each of its messages, JSON as
//! text and all else as bytes. A message may stand behind its length, as in a frame.
//!
//! | file | holds |
//! |---|---|
//! | `handshake` | the answer to the request that HTTP ends with |
//! | `stream` | [`WebSocket`]: what a peer sends, taken apart |
//! | `client` | [`Client`]: the other side |
//! | `frame` | the head of a frame, read and written |
//! | `close` | [`Close`]: why a connection ends, as a number |
//!
//! Deliberately absent: extensions, compression among them.

mod client;
mod close;
mod handshake;
mod stream;

pub(in crate::transport) mod frame;

pub use self::client::Client;
pub use self::close::Close;
pub use self::frame::first_payload;
pub(in crate::transport) use self::handshake::{Offer, is_key, write_answer};
pub use self::stream::WebSocket;

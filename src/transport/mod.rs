//! A byte stream to whole messages and back. Sans-IO: bytes in, ranges out; no socket, no clock, no method.
//!
//! [`Transport`] is the closed set of ways to delimit a message. [`sniff`] tells from the first bytes of a connection which
//! one its peer speaks. [`Exchange`] is what the reply to one message must remember of it. [`header`] is an envelope within
//! any of them, around a single message. [`QUIRKS`] are the clients that need something special. [`Client`] is the other side
//! of the same transports.

pub mod header;
pub mod http;
pub mod websocket;

mod banner;
mod client;
mod error;
mod exchange;
mod foreign;
mod frame;
mod framed;
mod inflate;
mod inside;
mod kind;
mod limits;
mod memo;
mod quirks;
mod sniff;
mod stack;
mod stream;
mod unframed;
mod zlib;
mod zlib_client;

pub use self::banner::{Banner, Excerpt};
pub use self::client::{Client, Layered};
pub use self::error::Error;
pub use self::exchange::{Envelope, Exchange};
pub use self::foreign::Foreign;
pub use self::frame::{Arrival, Payload, Phase, Split};
pub use self::framed::Framed;
pub use self::inflate::Fault as InflateFault;
pub use self::kind::Kind;
pub use self::limits::Limits;
pub use self::memo::Memo;
pub use self::quirks::{QUIRKS, Quirk};
pub use self::sniff::{Sniff, Spoken, sniff};
pub use self::stack::{Layer, Stack, UnknownStack};
pub use self::stream::Transport;
pub use self::unframed::Unframed;
pub use self::zlib::Zlib;
pub use self::zlib_client::ZlibClient;

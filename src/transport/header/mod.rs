//! THeader: an envelope around one message (Thrift header format specification). It names the protocol of the message inside
//! and how it was transformed, and carries info headers beside it.
//!
//! It is no way to delimit a stream: it stands in whatever delimits messages, a frame, an HTTP body, a WebSocket message. As a
//! frame's own content it has no length; inside anything else its length comes first, and inside a frame it may.
//!
//! | file | holds |
//! |---|---|
//! | `parse` | [`open`]: what is in the envelope |
//! | `client` | [`Client`]: the other side |
//! | `write` | [`Return`]: the envelope around a reply |
//! | `info` | info headers on their way in, and out |
//! | `fault` | what can be wrong |
//! | `limits` | all numbers |

mod client;
mod fault;
mod info;
mod limits;
mod parse;
mod write;

pub use self::client::Client;
pub use self::fault::{Denial, Fault};
pub use self::info::{HeaderError, Headers, InfoHeaders, Pairs};
pub use self::limits::Limits;
pub use self::parse::{Content, Opened, is_header, open};
pub(super) use self::write::MAGIC;
pub use self::write::Return;

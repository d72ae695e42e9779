//! HTTP/1.1 (RFC 9110, RFC 9112), as far as Thrift needs it: a `POST` carries one message, its answer the reply. Bytes in,
//! values out. The server's side, but for [`Client`].
//!
//! | file | holds |
//! |---|---|
//! | `request` | [`Http`]: the state of one connection, and what [`Http::split`] tells |
//! | `scan` | where a head that arrives in pieces ends; the limits on its lines |
//! | `head` | a whole head, and the rules that accept or refuse it |
//! | `fields` | the header fields that matter, picked from the many that do not |
//! | `authority` | `Host`, the request target, and `Origin`: who is spoken to, and by whom |
//! | `memo` | heads that were accepted lately, so that the next call of the same client costs less |
//! | `chunked` | bodies of unknown length |
//! | `response` | what is written back |
//! | `refusal` | why a request was turned down |
//! | `client` | [`Client`]: the other side, requests out and responses in |
//! | `client_head` | a response's head |
//! | `client_memo` | the head that came last |
//! | `limits` | all numbers |
//!
//! What two parsers could read in two ways is refused: behind a proxy, a difference of opinion about where a request ends
//! lets one user's bytes run as another's request. Deliberately absent: sockets and deadlines (the caller reads
//! [`Http::phase`]), the Thrift message inside a body, content codings, any `Upgrade` but that to WebSocket, and files.

mod authority;
mod chunked;
mod client;
mod client_head;
mod client_memo;
mod destination;
mod fields;
mod head;
mod limits;
mod memo;
mod refusal;
mod request;
mod response;
mod scan;

pub use client::Client;
pub use destination::{Destination, InvalidHead};
pub use limits::Limits;
pub use memo::Memo;
pub use refusal::{Refusal, Status};
pub use request::{Http, Payload, Phase, Split};
pub use response::{CONTINUE, Exchange, write_head, write_preflight, write_refusal};
pub(super) use response::{DRAFT, complete_head};

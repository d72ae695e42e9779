//! Sockets, timers and threads: an event loop that carries bytes for an [`App`] and knows no protocol.
//!
//! One [`Reactor`] is one thread, one poll, one slab of connections, one read buffer and one outbox that all of them share.
//! A turn polls, reads the clock once, then gives each ready connection one read, its callbacks and one write. What is left
//! over (a partial message, an unsent reply) moves to a buffer that the connection owns; an idle connection owns none.
//!
//! It parses nothing, resolves no names, handles no signals and starts no shards: whoever builds a server does that.

mod abstract_name;
mod accept;
mod address;
mod alarm;
mod app;
mod breach;
mod connect;
mod connection;
mod drive;
mod errands;
mod event_loop;
mod grace;
mod inbound;
mod inbox;
mod limits;
mod listen;
mod maybe_tls;
mod memory;
mod mio_platform;
mod outbox;
mod owner;
mod peer;
mod platform;
mod pressure;
mod relief;
mod renew;
mod room;
mod route;
mod send;
mod shared;
mod socket;
mod socket_file;
mod timers;
mod token;
mod workers;

#[cfg(feature = "tls")]
mod tls;
#[path = "no_tls.rs"]
#[cfg(not(feature = "tls"))]
mod tls;

pub use address::Address;
pub use app::{App, Closed, Flow};
pub use breach::Breach;
pub use errands::Errands;
pub use event_loop::Reactor;
pub use inbound::{Inbound, Partial};
pub use inbox::Remote;
pub use limits::Limits;
pub use listen::{Acceptor, ListenOptions, Spread, adopt, listen, listens_at};
pub use maybe_tls::MaybeTls;
pub use memory::{Budget, Holding, Stage};
pub use mio_platform::Mio;
pub use outbox::Outbox;
pub use owner::Owner;
pub use peer::Peer;
pub use platform::{Event, Listener, Platform, Stream, Wake};
pub use route::Route;
pub use socket::Socket;
pub use tls::{Tls, TlsClient};
pub use token::Token;
pub use workers::{Fate, Job, Load, Pool, PoolOptions, Workers};

//! Calling a server: a blocking connection, and a pool of them for many threads. What generated clients call through.
//!
//! ```no_run
//! use farthing::client::Connection;
//! use farthing::generated::calculator::CalculatorClient;
//!
//! let connection = Connection::builder("127.0.0.1:9090").connect()?;
//! let mut calculator = CalculatorClient::new(connection);
//! assert_eq!(calculator.add(2, 3)?, 5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Builder`] says how to speak: `host:port`, `unix:/path` or `http://host:port/path`, which codec and transport, which
//! service among several, how long a call may take in all. A [`Pool`] clones into every thread:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use farthing::client::Connection;
//! use farthing::generated::cache::CacheClient;
//!
//! let pool = Connection::builder("http://cache.internal:9091/").timeout(Duration::from_secs(1)).pool().connections_max(8).build()?;
//! let mut cache = CacheClient::new(pool.clone());
//! cache.put("key", &"value".into())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Absent on purpose: an asynchronous client (`rpc::Requester` is one for any event loop), and retries of calls that
//! may have been carried out.

mod address;
mod builder;
mod connect;
mod connection;
mod deadline;
mod endpoint;
mod error;
mod inbound;
mod link;
mod pool;
mod pooled;
mod queue;
mod recording;
#[cfg(feature = "tls")]
mod secure;
mod socket;
mod stream;
mod target;

#[cfg(feature = "tls")]
mod tls;
#[path = "no_tls.rs"]
#[cfg(not(feature = "tls"))]
mod tls;

pub use self::address::AddressError;
pub use self::builder::Builder;
pub use self::connection::Connection;
pub use self::endpoint::Endpoint;
pub use self::error::{Cause, Error, Step};
pub use self::pool::{Pool, PoolBuilder};
pub use self::pooled::Pooled;
pub use self::recording::Recording;
pub use self::socket::Socket;

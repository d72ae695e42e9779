//! Certificates and keys from files, and what they make of TLS: whom a server or a client proves to be, and whom it believes.
//!
//! It carries no byte: the reactor and the client do, with the configurations made here. Trust is decided by webpki alone; no name
//! is matched by code of this project.

mod client;
mod error;
mod files;
mod names;
mod server;

pub use self::client::ClientOptions;
pub use self::error::Error;
pub use self::server::ServerOptions;

//! TLS: in memory, where every split and every full socket can be arranged, and over real sockets with real certificates.

#![cfg(feature = "cli")]

#[path = "tls/authority.rs"]
mod authority;
#[path = "tls/client.rs"]
mod client;
#[path = "tls/clients.rs"]
mod clients;
#[path = "tls/command.rs"]
mod command;
#[path = "tls/flood.rs"]
mod flood;
#[path = "tls/hostile.rs"]
mod hostile;
#[path = "tls/memory.rs"]
mod memory;
#[path = "tls/revoked.rs"]
mod revoked;
#[path = "tls/running.rs"]
mod running;
#[path = "tls/server.rs"]
mod server;
#[path = "in_process/serving.rs"]
mod serving;

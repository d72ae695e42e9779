//! The whole server on real sockets: the same hostile inputs as in memory, and what only a kernel can do to it.

#![cfg(feature = "cli")]

#[path = "server/abuse.rs"]
mod abuse;
#[path = "server/command.rs"]
mod command;
#[path = "server/guests.rs"]
mod guests;
#[path = "server/handlers.rs"]
mod handlers;
#[path = "server/idle.rs"]
mod idle;
#[path = "server/large.rs"]
mod large;
#[path = "server/logs.rs"]
mod logs;
#[path = "server/memory.rs"]
mod memory;
#[path = "server/net.rs"]
mod net;
#[path = "server/readers.rs"]
mod readers;
#[path = "server/reload.rs"]
mod reload;
#[path = "in_process/serving.rs"]
mod serving;
#[path = "server/streams.rs"]
mod streams;
mod vectors;

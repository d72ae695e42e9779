//! THeader, zlib streams and WebSocket as whole conversations: what Apache's library wrote, every row of the vectors again
//! inside each of them, info headers on every way that a reply can take, and the end of a conversation.

#![cfg(feature = "server")]

#[path = "in_memory/buffer.rs"]
mod buffer;
#[allow(dead_code)]
#[path = "conversation/peer.rs"]
mod peer;
mod vectors;

#[path = "transports/again.rs"]
mod again;
#[path = "transports/apache.rs"]
mod apache;
#[path = "transports/headers.rs"]
mod headers;
#[path = "transports/streams.rs"]
mod streams;

//! Whole conversations in memory: every hostile input at every cut, replies in order whatever finishes first, deadlines under
//! a clock that the test moves. What sockets add is in `server.rs`.

#![cfg(feature = "server")]

#[path = "in_memory/buffer.rs"]
mod buffer;
#[path = "conversation/peer.rs"]
mod peer;
mod vectors;

#[path = "conversation/cuts.rs"]
mod cuts;
#[path = "conversation/order.rs"]
mod order;
#[path = "conversation/time.rs"]
mod time;
#[path = "conversation/web.rs"]
mod web;

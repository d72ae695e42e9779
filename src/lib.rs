//! farthing: Apache Thrift from scratch, on a mio event loop.
//!
//! Three pillars stand on the ground and do not know one another: [`wire`] (Thrift values to bytes and back), [`reactor`]
//! (sockets, timers, threads) and [`idl`] (the language). The protocol pillar grows `wire < transport < rpc` without ever
//! touching a socket or a clock; the machine pillar moves bytes without knowing Thrift. They meet in [`server`] and [`load`].

mod include;
pub mod rpc;
pub mod transport;
pub mod wire;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "codegen")]
pub mod codegen;
#[cfg(feature = "services")]
pub mod generated;
#[cfg(feature = "codegen")]
pub mod idl;

#[cfg(feature = "dynamic")]
pub mod dynamic;

#[cfg(feature = "server")]
pub mod reactor;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "services")]
pub mod services;

#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "tls")]
pub mod tls;

#[cfg(feature = "cli")]
pub mod cli;

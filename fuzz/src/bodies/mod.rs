//! The bodies of the fuzz targets: what must hold for any bytes whatsoever. A body returns nothing and panics where it does
//! not hold.
//!
//! | file | holds |
//! |---|---|
//! | `connection` | the server side of a connection, however its bytes are cut |
//! | `codecs` | a struct of each codec: read, skipped, scanned, written; the same value in all of them |
//! | `typed` | the structs of the conformance services, from values that `draw` makes by their IDL |
//! | `differential` | Apache's crate beside ours |
//! | `header`, `zlib`, `http`, `websocket` | what delimits messages, however the stream is cut |
//! | `idl` | the compiler and the code generator |
//! | `value` | a value of any type |
//! | `cuts` | the pieces that a stream comes in, and what a transport finds in them |

#![allow(unreachable_pub)] // the test that replays them is one crate, the fuzzer's is another

mod codecs;
mod connection;
mod cuts;
mod differential;
mod draw;
mod header;
mod http;
mod idl;
mod targets;
mod typed;
mod value;
mod websocket;
mod zlib;

pub use self::codecs::{binary, compact, cross, in_codec, json};
pub use self::connection::connection;
pub use self::differential::differential;
pub use self::header::header;
pub use self::http::http;
pub use self::idl::idl;
pub use self::targets::TARGETS;
pub use self::typed::typed;
pub use self::websocket::websocket;
pub use self::zlib::zlib;

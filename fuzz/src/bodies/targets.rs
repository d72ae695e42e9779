//! The targets by name.

use super::{binary, compact, connection, cross, differential, header, http, idl, json, typed, websocket, zlib};

/// A target: its name, which is that of its file and of its corpus, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 12] = [
    ("connection", connection),
    ("binary", binary),
    ("compact", compact),
    ("json", json),
    ("typed", typed),
    ("cross", cross),
    ("differential", differential),
    ("header", header),
    ("zlib", zlib),
    ("http", http),
    ("websocket", websocket),
    ("idl", idl),
];

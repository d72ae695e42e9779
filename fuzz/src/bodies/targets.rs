//! The targets by name.

use super::{binary, compact, connection, cross, differential, header, http, idl, json, typed, websocket, zlib};

/// What must hold for any bytes.
type Body = fn(&[u8]);

/// All of them: the name, which is that of the file and of the corpus, and the body.
pub const TARGETS: [(&str, Body); 12] = [
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

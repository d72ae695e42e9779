//! Clients in the field that need something special, and what is done for each. One table, so that nobody meets such a need as
//! a riddle in some other file; `tests/quirks.rs` holds a test for every row.

/// A client with a need of its own.
#[derive(Clone, Copy, Debug)]
pub struct Quirk {
    /// Which client.
    pub client: &'static str,
    /// In which versions.
    pub versions: &'static str,
    /// What it does that others do not.
    pub need: &'static str,
    /// What is done about it, and where.
    pub answer: &'static str,
    /// The test that holds it.
    pub test: &'static str,
}

/// All of them.
pub const QUIRKS: [Quirk; 7] = [
    Quirk {
        client: "C++ THttpClient",
        versions: "up to 0.23",
        need: "reads no reply of a oneway call, and would take one for that of its next call",
        answer: "no HTTP response to a oneway call: http/fields.rs asks `is_silent_on_oneway` by User-Agent",
        test: "cpp_http_before_024_gets_no_reply_to_a_oneway_call",
    },
    Quirk {
        client: "Lua THttpTransport",
        versions: "all",
        need: "reads no reply of a oneway call, and would take one for that of its next call",
        answer: "no HTTP response to a oneway call: http/fields.rs asks `is_silent_on_oneway` by User-Agent",
        test: "lua_http_gets_no_reply_to_a_oneway_call",
    },
    Quirk {
        client: "Java and C++ 0.24 THttpClient",
        versions: "all",
        need: "waits for the HTTP response of a oneway call, with a short time-out",
        answer: "the response leaves before the handler runs: rpc/message.rs holds the call back until it is sent",
        test: "java_http_oneway_is_answered_before_it_runs",
    },
    Quirk {
        client: "PHP THttpClient with the C extension",
        versions: "all",
        need: "sends `Connection: close` and reads until the connection ends, whatever Content-Length says",
        answer: "the connection ends behind the reply: http/head.rs, rpc/message.rs",
        test: "php_http_reads_until_the_connection_ends",
    },
    Quirk {
        client: "Python, accelerated protocols over TZlibTransport",
        versions: "all",
        need: "reads on behind a reply for the four bytes of the flush, and hangs if they come later",
        answer: "one deflate and one flush per turn, in one piece: transport/zlib.rs",
        test: "python_zlib_gets_reply_and_flush_in_one_piece",
    },
    Quirk {
        client: "C++ THeaderTransport",
        versions: "all",
        need: "pads a header that needs no padding with one more word",
        answer: "zeros behind the info headers are passed over: transport/header/info.rs",
        test: "cpp_header_is_padded_by_a_whole_word",
    },
    Quirk {
        client: "Node.js over WebSocket, and browsers",
        versions: "all",
        need: "gives up where it offers subprotocols and none is taken, whatever their names",
        answer: "`thrift` is taken, else the first one: transport/websocket/handshake.rs",
        test: "node_websocket_gets_one_of_its_subprotocols",
    },
];

/// Whether the client of this `User-Agent` reads no reply of a oneway call. Of C++ the version is the only sign:
/// `Thrift/0.17.0 (C++/THttpClient)`.
pub(super) fn is_silent_on_oneway(agent: &[u8]) -> bool {
    let Some(rest) = agent.strip_prefix(b"Thrift/") else {
        return false;
    };
    if rest.ends_with(b" (Lua/THttpClient)") {
        return true;
    }
    let Some(version) = rest.strip_prefix(b"0.").and_then(|rest| rest.strip_suffix(b" (C++/THttpClient)")) else {
        return false;
    };
    let minor = version.split(|&byte| byte == b'.').next().unwrap_or_default();
    matches!(std::str::from_utf8(minor).ok().and_then(|text| text.parse::<u8>().ok()), Some(0..=23))
}

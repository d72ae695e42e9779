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
pub const QUIRKS: [Quirk; 9] = [
    Quirk {
        client: "C++ THttpClient",
        versions: "up to 0.23",
        need: "reads no reply of a oneway call, and would take one for that of its next call",
        answer: "no HTTP response to a oneway call: http/fields.rs asks `is_silent_on_oneway` by User-Agent",
        test: "cpp_http_before_024_gets_no_reply_to_a_oneway_call",
    },
    Quirk {
        client: "D TClientHttpTransport",
        versions: "all, 0.24 being the newest",
        need: "the same: it reads no reply of a oneway call",
        answer: "the same",
        test: "d_http_gets_no_reply_to_a_oneway_call",
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
    Quirk {
        client: "Node.js over HTTP with TFramedTransport",
        versions: "all",
        need: "puts a frame into each HTTP body, and wants one back",
        answer: "a body that is a frame is answered by one: rpc/envelope.rs",
        test: "node_http_is_answered_in_a_frame_where_it_sends_one",
    },
];

/// Whether the client of this `User-Agent` reads no reply of a oneway call. Language and version are the only signs:
/// `Thrift/0.17.0 (C++/THttpClient)`.
pub(super) fn is_silent_on_oneway(agent: &[u8]) -> bool {
    let Some(agent) = agent.strip_prefix(b"Thrift/").and_then(|rest| std::str::from_utf8(rest).ok()) else { return false };
    match agent.split_once(' ') {
        Some((version, "(C++/THttpClient)")) => minor_of_zero(version).is_some_and(|minor| minor <= 23),
        Some((_, "(D/TClientHttpTransport)" | "(Lua/THttpClient)")) => true,
        _ => false,
    }
}

/// The 17 of `0.17.0`.
fn minor_of_zero(version: &str) -> Option<u8> {
    version.strip_prefix("0.")?.split('.').next()?.parse().ok()
}

//! The hostile inputs of `cases.txt`, read once and used by every test that feeds a server: in memory, over sockets, and by
//! the fuzz targets as their first corpus. What one of them means is written beside it in the file; how it is judged, in the
//! tests.

#![allow(dead_code)] // each test uses its part

mod notation;
mod probe;
mod reply;

pub(crate) use self::notation::bytes;
#[allow(unused_imports)] // each test uses its part
pub(crate) use self::probe::{Calls, Probe, services};
pub(crate) use self::reply::{Answer, Replies};

/// One row: what is sent, on what, and what must come back.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) over: Over,
    /// The whole stream that the peer sends.
    pub(crate) stream: Vec<u8>,
    pub(crate) expected: Vec<Reaction>,
    /// Settings by name, as in a configuration file.
    pub(crate) settings: Vec<(String, String)>,
}

/// What a row is sent over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// The bytes are the stream, whatever it is.
    Raw,
    Framed,
    Unframed,
    Http,
}

/// What a peer sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// An answer, perhaps to this seqid, perhaps with this result struct.
    Ok { seqid: Option<i32>, body: Option<Vec<u8>> },
    /// A TApplicationException of this type.
    Exception { kind: i32, seqid: Option<i32> },
    /// An HTTP status that is not Thrift's, or an empty 200.
    Http(u16),
    /// A WebSocket pong with this.
    Pong(Vec<u8>),
    /// A WebSocket close frame with this code, behind which the connection ends.
    WebSocket(u16),
    /// The connection ends, perhaps counted under this name.
    Close(Option<String>),
    /// One of several.
    Either(Vec<Reaction>),
}

/// A request for WebSocket.
pub(crate) const UPGRADE: &[u8] = b"GET /test HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A masked WebSocket frame, whose first byte is given.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => bytes.extend([&[0xfe][..], &(length as u16).to_be_bytes()].concat()),
        length => bytes.extend([&[0xff][..], &(length as u64).to_be_bytes()].concat()),
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// All rows, each once per transport that it names.
pub(crate) fn cases() -> Vec<Case> {
    let lines = include_str!("cases.txt").lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.flat_map(rows).collect()
}

fn rows(line: &str) -> Vec<Case> {
    let columns: Vec<_> = line.split(" | ").map(str::trim).collect();
    let [id, _codec, transports, notation, expected, settings @ ..] = columns.as_slice() else { panic!("columns: {line}") };
    let settings = settings.iter().flat_map(|text| text.split_whitespace()).filter_map(|pair| pair.split_once('='));
    let settings: Vec<_> = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let payload = bytes(notation);
    let transports = transports.replace("all", "framed,unframed,http");
    let row = |name: &str| {
        let over = match name {
            "raw" => Over::Raw,
            "framed" => Over::Framed,
            "unframed" => Over::Unframed,
            "http" => Over::Http,
            other => panic!("transport {other}: {line}"),
        };
        let expected = expected
            .split_whitespace()
            .filter(|text| *text != "WAIT")
            .map(reaction)
            .flat_map(|reaction| over.turns(reaction))
            .collect();
        Case { id: format!("{id}/{name}"), over, stream: over.wrap(&payload), expected, settings: settings.clone() }
    };
    transports.split(',').map(row).collect()
}

impl Over {
    /// The payload as this transport carries it.
    pub(crate) fn wrap(self, payload: &[u8]) -> Vec<u8> {
        let head = match self {
            Self::Raw | Self::Unframed => Vec::new(),
            Self::Framed => (payload.len() as u32).to_be_bytes().to_vec(),
            Self::Http => format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", payload.len()).into_bytes(),
        };
        [head, payload.to_vec()].concat()
    }

    /// A reaction as this transport shows it: unframed streams end behind every protocol error, because the next message
    /// cannot be found; HTTP says why it closes, and acknowledges what has no answer.
    fn turns(self, reaction: Reaction) -> Vec<Reaction> {
        match (self, reaction) {
            (Self::Unframed, exception @ Reaction::Exception { kind: 7, .. }) => vec![exception, Reaction::Close(None)],
            (Self::Unframed, Reaction::Either(several)) => vec![Reaction::Either(several), Reaction::Close(Some("?".into()))],
            (Self::Http, Reaction::Close(_)) => vec![Reaction::Http(400), Reaction::Close(None)],
            (Self::Http, Reaction::Http(0)) => vec![Reaction::Http(200)],
            (_, Reaction::Http(0)) => Vec::new(),
            (_, reaction) => vec![reaction],
        }
    }
}

/// `OK`, `OK@ffffffff`, `OK=0b0000`, `EXC7`, `HTTP400`, `PONG=ff`, `WS1002`, `CLOSE`, `CLOSE:frame_size`, `SILENT`, or `OK/EXC7` for either.
fn reaction(text: &str) -> Reaction {
    if text.contains('/') {
        return Reaction::Either(text.split('/').map(reaction).collect());
    }
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("number {text}"));
    let seqid = text.split_once('@').map(|(_, hex)| u32::from_str_radix(hex, 16).expect("a seqid").cast_signed());
    let plain = text.split('@').next().unwrap_or_default();
    match plain.split_once(['=', ':']) {
        Some(("OK", body)) => Reaction::Ok { seqid, body: Some(bytes(body)) },
        Some(("PONG", carried)) => Reaction::Pong(bytes(carried)),
        Some(("CLOSE", reason)) => Reaction::Close(Some(reason.to_owned())),
        None if plain == "OK" => Reaction::Ok { seqid, body: None },
        None if plain == "CLOSE" => Reaction::Close(None),
        None if plain == "SILENT" => Reaction::Http(0),
        None if plain.starts_with("EXC") => Reaction::Exception { kind: number(&plain[3..]), seqid },
        None if plain.starts_with("WS") => Reaction::WebSocket(number(&plain[2..]) as u16),
        None if plain.starts_with("HTTP") => Reaction::Http(number(&plain[4..]) as u16),
        _ => panic!("reaction {text}"),
    }
}

impl Reaction {
    /// Whether this is what came.
    pub(crate) fn allows(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Either(several), answer) => several.iter().any(|one| one.allows(answer)),
            (Self::Ok { seqid, body }, Answer::Reply { seqid: got, body: bytes, .. }) => {
                seqid.is_none_or(|wanted| wanted == *got) && body.as_ref().is_none_or(|wanted| wanted == bytes)
            }
            (Self::Exception { kind, seqid }, Answer::Exception { kind: got, seqid: number, .. }) => {
                kind == got && seqid.is_none_or(|wanted| wanted == *number)
            }
            (Self::Http(wanted), Answer::Http(got)) | (Self::WebSocket(wanted), Answer::Close(got)) => wanted == got,
            (Self::Pong(wanted), Answer::Pong(got)) => wanted == got,
            _ => false,
        }
    }
}

/// Checks what came back, and whether the connection ended, against a row. The name of the end is checked where it is known.
pub(crate) fn judge(case: &Case, answers: &[Answer], closed: Option<&str>) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{}: {what}: wanted {:?}, got {answers:?}, closed {closed:?}", case.id, case.expected));
    let mut left = answers.iter();
    for reaction in &case.expected {
        match reaction {
            Reaction::Close(Some(reason)) if reason == "?" => return Ok(()),
            Reaction::Close(reason) => match (closed, reason) {
                (None, _) => return wrong("still open"),
                (Some(got), Some(wanted)) if !got.is_empty() && got != wanted => return wrong("closed for another reason"),
                _ => {}
            },
            reaction => match left.next() {
                Some(answer) if reaction.allows(answer) => {}
                _ => return wrong("another answer"),
            },
        }
    }
    if left.next().is_some() {
        return wrong("an answer too many");
    }
    let closes = case.expected.iter().any(|reaction| matches!(reaction, Reaction::Close(_) | Reaction::WebSocket(_)));
    if closed.is_some() && !closes { wrong("closed") } else { Ok(()) }
}

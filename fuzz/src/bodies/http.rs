//! HTTP: the same requests however the stream is cut and whatever was seen before, and the bodies that another parser finds.

use farthing::transport::http::{self, Limits as HttpLimits};
use farthing::transport::{Client, Limits, Memo, Spoken, Transport};
use httparse::{EMPTY_HEADER, Request, Status};

use super::cuts::{Found, however_cut, pieces, replies, take_apart};

/// Header lines that the other parser takes.
const HEADERS_MAX: usize = 200;

/// [Pieces](pieces): the stream is what a client sends, or a server, by the options.
///
/// # Panics
/// Where a cut or a memory changes what is found, or another parser finds something else in what is accepted.
pub fn http(data: &[u8]) {
    let Some((options, pieces, stream)) = pieces(data) else { return };
    let mut limits = Limits::default();
    if options & 1 != 0 {
        let (origins, hosts) = (vec!["https://a.example".to_owned()], vec!["a".to_owned(), "a.example:9090".to_owned()]);
        limits.http = HttpLimits { message_max: 1000, origins, hosts };
    }
    if options & 2 != 0 {
        let client = || Client::http(http::Client::new("a", "/").expect("they can stand in a request"));
        however_cut((&pieces, stream), |pieces| replies(client(), pieces, &limits));
        return;
    }
    let find = |pieces: &[&[u8]]| take_apart(Transport::new(Spoken::Http), pieces, &limits, &mut Memo::new());
    let found = however_cut((&pieces, stream), find);
    let mut memo = Memo::new();
    for _ in 0..3 {
        let again = take_apart(Transport::new(Spoken::Http), &[stream], &limits, &mut memo);
        assert_eq!(again, found, "it remembers: {}", stream.escape_ascii());
    }
    compare(&found, stream);
}

/// All bodies up to a switch to WebSocket are where another parser finds them.
fn compare(found: &Found, stream: &[u8]) {
    let mut rest = stream;
    let mut messages = found.messages.as_slice();
    while let [(message, _), later @ ..] = messages {
        let Some(other) = parse(rest) else { panic!("the other parser finds no request: {}", stream.escape_ascii()) };
        match other.body {
            Some(body) => {
                assert_eq!(body, *message, "another body: {}", stream.escape_ascii());
                messages = later;
            }
            None if other.method == "GET" => return,
            None => assert_eq!(other.method, "OPTIONS", "{}", stream.escape_ascii()),
        }
        rest = &rest[other.length..];
    }
}

/// A request as another parser reads it.
struct Other {
    method: String,
    body: Option<Vec<u8>>,
    length: usize,
}

/// The head is read twice: by httparse, and line by line.
fn parse(stream: &[u8]) -> Option<Other> {
    let blank = if stream.starts_with(b"\r\n") { 2 } else { 0 };
    let stream = &stream[blank..];
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut request = Request::new(&mut headers);
    let Ok(Status::Complete(head)) = request.parse(stream) else { return None };
    let text = std::str::from_utf8(stream.get(..head)?.strip_suffix(b"\r\n\r\n")?).ok()?;
    let mut lines = text.split("\r\n");
    let words: Vec<_> = lines.next()?.split(' ').collect();
    assert_eq!((words.len(), words.first().copied()), (3, request.method), "{text:?}");
    let fields: Vec<_> = lines.map(|line| line.split_once(':').expect("a colon")).collect();
    let read: Vec<_> = request.headers.iter().map(|header| (header.name, header.value)).collect();
    assert_eq!(fields.iter().map(|(name, value)| (*name, value.trim().as_bytes())).collect::<Vec<_>>(), read);
    let values = |wanted: &str| {
        let same = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        same.map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    let method = (*words.first()?).to_owned();
    let behind = &stream[head..];
    let (body, length) = match (&values("content-length")[..], &values("transfer-encoding")[..]) {
        _ if method != "POST" => (None, 0),
        ([length], []) => {
            let length = length.parse().ok()?;
            (Some(behind.get(..length)?.to_vec()), length)
        }
        ([], [coding]) if coding.eq_ignore_ascii_case("chunked") => {
            let (body, length) = dechunk(behind)?;
            (Some(body), length)
        }
        _ => return None,
    };
    Some(Other { method, body, length: blank + head + length })
}

/// A body in chunks, and how many bytes it takes.
fn dechunk(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut rest, mut body) = (stream, Vec::new());
    loop {
        let (line, behind) = line(rest)?;
        let size = line.split(|byte| *byte == b';').next()?.trim_ascii();
        let size = usize::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()?;
        rest = behind;
        if size == 0 {
            break;
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
    loop {
        let (trailer, behind) = line(rest)?;
        rest = behind;
        if trailer.is_empty() {
            return Some((body, stream.len() - rest.len()));
        }
    }
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((&bytes[..end], &bytes[end + 2..]))
}

//! What a server sent back, read by a second hand: nothing of the library's own encoders is believed here.

use farthing::rpc::ApplicationException;
use farthing::wire::{Codec, Input, Limits};
use flate2::{Decompress, FlushDecompress};

/// One thing that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A reply with its result struct.
    Reply { method: String, seqid: i32, body: Vec<u8> },
    /// A TApplicationException.
    Exception { method: String, seqid: i32, kind: i32, text: String },
    /// An HTTP response without a Thrift message: a refusal, an interim answer or an acknowledgement.
    Http(u16),
    /// A WebSocket pong, with what it carries.
    Pong(Vec<u8>),
    /// A WebSocket close frame, with its code.
    Close(u16),
}

/// A stream of answers, taken apart. What is not whole stays.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    bytes: Vec<u8>,
    inflater: Option<Decompress>,
    websocket: bool,
    /// Answers that were told to be the last on their connection.
    pub(crate) closing: usize,
}

impl Replies {
    /// The answers in a whole stream.
    ///
    /// # Panics
    /// Where it holds half an answer, or none at all.
    pub(crate) fn all(stream: &[u8]) -> Vec<Answer> {
        let mut replies = Self::default();
        let answers = replies.feed(stream);
        assert!(replies.is_clean(), "half an answer: {:?}", replies.bytes);
        answers
    }

    /// Takes bytes, and gives the answers that are whole now.
    pub(crate) fn feed(&mut self, stream: &[u8]) -> Vec<Answer> {
        if self.bytes.is_empty() && stream.first() == Some(&0x78) {
            self.inflater.get_or_insert_with(|| Decompress::new(true));
        }
        match &mut self.inflater {
            Some(inflater) => inflate(inflater, stream, &mut self.bytes),
            None => self.bytes.extend(stream),
        }
        let mut answers = Vec::new();
        let mut rest = &*self.bytes;
        while let Some((answer, used, closing)) = if self.websocket { frame(rest) } else { next(rest) } {
            self.websocket |= answer == Answer::Http(101);
            answers.push(answer);
            self.closing += usize::from(closing);
            rest = &rest[used..];
        }
        let used = self.bytes.len() - rest.len();
        self.bytes.drain(..used);
        answers
    }

    /// Whether no half answer is left.
    pub(crate) fn is_clean(&self) -> bool {
        self.bytes.is_empty()
    }
}

fn inflate(inflater: &mut Decompress, mut stream: &[u8], out: &mut Vec<u8>) {
    while !stream.is_empty() {
        out.reserve(4096);
        let before = inflater.total_in();
        inflater.decompress_vec(stream, out, FlushDecompress::Sync).expect("a zlib stream");
        stream = &stream[(inflater.total_in() - before) as usize..];
    }
    while out.len() == out.capacity() {
        out.reserve(4096);
        _ = inflater.decompress_vec(&[], out, FlushDecompress::Sync);
    }
}

fn next(bytes: &[u8]) -> Option<(Answer, usize, bool)> {
    if bytes.starts_with(b"HTTP") {
        return http(bytes);
    }
    if matches!(bytes.first(), Some(0x80 | 0x82 | b'[')) {
        let (answer, used) = message(bytes)?;
        return Some((answer, used, false));
    }
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    let frame = bytes.get(4..4 + length)?;
    let (answer, used) = enveloped(frame).expect("a whole message in a frame");
    assert_eq!(used, length, "bytes behind the message in a frame");
    Some((answer, 4 + length, false))
}

fn http(bytes: &[u8]) -> Option<(Answer, usize, bool)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).expect("an ASCII head");
    let status: u16 = head["HTTP/1.1 ".len()..][..3].parse().expect("a status");
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length: usize = field("Content-Length: ").map_or(0, |length| length.parse().expect("a length"));
    let body = bytes.get(end..end + length)?;
    let closing = field("Connection: ") == Some("close");
    let is_thrift = field("Content-Type: ") == Some("application/x-thrift") && !body.is_empty();
    let answer = if is_thrift {
        let (answer, used) = enveloped(body).expect("a whole message in a body");
        assert_eq!(used, length, "bytes behind the message in a body");
        answer
    } else {
        Answer::Http(status)
    };
    Some((answer, end + length, closing))
}

/// An unmasked WebSocket frame that is whole by itself.
fn frame(bytes: &[u8]) -> Option<(Answer, usize, bool)> {
    let [first, short] = *bytes.first_chunk()?;
    assert_eq!(first & 0x70, 0, "reserved bits");
    let (head, length) = match short {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize),
        short => (2, usize::from(short)),
    };
    let payload = bytes.get(head..head + length)?;
    let answer = match first {
        0x81 | 0x82 => {
            let behind = payload.strip_prefix(&(length as u32 - 4).to_be_bytes()[..]).filter(|rest| rest[0] == 0x80);
            let payload = behind.unwrap_or(payload);
            let (answer, used) = enveloped(payload).expect("a whole message in a frame");
            assert_eq!(used, payload.len(), "bytes behind the message in a frame");
            answer
        }
        0x88 => Answer::Close(u16::from_be_bytes(payload.try_into().expect("a code"))),
        0x8a => Answer::Pong(payload.to_vec()),
        other => panic!("a frame of type {other:x}"),
    };
    Some((answer, head + length, first == 0x88))
}

/// A message, perhaps in an envelope with the number of the message, without transforms.
fn enveloped(bytes: &[u8]) -> Option<(Answer, usize)> {
    let start = match bytes {
        [0x0f, 0xff, ..] => 0,
        [_, _, _, _, 0x0f, 0xff, ..] => 4,
        _ => return message(bytes),
    };
    if start == 4 {
        assert_eq!(u32::from_be_bytes(*bytes.first_chunk()?) as usize, bytes.len() - 4, "the length of an envelope");
    }
    let envelope = &bytes[start..];
    let words = usize::from(u16::from_be_bytes([envelope[8], envelope[9]]));
    assert!(matches!(envelope[10..12], [0 | 2, 0]), "binary or compact, no transforms");
    let (answer, used) = message(&envelope[10 + 4 * words..])?;
    let (Answer::Reply { seqid, .. } | Answer::Exception { seqid, .. }) = &answer else { panic!("no message") };
    assert_eq!(envelope[4..8], seqid.to_be_bytes(), "the number of an envelope");
    Some((answer, start + 10 + 4 * words + used))
}

/// A strict binary message, and its length.
fn message(bytes: &[u8]) -> Option<(Answer, usize)> {
    if let [0x82 | b'[', ..] = bytes {
        return other_message(bytes);
    }
    let [0x80, 0x01, 0x00, kind] = *bytes.first_chunk()? else { panic!("not a strict binary answer") };
    let length = u32::from_be_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
    let method = String::from_utf8(bytes.get(8..8 + length)?.to_vec()).expect("a name");
    let seqid = i32::from_be_bytes(*bytes.get(8 + length..)?.first_chunk()?);
    let start = 12 + length;
    let end = struct_end(bytes, start)?;
    let body = bytes[start..end].to_vec();
    let answer = match kind {
        2 => Answer::Reply { method, seqid, body },
        3 => {
            let text_length = u32::from_be_bytes(*body[3..].first_chunk()?) as usize;
            let text = String::from_utf8(body[7..7 + text_length].to_vec()).expect("text");
            assert_eq!(body[7 + text_length..][..3], [8, 0, 2], "the second field of an exception");
            let kind = i32::from_be_bytes(*body[10 + text_length..].first_chunk()?);
            Answer::Exception { method, seqid, kind, text }
        }
        other => panic!("an answer of kind {other}"),
    };
    Some((answer, end))
}

/// A message in compact or JSON. The library's own decoder reads it: no row is about what is in such an answer, and the tests of
/// the codecs are elsewhere.
fn other_message(bytes: &[u8]) -> Option<(Answer, usize)> {
    let limits = Limits::default();
    let codec = Codec::sniff(bytes)?;
    let mut input = Input::new(bytes, &limits);
    let head = codec.head(&mut input).ok()?;
    let (method, seqid, start) = (head.name.to_string(), head.seqid, input.position());
    let mut body = input.clone();
    codec.skip_body(&mut body).ok()?;
    let end = body.position();
    let answer = match head.kind.0 {
        2 => Answer::Reply { method, seqid, body: bytes[start..end].to_vec() },
        3 => {
            let exception = codec.body::<ApplicationException>(&mut input).expect("an exception");
            Answer::Exception { method, seqid, kind: exception.kind.0, text: exception.message.into_owned() }
        }
        other => panic!("an answer of kind {other}"),
    };
    Some((answer, end))
}

/// Where the struct that begins at `at` ends: a naive, recursive reading.
fn struct_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let kind = *bytes.get(at)?;
        at += 1;
        if kind == 0 {
            return Some(at);
        }
        at = value_end(bytes, at + 2, kind)?;
    }
}

fn value_end(bytes: &[u8], at: usize, kind: u8) -> Option<usize> {
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let end = match kind {
        2 | 3 => at + 1,
        4 | 10 => at + 8,
        6 => at + 2,
        8 => at + 4,
        11 => at + 4 + number(at)?,
        12 => struct_end(bytes, at)?,
        13 => {
            let (key, value) = (*bytes.get(at)?, *bytes.get(at + 1)?);
            let pair = |at: usize, _| value_end(bytes, value_end(bytes, at, key)?, value);
            (0..number(at + 2)?).try_fold(at + 6, pair)?
        }
        14 | 15 => {
            let element = *bytes.get(at)?;
            (0..number(at + 1)?).try_fold(at + 5, |at, _| value_end(bytes, at, element))?
        }
        16 => at + 16,
        other => panic!("an answer with a value of type {other}"),
    };
    (end <= bytes.len()).then_some(end)
}

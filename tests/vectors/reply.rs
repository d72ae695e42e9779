//! What a server sent back, read by a second hand: nothing of the library's own encoders is believed here.

/// One thing that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A reply with its result struct.
    Reply { method: String, seqid: i32, body: Vec<u8> },
    /// A TApplicationException.
    Exception { method: String, seqid: i32, kind: i32, text: String },
    /// An HTTP response without a Thrift message: a refusal, an interim answer or an acknowledgement.
    Http(u16),
}

/// A stream of answers, taken apart. What is not whole stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replies {
    bytes: Vec<u8>,
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
        self.bytes.extend(stream);
        let mut answers = Vec::new();
        let mut rest = &*self.bytes;
        while let Some((answer, used, closing)) = next(rest) {
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

fn next(bytes: &[u8]) -> Option<(Answer, usize, bool)> {
    if bytes.starts_with(b"HTTP") {
        return http(bytes);
    }
    if bytes.first() == Some(&0x80) {
        let (answer, used) = message(bytes)?;
        return Some((answer, used, false));
    }
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    let frame = bytes.get(4..4 + length)?;
    let (answer, used) = message(frame).expect("a whole message in a frame");
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
        let (answer, used) = message(body).expect("a whole message in a body");
        assert_eq!(used, length, "bytes behind the message in a body");
        answer
    } else {
        Answer::Http(status)
    };
    Some((answer, end + length, closing))
}

/// A strict binary message, and its length.
fn message(bytes: &[u8]) -> Option<(Answer, usize)> {
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

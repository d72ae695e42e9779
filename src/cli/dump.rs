//! What a call sent and received, byte by byte and explained: `farthing call --verbose`.

use std::fmt::Write;

use crate::dynamic::{self, Method, Note, Part};
use crate::transport::{Arrival, Client, Kind, Layer, Limits, Payload, Stack, header, websocket};
use crate::wire::{Codec, Input, MessageKind};

/// Bytes on one line.
const WIDTH: usize = 8;
/// Lines of bytes for one piece.
const LINES_MAX: usize = 4;
/// Bytes that are shown of what cannot be explained.
const UNKNOWN_MAX: usize = 256;
/// Bytes of the length of a frame.
const LENGTH_BYTES: usize = 4;
/// What stands in an envelope before its header: magic, flags, number and the header's length.
const ENVELOPE: [(usize, &str); 4] =
    [(2, "THeader"), (2, "flags"), (4, "number of the envelope"), (2, "words of 4 bytes in the header")];

/// How the bytes are to be read.
#[derive(Clone, Copy)]
pub(super) struct Dump<'p> {
    pub(super) method: Method<'p>,
    pub(super) stack: Stack,
    pub(super) codec: Codec,
}

impl Dump<'_> {
    /// What was sent.
    pub(super) fn request(self, bytes: &[u8]) -> String {
        let mut text = format!("> {} bytes sent ({}, {})\n", bytes.len(), self.codec.name(), self.stack);
        self.stream(bytes, true, &mut text);
        text
    }

    /// What was received.
    pub(super) fn reply(self, bytes: &[u8]) -> String {
        let mut text = format!("< {} bytes received\n", bytes.len());
        if !bytes.is_empty() {
            self.stream(bytes, false, &mut text);
        }
        text
    }

    fn stream(self, bytes: &[u8], is_request: bool, text: &mut String) {
        match self.stack.outer {
            Kind::Framed => frame(bytes, 0, |start, text| self.inside(bytes, start, text), text),
            Kind::Unframed => self.message(bytes, 0, text),
            Kind::Header => self.envelope(bytes, 0, text),
            Kind::Zlib => self.inflated(bytes, text),
            Kind::Http => self.http(bytes, text),
            Kind::WebSocket => self.websocket(bytes, is_request, text),
        }
    }

    /// What the transport carries from `start` on: a message, or what is around it.
    fn inside(self, bytes: &[u8], start: usize, text: &mut String) {
        match self.stack.inner {
            None => self.message(bytes, start, text),
            Some(Layer::Framed) => frame(bytes, start, |start, text| self.message(bytes, start, text), text),
            _ => self.envelope(bytes, start, text),
        }
    }

    /// The head as the text that it is, and the body.
    fn http(self, bytes: &[u8], text: &mut String) {
        let Some(end) = head(bytes, text) else { return unknown(text, bytes) };
        match Codec::sniff(&bytes[end..]) {
            _ if header::is_header(&bytes[end..]) => self.envelope(bytes, end, text),
            Some(_) => self.message(bytes, end, text),
            None if bytes.len() > end => {
                _ = writeln!(text, "  body of {} bytes", bytes.len() - end);
                unknown(text, &bytes[end..]);
            }
            None => {}
        }
    }

    /// The handshake where there was one, and the first frame without its mask.
    fn websocket(self, bytes: &[u8], is_request: bool, text: &mut String) {
        let start = head(bytes, text).unwrap_or(0);
        let Some((size, payload)) = websocket::first_payload(&bytes[start..], is_request) else {
            return unknown(text, &bytes[start..]);
        };
        let note = format!("WebSocket frame of {} bytes{}", payload.len(), if is_request { ", and its mask" } else { "" });
        piece(text, bytes, &Note { start, end: start + size, depth: 0, text: note });
        if is_request {
            _ = writeln!(text, "  without the mask:");
        }
        self.inside(&payload, 0, text);
    }

    /// An envelope behind its length, to the end of the bytes.
    fn envelope(self, bytes: &[u8], start: usize, text: &mut String) {
        let limits = Limits::default();
        let (whole, rest) = (start, &bytes[start..]);
        let frame = rest.get(LENGTH_BYTES..).filter(|frame| header::is_header(frame));
        let Some((frame, Ok(opened))) = frame.map(|frame| (frame, header::open(frame, &limits))) else {
            return unknown(text, rest);
        };
        let mut start = whole + LENGTH_BYTES;
        let note = format!("frame of {} bytes", length(rest));
        piece(text, bytes, &Note { start: whole, end: start, depth: 0, text: note });
        for (size, what) in ENVELOPE {
            piece(text, bytes, &Note { start, end: start + size, depth: 0, text: what.into() });
            start += size;
        }
        let words = usize::from(u16::from_be_bytes([bytes[start - 2], bytes[start - 1]]));
        let end = start + 4 * words;
        let pairs = opened.headers.iter().map(|(key, value)| format!("; {}: {}", key.escape_ascii(), value.escape_ascii()));
        let note = format!("{} protocol{}", opened.reply.codec().name(), pairs.collect::<String>());
        piece(text, bytes, &Note { start, end, depth: 0, text: note });
        let inside = Dump { codec: opened.reply.codec(), ..self };
        match opened.content {
            Ok(header::Content::Plain(plain)) => inside.message(bytes, whole + LENGTH_BYTES + frame.len() - plain.len(), text),
            Ok(header::Content::Inflated(inflated)) => {
                unknown(text, &bytes[end..]);
                _ = writeln!(text, "  inflated to {} bytes:", inflated.len());
                inside.message(&inflated, 0, text);
            }
            Err(denial) => {
                _ = writeln!(text, "  {denial}");
                unknown(text, &bytes[end..]);
            }
        }
    }

    fn inflated(self, bytes: &[u8], text: &mut String) {
        let mut client = Client::zlib(self.codec);
        if self.stack.inner.is_some() {
            client = client.with(Layer::Framed, self.codec);
        }
        _ = writeln!(text, "  a zlib stream:");
        unknown(text, bytes);
        match client.split(bytes, &Limits::default()) {
            Ok(Arrival::Message { payload: Payload::Own(inflated), .. }) => {
                // The length of what is inside was taken off it.
                let length = self.stack.inner.map(|_| (inflated.len() as u32).to_be_bytes());
                let plain = [length.as_ref().map_or(&[][..], |length| length), &inflated].concat();
                _ = writeln!(text, "  inflated to {} bytes:", plain.len());
                self.inside(&plain, 0, text);
            }
            Ok(_) => _ = writeln!(text, "  it holds no whole message"),
            Err(error) => _ = writeln!(text, "  {error}"),
        }
    }

    /// The message that begins at `start`.
    fn message(self, bytes: &[u8], start: usize, text: &mut String) {
        let limits = Limits::default().wire;
        let message = &bytes[start..];
        let mut input = Input::new(message, &limits);
        let head = match self.codec.head(&mut input) {
            Ok(head) => head,
            Err(error) => {
                _ = writeln!(text, "  no {} message: {error}", self.codec.name());
                return unknown(text, message);
            }
        };
        let (kind, part) = match head.kind {
            MessageKind::CALL => ("call", Part::Arguments),
            MessageKind::ONEWAY => ("oneway call", Part::Arguments),
            MessageKind::REPLY => ("reply", Part::Result),
            MessageKind::EXCEPTION => ("exception", Part::Exception),
            _ => ("message of an unknown type", Part::Result),
        };
        let note = format!("{kind} {:?}, number {}", head.name, head.seqid);
        piece(text, bytes, &Note { start, end: start + input.position(), depth: 0, text: note });
        let (notes, error) = dynamic::annotate(self.method, part, self.codec, input);
        let mut end = start;
        for note in notes {
            let note = Note { start: start + note.start, end: start + note.end, ..note };
            end = note.end;
            piece(text, bytes, &note);
        }
        if let Some(error) = error {
            _ = writeln!(text, "  {error}");
            unknown(text, &bytes[end.max(start)..]);
        }
    }
}

/// A length, and what comes behind it.
fn frame(bytes: &[u8], start: usize, then: impl FnOnce(usize, &mut String), text: &mut String) {
    let rest = &bytes[start..];
    if rest.len() <= LENGTH_BYTES {
        return unknown(text, rest);
    }
    let note = format!("frame of {} bytes", length(rest));
    piece(text, bytes, &Note { start, end: start + LENGTH_BYTES, depth: 0, text: note });
    then(start + LENGTH_BYTES, text);
}

/// The head of HTTP as the text that it is; says where it ends.
fn head(bytes: &[u8], text: &mut String) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    for line in bytes[..end].split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
        _ = writeln!(text, "  {}", line.escape_ascii());
    }
    Some(end)
}

fn length(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |length| u32::from_be_bytes(*length))
}

/// One piece: its bytes, and beside them what it is.
fn piece(text: &mut String, bytes: &[u8], note: &Note) {
    let piece = &bytes[note.start..note.end];
    let mut what = format!("{:indent$}{}", "", note.text, indent = 2 * note.depth);
    let mut lines = piece.chunks(WIDTH);
    for (number, line) in lines.by_ref().take(LINES_MAX).enumerate() {
        row(text, note.start + number * WIDTH, line, &std::mem::take(&mut what));
    }
    if piece.is_empty() {
        row(text, note.start, &[], &what);
    }
    let left = piece.len().saturating_sub(LINES_MAX * WIDTH);
    if left > 0 {
        _ = writeln!(text, "        ... {left} more bytes");
    }
}

fn unknown(text: &mut String, bytes: &[u8]) {
    for (number, line) in bytes[..bytes.len().min(UNKNOWN_MAX)].chunks(WIDTH).enumerate() {
        let letters: String =
            line.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect();
        row(text, number * WIDTH, line, &letters);
    }
    if bytes.len() > UNKNOWN_MAX {
        _ = writeln!(text, "        ... {} more bytes", bytes.len() - UNKNOWN_MAX);
    }
}

fn row(text: &mut String, offset: usize, bytes: &[u8], what: &str) {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let line = format!("  {offset:04x}  {:<width$}  {what}", hex.join(" "), width = 3 * WIDTH - 1);
    _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use crate::codegen;
    use crate::transport::http;
    use crate::wire::{Encode, Output, Typed, WireType, Writer};

    use super::*;

    struct Sum(i32);

    impl Typed for Sum {
        const TYPE: WireType = WireType::Struct;
    }

    impl Encode for Sum {
        fn encode<W: Writer>(&self, writer: &mut W) {
            writer.struct_begin();
            writer.field(1, &self.0);
            writer.field(9, "text");
            writer.struct_end();
        }
    }

    fn client(stack: Stack, codec: Codec) -> Client {
        let client = match stack.outer {
            Kind::Framed => Client::framed(),
            Kind::Unframed => Client::unframed(codec),
            Kind::Http => Client::http(http::Client::new("host", "/").unwrap()),
            Kind::Header => Client::header(codec),
            Kind::Zlib => Client::zlib(codec),
            Kind::WebSocket => Client::websocket(&http::Destination::new("host", "/").unwrap(), codec),
        };
        if let Some(layer) = stack.inner { client.with(layer, codec) } else { client }
    }

    /// Every byte is shown once, and what cannot be explained is no panic.
    #[test]
    fn all_bytes_are_shown_and_any_change_of_one_is_survived() {
        let (program, _) = codegen::load(&["idl/calculator.thrift".into()], &[]);
        let program = program.unwrap();
        let method = dynamic::find(&program, "add").unwrap();
        for (stack, codec) in Stack::ALL.into_iter().flat_map(|stack| Codec::ALL.map(|c| (stack, c))) {
            if !stack.carries(codec) {
                continue;
            }
            let mut out = Output::new();
            let write = |out: &mut Output| {
                codec.write(out, 64, ("add", MessageKind::CALL, 7), &Sum(42));
                Ok(())
            };
            client(stack, codec).wrap(&mut out, write).unwrap();
            let bytes = out.to_vec();
            let dump = Dump { method, stack, codec };
            let text = dump.request(&bytes);
            for part in
                ["call \"add\", number 7", "field 1, num1: i32", "  42\n", "field 9, which the IDL does not declare", "\"text\""]
            {
                assert!(text.contains(part), "{stack} {codec:?}: {part} in {text}");
            }
            for at in 0..bytes.len() {
                _ = dump.reply(&bytes[..at]);
                for value in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut changed = bytes.clone();
                    changed[at] = value;
                    _ = dump.reply(&changed);
                }
            }
        }
    }

    #[test]
    fn long_pieces_are_cut_short() {
        let mut text = String::new();
        piece(&mut text, &[7; 100], &Note { start: 0, end: 100, depth: 1, text: "long".into() });
        assert_eq!(text.lines().count(), 5);
        assert!(
            text.starts_with("  0000  07 07 07 07 07 07 07 07    long\n") && text.ends_with("        ... 68 more bytes\n"),
            "{text}"
        );
    }
}

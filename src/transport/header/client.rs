//! The client's side of THeader: each request leaves in an envelope of its own, a frame of which it is all the content, and each
//! reply is taken out of one. Requests may be deflated; replies may be, whether they were or not.

use std::ops::Range;

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::transport::banner::Banner;
use crate::transport::error::Error;
use crate::transport::frame::{Arrival, Payload, Phase, Split};
use crate::transport::framed::Framed;
use crate::transport::limits::Limits;
use crate::wire::{Codec, ErrorKind, Output};

use super::fault::Fault;
use super::info::{Headers, InfoHeaders};
use super::parse::{Content, Opened, ZLIB, is_header, open};
use super::write::{COMPACT, FIXED_BYTES, LENGTH_BYTES, Return, WORD};

/// Bytes before a request without info headers.
const ROOM: usize = LENGTH_BYTES + FIXED_BYTES + WORD;

/// The client side of one connection.
#[derive(Debug)]
pub struct Client {
    framed: Framed,
    protocol: u8,
    seqid: i32,
    headers: InfoHeaders,
    /// The info headers of the last reply, as they travelled.
    received: Vec<u8>,
    /// What the last reply is written in: its envelope says so, and not all servers answer in what they were asked in.
    replied: Codec,
    /// Where requests are deflated. It owns 300 KiB.
    deflater: Option<Box<Compress>>,
}

impl Client {
    /// A connection that carries the binary or the compact protocol: no library takes JSON behind a header.
    pub fn new(codec: Codec) -> Self {
        let protocol = if codec == Codec::Compact { COMPACT } else { 0 };
        let (framed, headers) = (Framed::default(), InfoHeaders::default());
        Self { framed, protocol, seqid: 0, headers, received: Vec::new(), replied: codec, deflater: None }
    }

    /// Deflates all requests from now on.
    pub fn compress(&mut self) {
        self.deflater = Some(Box::new(Compress::new(Compression::fast(), true)));
    }

    /// The info headers of all requests from now on.
    pub fn set_headers(&mut self, headers: InfoHeaders) {
        self.headers = headers;
    }

    /// The info headers that came with the last reply.
    pub fn reply_headers(&self) -> Headers<'_> {
        Headers::new(&self.received)
    }

    /// What the last reply is written in.
    pub fn reply_codec(&self) -> Codec {
        self.replied
    }

    /// Puts the envelope around the message that `write` writes.
    ///
    /// # Errors
    /// That of `write`: what was written is then to be taken back.
    pub fn wrap(&mut self, out: &mut Output, write: impl FnOnce(&mut Output) -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
        let seqid = self.seqid.wrapping_add(1);
        let envelope = Return { with_length: true, protocol: self.protocol, flags: 0, seqid };
        let start = out.mark();
        if let Some(deflater) = &mut self.deflater {
            write(out)?;
            self.seqid = seqid;
            let headers = Some(&self.headers);
            out.refill(start, |pieces, out| {
                let deflated = deflate(deflater, pieces);
                envelope.write_transformed(out, &[ZLIB as u8], deflated.len(), headers);
                out.extend_from_slice(&deflated);
            });
            return Ok(());
        }
        out.push(&[0; ROOM]);
        write(out)?;
        self.seqid = seqid;
        let length = out.written_since(start) - ROOM;
        out.put_before(start, ROOM, |head| envelope.write(head, length, Some(&self.headers)));
        Ok(())
    }

    /// Looks for the next reply at the front of `input`.
    ///
    /// # Errors
    /// Where there is no envelope, or none that can be opened.
    pub fn split(&mut self, input: &[u8], limits: &Limits) -> Result<Arrival, Error> {
        let (consumed, frame) = match self.framed.split(input, limits)? {
            Split::Need { consumed, need } => return Ok(Arrival::Need { consumed, need }),
            Split::Message { consumed, payload: Payload::Input(frame), .. } => (consumed, frame),
            // A frame is one piece of the input, and nothing answers it by itself.
            Split::Message { .. } | Split::Answer { .. } | Split::End { .. } => return Err(Fault::Missing.into()),
        };
        let payload = self.open(input, frame, limits)?;
        Ok(Arrival::Message { consumed, payload })
    }

    /// Opens the envelope in that place of `input`, which holds nothing else.
    pub(in crate::transport) fn open(&mut self, input: &[u8], place: Range<usize>, limits: &Limits) -> Result<Payload, Error> {
        let message = &input[place.clone()];
        if !is_header(message) {
            return Err(Banner::of(input).map_or(Fault::Missing.into(), Error::Speaks));
        }
        let Opened { content, headers, reply } = open(message, limits)?;
        self.replied = reply.codec();
        self.received.clear();
        self.received.extend_from_slice(headers.blocks());
        Ok(match content.map_err(Error::Denied)? {
            // The message is what stands last in its envelope.
            Content::Plain(plain) => Payload::Input(place.end - plain.len()..place.end),
            Content::Inflated(inflated) => Payload::Own(inflated.into()),
        })
    }

    /// Where in a reply the stream is, with `input` at its front.
    pub fn phase(&self, input: &[u8]) -> Phase {
        self.framed.phase(input)
    }
}

/// One zlib stream of all pieces, whole: that is what other libraries inflate.
fn deflate(stream: &mut Compress, pieces: &mut dyn Iterator<Item = &[u8]>) -> Vec<u8> {
    stream.reset();
    let mut deflated = Vec::new();
    let mut feed = |mut piece: &[u8], flush: FlushCompress| {
        loop {
            deflated.reserve(piece.len() / 2 + ROOM_MIN);
            let before = stream.total_in();
            // It fails only once it is finished, and nothing is fed to it then.
            let Ok(status) = stream.compress_vec(piece, &mut deflated, flush) else { return };
            piece = &piece[(stream.total_in() - before) as usize..];
            let is_done = if flush == FlushCompress::Finish { status == Status::StreamEnd } else { piece.is_empty() };
            if is_done {
                return;
            }
        }
    };
    pieces.for_each(|piece| feed(piece, FlushCompress::None));
    feed(&[], FlushCompress::Finish);
    deflated
}

/// Room for the end of a stream: with less, a step could make no progress.
const ROOM_MIN: usize = 64;

//! Envelopes: what is opened can be put together again, and a client finds the same in a stream of them however it is cut.

use farthing::transport::header::{Content, InfoHeaders, Opened, Return, is_header, open};
use farthing::transport::{Client, Exchange, Limits};
use farthing::wire::{Codec, Output};

use super::cuts::{however_cut, pieces, replies};

/// Bytes of the length before a frame.
const LENGTH_BYTES: usize = 4;

/// [Pieces](pieces): the stream is an envelope, and what a server sends to a client.
///
/// # Panics
/// Where an envelope that was opened is another one once it is put together again, or a cut changes what is found.
pub fn header(data: &[u8]) {
    let Some((_, pieces, stream)) = pieces(data) else { return };
    let limits = Limits::default();
    if is_header(stream)
        && let Ok(opened) = open(stream, &limits)
    {
        let envelope = Envelope::of(&opened);
        assert!(envelope.content.len() <= limits.wire.message_max);
        for (key, _) in opened.headers {
            let last = envelope.pairs.iter().rfind(|(known, _)| known == key).map(|(_, value)| &value[..]);
            assert_eq!(opened.headers.get(key), last);
        }
        envelope.survives(&limits);
    }
    for codec in [Codec::Binary, Codec::Compact] {
        however_cut((&pieces, stream), |pieces| replies(Client::header(codec), pieces, &limits));
    }
}

/// What is in an envelope.
#[derive(Debug, PartialEq)]
struct Envelope {
    content: Vec<u8>,
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
    reply: Return,
}

impl Envelope {
    fn of(opened: &Opened<'_>) -> Self {
        let content = match &opened.content {
            Ok(Content::Plain(plain)) => plain.to_vec(),
            Ok(Content::Inflated(inflated)) => inflated.clone(),
            Err(_) => Vec::new(),
        };
        let pairs = opened.headers.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        Self { content, pairs, reply: opened.reply }
    }

    /// Puts it together as a reply and opens that. More headers than a reply may have are left out.
    fn survives(mut self, limits: &Limits) {
        let mut headers = InfoHeaders::default();
        self.pairs.retain(|(key, value)| headers.add(key, value).is_ok());
        let mut out = Output::new();
        let around = Exchange::FRAMED.within(self.reply).begin(&mut out);
        out.push(&self.content);
        around.end(&mut out, limits, Some(&headers));
        let frame = out.to_vec();
        let (length, message) = frame.split_at(LENGTH_BYTES);
        assert_eq!(length, (message.len() as u32).to_be_bytes());
        assert!(is_header(message), "{}", message.escape_ascii());
        let again = open(message, limits).expect("what was written can be opened");
        assert_eq!(Self::of(&again), self);
    }
}

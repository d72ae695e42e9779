//! The pieces that a stream comes in, and what a transport finds in them.

use std::fmt::Debug;

use farthing::transport::http::CONTINUE;
use farthing::transport::{Arrival, Client, Error, Exchange, Limits, Memo, Payload, Split, Transport};

/// Streams that are not longer come byte by byte, too.
pub(super) const BYTEWISE_MAX: usize = 300;

/// Options, the pieces of a stream, and the stream.
type Pieces<'d> = (u8, Vec<&'d [u8]>, &'d [u8]);

/// `[options and n, n lengths, stream…]` as five bits of options, the stream in n + 1 pieces, and the stream.
pub(super) fn pieces(data: &[u8]) -> Option<Pieces<'_>> {
    let (&first, rest) = data.split_first()?;
    let (cuts, stream) = rest.split_at_checked(usize::from(first % 8))?;
    let mut pieces = Vec::new();
    let mut left = stream;
    for cut in cuts {
        let (piece, behind) = left.split_at(left.len().min(usize::from(*cut)));
        pieces.push(piece);
        left = behind;
    }
    pieces.push(left);
    Some((first / 8, pieces, stream))
}

/// What a transport found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) messages: Vec<(Vec<u8>, Option<Exchange>)>,
    /// What it answered by itself.
    pub(super) said: Vec<u8>,
    /// Why it takes no more; of a client, only where that is a bomb.
    pub(super) over: Option<String>,
}

/// A bomb is met between two steps of inflating, and what it holds up to there is found: how much that is depends on the steps.
impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        if self.is_bomb() || other.is_bomb() {
            return self.messages.iter().zip(&other.messages).all(|(one, other)| one == other);
        }
        self.messages == other.messages && self.said == other.said && self.over == other.over
    }
}

impl Found {
    pub(super) fn is_bomb(&self) -> bool {
        matches!(self.over.as_deref(), Some("Inflate(Ratio)" | "Inflate(TooLarge)"))
    }

    /// White space behind a JSON message belongs to it if it is there already.
    fn push(&mut self, mut message: Vec<u8>, exchange: Exchange) {
        if message.starts_with(b"[") && exchange == Exchange::UNFRAMED {
            message.truncate(message.trim_ascii_end().len());
        }
        self.messages.push((message, Some(exchange)));
    }
}

/// Takes the pieces of a stream apart as a server does, and checks that nothing spins.
pub(super) fn take_apart(mut transport: Transport, pieces: &[&[u8]], limits: &Limits, memo: &mut Memo) -> Found {
    let (mut found, mut input, mut need) = (Found::default(), Vec::new(), 1);
    for piece in pieces {
        input.extend_from_slice(piece);
        while input.len() >= need || transport.holds_more() {
            let before = input.len();
            let consumed = match transport.split(&input, limits, memo) {
                Err(error) => {
                    found.over = Some(match error {
                        // Bytes of the message that was in front count, or do not.
                        Error::Wire(error) => format!("{:?}", error.kind),
                        other => format!("{other:?}"),
                    });
                    transport.way_back(limits);
                    return found;
                }
                Ok(Split::Need { consumed, need: more }) => {
                    need = more.max(1);
                    assert!(need > before - consumed || consumed > 0, "asks for {need}, and has {before}");
                    consumed
                }
                Ok(Split::Answer { consumed, bytes }) => {
                    need = 1;
                    // Whether one waits for the body depends on whether it is there.
                    if bytes != CONTINUE {
                        found.said.extend_from_slice(&bytes);
                    }
                    consumed
                }
                Ok(Split::End { .. }) => {
                    found.over = Some("it said so".to_owned());
                    return found;
                }
                Ok(Split::Message { payload: Payload::Open, .. }) => {
                    transport.scan_first();
                    0
                }
                Ok(Split::Message { consumed, payload, exchange }) => {
                    need = 1;
                    let message = match payload {
                        Payload::Input(range) => input[range].to_vec(),
                        Payload::Own(bytes) => bytes.to_vec(),
                        Payload::Open => Vec::new(),
                    };
                    found.push(message, exchange);
                    consumed
                }
            };
            input.drain(..consumed);
            transport.phase(&input);
        }
    }
    found
}

/// Checks that the same is found in a stream whole, in its pieces, and byte by byte.
pub(super) fn however_cut<T: PartialEq + Debug>((pieces, stream): (&[&[u8]], &[u8]), find: impl Fn(&[&[u8]]) -> T) -> T {
    let whole = find(&[stream]);
    assert_eq!(find(pieces), whole, "in pieces, and whole: {}", stream.escape_ascii());
    if stream.len() <= BYTEWISE_MAX {
        let bytes: Vec<_> = stream.chunks(1).collect();
        assert_eq!(find(&bytes), whole, "byte by byte, and whole: {}", stream.escape_ascii());
    }
    whole
}

/// Takes the pieces of a stream apart as a client does, and checks that nothing spins. A fault is not compared: what is wrong with
/// a head is looked for once it is whole, and what a stream that is none is taken for depends on how much of it there is.
pub(super) fn replies(mut client: Client, pieces: &[&[u8]], limits: &Limits) -> Found {
    // A client that has a message asks for the next one, which needs no more bytes where they were compressed.
    let (mut found, mut input, mut need) = (Found::default(), Vec::new(), 1);
    for piece in pieces {
        input.extend_from_slice(piece);
        while input.len() >= need {
            let consumed = match client.split(&input, limits) {
                Err(error) => {
                    let is_bomb = matches!(error, Error::Inflate(fault) if fault.is_over_limit());
                    found.over = is_bomb.then(|| format!("{error:?}"));
                    return found;
                }
                Ok(Arrival::Need { consumed, need: more }) => {
                    need = more.max(1);
                    assert!(need > input.len() - consumed || consumed > 0, "asks for {need}, and has {}", input.len());
                    consumed
                }
                Ok(Arrival::Empty { consumed }) => {
                    need = 0;
                    found.messages.push((Vec::new(), None));
                    consumed
                }
                Ok(Arrival::Message { payload: Payload::Open, .. }) => {
                    client.scan_first();
                    0
                }
                Ok(Arrival::Message { consumed, payload }) => {
                    need = 0;
                    let message = match payload {
                        Payload::Input(range) => input[range].to_vec(),
                        Payload::Own(bytes) => bytes.to_vec(),
                        Payload::Open => Vec::new(),
                    };
                    found.said.extend(client.reply_headers().blocks());
                    found.messages.push((message.trim_ascii_end().to_vec(), None));
                    consumed
                }
            };
            input.drain(..consumed);
            client.phase(&input);
        }
    }
    found
}

//! A zlib stream: the same messages however it is cut, and those that were deflated into it.

use farthing::transport::{Client, Limits, Memo, Sniff, Spoken, Transport, sniff};
use farthing::wire::Codec;
use flate2::{Compress, Compression, FlushCompress};

use super::cuts::{Found, however_cut, pieces, replies, take_apart};

/// [Pieces](pieces): the stream is what a peer sends, or what is deflated into it, by the options.
///
/// # Panics
/// Where a cut changes what is found, or what was deflated is not.
pub fn zlib(data: &[u8]) {
    let Some((options, pieces, stream)) = pieces(data) else { return };
    if options & 1 != 0 {
        deflated(options, &pieces, stream);
    } else {
        cut(&pieces, stream);
    }
}

/// Bytes that may be a zlib stream, from a client and from a server.
fn cut(pieces: &[&[u8]], stream: &[u8]) {
    let limits = Limits::default();
    let find = |pieces: &[&[u8]]| take_apart(Transport::new(Spoken::Zlib), pieces, &limits, &mut Memo::new());
    however_cut((pieces, stream), find);
    for codec in Codec::ALL {
        however_cut((pieces, stream), |pieces| replies(Client::zlib(codec), pieces, &limits));
    }
}

/// What is deflated, with a flush behind each piece, is found as if it had come plain.
fn deflated(options: u8, pieces: &[&[u8]], plain: &[u8]) {
    let limits = Limits::default();
    let mut stream = Compress::new(Compression::new(u32::from(options >> 1) % 10), true);
    let turns: Vec<_> = pieces.iter().map(|piece| flush(&mut stream, piece)).collect();
    let turns: Vec<_> = turns.iter().map(Vec::as_slice).collect();
    let find = |pieces: &[&[u8]]| take_apart(Transport::new(Spoken::Zlib), pieces, &limits, &mut Memo::new());
    let found = however_cut((&turns, &turns.concat()), find);
    let bare = match sniff(plain, &limits) {
        Sniff::Spoken(spoken @ (Spoken::Framed | Spoken::Unframed(_))) => {
            take_apart(Transport::new(spoken), &[plain], &limits, &mut Memo::new())
        }
        Sniff::Need(_) => Found::default(),
        _ => Found { over: Some(String::new()), ..Found::default() },
    };
    if found.is_bomb() {
        return;
    }
    assert_eq!(found.messages, bare.messages, "{}", plain.escape_ascii());
    assert_eq!(found.over.is_some(), bare.over.is_some(), "{found:?} {bare:?} from {}", plain.escape_ascii());
}

fn flush(stream: &mut Compress, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + plain.len() / 8 + 64);
    stream.compress_vec(plain, &mut out, FlushCompress::Sync).expect("it is never finished");
    out
}

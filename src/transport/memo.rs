//! What the connections of one thread share, so that each of them need not have it: the heads that HTTP clients repeat, and the
//! memory that deflating takes. What is found or written never depends on it.

use flate2::{Compress, Compression, FlushCompress};

use crate::wire::room;

use super::http;

/// Belongs to a thread. Knows nothing and owns no memory until it is used.
#[derive(Debug, Default)]
pub struct Memo {
    pub(super) http: http::Memo,
    deflater: Option<Box<Compress>>,
}

impl Memo {
    /// Knows nothing.
    pub const fn new() -> Self {
        Self { http: http::Memo::new(), deflater: None }
    }

    /// Deflates `pieces` to where the last block ends on a byte (RFC 1951), with no reference to what was deflated before: that
    /// is what allows all streams of a thread to share the 370 KiB that it takes, and costs them what a stream of their own
    /// would save by repeating itself.
    pub(super) fn deflate(&mut self, pieces: &mut dyn Iterator<Item = &[u8]>, out: &mut Vec<u8>) {
        // The fastest level: the thread has others to serve.
        let stream = self.deflater.get_or_insert_with(|| Box::new(Compress::new(Compression::fast(), false)));
        stream.reset();
        for piece in pieces {
            feed(stream, piece, FlushCompress::None, out);
        }
        feed(stream, &[], FlushCompress::Sync, out);
    }
}

/// Room for a block's end and a flush: with less, one flush could become two.
const ROOM_MIN: usize = 64;

fn feed(stream: &mut Compress, mut piece: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    loop {
        room::make_room(out, piece.len() / 2 + ROOM_MIN);
        let before = stream.total_in();
        // Fails only for a stream that is finished, and none of ours ever is.
        if stream.compress_vec(piece, out, flush).is_err() {
            return;
        }
        piece = &piece[(stream.total_in() - before) as usize..];
        if piece.is_empty() && out.len() < out.capacity() {
            return;
        }
    }
}

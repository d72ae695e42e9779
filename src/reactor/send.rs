//! The way out of a connection's turn: what is queued leaves with one write, and what the socket does not take waits, with the
//! write side armed.

use std::io::{self, IoSlice};

use super::app::{App, Closed};
use super::connection::{End, Watch};
use super::drive::{Conn, Core, Step};
use super::outbox::{Outbox, Pending};
use super::platform::{Platform, Stream};
use super::token::Token;

/// Pieces of output handed to one vectored write.
const SLICES_PER_WRITE: usize = 64;
/// Writes in a row for one connection whose socket takes everything, before the others get their turn.
const WRITES_PER_TURN: usize = 16;
/// Bytes that a turn writes for those who come first: some milliseconds of copying.
pub(super) const EGRESS_PER_TURN: usize = 16 * 1024 * 1024;
/// Bytes that any connection may write in a turn, however much others have written in it.
const EGRESS_MIN: usize = 64 * 1024;
/// A connection may write one part in so many of what is left of a turn's bytes.
const EGRESS_PARTS: usize = 4;

impl<P: Platform, A: App> Core<P, A> {
    /// The one way out: writes what is queued, and what the socket does not take becomes the connection's own, with the write
    /// side armed.
    #[inline]
    pub(super) fn send(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if connection.pending.is_some() {
            return self.send_pending(connection, token);
        }
        if self.out.is_empty() && connection.stream.held() == 0 {
            return Ok(());
        }
        let full = transmit(&mut connection.stream, &mut self.out, &mut self.egress)?;
        if self.out.is_empty() && connection.stream.held() == 0 {
            self.out.clear();
            return Ok(());
        }
        self.keep(connection, token, full)
    }

    /// Goes on with what was left over.
    #[cold]
    fn send_pending(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if let Some(pending) = &mut connection.pending {
            if connection.signs.writable {
                let (before, held) = (pending.outbox.len(), connection.stream.held());
                let full = transmit(&mut connection.stream, &mut pending.outbox, &mut self.egress)?;
                let sent = before - pending.outbox.len();
                pending.note_sent(sent, sent > 0 || connection.stream.held() != held, self.now);
                connection.signs.writable = !full;
            }
            if pending.outbox.is_empty() && connection.stream.held() == 0 {
                connection.pending = None;
                return Ok(());
            }
        }
        self.wait_for_room(connection, token)
    }

    /// Leaves what was not sent to the connection.
    #[cold]
    fn keep(&mut self, connection: &mut Conn<P, A>, token: Token, full: bool) -> Step<A> {
        connection.signs.writable = !full;
        connection.pending = Some(Box::new(Pending::new(self.out.split_rest(), self.now)));
        self.wait_for_room(connection, token)
    }

    /// Output is left over.
    pub(super) fn wait_for_room(&mut self, connection: &mut Conn<P, A>, token: Token) -> Step<A> {
        if connection.unsent() > self.limits.output_hard {
            return Err(End::reset(Closed::Overflow));
        }
        if let Some(pending) = &mut connection.pending
            && pending.outbox.share(self.account.budget())
        {
            self.account.note_shared();
        }
        if connection.signs.writable || connection.signs.watch == Watch::ReadsAndWrites {
            return Ok(());
        }
        self.watch(connection, token)?;
        self.platform.watch_writes(&mut connection.stream, token).map_err(|error| End::failed(&error))?;
        connection.signs.watch = Watch::ReadsAndWrites;
        Ok(())
    }
}

/// Writes until the outbox is empty (or had enough for one turn): false. Or until the socket is full: true.
#[inline(always)]
#[allow(clippy::inline_always)] // of all this one write is left where that takes everything
fn transmit<S: Stream, O: Outbox, R>(stream: &mut S, outbox: &mut O, left: &mut usize) -> Result<bool, End<R>> {
    if outbox.is_empty() {
        return match stream.flush() {
            Ok(()) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(End::failed(&error)),
        };
    }
    let mut share = EGRESS_MIN.max(*left / EGRESS_PARTS);
    for _ in 0..WRITES_PER_TURN {
        let (offered, written) = write_once(stream, outbox, share);
        match written {
            Ok(0) => return Err(End::failed(&io::ErrorKind::WriteZero.into())),
            Ok(n) => {
                outbox.advance(n);
                share -= n;
                *left = left.saturating_sub(n);
                // A write may come short for other reasons than a full socket, and then no edge ever says that there is room. Only the
                // socket's own word counts, `WouldBlock`; a stream that holds bytes back has heard it.
                if n < offered && (stream.paused() || stream.held() > 0) {
                    return Ok(!stream.paused());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(End::failed(&error)),
        }
        if outbox.is_empty() {
            return Ok(stream.held() > 0);
        }
        if share == 0 {
            break;
        }
    }
    Ok(false)
}

/// Offers what there is, up to `most` bytes; returns how much that was, and what became of it. A single piece, the common case, must
/// not pay for the room that many of them need.
#[inline]
fn write_once<S: Stream, O: Outbox>(stream: &mut S, outbox: &O, most: usize) -> (usize, io::Result<usize>) {
    let mut first = [IoSlice::new(&[])];
    outbox.slices(&mut first);
    if first[0].len() == outbox.len() && first[0].len() <= most {
        return (first[0].len(), stream.write(&first[0]));
    }
    write_pieces(stream, outbox, most)
}

#[inline(never)]
fn write_pieces<S: Stream, O: Outbox>(stream: &mut S, outbox: &O, most: usize) -> (usize, io::Result<usize>) {
    let mut slices = [IoSlice::new(&[]); SLICES_PER_WRITE];
    let filled = outbox.slices(&mut slices);
    let mut offered = 0;
    let whole = slices[..filled].iter().take_while(|slice| {
        let fits = offered + slice.len() <= most;
        offered += if fits { slice.len() } else { 0 };
        fits
    });
    match whole.count() {
        0 => (most, stream.write(&slices[0][..most])),
        whole => (offered, stream.write_vectored(&slices[..whole])),
    }
}

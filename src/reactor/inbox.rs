//! The way into a reactor from other threads. It carries messages and wakes the loop once for a storm of them; no request ever
//! travels this way, only results and orders.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use super::platform::Wake;
use super::token::Token;

/// A handle to a reactor for any thread.
pub struct Remote<C> {
    sender: Sender<Letter<C>>,
    bell: Arc<Bell>,
}

impl<C> Remote<C> {
    /// Hands `completion` to the connection, or to [`App::orphaned`](super::App::orphaned) if that is gone. After the reactor
    /// has ended it is dropped.
    pub fn complete(&self, token: Token, completion: C) {
        self.send(Letter::Complete(token, completion));
    }

    /// Begins to shut down: no new connections, what was read is answered, the rest is cut at the drain time-out.
    pub fn drain(&self) {
        self.send(Letter::Drain);
    }

    /// Has the loop go through a turn, though nothing else may be to do.
    pub fn wake(&self) {
        self.bell.ring();
    }

    /// Ends the reactor at once.
    pub fn stop(&self) {
        self.send(Letter::Stop);
    }

    fn send(&self, letter: Letter<C>) {
        if self.sender.send(letter).is_ok() {
            self.bell.ring();
        }
    }
}

impl<C> Clone for Remote<C> {
    fn clone(&self) -> Self {
        Remote { sender: self.sender.clone(), bell: Arc::clone(&self.bell) }
    }
}

impl<C> fmt::Debug for Remote<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) enum Letter<C> {
    Complete(Token, C),
    Drain,
    Stop,
}

impl<C> Letter<C> {
    /// Whether it is a completion for that connection.
    pub(super) fn is_for(&self, token: Token) -> bool {
        matches!(self, Letter::Complete(recipient, _) if *recipient == token)
    }
}

/// Wakes the loop unless it is already due to look.
#[derive(Debug)]
struct Bell {
    rung: AtomicBool,
    wake: Arc<dyn Wake>,
}

impl Bell {
    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.wake.wake();
        }
    }
}

/// The reactor's end.
#[derive(Debug)]
pub(super) struct Inbox<C> {
    receiver: Receiver<Letter<C>>,
    remote: Remote<C>,
}

impl<C> Inbox<C> {
    pub(super) fn new(wake: Arc<dyn Wake>) -> Self {
        let (sender, receiver) = channel();
        let bell = Arc::new(Bell { rung: AtomicBool::new(false), wake });
        Inbox { receiver, remote: Remote { sender, bell } }
    }

    pub(super) fn remote(&self) -> &Remote<C> {
        &self.remote
    }

    /// Moves up to `most` letters into `into`; true when there may be more.
    ///
    /// The bell is reset before the first look, by a swap that reads the last ring: a letter whose sender found the bell rung is
    /// therefore visible here, and one that comes later rings again.
    pub(super) fn collect(&mut self, into: &mut Vec<Letter<C>>, most: usize) -> bool {
        self.remote.bell.rung.swap(false, Ordering::AcqRel);
        while into.len() < most {
            match self.receiver.try_recv() {
                Ok(letter) => into.push(letter),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Debug, Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_storm_wakes_once_until_the_loop_has_looked() {
        let wakes = Arc::new(Count::default());
        let mut inbox = Inbox::new(Arc::clone(&wakes) as Arc<dyn Wake>);
        let remote = inbox.remote().clone();
        for round in 1..=3 {
            (0..1000).for_each(|n| remote.complete(Token::INBOX, n));
            assert_eq!(wakes.0.load(Ordering::Relaxed), round);
            let mut letters = Vec::new();
            assert!(inbox.collect(&mut letters, 600), "some are left");
            assert!(!inbox.collect(&mut letters, usize::MAX));
            assert_eq!(letters.len(), 1000);
        }
    }
}

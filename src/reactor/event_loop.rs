//! The loop.

use std::io;

use super::app::App;
use super::inbox::{Inbox, Remote};
use super::limits::Limits;
use super::platform::Platform;
use super::token::Token;

/// One shard: a loop with its connections.
#[derive(Debug)]
pub struct Reactor<P: Platform, A: App> {
    platform: P,
    app: A,
    limits: Limits,
    inbox: Inbox<A::Completion>,
}

impl<P: Platform, A: App> Reactor<P, A> {
    /// A loop without listeners; `app` gets the handle by which other threads reach it.
    ///
    /// # Errors
    /// If the platform has no waker left.
    pub fn new(mut platform: P, limits: Limits, app: impl FnOnce(Remote<A::Completion>) -> A) -> io::Result<Self> {
        let inbox = Inbox::new(platform.waker(Token::INBOX)?);
        let app = app(inbox.remote().clone());
        Ok(Reactor { platform, app, limits, inbox })
    }

    /// Adds a listener; returns its number, which [`App::open`] gets.
    ///
    /// # Errors
    /// If the selector refuses it.
    pub fn listen(&mut self, listener: P::Listener) -> io::Result<usize> {
        let _ = (listener, &self.limits, &self.platform);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A handle for other threads.
    pub fn remote(&self) -> Remote<A::Completion> {
        self.inbox.remote().clone()
    }

    /// What it carries.
    pub fn app(&self) -> &A {
        &self.app
    }

    /// Runs until it is stopped or drained; returns how many connections were cut.
    ///
    /// # Errors
    /// If the selector fails for good.
    pub fn run(&mut self) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

//! Signals: a thread that waits for them, and what they do to a running server.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

use crate::server::Handle;

use super::exit::Exit;
use super::reload::Reload;

/// Has `act` called for each of these signals, on a thread of its own.
pub(super) fn on(wanted: &[i32], mut act: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new(wanted)?;
    thread::Builder::new().name("farthing-signals".into()).spawn(move || signals.forever().for_each(&mut act))?;
    Ok(())
}

/// SIGTERM, SIGINT and SIGQUIT drain, the second of them ends at once; SIGHUP reads settings, certificate and key again; SIGUSR1 logs the
/// counts.
///
/// None of them may end calls that are under way when it comes first, for each is sent by someone to whom it is gentle: SIGQUIT
/// is what stops nginx in peace, and SIGHUP what all daemons survive.
pub(super) fn handle(handle: Handle, mut reload: Reload) -> io::Result<()> {
    let mut is_draining = false;
    on(&[SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1], move |signal| match signal {
        SIGHUP => reload.now(),
        SIGUSR1 => tracing::info!("counts: {}", handle.counts()),
        _ if is_draining => std::process::exit(Exit::Interrupted as i32),
        _ => {
            is_draining = true;
            tracing::info!(signal, "draining: no new connections, open calls are answered; a second signal ends at once");
            handle.drain();
        }
    })
}

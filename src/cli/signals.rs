//! Signals: a thread that waits for them, and what they do to a running server.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

use crate::server::Handle;
use crate::server::tls::Tls;

use super::exit::Exit;

/// Has `act` called for each of these signals, on a thread of its own.
pub(super) fn on(wanted: &[i32], mut act: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new(wanted)?;
    thread::Builder::new().name("farthing-signals".into()).spawn(move || signals.forever().for_each(&mut act))?;
    Ok(())
}

/// SIGTERM, SIGINT and SIGQUIT drain, the second of them ends at once; SIGHUP reads certificate and key again; SIGUSR1 logs the
/// counts.
///
/// None of them may end calls that are under way when it comes first, for each is sent by someone to whom it is gentle: SIGQUIT
/// is what stops nginx in peace, and SIGHUP what all daemons survive.
pub(super) fn handle(handle: Handle, tls: Option<Tls>) -> io::Result<()> {
    let mut is_draining = false;
    on(&[SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1], move |signal| match signal {
        SIGHUP => reload(tls.as_ref()),
        SIGUSR1 => tracing::info!("counts: {}", handle.counts()),
        _ if is_draining => std::process::exit(Exit::Interrupted as i32),
        _ => {
            is_draining = true;
            tracing::info!(signal, "draining: no new connections, open calls are answered; a second signal ends at once");
            handle.drain();
        }
    })
}

fn reload(tls: Option<&Tls>) {
    match tls.map(Tls::reload) {
        None => tracing::info!("nothing to read again: there is no certificate, and settings hold until the end"),
        Some(Ok(())) => tracing::info!("certificate and key were read again; new connections get them"),
        Some(Err(error)) => tracing::error!(%error, "certificate and key were not taken over; those in use stay"),
    }
}

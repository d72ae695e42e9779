//! Signals: a thread that waits for them, and what they do to a running server.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
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

/// SIGTERM and SIGINT drain, the second of them ends at once; SIGHUP reads certificate and key again; SIGUSR1 logs the counts.
pub(super) fn handle(handle: Handle, tls: Option<Tls>) -> io::Result<()> {
    // Without TLS there is nothing to read again: SIGHUP keeps its usual meaning.
    let mut wanted = vec![SIGTERM, SIGINT, SIGUSR1];
    wanted.extend(tls.is_some().then_some(SIGHUP));
    let mut is_draining = false;
    on(&wanted, move |signal| match &tls {
        Some(tls) if signal == SIGHUP => reload(tls),
        _ if signal == SIGUSR1 => tracing::info!("counts: {}", handle.counts()),
        _ if is_draining => std::process::exit(Exit::Interrupted as i32),
        _ => {
            is_draining = true;
            tracing::info!(signal, "draining: no new connections, open calls are answered; a second signal ends at once");
            handle.drain();
        }
    })
}

fn reload(tls: &Tls) {
    match tls.reload() {
        Ok(()) => tracing::info!("certificate and key were read again; new connections get them"),
        Err(error) => tracing::error!(%error, "certificate and key were not taken over; those in use stay"),
    }
}

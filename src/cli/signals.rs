//! What signals do to a running server.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::server::Handle;
use crate::server::tls::Tls;

/// What a shell reports of a program that SIGINT ended.
const SIGNALLED: i32 = 130;

/// SIGTERM and SIGINT drain, the second of them ends at once; SIGHUP reads certificate and key again.
pub(super) fn handle(handle: Handle, tls: Option<Tls>) -> io::Result<()> {
    // Without TLS there is nothing to read again: SIGHUP keeps its usual meaning.
    let mut wanted = vec![SIGTERM, SIGINT];
    wanted.extend(tls.is_some().then_some(SIGHUP));
    let mut signals = Signals::new(wanted)?;
    thread::Builder::new().name("farthing-signals".into()).spawn(move || {
        let mut is_draining = false;
        for signal in signals.forever() {
            match &tls {
                Some(tls) if signal == SIGHUP => reload(tls),
                _ if is_draining => std::process::exit(SIGNALLED),
                _ => {
                    is_draining = true;
                    tracing::info!(signal, "draining: no new connections, open calls are answered; a second signal ends at once");
                    handle.drain();
                }
            }
        }
    })?;
    Ok(())
}

fn reload(tls: &Tls) {
    match tls.reload() {
        Ok(()) => tracing::info!("certificate and key were read again; new connections get them"),
        Err(error) => tracing::error!(%error, "certificate and key were not taken over; those in use stay"),
    }
}

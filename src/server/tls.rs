//! TLS for a server's addresses: made from files, and made anew when the files change.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;

use crate::reactor;
use crate::tls::{Error, ServerOptions};

use super::builder::Builder;

/// Whether others than owner and group may read a file.
const OTHERS_READ: u32 = 0o004;

/// A certificate, its key and what is asked of clients, in use. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Tls {
    options: Arc<Mutex<ServerOptions>>,
    used: reactor::Tls,
}

/// Files that were read, to be used instead of others.
#[must_use]
#[derive(Debug)]
pub struct Prepared<'t> {
    tls: &'t Tls,
    options: ServerOptions,
    config: Arc<ServerConfig>,
}

impl Tls {
    /// Reads the files. `only` refuses plain text; otherwise the first bytes of each connection decide.
    ///
    /// A server that asks clients for certificates refuses plain text in any case: whoever has none would come in that way.
    ///
    /// # Errors
    /// Which file is wrong, and what would be right.
    pub fn load(options: ServerOptions, only: bool) -> Result<Self, Error> {
        let used = reactor::Tls::new(options.config()?, only || options.client_ca.is_some());
        warn_of_open_key(&options.key);
        Ok(Self { options: Arc::new(Mutex::new(options)), used })
    }

    /// Reads the files again, for the connections that begin from now on. Open ones stay as they are.
    ///
    /// # Errors
    /// Which file is wrong; everything stays as it was then.
    pub fn reload(&self) -> Result<(), Error> {
        let options = self.options().clone();
        self.prepare(options)?.take_over();
        Ok(())
    }

    /// Reads these files, to be used instead.
    ///
    /// # Errors
    /// Which file is wrong.
    pub fn prepare(&self, options: ServerOptions) -> Result<Prepared<'_>, Error> {
        let config = options.config()?;
        warn_of_open_key(&options.key);
        Ok(Prepared { tls: self, options, config })
    }

    fn options(&self) -> MutexGuard<'_, ServerOptions> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether plain text is refused.
    pub fn is_only(&self) -> bool {
        self.used.is_only()
    }
}

impl Prepared<'_> {
    /// Uses them for the connections that begin from now on. Open ones stay as they are.
    pub fn take_over(self) {
        let Self { tls, options, config } = self;
        *tls.options() = options;
        tls.used.replace(config);
    }
}

impl Builder {
    /// Takes TLS at all addresses, beside plain text or instead of it.
    #[must_use]
    pub fn tls(mut self, tls: &Tls) -> Self {
        self.tls = Some(tls.used.clone());
        self
    }
}

fn warn_of_open_key(key: &Path) {
    let mode = fs::metadata(key).map_or(0, |file| file.permissions().mode());
    if mode & OTHERS_READ != 0 {
        tracing::warn!(file = %key.display(), "everybody on this machine can read the private key; chmod 600 would be right");
    }
}

//! What a listener, or a connection of our own, needs to know of TLS. Making a configuration from certificates is not its business.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};

/// The TLS of listeners. Clones share the configuration: what one of them replaces, all use for the connections that follow.
#[derive(Clone)]
pub struct Tls(Arc<Settings>);

struct Settings {
    /// Read once per TLS connection, never per call.
    config: RwLock<Arc<ServerConfig>>,
    only: bool,
}

impl Tls {
    /// TLS beside plain text, or instead of it if `only`: the first bytes of each connection decide.
    pub fn new(config: Arc<ServerConfig>, only: bool) -> Self {
        Tls(Arc::new(Settings { config: RwLock::new(config), only }))
    }

    /// Another configuration, for all connections that begin from now on.
    pub fn replace(&self, config: Arc<ServerConfig>) {
        *self.0.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// Whether plain text is refused.
    pub fn is_only(&self) -> bool {
        self.0.only
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("only", &self.0.only).finish_non_exhaustive()
    }
}

/// The TLS of connections of our own to one server.
#[derive(Clone, Debug)]
pub struct TlsClient {
    pub(super) config: Arc<ClientConfig>,
    /// What its certificate must show.
    pub(super) name: ServerName<'static>,
}

impl TlsClient {
    /// TLS to the server whose certificate shows `name`.
    pub fn new(config: Arc<ClientConfig>, name: ServerName<'static>) -> Self {
        Self { config, name }
    }
}

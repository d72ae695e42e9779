//! Asking for TLS, which only a build that has it can.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use crate::tls::ClientOptions;

use super::builder::Builder;
use super::endpoint::Endpoint;

impl Endpoint {
    /// What secures each connection, and the name that the server's certificate must show; `None` for plain text.
    pub fn tls(&self) -> Option<(Arc<ClientConfig>, ServerName<'static>)> {
        self.0.security.as_ref().map(|security| (Arc::clone(&security.config), security.name.clone()))
    }
}

impl Builder {
    /// Speaks TLS, as an address that begins with `https://` does by itself. The server's certificate must show the host of the
    /// address, or the name in `options`, and come from an authority that is trusted.
    pub fn tls(mut self, options: ClientOptions) -> Self {
        self.tls = Some(options);
        self
    }
}

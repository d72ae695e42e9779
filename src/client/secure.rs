//! Asking for TLS, which only a build that has it can.

use crate::tls::ClientOptions;

use super::builder::Builder;

impl Builder {
    /// Speaks TLS, as an address that begins with `https://` does by itself. The server's certificate must show the host of the
    /// address, or the name in `options`, and come from an authority that is trusted.
    pub fn tls(mut self, options: ClientOptions) -> Self {
        self.tls = Some(options);
        self
    }
}

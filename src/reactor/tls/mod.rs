//! TLS below the loop: what the peer sends is decrypted on its way in, what the app says is encrypted on its way out.
//!
//! [`session`] takes bytes and gives bytes and touches no socket; [`guard`] moves them. What a certificate is good for, and where it
//! comes from, is decided by whoever makes the [`Tls`].

mod guard;
#[cfg(test)]
mod hands;
mod refusal;
mod rest;
mod session;
mod settings;
mod side;

pub(super) use guard::Guard;
pub use settings::{Tls, TlsClient};

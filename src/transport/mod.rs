//! transport.

pub mod http;

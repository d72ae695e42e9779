//! Responders on a reactor: a server that is built, bound and run.
//!
//! ```no_run
//! use farthing::generated::calculator::{Calculator, CalculatorService};
//! use farthing::rpc::ApplicationException;
//! use farthing::server::Server;
//!
//! struct Sums;
//!
//! impl Calculator for Sums {
//!     fn add(&self, num1: i32, num2: i32) -> Result<i32, ApplicationException> {
//!         num1.checked_add(num2).ok_or_else(|| ApplicationException::internal("the sum does not fit in an i32"))
//!     }
//! }
//!
//! Server::builder().service(CalculatorService::new(Sums)).bind("127.0.0.1:9090")?.run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod builder;
mod config;
mod guests;
mod limit;
mod memory;
mod metrics;
mod offers;
mod owners;
mod renew;
mod run;
mod shard;

#[cfg(feature = "tls")]
pub mod tls;

pub use self::address::{AddressError, parse_address};
pub use self::builder::{BuildError, Builder};
pub use self::config::{Config, Contradiction};
pub use self::limit::{Limit, LimitError, limits, parse_bytes, parse_time};
pub use self::metrics::{Counts, Memory};
pub use self::renew::Renewed;
pub use self::run::{Handle, Server};

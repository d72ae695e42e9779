//! The command line: arguments, one file per subcommand, and what people read when something is wrong.

mod args;
mod bench;
mod call;
mod check;
mod config;
mod dump;
mod exit;
mod extras;
mod generate;
mod logging;
mod man;
mod passed;
mod reload;
mod secure;
mod serve;
mod signals;
mod trust;

pub use self::args::run;

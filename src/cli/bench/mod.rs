//! `farthing bench`: load on a server, and reports on how it bore it.

mod args;
mod execute;
mod plan;
mod progress;
mod values;

pub(super) use self::args::Arguments;
pub(super) use self::execute::run;

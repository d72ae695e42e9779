//! `farthing bench`: load on a server, and reports on how it bore it.

mod args;
mod compare;
mod execute;
mod find_max;
mod plan;
mod progress;
mod round;
mod signals;
mod values;
mod verdict;

pub(super) use self::args::Arguments;
pub(super) use self::execute::run;

//! Load on a Thrift server, and the truth about how it bore it: many connections on a reactor's loop, calls that start when
//! answers come (a closed loop) or when they are due (an open one), latencies by their percentiles, errors by their kind.
//!
//! Requests are encoded once, and answers compared with those that were read and found right before, so that one core of it keeps
//! one core of a server busy. It resolves no names, parses no command line and draws no progress.

mod app;
mod arguments;
mod chart;
mod clock;
mod compare;
mod driver;
mod environment;
mod html;
mod lane;
mod live;
mod pace;
mod placeholder;
mod plan;
mod prepared;
mod report;
mod rng;
mod run;
mod search;
mod slo;
mod stamp;
mod tally;
mod template;
mod text;
mod workload;
mod zipf;

pub use self::arguments::{Arguments, Want};
pub use self::clock::{Clock, SystemClock};
pub use self::compare::{Comparison, Row, Verdict};
pub use self::environment::Environment;
pub use self::html::html;
pub use self::live::{Glance, Live};
pub use self::pace::{Arrivals, Rate};
pub use self::plan::{Dial, Length, Plan, Shape};
pub use self::report::{CallReport, ErrorCount, Generator, Interval, Latency, Load, Objective, Probe, Report, Round, SCHEMA};
pub use self::rng::Rng;
pub use self::run::{Interrupt, Outcome, Run, StartError, simulate};
pub use self::search::{Search, Tried};
pub use self::slo::{NoSlo, Slo};
pub use self::tally::Problem;
pub use self::text::{count, text, time};
pub use self::workload::{Builtin, Call, Make, Pick, Sizes, UnknownWorkload, Variants};
pub use self::zipf::Zipf;

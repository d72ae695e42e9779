//! Where a load was made: what a reader of old figures wants to know. It asks the system, and never fails: what it cannot learn
//! stays empty.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A machine, at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// This program's version.
    pub farthing: String,
    /// Seconds since 1970, UTC.
    pub at: u64,
    /// The kind of system, and its release.
    pub system: String,
    /// The kind of processor.
    pub processor: String,
    /// How many of them this process may use.
    pub processors: usize,
    /// Whether this program was built with optimization.
    pub optimized: bool,
}

impl Environment {
    /// Here and now.
    pub fn here() -> Self {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            farthing: env!("CARGO_PKG_VERSION").into(),
            at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            system: format!("{} {} {}", std::env::consts::OS, std::env::consts::ARCH, release.trim()).trim().into(),
            processor: processor(),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            optimized: !cfg!(debug_assertions),
        }
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map_or_else(String::new, |(_, name)| name.trim().into())
}

//! A bar on the terminal while a load goes on, with the rate and the 99th percentile of the moment. Nothing where standard error is
//! no terminal.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::load::{Length, Live, Plan, count, time};

const EVERY: Duration = Duration::from_millis(250);

/// A bar, until it is dropped.
#[derive(Debug)]
pub(super) struct Progress {
    end: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A bar for a run of that plan, with that name.
    pub(super) fn start(plan: &Plan, live: Live, name: &str) -> Self {
        if !stderr().is_terminal() {
            return Self { end: None };
        }
        let (length, calls) = match plan.length {
            Length::Time(length) => ((plan.warmup + length).as_millis() as u64, None),
            Length::Calls(calls) => (calls, Some(calls)),
        };
        let bar = ProgressBar::new(length);
        if let Ok(style) = ProgressStyle::with_template("{prefix}{percent:>3} % {msg:30} [{wide_bar}]") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(if name.is_empty() { String::new() } else { format!("{name} ") });
        let (sender, receiver) = mpsc::channel();
        let (warmup, started) = (plan.warmup, Instant::now());
        let thread = thread::spawn(move || {
            let mut last = (Instant::now(), 0);
            while receiver.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let (now, glance) = (Instant::now(), live.glance());
                let (passed, since) = (now - started, now - last.0);
                let rate = (glance.right - last.1) as f64 / since.as_secs_f64();
                last = (now, glance.right);
                bar.set_message(if passed < warmup {
                    "warming up".to_owned()
                } else if passed < warmup + since {
                    // Only a part of that time was measured.
                    "measuring".to_owned()
                } else {
                    let failed = if glance.wrong > 0 { format!(", {} failed", glance.wrong) } else { String::new() };
                    format!("{} calls/s, p99 {}{failed}", count(rate), time(glance.p99 as f64 / 1e3))
                });
                bar.set_position(calls.map_or(passed.as_millis() as u64, |_| glance.right + glance.wrong));
            }
            bar.finish_and_clear();
        });
        Self { end: Some((sender, thread)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.end.take() {
            drop(sender);
            // It clears its line first, so that the report begins on a clean one.
            _ = thread.join();
        }
    }
}

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
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {percent:>3} % {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(name.to_owned());
        let (sender, receiver) = mpsc::channel();
        let (warmup, started) = (plan.warmup, Instant::now());
        let thread = thread::spawn(move || {
            let mut last = (Instant::now(), 0);
            while receiver.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let (now, glance) = (Instant::now(), live.glance());
                let rate = (glance.right - last.1) as f64 / (now - last.0).as_secs_f64();
                last = (now, glance.right);
                bar.set_position(if calls.is_some() {
                    glance.right + glance.wrong
                } else {
                    started.elapsed().as_millis() as u64
                });
                let failed = if glance.wrong > 0 { format!(", {} failed", glance.wrong) } else { String::new() };
                let message = format!("{} calls/s, p99 {}{failed}", count(rate), time(glance.p99 as f64 / 1e3));
                bar.set_message(if started.elapsed() < warmup { "warming up".to_owned() } else { message });
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

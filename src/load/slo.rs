//! What a server must hold: latencies at percentiles, and a share of errors.

use std::fmt;
use std::str::FromStr;

use super::report::Round;
use super::text::time;

/// A service level objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// Percentiles by their names, and the microseconds that each may take.
    latencies: Vec<(String, f64)>,
    /// Calls that may fail, from 0 to 1.
    errors: f64,
    /// Whether that was said.
    pub allows_errors: bool,
}

/// The text is no such objective.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no objective: there are p50, p75, p90, p95, p99, p99.9, p99.99, max and mean with a time, and errors with a share, such as p99=1ms,errors=0.1%"
)]
pub struct NoSlo(String);

impl FromStr for Slo {
    type Err = NoSlo;

    fn from_str(text: &str) -> Result<Self, NoSlo> {
        let mut slo = Self { latencies: Vec::new(), errors: 0.0, allows_errors: false };
        for part in text.split(',') {
            let wrong = || NoSlo(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let (name, value) = (name.trim(), value.trim());
            if name == "errors" {
                slo.errors = share(value).ok_or_else(wrong)?;
                slo.allows_errors = true;
            } else {
                let is_known = super::report::Latency::default().named(name).is_some();
                let us = microseconds(value).filter(|_| is_known).ok_or_else(wrong)?;
                slo.latencies.push((name.to_owned(), us));
            }
        }
        Ok(slo)
    }
}

impl Slo {
    /// What a round missed, if anything.
    pub fn missed(&self, round: &Round) -> Option<String> {
        let late = self.latencies.iter().find_map(|(name, most)| {
            let got = round.latency.named(name)?;
            (got > *most).then(|| format!("{name} is {}, over {}", time(got), time(*most)))
        });
        late.or_else(|| {
            let share = round.error_share();
            (share > self.errors).then(|| format!("{:.3} % of the calls failed", share * 100.0))
        })
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, us) in &self.latencies {
            write!(f, "{name}={},", time(*us))?;
        }
        write!(f, "errors={}%", self.errors * 100.0)
    }
}

fn share(text: &str) -> Option<f64> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

fn microseconds(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic());
    let factor = match &text[digits.len()..] {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        _ => return None,
    };
    digits.trim().parse::<f64>().ok().map(|number| number * factor).filter(|us| *us > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read_and_shown() {
        let slo: Slo = "p99=1ms,p50=200us, errors=0.1%".parse().expect("an objective");
        assert_eq!(slo.to_string(), "p99=1.00ms,p50=200us,errors=0.1%");
        for wrong in ["", "p99", "p98=1ms", "p99=1", "p99=-1ms", "errors=2", "p99=1ms,,"] {
            assert!(wrong.parse::<Slo>().is_err(), "{wrong}");
        }
    }
}

//! `farthing bench --find-max`: the highest rate at which an objective holds.

use crate::load::{Arrivals, Load, Objective, Plan, Probe, Rate, Report, Round, Search, Shape, Slo, Tried};

use super::plan::Failure;
use super::round::round;
use super::signals::Ends;

/// Where the search begins, unless it is said.
const START: f64 = 1000.0;
/// The share of the calls that were due which must have been answered within the measured time.
const ANSWERED_MIN: f64 = 0.98;

/// Tries one rate after the other.
pub(super) fn search(plan: &Plan, mut load: Load, slo: &Slo, signals: &Ends) -> Result<Report, Failure> {
    let (start, arrivals) = match plan.shape {
        Shape::Open { rate, arrivals } => (rate.from, arrivals),
        Shape::Closed => (START, Arrivals::Constant),
    };
    let (mut search, mut probes, mut best) = (Search::from(start), Vec::new(), None);
    while let Some(rate) = search.next() {
        let tried = Plan { shape: Shape::Open { rate: Rate::steady(rate), arrivals }, ..plan.clone() };
        let round = round(&tried, signals, &format!("{} calls/s", crate::load::count(rate)))?;
        if round.interrupted {
            break;
        }
        let missed = missed(slo, &round, rate);
        let doubt = round.generator.remark.clone().filter(|_| missed.is_some());
        let (calls_per_second, p99_us) = (round.calls_per_second, round.latency.p99_us);
        search.note(match (&missed, &doubt) {
            (None, _) => Tried::Held,
            (Some(_), None) => Tried::Missed,
            (Some(_), Some(_)) => Tried::Doubtful,
        });
        if missed.is_none() {
            best = Some((rate, round));
        }
        probes.push(Probe { rate, calls_per_second, p99_us, missed, doubt });
    }
    load.r#loop = "open".into();
    load.rate = best.as_ref().map(|(rate, _)| (*rate, *rate));
    let missed = best.is_none().then(|| "no rate held".to_owned());
    let mut report = Report::new(load, best.into_iter().map(|(_, round)| round).collect());
    (report.search, report.objective) = (probes, Some(Objective { text: slo.to_string(), missed }));
    Ok(report)
}

/// Latency counts from the moment a call was due, so that a generator which is late makes an objective harder to hold and never easier.
fn missed(slo: &Slo, round: &Round, rate: f64) -> Option<String> {
    // The last call of a slow rate may be due just behind the end.
    let due = rate * round.seconds - 1.0;
    let is_short = (round.calls as f64) < due * ANSWERED_MIN;
    slo.missed(round).or_else(|| is_short.then(|| "not all calls that were due were answered".into()))
}

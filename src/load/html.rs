//! A report as one page that needs nothing else: no script, no font, no picture from anywhere. Light or dark as the reader's system
//! is.

use std::fmt::Write;

use super::chart::{Axis, Chart, Series, escape};
use super::report::{Latency, Report, Round};
use super::text::{count, plural, text, time};

const STYLE: &str = "\
:root{--back:#fff;--fore:#1c2430;--soft:#5b6675;--grid:#dfe3e8;--card:#f6f7f9;--a:#1f6fd1;--b:#c2571a;--c:#8a3ffc;--bad:#c21f3a}
@media (prefers-color-scheme:dark){:root{--back:#12161c;--fore:#e4e8ee;--soft:#98a3b3;--grid:#2b323d;--card:#1a2029;--a:#62a8ff;--b:#ff9f5c;--c:#be95ff;--bad:#ff7a90}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1360px;padding:24px;background:var(--back);color:var(--fore);font:15px/1.5 system-ui,sans-serif}
h1{font-size:22px;margin:0}h2{font-size:17px;margin:28px 0 8px}p{margin:4px 0;color:var(--soft)}
.figures{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}
.figure{background:var(--card);border-radius:8px;padding:10px 16px;min-width:130px}
.figure b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.figure span{color:var(--soft)}
.charts{display:grid;margin-top:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:16px}
svg{width:100%;height:auto;background:var(--card);border-radius:8px}
svg text{fill:var(--soft);font-size:12px}svg .title{fill:var(--fore);font-size:14px;font-weight:600}
.grid{stroke:var(--grid)}.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.bar.a{fill:var(--a)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:4px 14px 4px 0;text-align:right;white-space:nowrap}th{color:var(--soft);font-weight:500}th:first-child,td:first-child,.text{text-align:left}
.bad{color:var(--bad)}
@media(max-width:640px){body{padding:16px}svg text{font-size:17px}svg .title{font-size:20px}}
pre{background:var(--card);border-radius:8px;padding:14px;overflow-x:auto}";

/// The report as a page.
pub fn html(report: &Report) -> String {
    let round = report.median_round();
    let names: Vec<&str> = report.load.calls.iter().map(|(name, _)| &**name).collect();
    let title = format!("{} at {}", names.join(", "), report.load.address);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{0}</title>\n<style>\n{STYLE}\n</style></head>\n<body>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    head(&mut page, report);
    figures(&mut page, round);
    page.push_str("<div class=\"charts\">\n");
    for chart in [curve(round), histogram(round), throughput(round), over_time(round)] {
        page.push_str(&chart);
    }
    page.push_str("</div>\n");
    tables(&mut page, round);
    _ = write!(page, "<h2>As text</h2>\n<pre>{}</pre>\n</body></html>\n", escape(&text(report)));
    page
}

fn head(page: &mut String, report: &Report) {
    let load = &report.load;
    let shape = match load.rate {
        None => "closed loop: calls wait for answers".to_owned(),
        Some((from, to)) if (from - to).abs() < f64::EPSILON => format!("open loop: {} calls/s due", count(from)),
        Some((from, to)) => format!("open loop: {} to {} calls/s due", count(from), count(to)),
    };
    let connections = if load.connect_per_call {
        "at a time, one per call".to_owned()
    } else {
        format!("with {} under way", plural(load.pipeline as u64, "call"))
    };
    _ = writeln!(
        page,
        "<p>{shape}; {} {connections}; {}; {}, {}</p>",
        plural(load.connections as u64, "connection"),
        plural(load.threads as u64, "thread"),
        escape(&load.protocol),
        escape(&load.transport)
    );
    let here = &report.environment;
    _ = writeln!(
        page,
        "<p>farthing {} on {}, {} ({}); {}</p>",
        escape(&here.farthing),
        escape(&here.system),
        escape(&here.processor),
        plural(here.processors as u64, "processor"),
        date(here.at)
    );
    if report.rounds.len() > 1 {
        _ = writeln!(page, "<p>the middle one of {} rounds</p>", report.rounds.len());
    }
}

/// Seconds since 1970 as a date and a time of the day (days of 400 years repeat; a year begins in March, so that leap days end one).
fn date(at: u64) -> String {
    let (days, second) = (at / 86_400 + 719_468, at % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (400 * era + year, month + 3) } else { (400 * era + year + 1, month - 9) };
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", second / 3600, second / 60 % 60)
}

fn figures(page: &mut String, round: &Round) {
    let Latency { p50_us, p99_us, p99_9_us, max_us, .. } = &round.latency;
    let figures = [
        ("calls/s", count(round.calls_per_second)),
        ("p50", time(*p50_us)),
        ("p99", time(*p99_us)),
        ("p99.9", time(*p99_9_us)),
        ("max", time(*max_us)),
        ("failed", round.failed.to_string()),
    ];
    page.push_str("<div class=\"figures\">\n");
    for (name, figure) in figures {
        let class = if name == "failed" && round.failed > 0 { " class=\"bad\"" } else { "" };
        _ = writeln!(page, "<div class=\"figure\"><b{class}>{figure}</b><span>{name}</span></div>");
    }
    page.push_str("</div>\n");
    if let Some(remark) = &round.generator.remark {
        _ = writeln!(page, "<p class=\"bad\">{}</p>", escape(remark));
    }
}

/// The further right, the rarer: each step is a tenth of the calls of the one before.
fn curve(round: &Round) -> String {
    let mut series = vec![curve_series("latency", "a", &round.latency)];
    series.extend(round.service_time.as_ref().map(|service| curve_series("service time", "b", service)));
    let right = series.iter().flat_map(|series| &series.points).map(|(x, _)| *x).fold(1.0, f64::max);
    let names = ["0", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999", "99.999999"];
    let ticks = names.iter().enumerate().take_while(|(n, _)| *n as f64 <= right).map(|(n, name)| (n as f64, format!("{name} %")));
    let x = Axis::with_ticks("percentile of the calls", right, ticks.collect());
    Chart { title: "Latency by percentile", x, y: times(&series), series }.svg()
}

fn curve_series(name: &str, class: &'static str, latency: &Latency) -> Series {
    let last = latency.curve.iter().map(|(quantile, _)| *quantile).filter(|quantile| *quantile < 1.0).fold(0.0, f64::max);
    let place = |quantile: f64| -(1.0 - quantile.min(last)).log10();
    let points = latency.curve.iter().map(|(quantile, us)| (place(*quantile), us.max(0.1).log10())).collect();
    Series { name: name.into(), class, points, bars: false }
}

/// An axis of times that all the points fit in.
fn times(series: &[Series]) -> Axis {
    let all = series.iter().flat_map(|series| &series.points).map(|(_, us)| 10_f64.powf(*us));
    let (least, most) = all.fold((f64::MAX, 1.0), |(least, most): (f64, f64), us| (least.min(us), most.max(us)));
    Axis::decades("logarithmic", (least.min(most), most), short)
}

/// A power of ten as a time.
fn short(us: f64) -> String {
    match us {
        us if us >= 1e6 => format!("{:.0} s", us / 1e6),
        us if us >= 1e3 => format!("{:.0} ms", us / 1e3),
        us if us >= 1.0 => format!("{us:.0} us"),
        us => format!("{us:.1} us"),
    }
}

fn histogram(round: &Round) -> String {
    let bars = &round.latency.histogram;
    let points: Vec<(f64, f64)> = bars.iter().map(|(us, calls)| (us.max(0.1).log10(), *calls as f64)).collect();
    let first = points.first().map_or(1.0, |(x, _)| *x);
    // The first bar begins a tenth of a power of ten before its end, as all do.
    let points: Vec<(f64, f64)> = std::iter::once((first - 0.1, 0.0)).chain(points).collect();
    let edge = |point: Option<&(f64, f64)>| point.map_or(1.0, |(x, _)| 10_f64.powf(*x));
    let x = Axis::decades("latency", (edge(points.first()), edge(points.last())), short);
    let most = points.iter().map(|(_, calls)| *calls).fold(0.0, f64::max);
    let series = vec![Series { name: "calls".into(), class: "a", points, bars: true }];
    Chart { title: "Calls by latency", x, y: Axis::linear("calls", most, count), series }.svg()
}

fn seconds(round: &Round) -> Axis {
    Axis::linear("seconds", round.seconds, |at| if round.seconds < 5.0 { format!("{at:.1}") } else { format!("{at:.0}") })
}

fn throughput(round: &Round) -> String {
    let points: Vec<_> = round.timeline.iter().map(|interval| (middle(interval), interval.calls_per_second)).collect();
    let most = points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let series = vec![Series { name: "calls/s".into(), class: "a", points, bars: false }];
    Chart { title: "Throughput over time", x: seconds(round), y: Axis::linear("calls/s", most, count), series }.svg()
}

fn over_time(round: &Round) -> String {
    let line = |name: &str, class, of: fn(&super::report::Interval) -> f64| {
        // An interval without an answer has no latency, and leaves a gap.
        let height = |us: f64| if us > 0.0 { us.log10() } else { f64::NAN };
        let points = round.timeline.iter().map(|interval| (middle(interval), height(of(interval)))).collect();
        Series { name: name.into(), class, points, bars: false }
    };
    let series = vec![
        line("max", "c", |interval| interval.max_us),
        line("p99", "b", |interval| interval.p99_us),
        line("p50", "a", |interval| interval.p50_us),
    ];
    Chart { title: "Latency over time", x: seconds(round), y: times(&series), series }.svg()
}

fn middle(interval: &super::report::Interval) -> f64 {
    interval.at_seconds + interval.seconds / 2.0
}

fn tables(page: &mut String, round: &Round) {
    page.push_str("<h2>Latency</h2>\n<table><tr><th></th>");
    let columns = ["p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "max", "mean"];
    columns.iter().for_each(|name| _ = write!(page, "<th>{name}</th>"));
    page.push_str("</tr>\n");
    let mut rows: Vec<(&str, &Latency)> = vec![("latency", &round.latency)];
    rows.extend(round.service_time.as_ref().map(|service| ("service time", service)));
    rows.extend(round.by_call.iter().map(|(name, call)| (&**name, &call.latency)));
    for (name, latency) in rows {
        _ = write!(page, "<tr><td>{}</td>", escape(name));
        columns.iter().for_each(|column| _ = write!(page, "<td>{}</td>", time(latency.named(column).unwrap_or_default())));
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
    if round.is_empty() {
        page.push_str("<p>Nothing was measured: no call came to an end.</p>\n");
    }
    if !round.errors.is_empty() {
        page.push_str("<h2>Errors</h2>\n<table><tr><th>kind</th><th>count</th><th class=\"text\">the first</th></tr>\n");
        for (kind, error) in &round.errors {
            _ = writeln!(
                page,
                "<tr><td>{}</td><td>{}</td><td class=\"text\">{}</td></tr>",
                escape(kind),
                error.count,
                escape(&error.first)
            );
        }
        page.push_str("</table>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date(1_795_447_594), "2026-11-23 15:26 UTC");
        assert_eq!(date(4_107_542_400), "2100-03-01 00:00 UTC");
    }
}

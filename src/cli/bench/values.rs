//! Values of `bench`'s arguments that are more than a number.

use std::time::Duration;

use crate::load::{Builtin, Pick, Rate, Zipf};
use crate::wire::Codec;

/// A protocol by its name.
pub(super) fn protocol(name: &str) -> Result<Codec, String> {
    Codec::named(name).ok_or_else(|| "there are binary, compact and json".into())
}

/// A time that may be nothing.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    match text {
        "0" | "0s" | "0ms" => Ok(Duration::ZERO),
        _ => crate::server::parse_time(text).ok_or_else(|| "it is a time, such as 250ms, 10s or 5m".into()),
    }
}

/// A number of bytes.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    match text {
        "0" => Ok(0),
        _ => {
            crate::server::parse_bytes(text, 1 << 30).ok_or_else(|| "it is a number of bytes, such as 1024, 64KiB or 1MiB".into())
        }
    }
}

/// Calls per second: one number, or two for a ramp.
pub(super) fn rate(text: &str) -> Result<Rate, String> {
    let one = |text: &str| {
        let (number, factor) = match text.strip_suffix(['k', 'K']) {
            Some(number) => (number, 1e3),
            None => (text.strip_suffix('M').unwrap_or(text), if text.ends_with('M') { 1e6 } else { 1.0 }),
        };
        let rate = number.trim().parse::<f64>().ok().map(|number| number * factor);
        let wrong = "it is calls per second, such as 5000, 20k or 0.5, or a ramp such as 1k..20k";
        rate.filter(|rate| (0.001..=1e8).contains(rate)).ok_or(wrong)
    };
    match text.split_once("..") {
        Some((from, to)) => Ok(Rate { from: one(from)?, to: one(to)? }),
        None => Ok(Rate::steady(one(text)?)),
    }
}

/// A share in percent.
pub(super) fn percent(text: &str) -> Result<f64, &'static str> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    number.filter(|number| (0.0..=1e6).contains(number)).ok_or("it is a number of percent, such as 5 or 2.5")
}

/// A mix of built-in workloads: names with weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mix(pub(super) Vec<(Builtin, u32)>);

pub(super) fn mix(text: &str) -> Result<Mix, String> {
    let part = |part: &str| {
        let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
        let workload = name.trim().parse::<Builtin>().map_err(|error| format!("{name:?}: {error}"))?;
        let weight = weight.trim().parse::<u32>().ok().filter(|weight| (1..=1_000_000).contains(weight));
        Ok((workload, weight.ok_or_else(|| format!("the weight of {name} is a number from 1, such as {name}=9"))?))
    };
    text.split(',').map(part).collect::<Result<_, String>>().map(Mix)
}

/// How keys are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Keys {
    Sequence,
    Uniform,
    Zipf(f64),
}

pub(super) fn keys(text: &str) -> Result<Keys, String> {
    match text.split_once(':') {
        None if text == "sequence" => Ok(Keys::Sequence),
        None if text == "uniform" => Ok(Keys::Uniform),
        None if text == "zipf" => Ok(Keys::Zipf(ZIPF_EXPONENT)),
        Some(("zipf", exponent)) => {
            let exponent = exponent.parse().ok().filter(|exponent| (0.01..=10.0).contains(exponent));
            exponent.map(Keys::Zipf).ok_or_else(|| "the exponent of zipf is a number from 0.01 to 10".into())
        }
        _ => Err("there are sequence, uniform, zipf and zipf:EXPONENT".into()),
    }
}

impl Keys {
    pub(super) fn pick(self, keys: usize) -> Pick {
        match self {
            Self::Sequence => Pick::Sequence,
            Self::Uniform => Pick::Uniform,
            Self::Zipf(exponent) => Pick::Zipf(Zipf::new(keys as u64, exponent)),
        }
    }
}

/// The exponent that caches are usually tested with.
const ZIPF_EXPONENT: f64 = 0.99;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_wrong_ones_refused() {
        assert_eq!(rate("1k..20k"), Ok(Rate { from: 1000.0, to: 20_000.0 }));
        assert_eq!(rate("0.5"), Ok(Rate::steady(0.5)));
        assert_eq!(rate("2M"), Ok(Rate::steady(2e6)));
        assert!(rate("0").is_err() && rate("fast").is_err() && rate("1..").is_err() && rate("-3").is_err());
        assert_eq!(mix("get=9,put"), Ok(Mix(vec![(Builtin::Get, 9), (Builtin::Put, 1)])));
        assert_eq!(mix("set"), Ok(Mix(vec![(Builtin::Put, 1)])));
        assert!(mix("get=0").is_err() && mix("gte").is_err() && mix("").is_err());
        assert_eq!((keys("zipf"), keys("zipf:1.2")), (Ok(Keys::Zipf(0.99)), Ok(Keys::Zipf(1.2))));
        assert!(keys("zipf:x").is_err() && keys("round").is_err());
        assert_eq!((time("0"), time("250ms")), (Ok(Duration::ZERO), Ok(Duration::from_millis(250))));
        assert_eq!((bytes("0"), bytes("1KiB")), (Ok(0), Ok(1024)));
        assert_eq!((percent("2.5"), percent("5%")), (Ok(2.5), Ok(5.0)));
        assert!(percent("nan").is_err() && percent("-1").is_err() && percent("inf").is_err() && percent("").is_err());
    }
}

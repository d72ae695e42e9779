//! The names, units and bounds of all limits: what a configuration file, an environment variable and `--help` share.

use std::mem;
use std::time::Duration;

use super::config::Config;
use super::owners::NOBODY;

/// A limit that can be set by name.
#[derive(Clone, Copy)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// What it limits, in a few words.
    pub what: &'static str,
    field: Field,
}

/// Where the limit is, and what it may be.
#[derive(Clone, Copy)]
enum Field {
    Bytes(fn(&mut Config) -> &mut usize, usize),
    Count(fn(&mut Config) -> &mut usize, usize),
    CountIfAny(fn(&mut Config) -> &mut Option<usize>, usize),
    SmallCount(fn(&mut Config) -> &mut u8),
    Time(fn(&mut Config) -> &mut Duration),
    Switch(fn(&mut Config) -> &mut bool),
    Texts(fn(&mut Config) -> &mut Vec<String>),
    Owners(fn(&mut Config) -> &mut Vec<u32>),
}

/// The value does not fit its limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be {value}: it is {expected}")]
pub struct LimitError {
    name: &'static str,
    value: String,
    expected: String,
}

const GIB: usize = 1 << 30;
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

use Field::{Bytes, Count, CountIfAny, Owners, SmallCount, Switch, Texts, Time};

/// By topic.
const ALL: &[Limit] = &[
    limit("workers", "shards: threads with an event loop each", Count(|c| &mut c.shards, 1024)),
    limit("frame_max", "bytes in a frame", Bytes(|c| &mut c.calls.transport.frame_max, 0x3fff_ffff)),
    limit("message_max", "bytes in a message without a frame", Bytes(|c| &mut c.calls.transport.wire.message_max, GIB)),
    limit("string_max", "bytes in a string", Bytes(|c| &mut c.calls.transport.wire.string_max, i32::MAX as usize)),
    limit("container_max", "elements in a container", Count(|c| &mut c.calls.transport.wire.container_max, i32::MAX as usize)),
    limit("depth_max", "structs and containers inside one another", Count(|c| &mut c.calls.transport.wire.depth_max, 256)),
    limit("method_max", "bytes in a method's name", Bytes(|c| &mut c.calls.transport.wire.method_max, 64 * 1024)),
    limit("strict_binary", "refuse binary messages without a version", Switch(|c| &mut c.calls.transport.wire.strict_binary)),
    limit("strict_trailing", "refuse bytes behind a message", Switch(|c| &mut c.calls.transport.wire.strict_trailing)),
    limit("empty_frames_max", "empty frames in a row", SmallCount(|c| &mut c.calls.transport.empty_frames_max)),
    limit(
        "header_max",
        "bytes in the header of a THeader message",
        Bytes(|c| &mut c.calls.transport.header.header_max, 64 * 1024),
    ),
    limit("header_pairs_max", "info headers of a message", Count(|c| &mut c.calls.transport.header.pairs_max, 1 << 16)),
    limit("header_text_max", "bytes in the key or value of one", Bytes(|c| &mut c.calls.transport.header.text_max, 64 * 1024)),
    limit(
        "inflate_ratio_max",
        "times its size that a message inflates to",
        Count(|c| &mut c.calls.transport.inflate_ratio_max, 1 << 20),
    ),
    limit("protocol_errors_max", "protocol errors per connection", SmallCount(|c| &mut c.calls.protocol_errors_max)),
    limit("inflight_max", "calls under way per connection", Count(|c| &mut c.calls.inflight_max, 1024)),
    limit("offload_above", "bytes of a message that is read on the worker pool", Bytes(|c| &mut c.calls.offload_above, GIB)),
    limit("turn_messages", "messages per connection and turn", Count(|c| &mut c.calls.turn_messages, 1 << 20)),
    limit("origins", "web origins that may call", Texts(|c| &mut c.calls.transport.http.origins)),
    limit("hosts", "host names that HTTP clients may use", Texts(|c| &mut c.calls.transport.http.hosts)),
    limit("first_byte_timeout", "from connecting to the first byte", Time(|c| &mut c.calls.first_byte_timeout)),
    limit(
        "tls_handshake_timeout",
        "for a TLS handshake, in all, and for a record behind it",
        Time(|c| &mut c.sockets.tls_handshake_timeout),
    ),
    limit("header_timeout", "for the head of a message, in all", Time(|c| &mut c.calls.header_timeout)),
    limit("body_timeout", "for a body, or its size at 16 KiB/s", Time(|c| &mut c.calls.body_timeout)),
    limit("body_timeout_max", "for any body", Time(|c| &mut c.calls.body_timeout_max)),
    limit("idle_timeout", "between messages", Time(|c| &mut c.calls.idle_timeout)),
    limit("http_idle_timeout", "between HTTP requests", Time(|c| &mut c.calls.http_idle_timeout)),
    limit("handler_timeout", "for an offloaded or deferred call", Time(|c| &mut c.calls.handler_timeout)),
    limit("write_timeout", "without the peer taking a byte", Time(|c| &mut c.sockets.write_timeout)),
    limit("answer_timeout", "for a whole answer, or its size at 16 KiB/s", Time(|c| &mut c.sockets.answer_timeout)),
    limit("output_soft", "unsent bytes that stop reading", Bytes(|c| &mut c.sockets.output_soft, GIB)),
    limit("output_hard", "unsent bytes that reset", Bytes(|c| &mut c.sockets.output_hard, 2 * GIB)),
    limit("connections_max", "open connections", Count(|c| &mut c.connections_max, 1 << 30)),
    limit("connections_per_ip_max", "open connections of one address", CountIfAny(|c| &mut c.connections_per_ip_max, 1 << 30)),
    limit("unix_uids", "users that may use Unix sockets, by number", Owners(|c| &mut c.unix_uids)),
    limit("unix_gids", "groups that may use Unix sockets, by number", Owners(|c| &mut c.unix_gids)),
    limit("memory_max", "bytes that all connections hold", Bytes(|c| &mut c.memory_max, 1 << 40)),
    limit("strained_idle_timeout", "between messages, once 80 % of memory_max are held", Time(|c| &mut c.strained_idle_timeout)),
    limit("strain_timeout", "with 90 % of memory_max held", Time(|c| &mut c.sockets.strain_timeout)),
    limit("accepts_per_turn", "connections accepted per turn", Count(|c| &mut c.sockets.accepts_per_turn, 1 << 20)),
    limit("drain_timeout", "from SIGTERM to the end", Time(|c| &mut c.sockets.drain_timeout)),
    limit("pool_workers", "threads for offloaded calls", Count(|c| &mut c.pool.workers, 1024)),
    limit("queue_max", "queued calls per pool thread", Count(|c| &mut c.pool.queue_max, 1 << 20)),
    limit("queue_timeout", "for a call in the queue", Time(|c| &mut c.pool.queue_timeout)),
];

const fn limit(name: &'static str, what: &'static str, field: Field) -> Limit {
    Limit { name, what, field }
}

/// All limits, by topic.
pub fn limits() -> &'static [Limit] {
    ALL
}

impl Limit {
    /// Sets the limit from text: `16384000`, `16MiB`, `10s`, `250ms`, `true`, or a list with commas.
    ///
    /// # Errors
    /// Where the text is no such value, is zero, or is past the limit's own bound.
    pub fn set(&self, config: &mut Config, text: &str) -> Result<(), LimitError> {
        let refuse = || LimitError { name: self.name, value: format!("{text:?}"), expected: self.expected() };
        match self.field {
            Field::Bytes(field, max) => *field(config) = parse_bytes(text, max).ok_or_else(refuse)?,
            Field::Count(field, max) => {
                *field(config) = text.parse().ok().filter(|n| (1..=max).contains(n)).ok_or_else(refuse)?;
            }
            Field::CountIfAny(field, _) if text == "off" => *field(config) = None,
            Field::CountIfAny(field, max) => {
                *field(config) = Some(text.parse().ok().filter(|n| (1..=max).contains(n)).ok_or_else(refuse)?);
            }
            Field::SmallCount(field) => *field(config) = text.parse().ok().filter(|n| *n > 0).ok_or_else(refuse)?,
            Field::Time(field) => *field(config) = parse_time(text).ok_or_else(refuse)?,
            Field::Switch(field) => *field(config) = text.parse().map_err(|_| refuse())?,
            Field::Texts(field) => *field(config) = parts(text).map(str::to_owned).collect(),
            Field::Owners(field) => {
                let numbers = parts(text).map(|part| part.parse().ok().filter(|number| *number != NOBODY));
                *field(config) = numbers.collect::<Option<_>>().ok_or_else(refuse)?;
            }
        }
        config.calls.transport.http.message_max = config.calls.transport.wire.message_max;
        config.calls.output_soft = config.sockets.output_soft;
        Ok(())
    }

    /// Sets the limit as it is in `from`; whether it was another one.
    pub(super) fn carry(&self, from: &Config, into: &mut Config) -> bool {
        let from = &mut from.clone();
        match self.field {
            Field::Bytes(field, _) | Field::Count(field, _) => mem::replace(field(into), *field(from)) != *field(from),
            Field::CountIfAny(field, _) => mem::replace(field(into), *field(from)) != *field(from),
            Field::SmallCount(field) => mem::replace(field(into), *field(from)) != *field(from),
            Field::Time(field) => mem::replace(field(into), *field(from)) != *field(from),
            Field::Switch(field) => mem::replace(field(into), *field(from)) != *field(from),
            Field::Texts(field) => mem::replace(field(into), field(from).clone()) != *field(from),
            Field::Owners(field) => mem::replace(field(into), field(from).clone()) != *field(from),
        }
    }

    /// What a value of this limit looks like.
    pub fn expected(&self) -> String {
        match self.field {
            Field::Bytes(_, max) => format!("a number of bytes from 1 to {max}, such as 65536, 64KiB or 16MiB"),
            Field::Count(_, max) => format!("a number from 1 to {max}"),
            Field::CountIfAny(_, max) => format!("a number from 1 to {max}, or \"off\""),
            Field::SmallCount(_) => "a number from 1 to 255".into(),
            Field::Time(_) => "a time of at least 1ms, such as 250ms, 10s or 5m".into(),
            Field::Switch(_) => "true or false".into(),
            Field::Texts(_) => "a list of texts".into(),
            Field::Owners(_) => {
                format!("a list of numbers, such as [1000, 33], without {NOBODY}, which stands for everybody of other namespaces")
            }
        }
    }
}

/// What stands between the commas of a list.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A number of bytes from 1 to `max`, with a unit or without: `65536`, `64KiB`.
pub fn parse_bytes(text: &str, max: usize) -> Option<usize> {
    let (number, unit) = split_unit(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => GIB,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor).filter(|bytes| (1..=max).contains(bytes))
}

/// Reads a time such as `30s`, `250ms` or `2m`.
pub fn parse_time(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text);
    let number: u64 = number.parse().ok()?;
    let time = match unit {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        "h" => Duration::from_secs(number.checked_mul(60 * 60)?),
        _ => return None,
    };
    (Duration::from_millis(1)..=YEAR).contains(&time).then_some(time)
}

fn split_unit(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, text: &str) -> Result<Config, String> {
        let mut config = Config::default();
        let limit = limits().iter().find(|limit| limit.name == name).expect("a known limit");
        limit.set(&mut config, text).map(|()| config).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_read_with_their_units() {
        assert_eq!(set("frame_max", "64KiB").unwrap().calls.transport.frame_max, 65536);
        assert_eq!(set("idle_timeout", "250ms").unwrap().calls.idle_timeout, Duration::from_millis(250));
        assert_eq!(set("idle_timeout", "5m").unwrap().calls.idle_timeout, Duration::from_secs(300));
        assert!(set("strict_binary", "true").unwrap().calls.transport.wire.strict_binary);
        assert_eq!(set("connections_per_ip_max", "7").unwrap().connections_per_ip_max, Some(7));
        assert_eq!(set("connections_per_ip_max", "off").unwrap().connections_per_ip_max, None);
        assert_eq!(set("hosts", "a, b").unwrap().calls.transport.http.hosts, ["a", "b"]);
        assert_eq!(set("unix_uids", "0, 1000").unwrap().unix_uids, [0, 1000]);
    }

    #[test]
    fn one_message_limit_holds_for_every_transport() {
        let config = set("message_max", "1MiB").unwrap();
        assert_eq!(config.calls.transport.wire.message_max, 1 << 20);
        assert_eq!(config.calls.transport.http.message_max, 1 << 20);
    }

    #[test]
    fn values_out_of_bounds_are_refused_with_what_would_be_right() {
        for (name, text) in [
            ("frame_max", "0"),
            ("frame_max", "-1"),
            ("frame_max", "16E"),
            ("frame_max", "2GiB"),
            ("frame_max", "99999999999999999999"),
            ("depth_max", "257"),
            ("idle_timeout", "0s"),
            ("idle_timeout", "18446744073709551615h"),
            ("idle_timeout", "soon"),
            ("strict_binary", "yes"),
            ("empty_frames_max", "256"),
            ("connections_per_ip_max", "0"),
            ("connections_per_ip_max", "none"),
            ("unix_uids", "root"),
            ("unix_uids", "-1"),
            ("unix_gids", "33,65534"),
        ] {
            let error = set(name, text).expect_err(text);
            assert!(error.contains(name) && error.contains(text), "{error}");
        }
    }

    #[test]
    fn no_two_limits_share_a_name() {
        let mut names: Vec<_> = limits().iter().map(|limit| limit.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), limits().len());
    }
}

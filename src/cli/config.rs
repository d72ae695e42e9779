//! Where settings come from: flags over the environment over a TOML file over the defaults. Unknown names are refused.

use std::env;
use std::fs;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::server::{Config, Limit, limits};

use super::secure::{self, Secured};

/// The prefix of environment variables: `FARTHING_IDLE_TIMEOUT` for `idle_timeout`.
const ENV_PREFIX: &str = "FARTHING_";
/// Environment variables of ours that are no limits.
const OTHER_ENV: [&str; 2] = ["FARTHING_LOG", "FARTHING_BIN"];

/// What can be set apart from the server's own limits.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Limits and threads.
    pub(super) server: Config,
    /// `ADDR=SERVICE,...` in the order of the file.
    pub(super) listen: Vec<String>,
    /// The size of the cache.
    pub(super) cache_max: Option<String>,
    /// Certificates and keys.
    pub(super) secured: Secured,
}

/// Reads the file, if there is one, and the environment on top of it.
///
/// # Errors
/// A text that says what is wrong, where, and what would be right.
pub(super) fn load(file: Option<&Path>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    if let Some(path) = file {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        read_file(&text, &mut settings).map_err(|(span, what)| {
            let line = text.get(..span.start).map_or(0, |before| before.matches('\n').count()) + 1;
            format!("{}:{line}: {what}", path.display())
        })?;
    }
    for (name, value) in env::vars_os() {
        // Names and values of others need not be text.
        if let Some(name) = name.to_str()
            && let Some(key) = name.strip_prefix(ENV_PREFIX)
            && !OTHER_ENV.contains(&name)
        {
            let value = value.to_str().ok_or_else(|| format!("{name}: its value is not UTF-8"))?;
            set(&key.to_ascii_lowercase(), value, &mut settings).map_err(|what| format!("{name}: {what}"))?;
        }
    }
    Ok(settings)
}

type Wrong = (Range<usize>, String);

fn read_file(text: &str, settings: &mut Settings) -> Result<(), Wrong> {
    let table = DeTable::parse(text).map_err(|error| (error.span().unwrap_or(0..0), error.message().to_owned()))?;
    for (key, value) in table.into_inner() {
        let value_span = value.span();
        if key.get_ref() == "listen" {
            settings.listen = texts(&value)
                .ok_or_else(|| (value_span, "`listen` is a list of texts, such as [\"127.0.0.1:9090=calculator\"]".to_owned()))?;
            continue;
        }
        let wrong = |span, what| (span, what);
        let text = scalar(&value).ok_or_else(|| wrong(value_span.clone(), expected(key.get_ref())))?;
        let known = known(key.get_ref());
        set(key.get_ref(), &text, settings).map_err(|what| wrong(if known { value_span } else { key.span() }, what))?;
    }
    Ok(())
}

fn texts(value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
    let DeValue::Array(parts) = value.get_ref() else { return None };
    parts.iter().map(|part| if let DeValue::String(text) = part.get_ref() { Some(text.to_string()) } else { None }).collect()
}

/// A number, text, switch or list as the text that a limit reads.
fn scalar(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n.to_string()),
        DeValue::Boolean(switch) => Some(switch.to_string()),
        DeValue::Array(parts) => {
            let is_plain = |part: &&Spanned<DeValue<'_>>| matches!(part.get_ref(), DeValue::String(_) | DeValue::Integer(_));
            parts
                .iter()
                .map(|part| Some(part).filter(is_plain).and_then(scalar))
                .collect::<Option<Vec<_>>>()
                .map(|parts| parts.join(","))
        }
        _ => None,
    }
}

fn find(name: &str) -> Option<&'static Limit> {
    limits().iter().find(|limit| limit.name == name)
}

fn known(name: &str) -> bool {
    name == "cache_max" || secure::SETTINGS.iter().any(|(setting, _)| *setting == name) || find(name).is_some()
}

fn expected(name: &str) -> String {
    match find(name) {
        Some(limit) => format!("`{name}` is {}", limit.expected()),
        None => match secure::SETTINGS.iter().find(|(setting, _)| *setting == name) {
            Some((_, what)) => format!("`{name}` is a {what}"),
            None => unknown(name),
        },
    }
}

fn set(name: &str, text: &str, settings: &mut Settings) -> Result<(), String> {
    if name == "cache_max" {
        parse_cache_max(text)?;
        settings.cache_max = Some(text.to_owned());
        Ok(())
    } else if name == "listen" {
        settings.listen = text.split_whitespace().map(str::to_owned).collect();
        Ok(())
    } else if let Some(set) = settings.secured.set(name, text) {
        set
    } else {
        let limit = find(name).ok_or_else(|| unknown(name))?;
        limit.set(&mut settings.server, text).map_err(|error| error.to_string())
    }
}

/// The size of the cache in bytes.
pub(super) fn parse_cache_max(text: &str) -> Result<u64, String> {
    let size = crate::server::parse_bytes(text, usize::MAX >> 8);
    size.map(|size| size as u64)
        .ok_or_else(|| format!("`cache_max` cannot be {text:?}: it is a number of bytes, such as 65536, 64KiB or 16MiB"))
}

/// What to say about a name that nothing has, with the name that may have been meant.
fn unknown(name: &str) -> String {
    let names = limits().iter().map(|limit| limit.name).chain(["listen", "cache_max"]);
    let names = names.chain(secure::SETTINGS.iter().map(|(name, _)| *name));
    let near = names.map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    match near {
        Some((distance, known)) if distance <= 3 => format!("there is no setting `{name}`; did you mean `{known}`?"),
        _ => format!("there is no setting `{name}`; `farthing serve --help` lists them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (usize, String) {
        let (span, what) = read_file(text, &mut Settings::default()).expect_err(text);
        (text[..span.start].matches('\n').count() + 1, what)
    }

    #[test]
    fn a_file_sets_limits_by_their_names() {
        let mut settings = Settings::default();
        let text = "frame_max = 1024\nidle_timeout = \"5s\"\nlisten = [\"127.0.0.1:0=cache\"]\ncache_max = \"1MiB\"\nhosts = [\"a\", \"b\"]\nunix_uids = [7, 9]";
        read_file(text, &mut settings).unwrap();
        assert_eq!(settings.server.calls.transport.frame_max, 1024);
        assert_eq!(settings.server.calls.idle_timeout.as_secs(), 5);
        assert_eq!(settings.server.calls.transport.http.hosts, ["a", "b"]);
        assert_eq!(settings.server.unix_uids, [7, 9]);
        assert_eq!(settings.listen, ["127.0.0.1:0=cache"]);
    }

    #[test]
    fn a_wrong_file_is_refused_with_line_and_name() {
        let cases = [
            ("frame_max = 1024\nframe_mx = 3\n", 2, "did you mean `frame_max`"),
            ("\n\nzzzzzzzzzzzz = 3\n", 3, "no setting `zzzzzzzzzzzz`"),
            ("frame_max = 0", 1, "`frame_max` cannot be \"0\""),
            ("frame_max = -1", 1, "from 1 to"),
            ("frame_max = 1.5", 1, "`frame_max` is a number of bytes"),
            ("idle_timeout = \"soon\"", 1, "`idle_timeout` cannot be \"soon\""),
            ("frame_max = 1\nframe_max = 2", 2, "duplicate"),
            ("frame_max = ", 1, ""),
            ("[limits]\nframe_max = 1", 1, "no setting `limits`"),
            ("listen = 3", 1, "`listen` is a list"),
            ("listen = [3]", 1, "`listen` is a list"),
            ("unix_uids = [[7]]", 1, "`unix_uids` is a list of numbers"),
            ("unix_uids = [7, 65534]", 1, "without 65534"),
        ];
        for (text, line, part) in cases {
            let (at, what) = wrong(text);
            assert!(at == line && what.contains(part), "{text:?}: {at}: {what}");
        }
    }
}

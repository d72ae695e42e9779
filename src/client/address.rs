//! Where a server is, as people write it: `host:port`, `unix:/path`, `unix:@name`, `http[s]://host:port/path` or
//! `ws[s]://host:port/path`. It resolves no names.

use std::path::PathBuf;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A host, by name or number, and a port.
    Tcp(String, u16),
    /// A Unix socket.
    Unix(PathBuf),
    /// A Unix socket with a name that is in no file system.
    Abstract(String),
}

/// What an HTTP address says beyond where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// What stands in `Host`.
    pub(super) host: String,
    pub(super) path: String,
    /// Whether it asks for TLS.
    pub(super) is_secure: bool,
}

/// The text names no server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It has no port.
    #[error("there is no port; an address is host:port, unix:/path, unix:@name, http://host:port/path or ws://host:port/path")]
    NoPort,
    /// Its port is no number from 1 to 65535.
    #[error("there is no port number from 1 to 65535 behind the last colon")]
    BadPort,
    /// It has no host.
    #[error("there is no host in front of the port")]
    NoHost,
    /// Its path is none that a Unix socket can have.
    #[error("unix: wants a path or an @name of 1 to {UNIX_PATH_MAX} bytes behind it")]
    BadPath,
    /// It is a URL of another kind.
    #[error("URLs of the kind {0}:// are not supported")]
    Scheme(String),
    /// It has a name or password.
    #[error("a name or password in a URL is not supported; set an Authorization field")]
    Credentials,
}

/// The longest path that a Unix socket can have, without its NUL (unix(7)).
const UNIX_PATH_MAX: usize = 107;
/// RFC 9110 4.2.1.
const HTTP_PORT: u16 = 80;
/// RFC 9110 4.2.2.
const HTTPS_PORT: u16 = 443;

impl Address {
    /// Reads an address, and what an HTTP one says beyond.
    pub(super) fn parse(text: &str) -> Result<(Self, Option<Url>), AddressError> {
        if let Some(path) = text.strip_prefix("unix:") {
            let name = path.strip_prefix('@');
            let fits = |text: &str| (1..=UNIX_PATH_MAX).contains(&text.len()) && !text.contains('\0');
            return match name {
                _ if !fits(name.unwrap_or(path)) => Err(AddressError::BadPath),
                Some(name) => Ok((Self::Abstract(name.into()), None)),
                None => Ok((Self::Unix(path.into()), None)),
            };
        }
        let secure = text.strip_prefix("https://").or_else(|| text.strip_prefix("wss://"));
        if let Some(rest) = secure.or_else(|| text.strip_prefix("http://")).or_else(|| text.strip_prefix("ws://")) {
            let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
            if authority.contains('@') {
                return Err(AddressError::Credentials);
            }
            let address = Self::tcp(authority, Some(if secure.is_some() { HTTPS_PORT } else { HTTP_PORT }))?;
            let slash = if path.starts_with('/') { "" } else { "/" };
            return Ok((
                address,
                Some(Url { host: authority.to_owned(), path: format!("{slash}{path}"), is_secure: secure.is_some() }),
            ));
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(AddressError::Scheme(scheme.chars().take(16).collect())),
            None => Ok((Self::tcp(text, None)?, None)),
        }
    }

    fn tcp(text: &str, port: Option<u16>) -> Result<Self, AddressError> {
        // The colons of an IPv6 address stand in brackets.
        let colon = text.rfind(':').filter(|&at| !text[at..].contains(']'));
        let (host, port) = match (colon, port) {
            (Some(at), _) => (&text[..at], text[at + 1..].parse().ok().filter(|&port| port != 0).ok_or(AddressError::BadPort)?),
            (None, Some(port)) => (text, port),
            (None, None) => return Err(AddressError::NoPort),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() { Err(AddressError::NoHost) } else { Ok(Self::Tcp(bare.to_owned(), port)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_bad_ones_explained() {
        let tcp = |host: &str, port| Address::Tcp(host.to_owned(), port);
        let url = |host: &str, path: &str| Some(Url { host: host.to_owned(), path: path.to_owned(), is_secure: false });
        let parse = Address::parse;
        assert_eq!(parse("localhost:9090"), Ok((tcp("localhost", 9090), None)));
        assert_eq!(parse("[::1]:9090"), Ok((tcp("::1", 9090), None)));
        assert_eq!(parse("unix:/run/x"), Ok((Address::Unix("/run/x".into()), None)));
        assert_eq!(parse("http://a"), Ok((tcp("a", 80), url("a", "/"))));
        assert_eq!(parse("http://a:81/b?c"), Ok((tcp("a", 81), url("a:81", "/b?c"))));
        assert_eq!(parse("http://[::1]?c"), Ok((tcp("::1", 80), url("[::1]", "/?c"))));
        assert_eq!(parse("localhost"), Err(AddressError::NoPort));
        assert_eq!(parse("[::1]"), Err(AddressError::NoPort));
        assert_eq!(parse("localhost:0"), Err(AddressError::BadPort));
        assert_eq!(parse("localhost:http"), Err(AddressError::BadPort));
        assert_eq!(parse(":9090"), Err(AddressError::NoHost));
        assert_eq!(
            parse("https://a"),
            Ok((tcp("a", 443), Some(Url { host: "a".to_owned(), path: "/".to_owned(), is_secure: true })))
        );
        assert_eq!(parse("http://u:p@a/"), Err(AddressError::Credentials));
        assert_eq!(parse("unix:@name"), Ok((Address::Abstract("name".into()), None)));
        for bad in ["unix:", "unix:@", "unix:a\0b", "unix:@a\0b", &format!("unix:@{}", "x".repeat(108))] {
            assert_eq!(parse(bad), Err(AddressError::BadPath), "{bad}");
        }
    }
}

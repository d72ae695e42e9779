//! Where to listen, as people write it: `host:port`, `unix:/path` or `unix:@name`.

use std::io;
use std::net::ToSocketAddrs;

use crate::reactor::Address;

/// The longest path that a Unix socket can have, without its NUL (unix(7)).
const UNIX_PATH_MAX: usize = 107;

/// The text names no place to listen at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It has no port.
    #[error("{text:?} has no port; an address is host:port (port 0 for any free one), unix:/path or unix:@name")]
    NoPort {
        /// The text.
        text: String,
    },
    /// Its port is no number up to 65535.
    #[error("{text:?} has no port number from 0 to 65535 behind its last colon")]
    BadPort {
        /// The text.
        text: String,
    },
    /// Its host has no address.
    #[error("the host of {text:?} cannot be found: {error}")]
    UnknownHost {
        /// The text.
        text: String,
        /// What the system said.
        error: io::Error,
    },
    /// Its path is none.
    #[error("unix: wants a path or an @name of 1 to {UNIX_PATH_MAX} bytes behind it, and {length} are there")]
    BadPath {
        /// Bytes in the path.
        length: usize,
    },
}

/// Reads `host:port`, `unix:/path`, or `unix:@name` for an abstract name. Of a host with several addresses the first is taken.
///
/// # Errors
/// Where the text is neither, or the host is unknown.
pub fn parse_address(text: &str) -> Result<Address, AddressError> {
    if let Some(path) = text.strip_prefix("unix:") {
        let name = path.strip_prefix('@');
        let length = name.unwrap_or(path).len();
        return match name {
            _ if !(1..=UNIX_PATH_MAX).contains(&length) => Err(AddressError::BadPath { length }),
            Some(name) => Ok(Address::Abstract(name.into())),
            None => Ok(Address::Unix(path.into())),
        };
    }
    let text = text.to_owned();
    let Some((_, port)) = text.rsplit_once(':') else { return Err(AddressError::NoPort { text }) };
    if port.parse::<u16>().is_err() {
        return Err(AddressError::BadPort { text });
    }
    match text.to_socket_addrs().map(|mut addresses| addresses.next()) {
        Ok(Some(address)) => Ok(Address::Tcp(address)),
        Ok(None) => Err(AddressError::UnknownHost { text, error: io::ErrorKind::NotFound.into() }),
        Err(error) => Err(AddressError::UnknownHost { text, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_bad_ones_explained() {
        assert_eq!(parse_address("127.0.0.1:9090").unwrap().to_string(), "127.0.0.1:9090");
        assert_eq!(parse_address("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert_eq!(parse_address("unix:/run/x").unwrap().to_string(), "unix:/run/x");
        assert_eq!(parse_address("unix:@name").unwrap(), Address::Abstract("name".into()));
        assert_eq!(parse_address("unix:@name").unwrap().to_string(), "unix:@name");
        assert_eq!(parse_address("unix:./@name").unwrap(), Address::Unix("./@name".into()));
        for (bad, part) in [
            ("localhost", "no port"),
            ("127.0.0.1:http", "port number"),
            ("127.0.0.1:70000", "port number"),
            ("unix:", "path"),
            ("unix:@", "@name"),
            ("999.1.1.1:80", "cannot be found"),
        ] {
            let error = parse_address(bad).unwrap_err().to_string();
            assert!(error.contains(part), "{bad}: {error}");
        }
        assert!(parse_address(&format!("unix:/{}", "x".repeat(107))).is_err());
    }
}

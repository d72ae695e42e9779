//! What client and server have in common: arguments, and Apache's transports by the names of the matrix.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::Path;

use thrift::transport::{
    TBufferedReadTransport, TBufferedWriteTransport, TFramedReadTransport, TFramedWriteTransport, TReadTransport, TWriteTransport,
};

pub struct Options(HashMap<String, String>);

impl Options {
    pub fn parse() -> Self {
        let pair = |word: String| {
            let (name, value) = word.split_once('=').unwrap_or((&word, ""));
            (name.trim_start_matches("--").to_owned(), value.to_owned())
        };
        Self(std::env::args().skip(1).map(pair).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn port(&self) -> u16 {
        self.get("port").map_or(0, |port| port.parse().expect("a port"))
    }

    pub fn is_multiplexed(&self) -> bool {
        self.get("protocol").is_some_and(|name| name.starts_with("multi"))
    }

    pub fn is_compact(&self) -> bool {
        matches!(self.get("protocol"), Some("compact" | "multic"))
    }

    pub fn is_framed(&self) -> bool {
        self.get("transport") == Some("framed")
    }

    pub fn file(&self, name: &str) -> &Path {
        Path::new(self.get(name).unwrap_or_else(|| panic!("--{name} is missing")))
    }
}

pub type Halves = (Box<dyn Read + Send>, Box<dyn Write + Send>);

#[allow(dead_code)]
pub fn transports(options: &Options, (read, write): Halves) -> (Box<dyn TReadTransport>, Box<dyn TWriteTransport>) {
    if options.is_framed() {
        (Box::new(TFramedReadTransport::new(read)), Box::new(TFramedWriteTransport::new(write)))
    } else {
        (Box::new(TBufferedReadTransport::new(read)), Box::new(TBufferedWriteTransport::new(write)))
    }
}

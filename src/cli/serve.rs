//! `farthing serve`: runs services until a signal ends them.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::generated::bench::BenchService;
use crate::generated::cache::CacheService;
use crate::generated::calculator::CalculatorService;
use crate::generated::conformance::{SecondServiceService, ThriftTestService};
use crate::rpc::Service;
use crate::server::tls::Tls;
use crate::server::{BuildError, Builder, Server};
use crate::services::bench::Workloads;
use crate::services::cache::MemoryCache;
use crate::services::calculator::Arithmetic;
use crate::services::conformance::CrossTest;

use super::config::{self, Settings};
use super::exit::{Exit, fail, say};
use super::logging;
use super::passed;
use super::reload::Reload;
use super::secure::{self, Secured};
use super::signals;

/// The reference deployment.
const DEFAULT_LISTEN: [&str; 2] = ["127.0.0.1:9090=calculator", "127.0.0.1:9091=cache"];
const DEFAULT_CACHE_MAX: &str = "256MiB";
/// All services, as `--listen` names them.
const SERVICES: [&str; 4] = ["calculator", "cache", "conformance", "bench"];

const AFTER_HELP: &str = "\
Every address takes every Thrift client: framed, buffered, THeader, zlib, HTTP (THttpClient) and WebSocket are told apart by \
the first bytes of each connection, and with a certificate so is TLS. SIGTERM, SIGINT and SIGQUIT drain, a second \
one ends at once; SIGHUP reads the settings, certificates, keys and lists again, and open connections stay; SIGUSR1 logs what was counted.

A supervisor may open the sockets and pass them, as systemd does (LISTEN_FDS): those whose addresses are listened at are taken over, \
and nobody is refused while one server follows another.

Examples:
  farthing serve
  farthing serve --listen 0.0.0.0:9090=calculator,cache      both on one port; multiplexed names work, and plain ones
  farthing serve --listen unix:/run/cache.sock=cache
  farthing serve --listen 127.0.0.1:0=bench --workers 1       any free port; the log line says which
  farthing serve --tls-cert server.pem --tls-key server.key   TLS beside plain text on the same ports
  FARTHING_IDLE_TIMEOUT=10m farthing serve --config limits.toml

Settings (FILE.toml; or FARTHING_NAME in the environment; flags over environment over file over defaults):
";

/// What `serve` takes.
#[derive(Debug, Args)]
#[command(after_long_help = after_help())]
pub(super) struct Arguments {
    /// Where to offer which services; repeat it for several addresses.
    ///
    /// ADDR is host:port (port 0 for any free one), unix:/path (a file of mode 0660; one that a dead server left is replaced), or
    /// unix:@name (an abstract name, on Linux: no file, and no permissions). SERVICE is calculator, cache, conformance or bench. Of several on one
    /// address the first is the default for plain calls, all answer to "Service:method", and a plain name that only one of
    /// them has works too. Replaces the default, a Calculator on 127.0.0.1:9090 and a Cache on 127.0.0.1:9091.
    #[arg(long, value_name = "ADDR=SERVICE[,SERVICE...]")]
    listen: Vec<String>,

    /// Threads with an event loop each [default: one per core].
    #[arg(long, value_name = "N")]
    workers: Option<String>,

    /// A TOML file with limits and time-outs; the names are below.
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,

    /// How much the cache keeps, keys and values together [default: 256MiB].
    #[arg(long, value_name = "SIZE")]
    cache_max: Option<String>,

    #[command(flatten)]
    secured: Secured,
}

fn after_help() -> String {
    let mut text = AFTER_HELP.to_owned();
    let lines = crate::server::limits().iter().map(|limit| format!("  {:<20} {}\n", limit.name, limit.what));
    text.extend(lines);
    text.extend(secure::SETTINGS.iter().map(|(name, what)| format!("  {name:<20} {what}\n")));
    text.push_str("  cache_max            bytes that the cache keeps\n  listen               as --listen, in a list; in the environment with blanks between\n");
    text
}

/// Runs until a signal ends it.
pub(super) fn run(arguments: Arguments) -> Exit {
    let _log = logging::start();
    let (server, reload) = match prepare(arguments) {
        Ok(prepared) => prepared,
        Err((exit, error)) => return fail(exit, error),
    };
    let offered = reload.offered();
    // Whoever reads that we listen may send a signal at once.
    if let Err(error) = signals::handle(server.handle(), reload) {
        return fail(Exit::Usage, format!("cannot handle signals: {error}"));
    }
    for (address, services) in server.addresses().iter().zip(offered) {
        say(format_args!("listening on {address} ({services})"));
    }
    match server.run() {
        Ok(0) => Exit::Ok,
        Ok(cut) => fail(Exit::Cut, format!("{cut} connections were cut at the end of the drain")),
        Err(error) => fail(Exit::CannotListen, error),
    }
}

type Failure = (Exit, String);

fn prepare(arguments: Arguments) -> Result<(Server, Reload), Failure> {
    let usage = |error: String| (Exit::Usage, error);
    let settings = arguments.settings().map_err(usage)?;
    let cache_max = config::parse_cache_max(settings.cache_max()).map_err(usage)?;
    let offers = Offers {
        cache: Arc::new(CacheService::new(MemoryCache::new(cache_max))),
        bench: Arc::new(BenchService::new(Workloads::new(cache_max))),
    };
    let tls = settings.secured.clone().load().map_err(usage)?;
    let passed = passed::sockets().map_err(usage)?;
    let builder = passed.into_iter().fold(offers.builder(&settings, tls.as_ref()).map_err(usage)?, Builder::adopt);
    let server = builder.build().map_err(|error| match error {
        BuildError::Io(_) => (Exit::CannotListen, error.to_string()),
        other => (Exit::Usage, other.to_string()),
    })?;
    let reload = Reload::new(arguments, settings, offers, tls, server.handle());
    Ok((server, reload))
}

impl Arguments {
    /// Whether there is a file to read settings from.
    pub(super) fn has_file(&self) -> bool {
        self.config.is_some()
    }

    /// What they come to with the file, read now, and the environment.
    pub(super) fn settings(&self) -> Result<Settings, String> {
        let mut settings = config::load(self.config.as_deref())?;
        if let Some(workers) = &self.workers {
            let number = workers.parse().ok().filter(|n| (1..=1024).contains(n));
            let wrong = || format!("--workers cannot be {workers:?}: it is a number from 1 to 1024");
            settings.server.shards = number.ok_or_else(wrong)?;
        }
        settings.secured.override_by(self.secured.clone());
        settings.cache_max = self.cache_max.clone().or(settings.cache_max);
        if !self.listen.is_empty() {
            settings.listen.clone_from(&self.listen);
        }
        if settings.listen.is_empty() {
            settings.listen = DEFAULT_LISTEN.map(String::from).to_vec();
        }
        Ok(settings)
    }
}

impl Settings {
    /// How much the cache keeps, as it was written.
    pub(super) fn cache_max(&self) -> &str {
        self.cache_max.as_deref().unwrap_or(DEFAULT_CACHE_MAX)
    }
}

/// The services that keep something, which all addresses share.
pub(super) struct Offers {
    cache: Arc<dyn Service>,
    bench: Arc<dyn Service>,
}

impl Offers {
    /// A server as it was asked for.
    pub(super) fn builder(&self, settings: &Settings, tls: Option<&Tls>) -> Result<Builder, String> {
        let mut builder = Server::builder().config(settings.server.clone());
        if let Some(tls) = tls {
            builder = builder.tls(tls);
        }
        for listen in &settings.listen {
            let (address, services) = listen
                .split_once('=')
                .ok_or_else(|| format!("--listen cannot be {listen:?}: it is ADDR=SERVICE, such as 127.0.0.1:9090=calculator"))?;
            for service in services.split(',') {
                builder = self.add(service, builder)?;
            }
            builder = builder.listen(address);
        }
        Ok(builder)
    }

    fn add(&self, service: &str, builder: Builder) -> Result<Builder, String> {
        Ok(match service {
            "calculator" => builder.service(CalculatorService::new(Arithmetic)),
            "cache" => builder.shared_service(Arc::clone(&self.cache)),
            "conformance" => builder.service(ThriftTestService::new(CrossTest)).service(SecondServiceService::new(CrossTest)),
            "bench" => builder.shared_service(Arc::clone(&self.bench)),
            other => return Err(format!("there is no service {other:?}; there are {}", SERVICES.join(", "))),
        })
    }
}

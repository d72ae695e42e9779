//! Putting a server together: services, addresses, limits.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::reactor::{self, Acceptor, Address};
use crate::rpc::{NoSuchMethod, Service, Services};

use super::address::{AddressError, parse_address};
use super::config::{Config, Contradiction};
use super::renew::Asked;
use super::run::Server;

/// A server that is being put together. Mistakes are kept until [`bind`](Self::bind) or [`build`](Self::build) reports them.
#[derive(Debug, Default)]
pub struct Builder {
    config: Config,
    /// The services added since the last address.
    services: Services,
    listeners: Vec<(String, Services)>,
    /// Sockets that listen already.
    passed: Vec<OwnedFd>,
    mistake: Option<BuildError>,
    pub(super) tls: Option<reactor::Tls>,
}

/// The server cannot be built as it is described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A method that is to be offloaded does not exist.
    #[error(transparent)]
    Offload(#[from] NoSuchMethod),
    /// An address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// An address has no service.
    #[error("{address} has no service: add one before the address")]
    NoService {
        /// The address.
        address: String,
    },
    /// Two limits contradict one another.
    #[error(transparent)]
    Limits(#[from] Contradiction),
    /// There is no address.
    #[error("there is no address to listen at")]
    NoAddress,
    /// A socket was passed, and nothing is offered where it listens.
    #[error("a socket that listens at {address} was passed to this process, which has no such address to listen at")]
    Passed {
        /// Where it listens.
        address: Address,
    },
    /// Something was asked of a running server that only a new one can do.
    #[error("{0} cannot change while the server runs: start it anew")]
    Fixed(&'static str),
    /// The system refused a listener, a poll or a thread.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Server {
    /// A server to put together.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Adds a service to the next address. The first one is the default for plain calls.
    #[must_use]
    pub fn service(self, service: impl Service) -> Self {
        self.shared_service(Arc::new(service))
    }

    /// Adds a service that other addresses offer too.
    #[must_use]
    pub fn shared_service(mut self, service: Arc<dyn Service>) -> Self {
        self.services.add(service);
        self
    }

    /// Runs a method of the service added last on the worker pool: one that blocks, or takes longer than a few microseconds.
    /// A call that waited there for longer than its THeader client said it would (`client_timeout`, in milliseconds) is not begun.
    #[must_use]
    pub fn offload(mut self, method: &str) -> Self {
        if let Err(error) = self.services.offload(method) {
            self.mistake.get_or_insert(error.into());
        }
        self
    }

    /// Offers the services added since the last address at this one: `host:port`, port 0 for any free one, or `unix:/path`.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        self.listeners.push((address.to_owned(), std::mem::take(&mut self.services)));
        self
    }

    /// Takes over a socket that listens already, where its address is one of those to listen at: one that a supervisor such as
    /// systemd opened, and keeps from one process to the next, so that no client is refused in between.
    #[must_use]
    pub fn adopt(mut self, socket: OwnedFd) -> Self {
        self.passed.push(socket);
        self
    }

    /// Sets all limits.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the number of threads that run an event loop.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.config.shards = shards.max(1);
        self
    }

    /// Offers the services at one more address, and binds all of them.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn bind(self, address: &str) -> Result<Server, BuildError> {
        self.listen(address).build()
    }

    /// Binds all addresses. From here on clients can connect; they are answered once the server runs.
    ///
    /// # Errors
    /// Where something that was asked for cannot be had; nothing is left bound.
    pub fn build(self) -> Result<Server, BuildError> {
        let Described { config, asked, passed: sockets, tls } = self.describe()?;
        config.mind_files();
        let mut passed = Vec::new();
        for socket in sockets {
            passed.push((reactor::listens_at(&socket)?, socket));
        }
        let mut bound = Vec::new();
        for Asked { address, .. } in &asked {
            let known = passed.iter().position(|(at, _)| at == address);
            bound.push(bind(address, known.map(|known| passed.swap_remove(known).1), &config, tls.as_ref())?);
        }
        if let Some((address, _)) = passed.pop() {
            return Err(BuildError::Passed { address });
        }
        Ok(Server::new(config, asked, bound, tls.is_some())?)
    }

    /// What was asked for, as far as it can be checked without binding anything.
    pub(super) fn describe(self) -> Result<Described, BuildError> {
        let Self { config, listeners, passed, mistake, tls, .. } = self;
        if let Some(mistake) = mistake {
            return Err(mistake);
        }
        config.check()?;
        if listeners.is_empty() {
            return Err(BuildError::NoAddress);
        }
        let asked = listeners.into_iter().map(|(address, offered)| {
            if offered.is_empty() {
                return Err(BuildError::NoService { address });
            }
            Ok(Asked { address: parse_address(&address)?, services: Arc::new(offered) })
        });
        Ok(Described { config, asked: asked.collect::<Result<_, _>>()?, passed, tls })
    }
}

/// A server as it was asked for, without contradictions.
pub(super) struct Described {
    pub(super) config: Config,
    pub(super) asked: Vec<Asked>,
    pub(super) passed: Vec<OwnedFd>,
    pub(super) tls: Option<reactor::Tls>,
}

/// One acceptor per shard.
pub(super) fn bind(
    address: &Address,
    passed: Option<OwnedFd>,
    config: &Config,
    tls: Option<&reactor::Tls>,
) -> io::Result<Vec<Acceptor>> {
    let (shards, options) = (config.shards, config.listen_options());
    let acceptors = match passed {
        Some(socket) => reactor::adopt(socket, shards, &options),
        None => reactor::listen(address, shards, &options),
    }?;
    Ok(match tls {
        Some(tls) => acceptors.into_iter().map(|acceptor| acceptor.secured(tls)).collect(),
        None => acceptors,
    })
}

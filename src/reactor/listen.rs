//! Where connections come in: binding TCP and Unix addresses for one or several shards. It resolves no names and knows no
//! limits; when to accept is the loop's business.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use mio::event::Source;
use mio::net::{TcpListener, UnixListener};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket as RawSocket, TcpKeepalive, Type};

use super::abstract_name;
use super::address::Address;
use super::maybe_tls::MaybeTls;
use super::owner;
use super::peer::Peer;
use super::platform::Listener;
use super::socket::Socket;
use super::socket_file::{self, SocketFile};
use super::tls::Tls;

/// How several shards share one TCP address. A Unix address is always [`Spread::Shared`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spread {
    /// One socket each, and the kernel spreads connections over them by a hash of the addresses (`SO_REUSEPORT`): each shard gets
    /// its share of long-lived connections, but those that hash to a blocked shard wait for it.
    ReusePort,
    /// One socket for all: every new connection wakes all shards, and the first one takes what is there. Nobody waits for a blocked
    /// shard, but few long-lived connections easily end up on one.
    Shared,
}

/// How to listen.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// How shards share a TCP address: [`Spread::ReusePort`].
    pub spread: Spread,
    /// Whether an address is refused that another process listens on, even with `SO_REUSEPORT`: yes. Say no to share it with
    /// other processes, or with the next one during a take-over; all of them must then use [`Spread::ReusePort`].
    pub exclusive: bool,
    /// Connections that may wait to be accepted: 4,096, or what the system allows.
    pub backlog: i32,
    /// Whether an IPv6 address takes IPv6 peers only: no.
    pub only_v6: bool,
    /// Permissions of a Unix socket's file: 0660.
    pub mode: u32,
    /// Whether the system is asked who is at the other end of a Unix socket, at the price of a system call: no.
    pub owners: bool,
    /// When an idle TCP connection is probed: after 60 s, then three times every 10 s.
    pub keepalive: Duration,
    /// How long sent bytes may go unacknowledged before a TCP connection fails: 30 s.
    pub user_timeout: Duration,
}

impl Default for ListenOptions {
    fn default() -> Self {
        ListenOptions {
            spread: Spread::ReusePort,
            exclusive: true,
            backlog: 4096,
            only_v6: false,
            mode: 0o660,
            owners: false,
            keepalive: Duration::from_mins(1),
            user_timeout: Duration::from_secs(30),
        }
    }
}

/// Binds `address` for that many shards: one acceptor each.
///
/// # Errors
/// Any of the system's; the text names the address. A Unix address with a live server is [`io::ErrorKind::AddrInUse`].
pub fn listen(address: &Address, shards: usize, options: &ListenOptions) -> io::Result<Vec<Acceptor>> {
    let bound = match address {
        Address::Tcp(tcp) => listen_tcp(*tcp, shards, options),
        Address::Unix(path) => {
            let _turn = socket_file::turn(path);
            let bound = SocketFile::bind(path, options.mode);
            bound.and_then(|(socket, file)| listen_unix(address, socket, Some(file), shards, options))
        }
        Address::Abstract(name) => {
            let bound = abstract_name::bind(name);
            bound.and_then(|socket| listen_unix(address, socket, None, shards, options))
        }
    };
    bound.map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
}

/// Takes over a socket that listens already: whoever passed it keeps it, so that who connects while nobody is there waits for the
/// next. All shards share it.
///
/// # Errors
/// Where it does not listen, or not at an address of these kinds; and any of the system's.
pub fn adopt(socket: OwnedFd, shards: usize, options: &ListenOptions) -> io::Result<Vec<Acceptor>> {
    let address = listens_at(&socket)?;
    let socket = RawSocket::from(socket);
    socket.set_cloexec(true)?;
    socket.set_nonblocking(true)?;
    let Address::Tcp(tcp) = address else { return listen_unix(&address, socket, None, shards, options) };
    prepare_tcp(&socket, options)?;
    spread_tcp(socket, tcp, shards, RawSocket::try_clone)
}

/// Where a socket listens.
///
/// # Errors
/// Where it does not listen, or not at an address of these kinds.
pub fn listens_at(socket: &impl AsFd) -> io::Result<Address> {
    let socket = SockRef::from(socket);
    let wrong = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
    if !socket.is_listener()? {
        return Err(wrong("a socket that was passed to this process does not listen"));
    }
    let local = socket.local_addr()?;
    let tcp = local.as_socket().map(Address::Tcp);
    let path = || local.as_pathname().map(|path| Address::Unix(path.into()));
    let name = || Some(Address::Abstract(str::from_utf8(local.as_abstract_namespace()?).ok()?.into()));
    tcp.or_else(path).or_else(name).ok_or_else(|| wrong("a socket that was passed to this process has no address to name it by"))
}

fn listen_tcp(address: SocketAddr, shards: usize, options: &ListenOptions) -> io::Result<Vec<Acceptor>> {
    let first = bind_tcp(address, options, options.exclusive)?;
    // The others bind the port that the first was given, or share its socket.
    let bound = first.local_addr()?.as_socket().ok_or(io::ErrorKind::InvalidInput)?;
    spread_tcp(first, bound, shards, |first| match options.spread {
        Spread::ReusePort => bind_tcp(bound, options, false),
        Spread::Shared => first.try_clone(),
    })
}

/// One acceptor per shard, from the first one's socket.
fn spread_tcp(
    first: RawSocket,
    bound: SocketAddr,
    shards: usize,
    next: impl Fn(&RawSocket) -> io::Result<RawSocket>,
) -> io::Result<Vec<Acceptor>> {
    let mut sockets = vec![first];
    for _ in 1..shards {
        sockets.push(next(&sockets[0])?);
    }
    let wrap = |socket: RawSocket| Acceptor::new(Inlet::Tcp(TcpListener::from_std(socket.into())), Address::Tcp(bound), None);
    Ok(sockets.into_iter().map(wrap).collect())
}

/// A listening socket whose options the accepted ones inherit, so that accepting sets none.
///
/// An exclusive one binds before it allows others to share its port: so it is refused where anybody listens already, and lets in
/// those that follow.
fn bind_tcp(address: SocketAddr, options: &ListenOptions, exclusive: bool) -> io::Result<RawSocket> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(options.only_v6)?;
    }
    socket.set_reuse_address(true)?;
    let shared = options.spread == Spread::ReusePort;
    socket.set_reuse_port(shared && !exclusive)?;
    prepare_tcp(&socket, options)?;
    socket.bind(&SockAddr::from(address))?;
    socket.set_reuse_port(shared)?;
    socket.listen(options.backlog)?;
    Ok(socket)
}

/// What accepted sockets inherit.
fn prepare_tcp(socket: &RawSocket, options: &ListenOptions) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    let probes = TcpKeepalive::new().with_time(options.keepalive).with_interval(Duration::from_secs(10)).with_retries(3);
    socket.set_tcp_keepalive(&probes)?;
    socket.set_tcp_user_timeout(Some(options.user_timeout))
}

fn listen_unix(
    address: &Address,
    socket: RawSocket,
    file: Option<SocketFile>,
    shards: usize,
    options: &ListenOptions,
) -> io::Result<Vec<Acceptor>> {
    socket.listen(options.backlog)?;
    let file = file.map(Arc::new);
    let mut sockets = vec![socket];
    for _ in 1..shards {
        sockets.push(sockets[0].try_clone()?);
    }
    let wrap = |socket: RawSocket| {
        let inlet = Inlet::Unix(UnixListener::from_std(socket.into()));
        Acceptor { owners: options.owners, ..Acceptor::new(inlet, address.clone(), file.clone()) }
    };
    Ok(sockets.into_iter().map(wrap).collect())
}

/// One shard's end of a listening address. The file of a Unix socket goes with the last one.
#[derive(Debug)]
pub struct Acceptor {
    inlet: Inlet,
    address: Address,
    tls: Option<Tls>,
    owners: bool,
    reserve: Option<File>,
    _file: Option<Arc<SocketFile>>,
}

#[derive(Debug)]
enum Inlet {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Acceptor {
    fn new(inlet: Inlet, address: Address, file: Option<Arc<SocketFile>>) -> Self {
        Acceptor { inlet, address, tls: None, owners: false, reserve: spare_descriptor(), _file: file }
    }

    /// Takes TLS too, or nothing else, on the same address.
    #[must_use]
    pub fn secured(self, tls: &Tls) -> Self {
        Acceptor { tls: Some(tls.clone()), ..self }
    }

    /// What the selector registers.
    pub(super) fn source(&mut self) -> &mut dyn Source {
        match &mut self.inlet {
            Inlet::Tcp(listener) => listener,
            Inlet::Unix(listener) => listener,
        }
    }

    /// The address that was bound, with the port that the system chose.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

impl Listener for Acceptor {
    type Stream = MaybeTls<Socket>;

    fn accept(&mut self) -> io::Result<(MaybeTls<Socket>, Peer)> {
        let (socket, peer) = match &self.inlet {
            Inlet::Tcp(listener) => listener.accept().map(|(stream, address)| (Socket::Tcp(stream), Peer::tcp(address)))?,
            Inlet::Unix(listener) => {
                let stream = listener.accept()?.0;
                let owner = self.owners.then(|| owner::of(&stream).ok()).flatten();
                (Socket::Unix(stream), Peer::Unix(owner))
            }
        };
        let stream = match &self.tls {
            Some(tls) => MaybeTls::guarded(socket, tls),
            None => MaybeTls::plain(socket),
        };
        Ok((stream, peer))
    }

    fn refuse(&mut self) -> io::Result<()> {
        self.reserve = None;
        let accepted = self.accept();
        // Closed before the reserve is opened again: it is the same descriptor.
        let outcome = accepted.map(drop);
        self.reserve = spare_descriptor();
        outcome
    }
}

fn spare_descriptor() -> Option<File> {
    File::open("/dev/null").ok()
}

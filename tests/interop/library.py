"""What one official library offers, and how its programs are started."""

import dataclasses
from collections.abc import Callable

PROTOCOLS = ("binary", "accel", "compact", "accelc", "json", "header", "multi", "multia", "multic", "multiac", "multij", "multih")
TRANSPORTS = ("buffered", "framed", "fastframed", "zlib", "http", "websocket")
SOCKETS = ("tcp", "tls", "unix")


@dataclasses.dataclass
class Programs:
    """The command lines of what a recipe has built."""

    client: list
    server: list | None
    version: str
    env: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Library:
    """One release of one language's library."""

    name: str
    key: str
    origin: str
    protocols: tuple
    transports: tuple
    sockets: tuple
    build: Callable
    """`build(kit)` gives Programs, or raises."""
    packages: tuple = ()
    """Debian packages to be installed before."""
    without: dict = dataclasses.field(default_factory=dict)
    """(protocol, transport, socket) with "*" for any -> why the library has no such combination, where it has each of them."""
    at_once: int = 1
    """How many combinations one process of its client takes, one after the other: for languages that take long to start."""
    effort: int = 1
    """How long its build takes beside others', roughly in seconds: long ones start first."""
    lacks: str = ""
    """Why the other protocols, transports and sockets are not offered; for the report."""

    served_without: dict = dataclasses.field(default_factory=dict)
    """The same of its server, where its client has the combination."""
    quirks: dict = dataclasses.field(default_factory=dict)
    """A combination as above -> what farthing's client leaves out when it calls the server, for the library cannot do it:
    `no-uuid` and others, in a tuple."""
    client_quirks: dict = dataclasses.field(default_factory=dict)
    """The same of what the library's own client leaves out."""

    def left_out(self, cell, *, served=False):
        """The options of the client for one combination."""
        quirks = self.quirks if served else self.client_quirks
        return [f"--{name}" for pattern, names in quirks.items() if matches(pattern, cell) for name in names]

    def reason(self, protocol, transport, socket, *, served=False):
        """Why its client, or its server, does not offer a combination; None where it does."""
        if protocol not in self.protocols or transport not in self.transports or socket not in self.sockets:
            return self.lacks
        for pattern, why in [*self.without.items(), *(self.served_without.items() if served else [])]:
            if matches(pattern, (protocol, transport, socket)):
                return why
        return None

    def cells(self, *, served=False):
        """All combinations that its client, or its server, offers."""
        return [
            (protocol, transport, socket)
            for transport in TRANSPORTS
            for socket in SOCKETS
            for protocol in PROTOCOLS
            if self.reason(protocol, transport, socket, served=served) is None
        ]


def packages_of(libraries):
    """The Debian packages that libraries want, and this runner itself."""
    return sorted({"openssl", "thrift-compiler", "binutils", *(package for library in libraries for package in library.packages)})


def matches(pattern, cell):
    """Whether a pattern, with "*" for any, holds a (protocol, transport, socket)."""
    return all(part in ("*", value) for part, value in zip(pattern, cell, strict=True))


NO_UUID = {("*", "*", "*"): ("no-uuid",)}
"""For releases and libraries without the type: a server of theirs ends a connection that sends one."""

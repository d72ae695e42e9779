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
    lacks: str = ""
    """Why the other protocols, transports and sockets are not offered; for the report."""

    def reason(self, protocol, transport, socket):
        """Why a combination is not offered, or None where it is."""
        if protocol not in self.protocols or transport not in self.transports or socket not in self.sockets:
            return self.lacks
        for pattern, why in self.without.items():
            if all(part in ("*", value) for part, value in zip(pattern, (protocol, transport, socket), strict=True)):
                return why
        return None

    def cells(self):
        """All combinations that this library offers."""
        return [
            (protocol, transport, socket)
            for transport in TRANSPORTS
            for socket in SOCKETS
            for protocol in PROTOCOLS
            if self.reason(protocol, transport, socket) is None
        ]

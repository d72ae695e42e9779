"""Apache's Python library in all the ways in which people put it together."""

import contextlib

from thrift.protocol.TBinaryProtocol import TBinaryProtocol, TBinaryProtocolAccelerated
from thrift.transport.THttpClient import THttpClient
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport, TFramedTransport

PROTOCOLS = ("pure", "accelerated")
TRANSPORTS = ("buffered", "framed", "http", "http in a buffer")
TIMEOUT_MS = 20_000


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self._function = function
        self.calls = 0

    def __call__(self, *arguments):
        self.calls += 1
        return self._function(*arguments)


def make_transport(kind, address):
    """`address`: (host, port), or "unix:PATH"."""
    if kind.startswith("http"):
        http = THttpClient("http://%s:%d/any/path" % address)
        http.setTimeout(TIMEOUT_MS)
        return http if kind == "http" else TBufferedTransport(http)
    socket = TSocket(unix_socket=address[5:]) if isinstance(address, str) else TSocket(*address)
    socket.setTimeout(TIMEOUT_MS)
    return TFramedTransport(socket) if kind == "framed" else TBufferedTransport(socket)


def make_protocol(kind, transport, **options):
    """`accelerated` without its C extension is an ImportError here, no silent fall-back, and its calls are counted."""
    if kind == "pure":
        protocol = TBinaryProtocol(transport, **options)
        assert protocol._fast_encode is None and protocol._fast_decode is None
        return protocol
    protocol = TBinaryProtocolAccelerated(transport, fallback=False, **options)
    protocol._fast_encode = Counted(protocol._fast_encode)
    protocol._fast_decode = Counted(protocol._fast_decode)
    return protocol


@contextlib.contextmanager
def opened(protocol):
    """The protocol, with its connection open."""
    transport = protocol.trans
    transport.open()
    try:
        yield protocol
    finally:
        if transport.isOpen():
            transport.close()

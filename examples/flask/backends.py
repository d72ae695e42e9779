"""Calls to the Thrift services behind the pages: which transport, which connection, and what went wrong.

    FARTHING_TRANSPORT  http            Apache's THttpClient as it is: a new connection for every call (the default)
                        http-keepalive  HTTP over pooled connections
                        buffered        TSocket + TBufferedTransport, pooled
                        framed          TSocket + TFramedTransport, pooled
    FARTHING_TIMEOUT    seconds for one call, waiting for a connection included (2)
    FARTHING_POOL       connections per process and service (8); 0 connects for every call

The address of a service is the same URL whatever the transport, because the server takes all of them on one port.
"""

import http.client
import os
import urllib.parse

from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.protocol.TProtocol import TProtocolException
from thrift.Thrift import TApplicationException, TException
from thrift.transport.THttpClient import THttpClient
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport, TFramedTransport, TTransportException

from deadline import Deadline, connect
from keepalive import HttpStatus, KeepAliveHttp
from pool import Pool, PoolBusy

TRANSPORTS = ("http", "http-keepalive", "buffered", "framed")

IDLE_MAX = 60
"""Seconds after which an idle connection is not used again. The server closes idle ones after 75 (HTTP) or 300."""


class BackendError(Exception):
    """No usable answer. Its text is for the log; the page says `status` and `public`, which name no address, and where
    asking again may help, in how many seconds (`retry_after`)."""

    status = 502
    public = "the service behind this page gave no valid answer"
    retry_after = None


class Unavailable(BackendError):
    """Nobody listens, the service is overloaded, or all connections of the pool are busy."""

    status = 503
    public = "the service behind this page is not available"
    retry_after = 1


class Lost(Unavailable):
    """The connection ended before the first byte of an answer. Whether the call was executed is not known."""


class TimedOut(BackendError):
    """No complete answer in time. The call may have been executed, or may still be."""

    status = 504
    public = "the service behind this page did not answer in time"


class BadReply(BackendError):
    """An answer came, but it is cut off or not Thrift."""


class Connection:
    """A generated client on a connected socket that may serve many calls, one at a time."""

    def __init__(self, client_class, socket, transport):
        self.socket = socket
        self.transport = transport
        self.client = client_class(TBinaryProtocolAccelerated(transport))

    def begin(self, deadline):
        self.socket.begin(deadline)

    def answered(self):
        """Whether a byte of the answer has come."""
        return self.socket.received > 0

    def is_quiet(self):
        """Open, and nothing left over: neither in the socket nor in the buffer of the transport."""
        return self.socket.fileno() != -1 and not self.transport.cstringio_buf.read(1) and self.socket.is_quiet()

    def close(self):
        self.transport.close()


class StockHttp:
    """Apache's THttpClient. It opens and closes a connection within each call, so there is nothing to keep.

    Its time-out is per read and write, and it hands on the body of any status: `status` tells what came.
    """

    def __init__(self, client_class, url):
        self._http = THttpClient(url)
        self.client = client_class(TBinaryProtocolAccelerated(TBufferedTransport(self._http)))

    def begin(self, deadline):
        self._http.setTimeout(deadline.remaining() * 1000)

    @property
    def status(self):
        return getattr(self._http, "code", None)

    def answered(self):
        return self.status is not None

    def close(self):
        if self._http.isOpen():
            self._http.close()


class Backend:
    """One Thrift service.

    `client_class` is the generated client. `idempotent` names the methods that may be sent a second time when a pooled
    connection turns out to be dead: most likely the first one was never executed, but nobody can be certain.
    """

    def __init__(self, client_class, url, transport="http", timeout=2.0, pool_size=8, idempotent=()):
        if transport not in TRANSPORTS:
            raise ValueError(f"FARTHING_TRANSPORT={transport}: it must be one of {', '.join(TRANSPORTS)}")
        address = urllib.parse.urlsplit(url)
        if address.scheme != "http" or not address.hostname:
            raise ValueError(f"{url}: it must be of the form http://host:port/path")
        self._client_class = client_class
        self._url = url
        self._host = address.hostname
        self._port = address.port or 80
        self._authority = address.netloc.rpartition("@")[2]
        self._path = urllib.parse.urlunsplit(("", "", address.path or "/", address.query, ""))
        self._transport = transport
        self._timeout = timeout
        self._idempotent = frozenset(idempotent)
        self._pool = Pool(pool_size, IDLE_MAX) if pool_size and transport != "http" else None

    def call(self, method, *arguments):
        """What the service returns or raises: its declared exceptions, TApplicationException, or a BackendError."""
        deadline = Deadline(self._timeout)
        if self._pool is None:
            return self._run(self._connect(deadline), deadline, method, arguments)
        try:
            with self._pool.slot(deadline):
                return self._call_pooled(deadline, method, arguments)
        except (PoolBusy, TimeoutError) as busy:
            raise Unavailable(f"{self._url}: {busy}") from busy

    def _call_pooled(self, deadline, method, arguments):
        idle = self._pool.take()
        if idle is not None:
            try:
                return self._run(idle, deadline, method, arguments)
            except Lost:
                if method not in self._idempotent:
                    raise
        return self._run(self._connect(deadline), deadline, method, arguments)

    def _connect(self, deadline):
        if self._transport == "http":
            return StockHttp(self._client_class, self._url)
        try:
            socket = connect(self._host, self._port, deadline)
        except OSError as error:
            raise self._refused(error) from error
        if self._transport == "http-keepalive":
            transport = TBufferedTransport(KeepAliveHttp(socket, self._authority, self._path))
        else:
            plain = TSocket(self._host, self._port)
            plain.setHandle(socket)
            transport = TFramedTransport(plain) if self._transport == "framed" else TBufferedTransport(plain)
        return Connection(self._client_class, socket, transport)

    def _run(self, connection, deadline, method, arguments):
        """One call. The connection goes back to the pool only if the answer was read to its end."""
        complete = False
        try:
            connection.begin(deadline)
            result = getattr(connection.client, method)(*arguments)
            complete = True
            return result
        except (TTransportException, TProtocolException, http.client.HTTPException, OSError, EOFError) as error:
            raise self._failed(error, connection) from error
        except TException:
            complete = True
            raise
        except Exception as error:
            if not connection.answered():
                raise  # the arguments could not be encoded: nothing was sent
            raise self._failed(error, connection) from error  # a decoder met something that is not Thrift
        finally:
            if complete and self._pool is not None:
                self._pool.give(connection)
            else:
                connection.close()

    def _failed(self, error, connection):
        """The BackendError for what a transport or protocol raised."""
        status = error.status if isinstance(error, HttpStatus) else getattr(connection, "status", None)
        cause = getattr(error, "inner", None) or error
        if isinstance(cause, TimeoutError):
            return TimedOut(f"{self._url}: no answer in {self._timeout:g} s")
        if status not in (None, 200):
            kind = Unavailable if status in (429, 503) else BadReply
            return kind(f"{self._url}: the service answered HTTP status {status}")
        nonsense = isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError)
        if not connection.answered() and not nonsense:
            return Lost(f"{self._url}: {self._why(cause)}")
        return BadReply(f"{self._url}: the answer is cut off or not Thrift ({self._why(cause)})")

    def _refused(self, error):
        if isinstance(error, TimeoutError):
            return TimedOut(f"{self._url}: no connection in {self._timeout:g} s")
        return Unavailable(f"{self._url}: {self._why(error)}")

    @staticmethod
    def _why(error):
        return str(error) or type(error).__name__


def overloaded(error):
    """Whether a TApplicationException says that the server shed the call without executing it."""
    return error.type == TApplicationException.INTERNAL_ERROR and str(error).startswith("LOADSHEDDING:")


def from_environment(client_class, url_variable, url_default, idempotent):
    """A Backend as the environment describes it. Raises ValueError where that makes no sense."""
    return Backend(
        client_class,
        os.environ.get(url_variable, url_default),
        transport=os.environ.get("FARTHING_TRANSPORT", "http"),
        timeout=_number("FARTHING_TIMEOUT", float, 2.0, minimum=0.001),
        pool_size=_number("FARTHING_POOL", int, 8, minimum=0),
        idempotent=idempotent,
    )


def _number(variable, kind, default, minimum):
    text = os.environ.get(variable)
    if text is None:
        return default
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(f"{variable}={text}: it must be a number") from None
    if not minimum <= value < float("inf"):
        raise ValueError(f"{variable}={text}: it must be at least {minimum}, and finite")
    return value

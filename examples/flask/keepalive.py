"""A Thrift transport over HTTP that keeps its connection open from call to call.

Apache's THttpClient opens a connection for every call. This one sends head and body in one segment over a connection
that stays, and reads the reply with the parser of the standard library. It never sends a request twice: whether that is
safe is for its caller to decide.

Not here: https, proxies, cookies, redirects.
"""

import http.client
import io

from thrift.transport.TTransport import TTransportBase, TTransportException

REPLY_MAX = 100 * 1024 * 1024
"""Bytes. A longer reply is refused before it fills the memory of the worker."""


class HttpStatus(TTransportException):
    """The server answered with a status that carries no Thrift message."""

    def __init__(self, status, reason):
        super().__init__(message=f"HTTP {status} {reason}")
        self.status = status


class KeepAliveHttp(TTransportBase):
    """One call at a time over one connected socket."""

    def __init__(self, connection, host, path):
        self._connection = connection
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-thrift\r\n"
            "Accept: application/x-thrift\r\nUser-Agent: farthing-example\r\nContent-Length: "
        ).encode("ascii")
        self._request = io.BytesIO()
        self._reply = io.BytesIO()

    def isOpen(self):
        return self._connection is not None

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def write(self, data):
        self._request.write(data)

    def read(self, size):
        return self._reply.read(size)

    def flush(self):
        if self._connection is None:
            raise TTransportException(TTransportException.NOT_OPEN, "the HTTP connection is closed")
        body = self._request.getvalue()
        self._request = io.BytesIO()
        self._connection.sendall(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        self._reply = io.BytesIO(self._receive())

    def _receive(self):
        with http.client.HTTPResponse(self._connection, method="POST") as response:
            response.begin()
            body = response.read(REPLY_MAX + 1)
            if len(body) > REPLY_MAX:
                raise http.client.HTTPException(f"the reply is longer than {REPLY_MAX} bytes")
            if response.length:
                raise http.client.IncompleteRead(body, response.length)
            if response.will_close or response.status != 200:
                self.close()
            if response.status != 200:
                raise HttpStatus(response.status, response.reason)
            return body

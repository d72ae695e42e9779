"""Servers that misbehave on purpose, for the example's clients: each connection runs a script."""

import contextlib
import socket
import struct
import threading

from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TMessageType
from thrift.transport.TTransport import TFileObjectTransport, TMemoryBuffer

from stubs import Calculator


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection, transport):
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._transport = transport

    def call(self):
        """Reads one add(); (seqid, num1, num2), or None at the end of the stream."""
        body = {"http-keepalive": self._http, "framed": self._frame, "buffered": self._unframed}[self._transport]()
        if body is None:
            return None
        protocol = TBinaryProtocol(body)
        _, _, seqid = protocol.readMessageBegin()
        arguments = Calculator.add_args()
        arguments.read(protocol)
        return seqid, arguments.num1, arguments.num2

    def _unframed(self):
        return TFileObjectTransport(self._stream) if self._stream.peek(1) else None

    def _http(self):
        length = 0
        if not self._stream.readline():
            return None
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return TMemoryBuffer(self._stream.read(length))

    def _frame(self):
        length = self._stream.read(4)
        return TMemoryBuffer(self._stream.read(struct.unpack("!i", length)[0])) if length else None

    def reply(self, call, extra_header=b""):
        """The bytes of the right answer."""
        seqid, num1, num2 = call
        buffer = TMemoryBuffer()
        protocol = TBinaryProtocol(buffer)
        protocol.writeMessageBegin("add", TMessageType.REPLY, seqid)
        Calculator.add_result(num1 + num2).write(protocol)
        body = buffer.getvalue()
        if self._transport == "framed":
            return struct.pack("!i", len(body)) + body
        if self._transport == "buffered":
            return body
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-thrift\r\n%bContent-Length: %d\r\n\r\n"
        return head % (extra_header, len(body)) + body

    def send(self, data):
        self._connection.sendall(data)

    def answer(self):
        """Answers one call; False at the end of the stream."""
        call = self.call()
        if call is not None:
            self.send(self.reply(call))
        return call is not None

    def end(self):
        """Sends the end of the stream, and goes on reading: closing would turn what was not read into a reset."""
        self._connection.shutdown(socket.SHUT_WR)

    def wait_for_end(self):
        with contextlib.suppress(OSError):
            while self._stream.read(4096):
                pass


class ScriptedServer:
    """Runs `script(peer, number)` for each connection in a thread of its own, and closes the connection after it."""

    def __init__(self, transport, script):
        self._transport = transport
        self._script = script
        self._open = set()
        self._lock = threading.Lock()
        self.accepted = 0
        self.most_at_once = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d/" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                number = self.accepted
                self.accepted += 1
                self._open.add(connection)
                self.most_at_once = max(self.most_at_once, len(self._open))
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        peer = Peer(connection, self._transport)
        try:
            self._script(peer, number)
        except OSError:
            pass  # the client went away, as some tests mean it to
        finally:
            with self._lock:
                self._open.discard(connection)
            peer._stream.close()
            connection.close()

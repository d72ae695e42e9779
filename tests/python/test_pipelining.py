"""Raw messages, written by Apache's library and sent without waiting for replies."""

import http.client
import socket
import struct

import pytest
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TMessageType
from thrift.transport.TTransport import TMemoryBuffer

from stubs import Calculator

SEQIDS = [0, 1, -1, 2**31 - 1, -(2**31), 42]
CALLS = 200


def call(number, seqid, strict=True):
    buffer = TMemoryBuffer()
    protocol = TBinaryProtocol(buffer, strictWrite=strict)
    protocol.writeMessageBegin("add", TMessageType.CALL, seqid)
    Calculator.add_args(number, 1).write(protocol)
    protocol.writeMessageEnd()
    return buffer.getvalue()


def reply(protocol):
    """(method, seqid, result)"""
    name, kind, seqid = protocol.readMessageBegin()
    assert kind == TMessageType.REPLY
    result = Calculator.add_result()
    result.read(protocol)
    protocol.readMessageEnd()
    return name, seqid, result.success


def plan():
    return [(number, SEQIDS[number % len(SEQIDS)]) for number in range(CALLS)]


def expected():
    return [("add", seqid, number + 1) for number, seqid in plan()]


@pytest.fixture
def connection(server):
    with socket.create_connection(server.address["calculator"], timeout=20) as ready:
        ready.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield ready


def read_rest(connection):
    connection.shutdown(socket.SHUT_WR)
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "old"])
@pytest.mark.parametrize("chunk", [None, 7, 1], ids=["at once", "by 7 bytes", "byte by byte"])
def test_unframed(connection, strict, chunk):
    stream = b"".join(call(number, seqid, strict) for number, seqid in plan())
    for start in range(0, len(stream), chunk or len(stream)):
        connection.sendall(stream[start : start + (chunk or len(stream))])
    protocol = TBinaryProtocol(TMemoryBuffer(read_rest(connection)))
    assert [reply(protocol) for _ in range(CALLS)] == expected()
    assert protocol.trans.read(1) == b""


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "old"])
@pytest.mark.parametrize("chunk", [None, 7, 1], ids=["at once", "by 7 bytes", "byte by byte"])
def test_framed(connection, strict, chunk):
    messages = [call(number, seqid, strict) for number, seqid in plan()]
    stream = b"".join(struct.pack("!i", len(message)) + message for message in messages)
    for start in range(0, len(stream), chunk or len(stream)):
        connection.sendall(stream[start : start + (chunk or len(stream))])
    received = read_rest(connection)
    replies = []
    while received:
        (length,) = struct.unpack("!i", received[:4])
        frame = TMemoryBuffer(received[4 : 4 + length])
        replies.append(reply(TBinaryProtocol(frame)))
        assert frame.read(1) == b"", "one reply, one frame"
        received = received[4 + length :]
    assert replies == expected()


def test_http(connection):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-thrift\r\nContent-Length: %d\r\n\r\n"
    messages = [call(number, seqid) for number, seqid in plan()]
    connection.sendall(b"".join(head % len(message) + message for message in messages))
    replies, responses = [], []
    stream = connection.makefile("rb")

    class Kept:
        """http.client makes a file for every response; here one file serves all."""

        def makefile(self, mode):
            return stream

    for _ in range(CALLS):
        response = http.client.HTTPResponse(Kept(), method="POST")
        responses.append(response)  # one that is collected closes its file
        response.begin()
        assert response.status == 200
        assert response.getheader("Content-Type") == "application/x-thrift"
        assert not response.will_close
        replies.append(reply(TBinaryProtocol(TMemoryBuffer(stream.read(response.length)))))
    assert replies == expected()
    stream.close()


def test_a_probe_that_says_nothing_harms_nobody(server):
    for _ in range(50):
        socket.create_connection(server.address["calculator"], timeout=20).close()
    with socket.create_connection(server.address["calculator"], timeout=20) as connection:
        connection.sendall(call(1, 5))
        assert reply(TBinaryProtocol(TMemoryBuffer(read_rest(connection)))) == ("add", 5, 2)

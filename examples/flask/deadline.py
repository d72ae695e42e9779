"""A socket with one deadline for a whole call.

A time-out per read is not enough: a peer that sends a byte now and then keeps such a call alive for ever. Here every
read and write gets only the time that is left. The socket also counts what it received, which tells whether a call that
failed was already being answered.

Not here: TLS, and any protocol.
"""

import select
import socket
import time


class Deadline:
    """A point in time, so many seconds from now."""

    def __init__(self, seconds):
        self._at = time.monotonic() + seconds

    def remaining(self):
        """Seconds left. Raises TimeoutError when there are none: a socket's time-out of 0 means something else."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class DeadlineSocket(socket.socket):
    """A TCP socket for one call at a time; `begin` starts the next call."""

    def begin(self, deadline):
        self.deadline = deadline
        self.received = 0

    def is_quiet(self):
        """Connected, and nothing to read. An idle connection must be both: end of file means that the peer has closed,
        and bytes that nobody asked for would be taken for the next reply."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return not poll.poll(0)

    def recv(self, *arguments):
        self.settimeout(self.deadline.remaining())
        data = super().recv(*arguments)
        self.received += len(data)
        return data

    def recv_into(self, *arguments):
        self.settimeout(self.deadline.remaining())
        count = super().recv_into(*arguments)
        self.received += count
        return count

    def send(self, *arguments):
        self.settimeout(self.deadline.remaining())
        return super().send(*arguments)

    def sendall(self, *arguments):
        self.settimeout(self.deadline.remaining())
        return super().sendall(*arguments)


def connect(host, port, deadline):
    """A connected socket to the first address of `host` that accepts. Raises OSError; TimeoutError is one of them."""
    failure = OSError(f"no address for {host}")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = DeadlineSocket(family, kind, proto)
        try:
            connection.begin(deadline)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(deadline.remaining())
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure

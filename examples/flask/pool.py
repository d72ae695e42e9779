"""A bounded pool of connections for the threads of one process.

Nothing is opened before the first call, so a pool made while a module is imported is safe under a server that forks
(gunicorn, with or without --preload). A child that was forked later forgets the connections of its parent, because two
processes that read from one socket would steal each other's replies.

Not here: what a connection is. It needs `close()` and `is_quiet()`.
"""

import collections
import os
import threading
import time
import weakref


class PoolBusy(Exception):
    """All connections were in use until the deadline."""


class Pool:
    """At most `size` connections; the one used last is used first, so that surplus ones grow old and go."""

    def __init__(self, size, idle_max):
        self._size = size
        self._idle_max = idle_max
        self._reset()
        itself = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: (pool := itself()) and pool._forget())

    def _reset(self):
        self._slots = threading.BoundedSemaphore(self._size)
        self._idle = collections.deque()

    def _forget(self):
        inherited = self._idle
        self._reset()
        for connection, _ in inherited:
            connection.close()

    def slot(self, deadline):
        """The right to use one connection, for a `with`. Waits for it no longer than `deadline`."""
        if not self._slots.acquire(timeout=deadline.remaining()):
            raise PoolBusy(f"all {self._size} connections are in use")
        return _Slot(self._slots)

    def take(self):
        """An idle connection that is still good, or None."""
        while True:
            try:
                connection, since = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - since < self._idle_max and connection.is_quiet():
                return connection
            connection.close()

    def give(self, connection):
        """Takes back a connection that has answered completely."""
        self._idle.append((connection, time.monotonic()))


class _Slot:
    # A class, because contextlib.contextmanager sets an attribute on each exception that passes through it, and the
    # exceptions that Apache's compiler generates refuse that with a TypeError.
    def __init__(self, slots):
        self._slots = slots

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._slots.release()

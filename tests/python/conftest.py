"""One server for the whole run; tests that kill a server start their own."""

import sys

import pytest

import clients
from processes import EXAMPLE, Farthing

sys.path.insert(0, str(EXAMPLE))


def until_the_end(farthing):
    """Yields a server, which must survive the run and then stop in an orderly way."""
    yield farthing
    try:
        assert farthing.process.poll() is None, "the server died on the way:\n" + "\n".join(farthing.lines)
        assert farthing.stop() == 0, "\n".join(farthing.lines)
    finally:
        farthing.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("socket") / "farthing.sock"
    yield from until_the_end(Farthing("calculator", "cache", "calculator,cache", f"unix:{path}=calculator"))


@pytest.fixture(scope="session")
def bench_server():
    yield from until_the_end(Farthing("bench"))


@pytest.fixture(params=clients.TRANSPORTS)
def transport_kind(request):
    return request.param


@pytest.fixture(params=clients.PROTOCOLS)
def protocol_kind(request):
    return request.param

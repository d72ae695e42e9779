"""The example's connections against servers that die, stall, dribble and lie."""

import concurrent.futures
import os
import threading
import time

import pytest
from thrift.Thrift import TApplicationException

import backends
from backends import Backend, BadReply, Lost, TimedOut, Unavailable
from processes import Farthing
from scripted import ScriptedServer
from stubs import Cache, Calculator, KeyNotFound

POOLED = ("http-keepalive", "buffered", "framed")


@pytest.fixture(params=POOLED)
def transport(request):
    return request.param


def calculator(url, transport, **options):
    options.setdefault("idempotent", {"add"})
    options.setdefault("timeout", 20)
    return Backend(Calculator.Client, url, transport, **options)


def answer_all(peer, number):
    while peer.answer():
        pass


def test_one_connection_serves_many_calls(transport):
    with ScriptedServer(transport, answer_all) as server:
        backend = calculator(server.url, transport)
        assert [backend.call("add", n, 1) for n in range(50)] == [n + 1 for n in range(50)]
        assert server.accepted == 1


def test_without_a_pool_every_call_connects(transport):
    with ScriptedServer(transport, answer_all) as server:
        backend = calculator(server.url, transport, pool_size=0)
        assert [backend.call("add", n, 1) for n in range(5)] == [1, 2, 3, 4, 5]
        assert server.accepted == 5


def test_nothing_is_connected_before_the_first_call(transport):
    with ScriptedServer(transport, answer_all) as server:
        calculator(server.url, transport)
        assert server.accepted == 0


def test_a_connection_that_was_closed_while_idle_is_replaced(transport):
    def script(peer, number):
        peer.answer()
        if number > 0:
            answer_all(peer, number)

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport, idempotent=())
        assert backend.call("add", 1, 1) == 2
        # The end of the stream is on its way: wait until the idle connection sees it.
        idle, _ = backend._pool._idle[0]
        deadline = time.monotonic() + 20
        while idle.is_quiet():
            assert time.monotonic() < deadline
        assert backend.call("add", 2, 2) == 4
        assert server.accepted == 2


def dies_under_the_second_call(peer, number):
    peer.answer()
    peer.call()


def test_a_call_on_a_connection_that_dies_is_sent_once_more(transport):
    calls = []

    def script(peer, number):
        if number == 0:
            dies_under_the_second_call(peer, number)
        else:
            calls.append(number)
            answer_all(peer, number)

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport)
        assert backend.call("add", 1, 1) == 2
        assert backend.call("add", 2, 2) == 4
        assert calls == [1]


def test_a_call_that_must_not_be_repeated_is_not(transport):
    with ScriptedServer(transport, dies_under_the_second_call) as server:
        backend = calculator(server.url, transport, idempotent=())
        assert backend.call("add", 1, 1) == 2
        with pytest.raises(Lost):
            backend.call("add", 2, 2)
        assert server.accepted == 1


def test_the_second_attempt_is_the_last(transport):
    def script(peer, number):
        if number == 0:
            peer.answer()
        peer.call()

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport)
        assert backend.call("add", 1, 1) == 2
        with pytest.raises(Lost):
            backend.call("add", 2, 2)
        assert server.accepted == 2


def test_a_new_connection_that_dies_is_not_retried(transport):
    with ScriptedServer(transport, lambda peer, number: peer.call()) as server:
        with pytest.raises(Lost):
            calculator(server.url, transport).call("add", 1, 1)
        assert server.accepted == 1


@pytest.mark.parametrize("kept", [1, 3, -1])
def test_an_answer_that_is_cut_off_is_never_retried(transport, kept):
    def script(peer, number):
        peer.answer()
        call = peer.call()
        peer.send(peer.reply(call)[:kept])

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport)
        assert backend.call("add", 1, 1) == 2
        with pytest.raises(BadReply):
            backend.call("add", 2, 2)
        assert server.accepted == 1


def test_silence_is_a_time_out_and_is_not_retried(transport):
    def script(peer, number):
        peer.answer()
        peer.call()
        peer.wait_for_end()

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport, timeout=0.3)
        assert backend.call("add", 1, 1) == 2
        with pytest.raises(TimedOut):
            backend.call("add", 2, 2)
        assert server.accepted == 1


def test_an_answer_that_drips_is_a_time_out_too(transport):
    """Each byte comes well within the time-out; the whole answer does not."""
    stop = threading.Event()

    def script(peer, number):
        for byte in peer.reply(peer.call()):
            peer.send(bytes([byte]))
            if stop.wait(0.1):
                return

    with ScriptedServer(transport, script) as server:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            calculator(server.url, transport, timeout=0.5).call("add", 1, 1)
        assert time.monotonic() - started < 1.5
        stop.set()


def test_a_late_answer_is_never_taken_for_the_next(transport):
    release = threading.Event()

    def script(peer, number):
        if number == 0:
            call = peer.call()
            release.wait(20)
            peer.send(peer.reply(call))
        answer_all(peer, number)

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport, timeout=0.3)
        with pytest.raises(TimedOut):
            backend.call("add", 1, 1)
        release.set()
        assert backend.call("add", 20, 20) == 40
        assert server.accepted == 2


@pytest.mark.parametrize("together", [True, False], ids=["with the reply", "after it"])
def test_bytes_that_nobody_asked_for_are_never_an_answer(transport, together):
    sent = threading.Event()

    def script(peer, number):
        reply = peer.reply(peer.call())
        if number == 0 and together:
            peer.send(reply + reply)
        else:
            peer.send(reply)
        if number == 0 and not together:
            peer.send(reply)
        sent.set()
        answer_all(peer, number)

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport)
        assert backend.call("add", 1, 1) == 2
        assert sent.wait(20)
        assert backend.call("add", 20, 20) == 40


@pytest.mark.parametrize("garbage", [b"\xff" * 64, b"SSH-2.0-OpenSSH_9.9\r\n", b"\0\0\0\x04\x80\x02\0\0" * 4])
def test_garbage_is_a_bad_reply(transport, garbage):
    def script(peer, number):
        peer.call()
        peer.send(garbage)

    with ScriptedServer(transport, script) as server:
        with pytest.raises(BadReply):
            calculator(server.url, transport).call("add", 1, 1)


@pytest.mark.parametrize(
    ("status", "error"), [(b"503 Service Unavailable", Unavailable), (b"500 Oops", BadReply), (b"302 Found", BadReply)]
)
@pytest.mark.parametrize("transport", ["http", "http-keepalive"])
def test_http_status(transport, status, error):
    def script(peer, number):
        peer.call()
        peer.send(b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>" % status)

    with ScriptedServer("http-keepalive", script) as server:
        with pytest.raises(error, match=f"HTTP status {status.decode()[:3]}"):
            calculator(server.url, transport).call("add", 1, 1)


def test_connection_close_is_honoured():
    def script(peer, number):
        peer.send(peer.reply(peer.call(), b"Connection: close\r\n"))

    with ScriptedServer("http-keepalive", script) as server:
        backend = calculator(server.url, "http-keepalive", idempotent=())
        assert [backend.call("add", n, 1) for n in range(5)] == [1, 2, 3, 4, 5]
        assert server.accepted == 5


def test_an_endless_http_reply_is_refused(monkeypatch):
    import keepalive

    monkeypatch.setattr(keepalive, "REPLY_MAX", 1000)

    def script(peer, number):
        peer.call()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001)

    with ScriptedServer("http-keepalive", script) as server:
        with pytest.raises(BadReply):
            calculator(server.url, "http-keepalive").call("add", 1, 1)


def test_a_refused_connection_is_unavailable_at_once():
    with ScriptedServer("framed", answer_all) as server:
        url = server.url
    for transport in backends.TRANSPORTS:
        with pytest.raises(Unavailable):
            calculator(url, transport).call("add", 1, 1)


def test_the_pool_is_bounded_and_shared_by_threads(transport):
    with ScriptedServer(transport, answer_all) as server:
        backend = calculator(server.url, transport, pool_size=3)
        with concurrent.futures.ThreadPoolExecutor(12) as threads:
            results = list(threads.map(lambda n: backend.call("add", n, n), range(600)))
        assert results == [2 * n for n in range(600)]
        assert server.most_at_once <= 3
        assert server.accepted <= 3


def test_a_busy_pool_is_waited_for_no_longer_than_the_deadline(transport):
    entered, release = threading.Event(), threading.Event()

    def script(peer, number):
        call = peer.call()
        entered.set()
        release.wait(20)
        peer.send(peer.reply(call))
        answer_all(peer, number)

    with ScriptedServer(transport, script) as server:
        backend = calculator(server.url, transport, pool_size=1, timeout=20)
        with concurrent.futures.ThreadPoolExecutor(1) as threads:
            first = threads.submit(backend.call, "add", 1, 1)
            assert entered.wait(20)
            backend._timeout = 0.2
            with pytest.raises(Unavailable, match="in use"):
                backend.call("add", 2, 2)
            release.set()
            assert first.result() == 2
        backend._timeout = 20
        assert backend.call("add", 3, 3) == 6
        assert server.accepted == 1


def test_failures_do_not_use_up_the_pool(transport):
    with ScriptedServer(transport, lambda peer, number: peer.call()) as server:
        backend = calculator(server.url, transport, pool_size=2)
        for _ in range(20):
            with pytest.raises(Lost):
                backend.call("add", 1, 1)


def test_an_old_idle_connection_is_not_used_again(transport, monkeypatch):
    monkeypatch.setattr(backends, "IDLE_MAX", 0)
    with ScriptedServer(transport, answer_all) as server:
        backend = calculator(server.url, transport)
        assert [backend.call("add", n, 1) for n in range(3)] == [1, 2, 3]
        assert server.accepted == 3


def test_arguments_that_cannot_be_encoded_spoil_no_later_call(transport):
    with ScriptedServer(transport, answer_all) as server:
        backend = calculator(server.url, transport)
        assert backend.call("add", 1, 1) == 2
        for wrong in (2**31, "text", b"bytes"):
            with pytest.raises(Exception) as raised:
                backend.call("add", wrong, 1)
            assert not isinstance(raised.value, backends.BackendError)
            assert backend.call("add", 2, 2) == 4


def test_a_forked_child_leaves_its_parents_connections_alone(transport):
    with ScriptedServer(transport, answer_all) as server:
        backend = calculator(server.url, transport)
        assert backend.call("add", 1, 1) == 2
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if backend.call("add", 2, 2) == 4 else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert server.accepted == 2
        assert backend.call("add", 3, 3) == 6
        assert server.accepted == 2


@pytest.mark.parametrize("kind", POOLED)
def test_exceptions_from_the_service_keep_the_connection(server, kind):
    calculator_backend = calculator(server.url("calculator"), kind)
    cache_backend = Backend(Cache.Client, server.url("cache"), kind, timeout=20)
    used = set()
    for _ in range(5):
        with pytest.raises(TApplicationException):
            calculator_backend.call("add", 2**31 - 1, 1)
        with pytest.raises(KeyNotFound):
            cache_backend.call("get", "no such key")
        for backend in (calculator_backend, cache_backend):
            assert len(backend._pool._idle) == 1
            used.add(backend._pool._idle[0][0])
    assert len(used) == 2


@pytest.mark.parametrize("kind", POOLED)
def test_large_values_through_pooled_connections(server, kind):
    backend = Backend(Cache.Client, server.url("cache"), kind, timeout=60)
    for size in (0, 1, 4095, 4096, 65536, 1024 * 1024):
        assert backend.call("put", "large", "v" * size) is True
        assert backend.call("get", "large") == "v" * size


@pytest.mark.parametrize("kind", backends.TRANSPORTS)
def test_a_server_that_is_killed_and_comes_back(kind):
    first = Farthing("calculator")
    second = None
    try:
        backend = calculator(first.url("calculator"), kind)
        assert backend.call("add", 1, 1) == 2
        port = first.address["calculator"][1]
        first.kill()
        with pytest.raises(Unavailable):
            backend.call("add", 2, 2)
        second = Farthing(f"127.0.0.1:{port}=calculator")
        assert backend.call("add", 3, 3) == 6
        second.stop()
        second = Farthing(f"127.0.0.1:{port}=calculator")
        assert backend.call("add", 4, 4) == 8
    finally:
        first.close()
        if second is not None:
            second.close()


@pytest.mark.parametrize(
    ("url", "transport"),
    [("ftp://host/", "http"), ("127.0.0.1:9090", "http"), ("http:///x", "http"), ("http://h/", "tcp")],
)
def test_nonsense_in_the_configuration_is_refused_at_start(url, transport):
    with pytest.raises(ValueError, match="must be"):
        Backend(Calculator.Client, url, transport)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("FARTHING_TIMEOUT", "soon"), ("FARTHING_TIMEOUT", "0"), ("FARTHING_TIMEOUT", "nan"), ("FARTHING_POOL", "-1")],
)
def test_nonsense_in_the_environment_is_refused_at_start(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=variable):
        backends.from_environment(Calculator.Client, "CALCULATOR_URL", "http://127.0.0.1:9090/", ())

"""The example from end to end: gunicorn with four workers in front of the server, over every transport."""

import collections
import concurrent.futures
import http.client
import json
import subprocess
import sys
import threading
import urllib.parse

import pytest

from backends import TRANSPORTS
from processes import EXAMPLE, Farthing, Gunicorn
from scripted import ScriptedServer
from stubs import ROOT

Answer = collections.namedtuple("Answer", "status json headers")
REFUSED = "http://127.0.0.1:1/"
"""Nobody listens on port 1."""


def ask(page, path, method="GET", body=None, content_type="application/json", headers=()):
    """One request on a connection of its own. Every answer must be JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=60)
    try:
        connection.putrequest(method, path)
        if body is not None:
            connection.putheader("Content-Type", content_type)
            connection.putheader("Content-Length", str(len(body)))
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        text = response.read()
        assert response.getheader("Content-Type") == "application/json", (response.status, text)
        return Answer(response.status, json.loads(text) if method != "HEAD" else None, response.headers)
    finally:
        connection.close()


def post(page, path, value):
    return ask(page, path, "POST", json.dumps(value).encode())


def get_key(page, key):
    return ask(page, "/get/" + urllib.parse.quote(key, safe="/"))


@pytest.fixture(scope="module", params=TRANSPORTS)
def pages(request, server):
    """(calculator page, cache page)"""
    environment = {
        "FARTHING_TRANSPORT": request.param,
        "FARTHING_TIMEOUT": "20",
        "CALCULATOR_URL": server.url("calculator"),
        "CACHE_URL": server.url("cache"),
    }
    started = []
    try:
        started.append(Gunicorn("app", **environment))
        started.append(Gunicorn("cache_app", **environment))
        yield tuple(started)
        for page in started:
            assert page.process.poll() is None
            assert not [line for line in page.lines if "Traceback" in line or "ERROR" in line], "\n".join(page.lines)
            assert page.stop() == 0
    finally:
        for page in started:
            page.close()


@pytest.fixture
def add_page(pages):
    return pages[0]


@pytest.fixture
def cache_page(pages):
    return pages[1]


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("/add/2/3", 5),
        ("/add/-2/3", 1),
        ("/add/-2/-3", -5),
        ("/add/-0/0", 0),
        ("/add/2147483647/0", 2147483647),
        ("/add/-2147483648/2147483647", -1),
        ("/add/" + "0" * 1000 + "7/1", 8),
    ],
)
def test_add(add_page, path, result):
    assert ask(add_page, path)[:2] == (200, {"result": result})


@pytest.mark.parametrize("number", ["2147483648", "-2147483649", "1" + "0" * 30, "-" + "9" * 3000])
def test_an_argument_that_is_no_i32(add_page, number):
    for path in (f"/add/{number}/1", f"/add/1/{number}"):
        answer = ask(add_page, path)
        assert answer.status == 400
        assert "does not fit in an i32" in answer.json["error"]
        assert len(answer.json["error"]) < 200


def test_a_sum_that_is_no_i32(add_page):
    answer = ask(add_page, "/add/2147483647/1")
    assert answer[:2] == (422, {"error": "2147483647 + 1 does not fit in an i32"})


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/add",
        "/add/1",
        "/add/1/2/3",
        "/add/1.5/2",
        "/add/x/2",
        "/add/--1/2",
        "/add/1/2/",
        "/add//1/2",
        "/add/%D9%A1/2",
    ],
)
def test_an_unknown_page(add_page, path):
    assert ask(add_page, path)[:2] == (404, {"error": "there is no such page"})


def test_a_wrong_method(add_page, cache_page):
    for page, path, method, allowed in [(add_page, "/add/1/2", "POST", "GET"), (cache_page, "/set", "GET", "POST")]:
        answer = ask(page, path, method)
        assert answer.status == 405
        assert allowed in answer.headers["Allow"]
        assert "error" in answer.json


KEYS = [
    "plain",
    "",
    "/",
    "//",
    "a/b/c",
    "a//b/",
    "../up",
    ".",
    "nul\0inside",
    "ключ 🗝",
    "a?b#c",
    "%2F",
    "a b+c&d=e",
    "\r\n\t",
    "k" * 900,
]


@pytest.mark.parametrize("key", KEYS, ids=[repr(key)[:20] for key in KEYS])
def test_set_and_get(cache_page, key):
    for value in ("first", "", 'ü😀\0 \\"'):
        assert post(cache_page, "/set", {"key": key, "value": value})[:2] == (200, {"ok": True})
        assert get_key(cache_page, key)[:2] == (200, {"value": value})


def test_a_slash_may_be_escaped_or_not(cache_page):
    assert post(cache_page, "/set", {"key": "x/y", "value": "slash"}).status == 200
    assert ask(cache_page, "/get/x%2Fy").json == {"value": "slash"}


def test_a_large_value(cache_page):
    value = "né" * 300_000
    assert post(cache_page, "/set", {"key": "large", "value": value}).status == 200
    assert get_key(cache_page, "large").json == {"value": value}


def test_a_missing_key(cache_page):
    assert get_key(cache_page, "missing/ü")[:2] == (404, {"error": "there is no value under this key"})


def test_a_path_that_is_not_utf8(cache_page):
    assert ask(cache_page, "/get/%ff%fe").status == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"no json", b"\xff\xfe", b'{"key": "a", "value": "b"} and more', b"[" * 100_000, b"null", b"[]", b'"text"',
     b"{}", b'{"key": "a"}', b'{"value": "a"}', b'{"key": 1, "value": "a"}', b'{"key": "a", "value": 1}',
     b'{"key": "a", "value": null}', b'{"key": "a", "value": NaN}', b'{"key": ["a"], "value": "a"}',
     b'{"key": "\\ud800", "value": "a"}', b'{"key": "a", "value": "\\udfff"}', b'{"key": "a", "value": ' + b"9" * 5000 + b"}"],
    ids=lambda body: repr(body)[2:24],
)  # fmt: skip
def test_a_bad_body(cache_page, body):
    answer = ask(cache_page, "/set", "POST", body)
    assert answer.status == 400
    assert answer.json["error"]


def test_a_body_that_does_not_say_that_it_is_json(cache_page):
    answer = ask(cache_page, "/set", "POST", b'{"key": "a", "value": "b"}', content_type="text/plain")
    assert answer.status == 415
    assert "application/json" in answer.json["error"]


def test_a_body_that_is_too_large_is_refused_unread(cache_page):
    headers = [("Content-Type", "application/json"), ("Content-Length", str(10**12))]
    assert ask(cache_page, "/set", "POST", headers=headers).status == 413


def test_many_at_once(add_page, cache_page):
    def one(number):
        if number % 2:
            return ask(add_page, f"/add/{number}/-7")[:2] == (200, {"result": number - 7})
        key, value = f"many/{number}", f"value {number}"
        return post(cache_page, "/set", {"key": key, "value": value}).status == 200 and get_key(
            cache_page, key
        ).json == {"value": value}

    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        assert all(threads.map(one, range(400)))


def burst(page, count=64):
    """`count` requests, eight at a time; how often which status came. A 200 must hold the right sum."""

    def one(number):
        answer = ask(page, f"/add/{number}/1000")
        assert answer.status != 200 or answer.json == {"result": number + 1000}
        return answer.status

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        return collections.Counter(threads.map(one, range(count)))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_dead_backend_is_a_503(transport):
    page = Gunicorn("app", FARTHING_TRANSPORT=transport, CALCULATOR_URL=REFUSED)
    other = Gunicorn("cache_app", FARTHING_TRANSPORT=transport, CACHE_URL=REFUSED)
    try:
        answers = [ask(page, "/add/1/2"), get_key(other, "key"), post(other, "/set", {"key": "a", "value": "b"})]
        for answer in answers:
            assert answer[:2] == (503, {"error": "the service behind this page is not available"})
            assert int(answer.headers["Retry-After"]) > 0
        assert ask(page, "/add/2147483648/2").status == 400, "no backend is needed to tell"
    finally:
        page.close()
        other.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_silent_backend_is_a_504_and_no_worker_dies(transport):
    def silent(peer, number):
        peer.wait_for_end()

    with ScriptedServer("framed", silent) as backend:
        # gunicorn kills a worker that is silent for 5 s, so the time-out of the call must come first.
        page = Gunicorn(
            "app", ["--timeout", "5"], FARTHING_TRANSPORT=transport, FARTHING_TIMEOUT="0.5", CALCULATOR_URL=backend.url
        )
        try:
            with concurrent.futures.ThreadPoolExecutor(8) as threads:
                answers = list(threads.map(lambda n: ask(page, "/add/1/2"), range(16)))
            assert {answer.status for answer in answers} == {504}
            assert not [line for line in page.lines if "WORKER TIMEOUT" in line]
        finally:
            page.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_backend_that_talks_nonsense_is_a_502(transport):
    def nonsense(peer, number):
        peer.send(b"\xff\xff\xff\xff nonsense\r\n\r\n")
        peer.end()
        peer.wait_for_end()

    with ScriptedServer("framed", nonsense) as backend:
        page = Gunicorn("app", FARTHING_TRANSPORT=transport, CALCULATOR_URL=backend.url)
        try:
            answer = ask(page, "/add/1/2")
            assert answer[:2] == (502, {"error": "the service behind this page gave no valid answer"})
        finally:
            page.close()


THREADS = ("-k", "gthread", "--threads", "4")


@pytest.mark.parametrize(
    ("transport", "worker"),
    [
        *((transport, ()) for transport in TRANSPORTS),
        ("http-keepalive", THREADS),
        ("framed", THREADS),
        ("framed", ("--preload",)),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value) or "sync",
)
def test_a_backend_that_restarts_costs_no_request(transport, worker):
    """The four workers hold connections to the old server; the first request of each after the restart must succeed."""
    backend = Farthing("calculator")
    page = Gunicorn("app", worker, FARTHING_TRANSPORT=transport, CALCULATOR_URL=backend.url("calculator"))
    port = backend.address["calculator"][1]
    try:
        assert burst(page) == {200: 64}
        for end in (Farthing.kill, Farthing.stop):
            end(backend)
            assert set(burst(page, 8)) == {503}
            backend = Farthing(f"127.0.0.1:{port}=calculator")
            assert burst(page) == {200: 64}
    finally:
        page.close()
        backend.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_backend_killed_under_calls(transport):
    """Every answer is right or says what is wrong; and afterwards all is well."""
    backend = Farthing("calculator")
    page = Gunicorn("app", FARTHING_TRANSPORT=transport, CALCULATOR_URL=backend.url("calculator"))
    port = backend.address["calculator"][1]
    done = threading.Event()
    statuses = collections.Counter()

    def keep_asking(number):
        seen = collections.Counter()
        while not done.is_set():
            answer = ask(page, f"/add/{number}/1000")
            assert answer.status != 200 or answer.json == {"result": number + 1000}
            seen[answer.status] += 1
        return seen

    try:
        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            askers = [threads.submit(keep_asking, number) for number in range(8)]
            try:
                for _ in range(3):
                    assert burst(page, 100)
                    backend.kill()
                    assert burst(page, 20)
                    backend = Farthing(f"127.0.0.1:{port}=calculator")
            finally:
                done.set()
            for asker in askers:
                statuses.update(asker.result())
        assert set(statuses) <= {200, 502, 503}
        assert statuses[200] and statuses[503]
        assert burst(page) == {200: 64}
    finally:
        page.close()
        backend.close()


def test_measure_prints_a_table(server):
    url = server.url("calculator")
    command = [sys.executable, EXAMPLE / "measure.py", "--url", url, "--calls", "20", "--rounds", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for transport in TRANSPORTS:
        assert f"| {transport} " in done.stdout


def test_measure_says_when_there_is_no_server():
    command = [sys.executable, EXAMPLE / "measure.py", "--url", REFUSED, "--calls", "20", "--rounds", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert REFUSED in done.stderr and "Traceback" not in done.stderr

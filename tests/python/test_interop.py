"""Apache's Python library against the server: protocol x transport x service, all on one port per service."""

import concurrent.futures

import pytest
from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
from thrift.protocol.TProtocolDecorator import TProtocolDecorator
from thrift.Thrift import TApplicationException
from thrift.transport.TTransport import CReadableTransport

from clients import TRANSPORTS, make_protocol, make_transport, opened
from stubs import Bench, Cache, CacheBare, Calculator, KeyNotFound, bench_types

MIB = 1024 * 1024
I32_MIN, I32_MAX = -(2**31), 2**31 - 1


class Renamed(TProtocolDecorator):
    """Calls one method by another wire name."""

    def __init__(self, protocol, names):
        self._names = names

    def writeMessageBegin(self, name, kind, seqid):
        super().writeMessageBegin(self._names.get(name, name), kind, seqid)


@pytest.fixture
def protocol(server, transport_kind, protocol_kind):
    """A function from a listener's services to an unopened protocol."""
    return lambda services, **options: make_protocol(
        protocol_kind, make_transport(transport_kind, server.address[services]), **options
    )


@pytest.fixture
def calculator(protocol):
    with opened(protocol("calculator")) as ready:
        yield Calculator.Client(ready)


@pytest.fixture
def cache(protocol):
    with opened(protocol("cache")) as ready:
        yield Cache.Client(ready)


@pytest.fixture
def bench(bench_server, transport_kind, protocol_kind):
    transport = make_transport(transport_kind, bench_server.address["bench"])
    with opened(make_protocol(protocol_kind, transport)) as ready:
        yield Bench.Client(ready)


def raises_application(kind):
    return pytest.raises(TApplicationException, check=lambda error: error.type == kind)


@pytest.mark.parametrize(
    ("num1", "num2"), [(2, 3), (-2, -3), (0, 0), (I32_MAX, 0), (I32_MIN, 0), (I32_MAX, I32_MIN), (I32_MAX - 1, 1)]
)
def test_add(calculator, num1, num2):
    assert calculator.add(num1, num2) == num1 + num2


@pytest.mark.parametrize(("num1", "num2"), [(I32_MAX, 1), (I32_MIN, -1), (I32_MAX, I32_MAX), (I32_MIN, I32_MIN)])
def test_a_sum_that_does_not_fit_is_an_internal_error_that_says_so(calculator, num1, num2):
    with raises_application(TApplicationException.INTERNAL_ERROR) as raised:
        calculator.add(num1, num2)
    assert "i32" in str(raised.value)
    assert calculator.add(1, 1) == 2


def test_many_calls_on_one_client(calculator):
    assert [calculator.add(n, -7) for n in range(300)] == [n - 7 for n in range(300)]


def test_the_c_extension_really_is_used(protocol, protocol_kind):
    with opened(protocol("cache")) as ready:
        client = Cache.Client(ready)
        assert client.put("accelerated", "yes") is True
        assert client.get("accelerated") == "yes"
        if protocol_kind == "accelerated":
            assert ready._fast_encode.calls == 2
            # Apache decodes in C only from transports that C can read; THttpClient alone is not one.
            assert ready._fast_decode.calls == (2 if isinstance(ready.trans, CReadableTransport) else 0)


def test_old_headers_without_a_version(protocol):
    with opened(protocol("calculator", strictWrite=False)) as ready:
        client = Calculator.Client(ready)
        assert client.add(2, 3) == 5
        with raises_application(TApplicationException.INTERNAL_ERROR):
            client.add(I32_MAX, 1)
        assert client.add(4, 5) == 9


def test_old_headers_with_a_large_value(protocol):
    with opened(protocol("cache", strictWrite=False)) as ready:
        client = Cache.Client(ready)
        assert client.put("old", "o" * MIB) is True
        assert client.get("old") == "o" * MIB


def test_a_client_that_insists_on_strict_replies(protocol):
    with opened(protocol("calculator", strictRead=True)) as ready:
        assert Calculator.Client(ready).add(2, 3) == 5


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plain", "value"),
        ("", "the empty key"),
        ("empty value", ""),
        ("nul\0inside", "\0\0"),
        ("ключ 🗝 مفتاح", "значение 🎁 \U0010ffff \u0301"),
        ("white \r\n\t", 'quotes " \\ { } [ ]'),
        ("a/b//c?d#e%2F", "slashes"),
        ("k" * 10_000, "long key"),
        ("one MiB", "x" * MIB),
        ("one MiB of unicode", "é😀" * (MIB // 6)),
    ],
    ids=["plain", "empty key", "empty value", "nul", "unicode", "white", "slashes", "long key", "1 MiB", "1 MiB utf-8"],
)
def test_put_and_get(cache, key, value):
    assert cache.put(key, value) is True
    assert cache.get(key) == value
    assert cache.put(key, "second") is True
    assert cache.get(key) == "second"
    assert cache.remove(key) is True
    assert cache.remove(key) is False


def test_the_wire_name_set(protocol):
    with opened(protocol("cache")) as ready:
        client = Cache.Client(Renamed(ready, {"put": "set"}))
        assert client.put("by set", "kept") is True
        assert client.get("by set") == "kept"


def test_a_missing_key_is_the_declared_exception(cache):
    for key in ("missing", "", "fehlt: ü😀"):
        cache.remove(key)
        with pytest.raises(KeyNotFound) as raised:
            cache.get(key)
        assert raised.value.key == key
    assert cache.put("still", "here") is True


def test_a_missing_key_for_a_client_that_declares_no_exception(protocol):
    with opened(protocol("cache")) as ready:
        client = CacheBare.Client(ready)
        with raises_application(TApplicationException.MISSING_RESULT):
            client.get("missing")
        assert client.put("present", "value") is True
        assert client.get("present") == "value"


def test_an_unknown_method_leaves_the_connection_usable(protocol):
    with opened(protocol("calculator")) as ready:
        for _ in range(20):
            with raises_application(TApplicationException.UNKNOWN_METHOD) as raised:
                Calculator.Client(Renamed(ready, {"add": "subtract"})).add(1, 2)
            assert "subtract" in str(raised.value)
            assert Calculator.Client(ready).add(1, 2) == 3


def test_a_method_of_another_service_is_unknown(protocol):
    with opened(protocol("calculator")) as ready:
        with raises_application(TApplicationException.UNKNOWN_METHOD):
            Cache.Client(ready).get("key")
        assert Calculator.Client(ready).add(1, 2) == 3


def test_multiplexed_services_on_one_port(protocol):
    with opened(protocol("calculator,cache")) as ready:
        calculator = Calculator.Client(TMultiplexedProtocol(ready, "Calculator"))
        cache = Cache.Client(TMultiplexedProtocol(ready, "Cache"))
        for n in range(10):
            assert calculator.add(n, n) == 2 * n
            assert cache.put("multiplexed", str(n)) is True
            assert cache.get("multiplexed") == str(n)
        with pytest.raises(KeyNotFound):
            cache.get("multiplexed, missing")
        assert Cache.Client(Renamed(ready, {"put": "Cache:set"})).put("both", "names") is True
        assert cache.get("both") == "names"


def test_multiplexed_names_on_a_port_with_one_service(protocol):
    with opened(protocol("calculator")) as ready:
        assert Calculator.Client(TMultiplexedProtocol(ready, "Calculator")).add(2, 3) == 5


def test_plain_names_on_a_port_with_several_services(protocol):
    with opened(protocol("calculator,cache")) as ready:
        assert Calculator.Client(ready).add(2, 3) == 5
        assert Cache.Client(ready).put("plain", "name") is True
        assert Cache.Client(ready).get("plain") == "name"


def test_multiplexed_with_an_unknown_service_or_method(protocol):
    with opened(protocol("calculator,cache")) as ready:
        with pytest.raises(TApplicationException):
            Calculator.Client(TMultiplexedProtocol(ready, "Nobody")).add(2, 3)
        with raises_application(TApplicationException.UNKNOWN_METHOD):
            Calculator.Client(TMultiplexedProtocol(ready, "Cache")).add(2, 3)
        assert Calculator.Client(ready).add(2, 3) == 5


def test_bench_add_wraps(bench):
    assert bench.add(I32_MAX, 1) == I32_MIN
    assert bench.add(I32_MIN, -1) == I32_MAX


@pytest.mark.parametrize("size", [0, 1, 16 * 1024 - 1, 16 * 1024, 64 * 1024 + 1, MIB, 8 * MIB])
def test_bench_put_and_get_keep_every_byte(bench, size):
    value = (bytes(range(256)) * (size // 256 + 1))[:size]
    assert bench.put("bytes", value) is None
    assert bench.get("bytes") == value


def test_bench_get_of_a_missing_key_is_empty(bench):
    assert bench.get("never put") == b""


def full_payload(blob):
    def inner(number):
        return bench_types.Inner(id=number, ts=-(2**63), name=f"né {number}", score=-0.5, active=number % 2 == 0)

    return bench_types.Payload(
        flag=True, tiny=-128, small=-32768, mid=I32_MIN, big=2**63 - 1, ratio=1.0 / 3.0, title="título", author="",
        blob=blob, head=inner(1), ints=[I32_MIN, 0, I32_MAX], longs=[-(2**63), 2**63 - 1], tags=["", "a", "😀"],
        items=[inner(n) for n in range(50)], count1=1, count2=2, created=3, updated=4, note="n" * 1000,
        counters={"": 0, "ä": -1, "b": I32_MAX},
    )  # fmt: skip


@pytest.mark.parametrize("size", [0, 100, MIB])
def test_bench_echo(bench, size):
    payload = full_payload(bytes(range(256)) * (size // 256))
    assert bench.echo(payload) == payload


def test_bench_echo_of_absent_fields(bench):
    # Apache's Python leaves a field that is None out of the message; the reply then holds the zero value or nothing.
    reply = bench.echo(bench_types.Payload(mid=7))
    assert reply.mid == 7
    assert not reply.title and not reply.items and not reply.counters


@pytest.mark.parametrize("kind", ["buffered", "framed"])
def test_unix_socket(server, kind, protocol_kind):
    with opened(make_protocol(protocol_kind, make_transport(kind, server.address["unix:calculator"]))) as ready:
        assert Calculator.Client(ready).add(2, 3) == 5


def test_all_transports_at_once_on_one_port(server):
    def worker(number):
        protocol = make_protocol(
            ("pure", "accelerated")[number // 4 % 2], make_transport(TRANSPORTS[number % 4], server.address["cache"])
        )
        with opened(protocol) as ready:
            client = Cache.Client(ready)
            for turn in range(40):
                value = f"{number} {turn} " + "x" * (turn * 997)
                assert client.put(f"worker {number}", value) is True
                assert client.get(f"worker {number}") == value
        return number

    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        assert list(threads.map(worker, range(16))) == list(range(16))

"""The cross-test's calls through Apache's Python library. Exit code 1 where an answer is wrong."""

import math
import ssl
import struct
import sys
import time
import uuid

from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
from thrift.Thrift import TApplicationException
from thrift.transport.THttpClient import THttpClient
from thrift.transport.TSocket import TSocket
from thrift.transport.TSSLSocket import TSSLSocket
from thrift.transport.TTransport import TBufferedTransport, TFramedTransport
from thrift.transport.TZlibTransport import TZlibTransport

from conformance import SecondService, ThriftTest
from conformance.ttypes import Insanity, Numberz, Xception, Xception2, Xtruct, Xtruct2
from connection import MULTIPLEXED, combinations, protocol_factory

TEXTS = ["", "Test", "1", "quote \" back\\slash / tab\t newline\n", "Ünïcödé 漢字 العربية 😀", "long " * 4000]


class Checks:
    def __init__(self):
        self.made = self.failed = 0

    def equal(self, what, got, wanted):
        self.made += 1
        if got != wanted:
            self.failed += 1
            print(f"FAIL {what}: got {got!r:.200}, wanted {wanted!r:.200}")

    def raises(self, what, kind, call, **members):
        try:
            got = call()
        except kind as error:
            self.equal(what, {name: getattr(error, name) for name in members}, members)
        except Exception as error:
            self.equal(what, error, kind.__name__)
        else:
            self.equal(what, got, kind.__name__)


def transport_of(options):
    if options.transport == "http":
        scheme = "https" if options.ssl else "http"
        context = ssl.create_default_context(cafile=options.ca) if options.ssl else None
        return THttpClient(f"{scheme}://{options.host}:{options.port}/", **({"ssl_context": context} if context else {}))
    if options.domain_socket:
        raw = TSocket(unix_socket=options.domain_socket)
    elif options.ssl:
        raw = TSSLSocket(options.host, options.port, ca_certs=options.ca, cert_reqs=ssl.CERT_REQUIRED)
    else:
        raw = TSocket(options.host, options.port)
    raw.setTimeout(10_000)
    if options.transport == "framed":
        return TFramedTransport(raw)
    return TBufferedTransport(TZlibTransport(raw) if options.transport == "zlib" else raw)


def bits(number):
    return struct.pack(">d", number)


def check_echoes(client, checks):
    checks.equal("testVoid", client.testVoid(), None)
    for text in TEXTS:
        checks.equal("testString", client.testString(text), text)
    for value in (True, False):
        checks.equal("testBool", client.testBool(value), value)
    for value in (0, 1, -1, 127, -128):
        checks.equal("testByte", client.testByte(value), value)
    for value in (0, 1, -1, 2**31 - 1, -(2**31)):
        checks.equal("testI32", client.testI32(value), value)
    for value in (0, 1, -1, -34359738368, 2**53 + 1, 2**63 - 1, -(2**63)):
        checks.equal("testI64", client.testI64(value), value)
        checks.equal("testTypedef", client.testTypedef(value), value)
    for value in (0.0, -0.0, 5.325098235, -5.325098235, 1e300, 5e-324, 1.7976931348623157e308):
        checks.equal("testDouble", bits(client.testDouble(value)), bits(value))
    for size in (0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072):
        value = bytes(index * 7 % 256 for index in range(size))
        checks.equal(f"testBinary of {size}", client.testBinary(value), value)
    if hasattr(client, "testUuid"):
        for text in ("00000000-0000-0000-0000-000000000000", "00112233-4455-6677-8899-aabbccddeeff"):
            checks.equal("testUuid", client.testUuid(uuid.UUID(text)), uuid.UUID(text))


def check_structs(client, checks):
    thing = Xtruct("Zero", 1, -3, -5)
    checks.equal("testStruct", client.testStruct(thing), thing)
    nested = Xtruct2(1, thing, 5)
    checks.equal("testNest", client.testNest(nested), nested)
    insanity = Insanity({Numberz.FIVE: 5, Numberz.EIGHT: 8}, [Xtruct("Goodbye4", 4, 4, 4), Xtruct("Hello2", 2, 2, 2)])
    checks.equal(
        "testInsanity",
        client.testInsanity(insanity),
        {1: {Numberz.TWO: insanity, Numberz.THREE: insanity}, 2: {Numberz.SIX: Insanity({}, [])}},
    )
    checks.equal(
        "testMulti", client.testMulti(74, 0xFF00FF, 0xFF00FF00FF, {1: "blah"}, Numberz.FIVE, 0xF0F0F0), Xtruct("Hello2", 74, 0xFF00FF, 0xFF00FF00FF)
    )


def check_containers(client, checks):
    for value in ({}, {index: index - 10 for index in range(5)}, {2**31 - 1: -(2**31)}, {index: -index for index in range(500)}):
        checks.equal("testMap", client.testMap(value), value)
    for value in ({}, {"a": "123", " x y ": " with spaces ", "same": "same", "0": "numeric key", "": "ü 漢"}):
        checks.equal("testStringMap", client.testStringMap(value), value)
    for value in ([], list(range(-2, 3)), [0, 2**31 - 1, -(2**31)], list(range(2000))):
        checks.equal("testList", client.testList(value), value)
        checks.equal("testSet", client.testSet(set(value)), set(value))
    for value in (Numberz.ONE, Numberz.TWO, Numberz.EIGHT, 77):
        checks.equal("testEnum", client.testEnum(value), value)
    wanted = {-4: {index: index for index in range(-4, 0)}, 4: {index: index for index in range(1, 5)}}
    checks.equal("testMapMap", client.testMapMap(1), wanted)


def check_exceptions(client, checks):
    checks.raises("Xception", Xception, lambda: client.testException("Xception"), errorCode=1001, message="Xception")
    checks.raises("TException", TApplicationException, lambda: client.testException("TException"))
    checks.equal("no exception", client.testException("success"), None)
    one, two = "This is an Xception", "This is an Xception2"
    checks.raises("multi 1", Xception, lambda: client.testMultiException("Xception", "x"), errorCode=1001, message=one)
    checks.raises(
        "multi 2", Xception2, lambda: client.testMultiException("Xception2", "x"), errorCode=2002, struct_thing=Xtruct(two, 0, 0, 0)
    )
    checks.equal("multi none", client.testMultiException("success", "foobar"), Xtruct("foobar", 0, 0, 0))


def check_oneway(client, checks):
    begun = time.monotonic()
    client.testOneway(3)
    took = time.monotonic() - begun
    checks.equal(f"testOneway in {took:.3f} s", took < 0.2, True)
    checks.equal("a call behind a oneway one", client.testI32(-1), -1)


def check_extremes(client, checks):
    checks.equal("testString", client.testString("nul\0 \x01\x1f"), "nul\0 \x01\x1f")
    for value in (math.inf, -math.inf):
        checks.equal("testDouble", client.testDouble(value), value)
    checks.equal("testDouble NaN", math.isnan(client.testDouble(math.nan)), True)


def run(options):
    checks = Checks()
    transport = transport_of(options)
    protocol = protocol_factory(options.protocol).getProtocol(transport)
    multiplexed = options.protocol in MULTIPLEXED
    client = ThriftTest.Client(TMultiplexedProtocol(protocol, "ThriftTest") if multiplexed else protocol)
    transport.open()
    check_echoes(client, checks)
    # The JSON writer leaves these without escapes and without quotes: no JSON, and no server but its own could tell.
    if options.protocol not in ("json", "multij"):
        check_extremes(client, checks)
    check_structs(client, checks)
    check_containers(client, checks)
    if multiplexed:
        second = SecondService.Client(TMultiplexedProtocol(protocol, "SecondService"))
        for index in range(3):
            checks.equal("secondtestString", second.secondtestString(f"b{index}"), f'testString("b{index}")')
            checks.equal("testString between", client.testString("a"), "a")
    check_exceptions(client, checks)
    check_oneway(client, checks)
    transport.close()
    print(f"{checks.made} checks, {checks.failed} failed")
    return checks.failed == 0


def main():
    return 0 if all([run(options) for options in combinations(__doc__)]) else 1


if __name__ == "__main__":
    sys.exit(main())

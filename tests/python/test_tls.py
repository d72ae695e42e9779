"""Apache's Python library over TLS (TSSLSocket, THttpClient with https), beside plain clients on the same port."""

import concurrent.futures
import ssl
import subprocess

import pytest
from thrift.transport.THttpClient import THttpClient
from thrift.transport.TSSLSocket import TSSLSocket
from thrift.transport.TTransport import TBufferedTransport, TFramedTransport, TTransportException

import clients
from clients import TIMEOUT_MS, make_protocol, opened
from processes import Farthing
from stubs import Bench, Cache, Calculator

KINDS = ("buffered", "framed", "http")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """An authority and what it issued, made when it is needed: nothing here can expire in the repository."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "ca.pem"
        self._key = folder / "ca.key"
        openssl("req", "-x509", *self._new_key(self._key), "-out", str(self.file), "-days", "2", "-subj", "/CN=ca of the tests")

    @staticmethod
    def _new_key(file):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(file))

    def issue(self, name, names):
        """The files of a certificate and its key; `names` as `subjectAltName` has them."""
        certificate, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n")
        openssl("req", *self._new_key(key), "-out", str(request), "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.file), "-CAkey", str(self._key), "-CAcreateserial",
                "-days", "2", "-extfile", str(extensions), "-out", str(certificate))
        return certificate, key


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority):
    certificate, key = authority.issue("server", "DNS:localhost,IP:127.0.0.1")
    farthing = Farthing("calculator,cache", "bench", flags=("--tls-cert", certificate, "--tls-key", key))
    try:
        yield farthing
        assert farthing.stop() == 0, "\n".join(farthing.lines)
    finally:
        farthing.close()


def context(authority, identity=None, version=None):
    made = ssl.create_default_context(cafile=authority.file)
    if version:
        made.minimum_version = made.maximum_version = version
    if identity:
        made.load_cert_chain(*identity)
    return made


def secure_transport(kind, address, context):
    host, port = address
    if kind == "http":
        http = THttpClient(f"https://{host}:{port}/", ssl_context=context)
        http.setTimeout(TIMEOUT_MS)
        return http
    socket = TSSLSocket(host, port, ssl_context=context)
    socket.setTimeout(TIMEOUT_MS)
    return TFramedTransport(socket) if kind == "framed" else TBufferedTransport(socket)


@pytest.mark.parametrize("version", (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
@pytest.mark.parametrize("kind", KINDS)
def test_calls_over_tls(server, authority, kind, version, protocol_kind):
    transport = secure_transport(kind, server.address["calculator,cache"], context(authority, version=version))
    with opened(make_protocol(protocol_kind, transport)) as protocol:
        for n in range(20):
            assert Calculator.Client(protocol).add(n, 40) == n + 40
        cache = Cache.Client(protocol)
        assert cache.put(f"{kind} {version}", "ü" * 100_000)
        assert cache.get(f"{kind} {version}") == "ü" * 100_000


@pytest.mark.parametrize("kind", KINDS)
def test_megabytes_over_tls(server, authority, kind):
    value = bytes(range(256)) * 12_000
    with opened(make_protocol("pure", secure_transport(kind, server.address["bench"], context(authority)))) as protocol:
        bench = Bench.Client(protocol)
        bench.put(kind, value)
        assert bench.get(kind) == value


def test_plain_and_tls_clients_at_the_same_time(server, authority):
    address = server.address["calculator,cache"]

    def plain(kind):
        return clients.make_transport(kind, address)

    def secure(kind):
        return secure_transport(kind, address, context(authority))

    def work(make, kind):
        with opened(make_protocol("pure", make(kind))) as protocol:
            return [Calculator.Client(protocol).add(n, 1) for n in range(50)]

    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        calls = [threads.submit(work, make, kind) for make in (plain, secure) for kind in KINDS]
        assert [call.result() for call in calls] == [list(range(1, 51))] * 6


def test_a_client_that_trusts_others_refuses(server, tmp_path):
    stranger = Authority(tmp_path)
    transport = secure_transport("framed", server.address["bench"], context(stranger))
    with pytest.raises(TTransportException):
        transport.open()


def test_clients_are_known_by_their_certificates(authority):
    certificate, key = authority.issue("mutual", "IP:127.0.0.1")
    flags = ("--tls-cert", certificate, "--tls-key", key, "--tls-client-ca", authority.file)
    farthing = Farthing("calculator", flags=(*flags, "--tls-client-san", "web.example.org"))
    try:
        address = farthing.address["calculator"]

        def add(identity, kind):
            transport = secure_transport(kind, address, context(authority, identity))
            with opened(make_protocol("pure", transport)) as protocol:
                return Calculator.Client(protocol).add(2, 3)

        for kind in KINDS:
            assert add(authority.issue("web", "DNS:web.example.org"), kind) == 5
            for identity in (None, authority.issue("db", "DNS:db.example.org")):
                with pytest.raises((TTransportException, OSError, EOFError)):
                    add(identity, kind)
        farthing.matches("tls_certificate", 1)
        with pytest.raises((TTransportException, OSError)):
            with opened(make_protocol("pure", clients.make_transport("framed", address))) as protocol:
                Calculator.Client(protocol).add(2, 3)
        farthing.matches("tls_plain_text", 1)
    finally:
        farthing.close()

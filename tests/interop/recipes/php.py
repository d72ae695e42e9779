"""PHP: the newest library from its sources, and the one that this system has as a package, each with its C extension."""

import shlex

from kit import HERE
from library import NO_UUID, Library, Programs

OPTIONS = ["-d", "display_errors=stderr", "-d", "error_reporting=24575"]
"""All errors are told but what a newer PHP thinks of an older library (E_DEPRECATED)."""


def build_extension(kit):
    """The extension of the newest library, out of a copy of its sources: making it writes beside them."""
    sources = kit.source("newest") / "lib/php/src/ext/thrift_protocol"

    def make(folder):
        kit.run(["cp", "-r", f"{sources}/.", folder])
        kit.run(["phpize"], cwd=folder)
        kit.run(["./configure", "-q", "CXXFLAGS=-O0 -w"], cwd=folder)
        kit.run(["make", "-s"], cwd=folder)

    return kit.build("php-extension", [kit.release("newest"), kit.run(["php-config", "--phpapi"])], make)


def build(kit, which):
    if which == "newest":
        library = kit.source("newest") / "lib/php/lib"
        extension, version = build_extension(kit) / "modules/thrift_protocol.so", kit.release("newest")
    else:
        library, extension, version = "/usr/lib/php", "thrift_protocol.so", kit.debian.version("php-thrift")
    options = [*OPTIONS, "-d", f"extension={extension}"]
    environment = {
        "THRIFT_LIBRARY": str(library),
        "THRIFT_STUBS": str(kit.stubs("php:server", which)),
        "THRIFT_RELEASE": version,
        "PHP_OPTIONS": shlex.join(options),
    }
    program = lambda name: ["php", *options, str(HERE / "php" / name)]  # noqa: E731
    return Programs(program("client.php"), program("server.php"), version, environment)


def library(which, key, sockets, without, lacks, packages, quirks, served_without):
    return Library(
        name="PHP",
        key=key,
        origin="Debian source package" if which == "newest" else "Debian package",
        protocols=("binary", "accel", "compact", "json", "multi", "multic", "multij"),
        transports=("buffered", "framed", "http"),
        sockets=sockets,
        without=without,
        served_without={("*", "*", "unix"): "its server listens on TCP only", ("*", "http", "tls"): "PHP's web server has no TLS", **served_without},
        quirks=quirks,
        client_quirks={("accel", "buffered", "tls"): ("one-read",)},
        lacks=f"{lacks}its extension knows no multiplexed protocol, which is written in plain PHP; no header protocol; no zlib transport; no WebSocket",
        effort=15 if which == "newest" else 1,
        packages=("php-cli", *packages),
        build=lambda kit: build(kit, which),
    )


NO_INFINITY = {("json", "*", "*"): ("no-infinity",), ("multij", "*", "*"): ("no-infinity",)}
"""JSON had no words for it before 0.23."""

UNCAUGHT = {("*", transport, "*"): ("no-undeclared",) for transport in ("buffered", "framed", "http")}
"""An exception that is not declared ends the server's process, without an answer."""
OLD_SERVER = {
    **{(protocol, "*", "*"): "the package leaves StoredMessageProtocol out" for protocol in ("multi", "multic", "multij")},
}

LIBRARIES = [
    library("newest", "php", ("tcp", "tls", "unix"), {("*", "http", "unix"): "its HTTP client takes a host only"}, "", ("php-dev", "php-psr-log", "g++", "make"), {}, {}),
    library("system", "php-old", ("tcp",), {}, "the package leaves TLS out, and its socket wants a port; ", ("php-thrift",), {**NO_INFINITY, **UNCAUGHT, **NO_UUID}, OLD_SERVER),
]

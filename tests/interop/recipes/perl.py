"""Perl: the newest library from its sources, and the one that this system has as a package."""

from kit import HERE
from library import NO_UUID, Library, Programs

PACKAGES = (
    "perl",
    "libbit-vector-perl",
    "libclass-accessor-perl",
    "libio-socket-ssl-perl",
    "libio-string-perl",
    "liblwp-protocol-https-perl",
    "libwww-perl",
)


def build(kit, which):
    newest = which == "newest"
    library = [kit.source("newest") / "lib/perl/lib"] if newest else []
    version = kit.release("newest") if newest else kit.debian.version("libthrift-perl")
    words = [word for folder in [*library, kit.stubs("perl", which, uuid=False)] for word in ("-I", str(folder))]
    program = lambda name: ["perl", *words, str(HERE / "perl" / name)]  # noqa: E731
    return Programs(program("client.pl"), program("server.pl"), version)


def library(which, key, packages):
    return Library(
        name="Perl",
        key=key,
        origin="Debian source package" if which == "newest" else "Debian package",
        protocols=("binary", "multi"),
        transports=("buffered", "framed", "http"),
        sockets=("tcp", "tls", "unix"),
        without={("*", "http", "unix"): "its HTTP client takes a URL only"},
        served_without={("*", "http", "*"): "no server for HTTP"},
        quirks=NO_UUID,
        lacks="binary is its only protocol; no uuid; no zlib transport; no WebSocket",
        packages=(*PACKAGES, *packages),
        build=lambda kit: build(kit, which),
    )


LIBRARIES = [library("newest", "perl", ()), library("system", "perl-old", ("libthrift-perl",))]

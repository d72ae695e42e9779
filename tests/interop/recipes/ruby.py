"""Ruby: the newest library from its sources, with its C extension and without, and the one that this system has as a package."""

from kit import HERE
from library import NO_UUID, Library, Programs


def build_extension(kit):
    """The extension of the newest library, out of a copy of its sources: making it writes beside them."""
    sources = kit.source("newest") / "lib/rb/ext"

    def make(folder):
        kit.run(["cp", "-r", f"{sources}/.", folder])
        kit.run(["ruby", "extconf.rb"], cwd=folder)
        kit.run(["make", "-s", "-j2"], cwd=folder)

    return kit.build("ruby-extension", [kit.release("newest"), kit.run(["ruby", "--version"])], make)


def build_nothing(kit):
    """A folder that hides an extension, for the library would take the one of another release that is installed."""
    text = 'raise LoadError, "left out"\n'
    return kit.build("ruby-no-extension", [text], lambda folder: (folder / "thrift_native.rb").write_text(text))


def build(kit, which, extension):
    if which == "newest":
        path = [kit.source("newest") / "lib/rb/lib", (build_extension if extension else build_nothing)(kit)]
        version = kit.release("newest")
    else:
        path, version = [], kit.debian.version("ruby-thrift")
    words = [word for folder in [*path, kit.stubs("rb", which)] for word in ("-I", str(folder))]
    # Each variant has to be what it is called: the library falls back to plain Ruby without more than a warning.
    loaded = kit.run(["ruby", "-W0", *words, "-r", "thrift", "-e", "print defined?(Thrift::BinaryProtocolAccelerated).inspect"])
    if loaded.splitlines()[-1].endswith("nil") == extension:
        raise RuntimeError(f"the extension is {'not ' if extension else ''}loaded:\n{loaded}")
    program = lambda name: ["ruby", "-W0", *words, str(HERE / "ruby" / name)]  # noqa: E731
    return Programs(program("client.rb"), program("server.rb"), version)


CLOSED_ENUMS = {("*", "*", socket): ("no-unknown-enum",) for socket in ("tcp", "tls", "unix")}
"""A number that its enum has no name for is refused."""


SLOW = {("json", transport, "*"): ("no-large",) for transport in ("buffered", "framed")}
SLOW |= {("multij", transport, "*"): ("no-large",) for transport in ("buffered", "framed")}
LINTED = {("*", "http", "*"): "its HTTP server's answers do not pass the check of Rack 2 that it asks for"}


def library(key, name, which, *, extension=True, protocols=(), sockets=("tcp", "tls", "unix"), lacks="", quirks=None, served_without=None):
    return Library(
        name=name,
        key=key,
        origin="Debian source package" if which == "newest" else "Debian package",
        protocols=("binary", "compact", "json", "multi", "multic", "multij", *protocols),
        transports=("buffered", "framed", "http"),
        at_once=12,
        sockets=sockets,
        without={("*", "http", "unix"): "its HTTP client takes a URL only"},
        served_without={("*", "http", "tls"): "ThinHTTPServer takes no certificate", **(served_without or {})},
        quirks={**CLOSED_ENUMS, **(quirks or {})},
        lacks=lacks + "the other protocols in C need no class of their own; no zlib transport but in THeader; no WebSocket",
        effort=8,
        packages=("ruby", "ruby-dev", "gcc", "make") if which == "newest" else ("ruby", "ruby-thrift"),
        build=lambda kit: build(kit, which, extension),
    )


LIBRARIES = [
    library("ruby", "Ruby", "newest", protocols=("accel", "header", "multih")),
    library(
        "ruby-pure", "Ruby without its extension", "newest", extension=False, protocols=("header", "multih"), sockets=("tcp",), lacks="run on TCP only; "
    ),
    library("ruby-old", "Ruby", "system", protocols=("accel",), lacks="no header protocol before 0.23; ", quirks={**NO_UUID, **SLOW}, served_without=LINTED),
]

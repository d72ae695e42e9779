"""Erlang: the newest library and that of this system's release, both from their sources, for it is nowhere packaged."""

from kit import HERE
from library import Library, Programs


def build(kit, which):
    source, stubs = kit.source(which) / "lib/erl", kit.stubs("erl", which, uuid=False)
    files = [path for path in sorted((source / "src").glob("*.erl")) if not path.stem.endswith("_test")]
    files += [*sorted(stubs.glob("*.erl")), *sorted((HERE / "erlang").glob("*.erl"))]

    def make(folder):
        # The library includes its headers as those of an application called thrift.
        (folder / "thrift").symlink_to(source)
        kit.run(["erlc", "-I", source / "include", "-I", stubs, "-o", folder, *files], env={"ERL_LIBS": str(folder)})

    folder = kit.build(f"erlang-{which}", [kit.release(which), *files], make)
    program = lambda name: ["erl", "-noinput", "-boot", "start_clean", "-pa", str(folder), "-s", name, "main", "-extra"]  # noqa: E731
    return Programs(program("client"), program("server"), kit.release(which))


def library(which, key, served_without, left_out):
    return Library(
        name="Erlang",
        key=key,
        origin="Debian source package",
        protocols=("binary", "compact", "multi", "multic"),
        transports=("buffered", "framed", "http"),
        sockets=("tcp", "tls"),
        without={("*", "http", "tls"): "its client for HTTP takes no https"},
        served_without={("*", "http", "*"): "no server for HTTP", **served_without},
        lacks="its JSON looks for the end of a message at the end of the connection, and fails at a field's number over HTTP; no header protocol; no uuid; no zlib transport; no WebSocket; TCP only",
        effort=9,
        packages=("erlang-base", "erlang-crypto", "erlang-inets", "erlang-public-key", "erlang-ssl"),
        quirks={("*", "*", "*"): ("no-uuid", "no-infinity", *left_out)},
        build=lambda kit: build(kit, which),
    )


OLD_SERVER = {
    ("*", "*", "tls"): "it calls ssl:ssl_accept, which Erlang has no more",
    ("multic", "*", "*"): "it ends when a connection with the compact protocol does, and a second service wants a second one",
}

LIBRARIES = [library("newest", "erlang", {}, ()), library("system", "erlang-old", OLD_SERVER, ("no-undeclared",))]

"""Erlang: the newest library and that of this system's release, both from their sources, for it is nowhere packaged."""

from kit import HERE
from library import Library, Programs


def build(kit, which):
    source, stubs = kit.source(which) / "lib/erl", kit.stubs("erl", which, uuid=False)
    files = [path for path in sorted((source / "src").glob("*.erl")) if not path.stem.endswith("_test")]
    files += [*sorted(stubs.glob("*.erl")), HERE / "erlang/client.erl"]

    def make(folder):
        # The library includes its headers as those of an application called thrift.
        (folder / "thrift").symlink_to(source)
        kit.run(["erlc", "-I", source / "include", "-I", stubs, "-o", folder, *files], env={"ERL_LIBS": str(folder)})

    folder = kit.build(f"erlang-{which}", [kit.release(which), *files], make)
    command = ["erl", "-noinput", "-boot", "start_clean", "-pa", str(folder), "-s", "client", "main", "-extra"]
    return Programs(command, None, kit.release(which))


def library(which, key):
    return Library(
        name="Erlang",
        key=key,
        origin="Debian source package",
        protocols=("binary", "compact"),
        transports=("buffered", "framed"),
        sockets=("tcp", "tls"),
        lacks="multiplexed binary, JSON and HTTP are there, and are not called here; no uuid; no zlib transport; no WebSocket; TCP only",
        packages=("erlang-base", "erlang-crypto", "erlang-public-key", "erlang-ssl"),
        build=lambda kit: build(kit, which),
    )


LIBRARIES = [library("newest", "erlang"), library("system", "erlang-old")]

"""C with GLib: the newest library built from its sources, and the one that this system has as a package."""

from kit import HERE
from library import Library, Programs

FLAGS = ("-O0", "-g", "-std=gnu11", "-w", "-pipe")


def build_library(kit, glib):
    """The newest library as a static one; it is compiled once."""
    source = kit.source("newest") / "lib/c_glib/src"
    files = sorted(source.rglob("*.c"))

    def make(folder):
        (folder / "thrift").mkdir()
        headers = "ARPA_INET_H ERRNO_H FCNTL_H INTTYPES_H NETDB_H NETINET_IN_H STDINT_H STRING_H SYS_POLL_H SYS_SOCKET_H SYS_TYPES_H UNISTD_H"
        lines = [f"#define HAVE_{name} 1" for name in headers.split()]
        lines += [f'#define PACKAGE_VERSION "{kit.release("newest")}"', "#define SIGNED_RIGHT_SHIFT_IS 1", "#define ARITHMETIC_RIGHT_SHIFT 1"]
        for name in ("config.h", "thrift/config.h"):
            (folder / name).write_text("\n".join([*lines, ""]))
        objects = {path: folder / f"{path.stem}.o" for path in files}
        options = ["-DHAVE_CONFIG_H", f"-I{folder}", f"-I{source}", *glib]
        kit.run_all(["gcc", *FLAGS, *options, "-c", path, "-o", target] for path, target in objects.items())
        kit.run(["ar", "rcs", folder / "libthrift_c_glib.a", *objects.values()])

    return kit.build("c-glib-newest", [kit.release("newest"), *FLAGS, *glib], make), source


def build(kit, which):
    modules = ["glib-2.0", "gobject-2.0"]
    glib, linked = (kit.run(["pkg-config", option, *modules]).split() for option in ("--cflags", "--libs"))
    stubs = kit.stubs("c_glib", which, uuid=False)
    if which == "newest":
        library, source = build_library(kit, glib)
        options, archive, version = [f"-I{library}", f"-I{source}"], [library / "libthrift_c_glib.a"], kit.release("newest")
    else:
        options, archive, version = [], ["-lthrift_c_glib"], kit.debian.version("libthrift-c-glib-dev")
    files = [*sorted((HERE / "c_glib").iterdir()), *sorted(stubs.glob("*.c"))]
    sources = [*sorted(stubs.glob("*.c")), HERE / "c_glib/client.c", HERE / "c_glib/server.c"]

    def make(folder):
        objects = [folder / f"{path.stem}.o" for path in sources]
        kit.run_all(["gcc", *FLAGS, *options, *glib, f"-I{stubs}", "-c", "-o", target, path] for path, target in zip(sources, objects, strict=True))
        *shared, client, server = objects
        for program in (client, server):
            kit.run(["gcc", "-o", program.with_suffix(""), program, *shared, *archive, *linked, "-lssl", "-lcrypto", "-lz"])

    folder = kit.build(f"c-glib-programs-{which}", [version, *FLAGS, *files], make)
    return Programs([str(folder / "client")], [str(folder / "server")], version)


def library(which, key, packages):
    return Library(
        name="C (GLib)",
        key=key,
        origin="Debian source package" if which == "newest" else "Debian package",
        protocols=("binary", "compact", "multi", "multic"),
        transports=("buffered", "framed"),
        sockets=("tcp", "tls", "unix"),
        lacks="no JSON and no header protocol; no uuid; no HTTP, no WebSocket; its zlib transport waits for more bytes than a reply has",
        effort=25 if which == "newest" else 3,
        packages=("gcc", "pkg-config", "libglib2.0-dev", "libssl-dev", "zlib1g-dev", *packages),
        build=lambda kit: build(kit, which),
        served_without={("*", "*", "tls"): "no TLS server"},
        quirks={("*", "*", "*"): ("no-uuid", "no-nul", "no-infinity", "no-unknown-enum")},
        client_quirks={("*", "framed", "tls"): ("one-read",)},
    )


LIBRARIES = [library("newest", "c-glib", ()), library("system", "c-glib-old", ("libthrift-c-glib-dev",))]

"""C++: the newest library built from its sources, and the one that this system has as a package."""

from kit import HERE
from library import NO_UUID, Library, Programs

FLAGS = ("-O0", "-std=c++17", "-w", "-pipe")
LEFT_OUT = (
    *("qt/", "windows/", "/async/TEvhttp", "/async/TAsync", "TNonblocking", "TFileTransport", "TPipe", "TOverlapped", "VirtualProfiling"),
    *("TWebSocketServer", "ThreadManager", "TimerManager", "PeekProcessor", "TDebugProtocol", "/server/TServer.cpp", "TSimpleServer"),
    *("TThreadPoolServer", "TFDTransport", "TSimpleFileTransport", "TSocketPool", "TTransportUtils"),
)
"""Parts of the library that no client and no server here uses: they take time, and some need further packages."""


def build_library(kit):
    """The newest library as a static one; it is compiled once, without the parts that are left out."""
    source = kit.source("newest") / "lib/cpp/src"
    files = [path for path in sorted(source.rglob("*.cpp")) if not any(part in str(path) for part in LEFT_OUT)]

    def make(folder):
        (folder / "include/thrift").mkdir(parents=True)
        (folder / "include/thrift/config.h").write_text(config_h(kit.release("newest")))
        options = ["-DHAVE_CONFIG_H", f"-I{folder}/include", f"-I{source}"]
        objects = {path: folder / f"{path.parent.name}-{path.stem}.o" for path in files}
        kit.run_all(["g++", *FLAGS, *options, "-c", path, "-o", target] for path, target in objects.items())
        kit.run(["ar", "rcs", folder / "libthrift.a", *objects.values()])

    return kit.build("cpp-newest", [kit.release("newest"), *FLAGS, *LEFT_OUT], make), source


def config_h(release):
    have = "ARPA_INET_H FCNTL_H INTTYPES_H LIMITS_H NETDB_H NETINET_IN_H POLL_H PTHREAD_H SCHED_H STDINT_H STRINGS_H"
    have += " SYS_IOCTL_H SYS_POLL_H SYS_RESOURCE_H SYS_SELECT_H SYS_SOCKET_H SYS_STAT_H SYS_TIME_H SYS_TYPES_H SYS_UN_H UNISTD_H"
    have += " CLOCK_GETTIME GETTIMEOFDAY SELECT STRERROR_R DECL_STRERROR_R SIGNAL_H"
    lines = [f"#define HAVE_{name} 1" for name in have.split()]
    lines += ["#define STRERROR_R_CHAR_P 1", "#define SIGNED_RIGHT_SHIFT_IS 1", "#define ARITHMETIC_RIGHT_SHIFT 1"]
    return "\n".join([*lines, f'#define PACKAGE_VERSION "{release}"', "#define USE_STD_THREAD 1", ""])


def build(kit, which):
    stubs = kit.stubs("cpp:no_skeleton", which)
    if which == "newest":
        library, source = build_library(kit)
        link = [f"-I{library}/include", f"-I{source}", "-DHAVE_CONFIG_H", "-DWITH_UUID"], [library / "libthrift.a"]
        version = kit.release("newest")
    else:
        link, version = ([], ["-lthrift", "-lthriftz"]), kit.debian.version("libthrift-dev")
    generated = [stubs / f"{name}.cpp" for name in ("ThriftTest", "SecondService", "conformance_types")]
    ours = sorted((HERE / "cpp").iterdir())

    def make(folder):
        objects = {path: folder / f"{path.stem}.o" for path in [*generated, HERE / "cpp/client.cpp", HERE / "cpp/server.cpp"]}
        kit.run_all(["g++", *FLAGS, *link[0], f"-I{stubs}", "-c", path, "-o", target] for path, target in objects.items())
        *shared, client, server = objects.values()
        for program in (client, server):
            output = program.with_suffix("")
            kit.run(["g++", "-o", output, program, *shared, *link[1], "-lssl", "-lcrypto", "-lz", "-pthread"])

    folder = kit.build(f"cpp-programs-{which}", [version, *FLAGS, *ours, *generated], make)
    return Programs([str(folder / "client")], [str(folder / "server")], version)


NO_NUL = ("no-nul",)
"""Its JSON reader loses one: it takes escaped characters for the text of a C string."""


def library(which, key, origin, packages, quirks):
    return Library(
        name="C++",
        key=key,
        origin=origin,
        protocols=("binary", "compact", "json", "header", "multi", "multic", "multij", "multih"),
        transports=("buffered", "framed", "zlib", "http"),
        sockets=("tcp", "tls", "unix"),
        lacks="no accelerated protocols beside its own; a WebSocket server but no WebSocket client",
        effort=80 if which == "newest" else 30,
        packages=("g++", "libboost-dev", "libssl-dev", "zlib1g-dev", *packages),
        build=lambda kit: build(kit, which),
        quirks={("json", "*", "*"): NO_NUL, ("multij", "*", "*"): NO_NUL, **quirks},
    )


LIBRARIES = [
    library("newest", "cpp", "Debian source package", (), {}),
    library("system", "cpp-old", "Debian package", ("libthrift-dev",), {**NO_UUID, ("*", "http", "*"): ("no-oneway",)}),
]

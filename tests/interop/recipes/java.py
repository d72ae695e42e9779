"""Java: the newest library compiled from its sources, and Debian's."""

import dataclasses

from kit import HERE
from library import Library, Programs

JARS = "/usr/share/java"
COMMON = ("slf4j-api", "slf4j-nop")
NEWEST = ("commons-lang3", "httpclient5", "httpcore5", "httpcore5-h2", "jakarta-servlet-api")
OLD = ("thrift", "httpclient", "httpcore", "servlet-api")
START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
"""These programs live for a second: they are to start fast."""


def javac(kit, folder, sources, path):
    """Compiles all in one go, from a file that lists them."""
    listed = folder / "sources.txt"
    listed.write_text("".join(f'"{source}"\n' for source in sources))
    kit.run(["javac", "-nowarn", "-proc:none", "-encoding", "UTF-8", "-cp", path, "-d", folder / "classes", f"@{listed}"])


def build_library(kit, path):
    sources = sorted((kit.source("newest") / "lib/java/src/main/java").rglob("*.java"))
    return kit.build("java-newest", [kit.release("newest"), path], lambda folder: javac(kit, folder, sources, path)) / "classes"


def build(kit, which):
    path = ":".join(f"{JARS}/{name}.jar" for name in (*COMMON, *(NEWEST if which == "newest" else OLD)))
    if which == "newest":
        path, version, http = f"{build_library(kit, path)}:{path}", kit.release("newest"), "http5"
    else:
        version, http = kit.debian.version("libthrift-java"), "no_http5"
    stubs = sorted(kit.stubs("java:generated_annotations=suppress", which).rglob("*.java"))
    ours = [*sorted((HERE / "java").glob("*.java")), *(HERE / "java" / http).glob("*.java")]
    folder = kit.build(
        f"java-programs-{which}", [version, path, *ours, *stubs], lambda folder: javac(kit, folder, [*ours, *stubs], path)
    )
    program = ["java", *START, "-cp", f"{folder}/classes:{path}"]
    return Programs([*program, "Client"], [*program, "Server"], version)


def build_with_components(kit):
    return dataclasses.replace(build(kit, "newest"), server=None, env={"HTTP_CLIENT_5": "yes"})


NAMED_ONLY = {("*", "*", "*"): ("no-unknown-enum",)}


def library(key, origin, packages, build, **changes):
    common = {
        "name": "Java",
        "protocols": ("binary", "compact", "json", "multi", "multic", "multij"),
        "transports": ("buffered", "framed", "fastframed", "zlib", "http"),
        "sockets": ("tcp", "tls"),
        "served_without": {("*", "http", "*"): "HTTP only as a servlet, in a server of another's"},
        "quirks": NAMED_ONLY,
        "lacks": "no accelerated protocols, no THeader, no WebSocket; its sockets are java.net.Socket, which has no Unix sockets",
    }
    return Library(key=key, origin=origin, at_once=12, effort=12, packages=("default-jdk-headless", "libslf4j-java", *packages), build=build, **{**common, **changes})


COMPONENTS = ("libcommons-lang3-java", "libhttpclient5-java", "libhttpcore5-java", "libjakarta-servlet-api-java")
SOURCE = "Debian source package"
LIBRARIES = [
    library("java", SOURCE, COMPONENTS, lambda kit: build(kit, "newest")),
    library(
        "java-http5",
        SOURCE,
        COMPONENTS,
        build_with_components,
        name="Java on HttpClient 5",
        transports=("http",),
        served_without={("*", "*", "*"): "HttpClient 5 is a client"},
        lacks="a client for HTTP only, as THttpClient takes it; all else is as for Java",
    ),
    library("java-old", "Debian package", ("libthrift-java",), lambda kit: build(kit, "system"), quirks={("*", "*", "*"): ("no-unknown-enum", "no-uuid")}),
]

"""Python: Apache's package from PyPI, in the newest release and an old one, each with its C extension."""

import pathlib
import sysconfig

from kit import HERE, ROOT
from library import NO_UUID, Library, Programs

NEWEST = next(
    line.strip() for line in (ROOT / "examples/flask/requirements.txt").read_text().splitlines() if line.startswith("thrift==")
).removeprefix("thrift==")
OLD = "0.16.0"
HEADERS = () if (pathlib.Path(sysconfig.get_path("include")) / "Python.h").is_file() else ("python3-dev",)
"""What the old release's C extension is built with: there is no wheel of it."""


def build(kit, version, stubs):
    python = kit.python

    def make(folder):
        options = ["-q", "--disable-pip-version-check", "--no-deps", "--target", folder]
        kit.fetch([python, "-m", "pip", "install", *options, "six", f"thrift=={version}"])

    library = kit.build(f"python-{version}", [version, kit.run([python, "--version"])], make)
    path = f"{library}:{kit.stubs('py', stubs)}"
    # The cells of `accel` must not be the pure ones under another name.
    kit.run([python, "-c", "import thrift.protocol.fastbinary"], env={"PYTHONPATH": path})
    program = lambda name: [str(python), str(HERE / "python" / name)]  # noqa: E731
    return Programs(program("client.py"), program("server.py"), version, {"PYTHONPATH": path})


REFILL = "the C extension of 0.16 cannot refill its buffer in the compact protocol on Python 3.10 and later"
DROPPED = "its C extension drops what was decompressed behind a string of 4096 bytes"
EXTENSION_ZLIB = [(protocol, "zlib", "*") for protocol in ("accel", "accelc", "multia", "multiac")]

BARE = ("no-nul", "no-infinity")
"""Its JSON writer puts control characters, infinities and NaN down bare."""


def library(version, stubs, key, without, served_without, quirks):
    return Library(
        name="Python",
        key=key,
        origin="PyPI",
        protocols=("binary", "accel", "compact", "accelc", "json", "header", "multi", "multia", "multic", "multiac", "multij", "multih"),
        transports=("buffered", "framed", "zlib", "http"),
        at_once=12,
        sockets=("tcp", "tls", "unix"),
        without={("*", "http", "unix"): "THttpClient takes a URL only", **without},
        lacks="no WebSocket; fastframed is Java's name",
        packages=("gcc", "libc6-dev", *HEADERS),
        build=lambda kit: build(kit, version, stubs),
        served_without=served_without,
        quirks={("json", "*", "*"): BARE, ("multij", "*", "*"): BARE, **quirks},
    )


LIBRARIES = [
    library(NEWEST, "newest", "python", {}, dict.fromkeys(EXTENSION_ZLIB, DROPPED), {}),
    library(
        OLD,
        "system",
        "python-old",
        {("accelc", "zlib", "*"): REFILL, ("multiac", "zlib", "*"): REFILL},
        {
            **dict.fromkeys(EXTENSION_ZLIB, DROPPED),
            ("accelc", "*", "*"): REFILL,
            ("multiac", "*", "*"): REFILL,
            ("*", "http", "tls"): "its HTTP server makes a client's TLS context, which Python 3.10 and later refuse a server",
        },
        NO_UUID,
    ),
]

"""Rust: Apache's crate, in the newest release and an old one."""

import re

from kit import HERE
from library import NO_UUID, Library, Programs

OURS = HERE / "rust"


def build(kit, which):
    manifest = OURS / which / "Cargo.toml"
    version = re.search(r'^thrift = "=(.*)"', manifest.read_text(), re.M).group(1)
    stubs = kit.stubs("rs", "newest" if which == "newest" else "system") / "conformance.rs"
    sources = sorted((OURS / "src").iterdir())
    lock = manifest.with_name("Cargo.lock")

    def make(folder):
        (folder / "src").mkdir()
        kit.run(["cp", manifest, lock, folder])
        kit.run(["cp", *sources, stubs, folder / "src"])
        kit.run(["cargo", "build", "--locked", "--quiet"], cwd=folder, env={"CARGO_TARGET_DIR": str(folder / "target")})

    folder = kit.build(f"rust-{which}", [manifest, lock, *sources, stubs], make) / "target/debug"
    return Programs([str(folder / "client")], [str(folder / "server")], version)


def library(which, key, sockets, lacks, quirks):
    return Library(
        name="Rust",
        key=key,
        origin="crate",
        protocols=("binary", "compact", "multi", "multic"),
        transports=("buffered", "framed"),
        sockets=sockets,
        lacks=f"no JSON, no THeader, no zlib, no HTTP, no WebSocket{lacks}",
        effort=45 if which == "newest" else 20,
        packages=("gcc", "libc6-dev"),
        build=lambda kit: build(kit, which),
        quirks=quirks,
    )


LIBRARIES = [library("newest", "rust", ("tcp", "tls", "unix"), "", {}), library("old", "rust-old", ("tcp", "unix"), "; no TLS", NO_UUID)]

"""Node: Apache's package from npm, in the newest release and an old one."""

import json

from kit import HERE
from library import Library, Programs

NEWEST, OLD = "0.24.0", "0.17.0"


def build(kit, version, stubs):
    def make(folder):
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": {"thrift": version}}))
        kit.fetch(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], cwd=folder)

    library = kit.build(f"node-{version}", [version], make)
    path = f"{library}/node_modules:{kit.stubs('js:node', stubs)}"
    program = lambda name: ["node", str(HERE / "node" / name)]  # noqa: E731
    return Programs(program("client.js"), program("server.js"), version, {"NODE_PATH": path})


MULTIPLEXED = ("multi", "multic", "multij", "multih")
PLAIN = "createWebServer takes one service for each path"

BARE = ("no-nul", "no-infinity")
LOSSES = {("*", "*", "*"): ("no-negative-zero",), ("*", "http", "*"): ("no-oneway",), ("json", "*", "*"): BARE, ("multij", "*", "*"): BARE}
"""Its writers turn -0 into 0, its JSON writer puts control characters and what is no number down bare, and its HTTP server answers
nothing to a oneway call."""


def library(version, stubs, key, quirks):
    return Library(
        name="Node",
        key=key,
        origin="npm",
        protocols=("binary", "compact", "json", "header", "multi", "multic", "multij", "multih"),
        transports=("buffered", "framed", "http", "websocket"),
        at_once=12,
        sockets=("tcp", "tls", "unix"),
        without={("*", "websocket", "unix"): "createWSConnection takes host and port"},
        lacks="no accelerated protocols, no zlib",
        packages=("nodejs", "npm"),
        build=lambda kit: build(kit, version, stubs),
        served_without={(protocol, transport, "*"): PLAIN for protocol in MULTIPLEXED for transport in ("http", "websocket")},
        quirks={**LOSSES, **quirks, ("*", "websocket", "*"): ("one-read",)},
    )


OLD_LOSSES = {("*", "*", "*"): ("no-negative-zero", "no-uuid")}

LIBRARIES = [library(NEWEST, "newest", "node", {}), library(OLD, "system", "node-old", OLD_LOSSES)]

"""Lua: the newest library and that of this system's release, both from their sources, for it is nowhere packaged."""

from kit import HERE
from library import NO_UUID, Library, Programs

MODULES = {
    "libluasocket": ("luasocket", "usocket"),
    "libluabpack": ("luabpack", "longnumberutils", "lualongnumber"),
    "libluabitwise": ("luabitwise",),
    "liblualongnumber": ("lualongnumber", "longnumberutils"),
}
LUA = "lua5.2"
"""The last one that the old release takes."""
FLAGS = ("-shared", "-fPIC", "-O1", "-w", f"-I/usr/include/{LUA}", "-DLUA_COMPAT_MODULE")


def build(kit, which):
    source = kit.source(which) / "lib/lua"

    def make(folder):
        kit.run_all(
            ["gcc", *FLAGS, "-o", folder / f"{module}.so", *(source / f"src/{part}.c" for part in parts), "-lm"] for module, parts in MODULES.items()
        )

    modules = kit.build(f"lua-modules-{which}", [kit.release(which), *FLAGS, str(MODULES)], make)
    path = [f"{folder}/?.lua" for folder in (HERE / "lua", source, kit.stubs("lua", which))]
    program = lambda name: [LUA, str(HERE / "lua" / name)]  # noqa: E731
    environment = {"LUA_PATH": ";".join([*path, ";"]), "LUA_CPATH": f"{modules}/?.so"}
    return Programs(program("client.lua"), program("server.lua"), kit.release(which), environment)


def library(which, key, quirks):
    return Library(
        name="Lua",
        key=key,
        origin="Debian source package",
        protocols=("binary", "compact", "json"),
        transports=("buffered", "framed", "http"),
        sockets=("tcp",),
        served_without={
            ("json", "*", "*"): "its JSON escapes no backslash, writes doubles with 14 digits, and takes longer than a call may for 64 KiB"
        },
        quirks=quirks,
        lacks="no multiplexed and no header protocol; no zlib transport, no WebSocket; TCP only",
        packages=(LUA, f"lib{LUA}-dev", "gcc"),
        build=lambda kit: build(kit, which),
    )


NO_ONEWAY = {("*", "http", "*"): ("no-oneway",)}
"""Its server sends no HTTP response to a oneway call."""

LIBRARIES = [library("newest", "lua", {}), library("system", "lua-old", {**NO_ONEWAY, **NO_UUID})]

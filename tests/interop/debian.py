"""What comes from Debian: packages on this machine, and the newest release of Thrift as a source tree with its compiler.

The newest release is fetched by an apt of its own below target/, so that the system's list of sources stays as it is. No
network address stands here: the mirror is the one that the system's apt uses.
"""

import os
import pathlib
import re
import shutil
import subprocess
import threading

NEWEST_SUITE = os.environ.get("INTEROP_SUITE", "forky")
COMPILER_PACKAGES = ("thrift-compiler", "libc6", "libgcc-s1", "libstdc++6")
"""The compiler, and what it needs to run on an older system: it is unpacked, not installed."""


class Debian:
    def __init__(self, work, run, fetch):
        """`work`: a folder of ours; `run(command, **options)`: runs a command or raises with its output; `fetch`: the same for one
        that downloads."""
        self._work = pathlib.Path(work)
        self._run = run
        self._fetch = fetch
        self._ready = False
        self._lock = threading.Lock()

    def install(self, packages):
        """Installs what is missing on this machine, all in one go."""
        missing = sorted(package for package in set(packages) if not _installed(package))
        if not missing:
            return
        print("installing", *missing, flush=True)
        root = [] if os.geteuid() == 0 else ["sudo"]
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0"]
        self._fetch([*root, "apt-get", "update", "-qq"])
        install = [*apt, "install", "--no-install-recommends", *missing]
        self._fetch([*install, "--download-only"])
        # Without a limit of time: what is cut short in the midst of it leaves packages that are half there.
        self._run(install)

    def source(self, which):
        """The unpacked sources of Thrift: `newest`, or `system` for the release that this machine's packages are made of."""
        target = self._work / f"source-{which}"
        if not (target / "configure.ac").is_file():
            download = target.with_suffix(".download")
            self._clean(download)
            suite = NEWEST_SUITE if which == "newest" else _system_archive()[1]
            # The tarball alone: the files around it are Debian's, and nothing of them is built here. apt checks its
            # sum; that a file beside it is gone from a mirror is no reason to do without.
            try:
                self._apt("source", "--download-only", "--tar-only", f"thrift/{suite}", cwd=download)
            except RuntimeError:
                if not list(download.glob("*.orig.tar.*")):
                    raise
            tarball = next(path for path in download.glob("*.orig.tar.*") if not path.name.endswith(".asc"))
            self._run(["tar", "-xf", tarball, "-C", download, "--no-same-owner"])
            unpacked = next(path for path in download.iterdir() if path.is_dir())
            self._run(["rm", "-rf", target])
            unpacked.rename(target)
        return target

    def compiler(self, which):
        """A command line that starts Apache's compiler."""
        if which == "system":
            return ["thrift"]
        target = self._work / "compiler-newest"
        if not (target / "usr/bin/thrift").is_file():
            download = target.with_suffix(".download")
            self._clean(download)
            self._apt("download", *(f"{package}/{NEWEST_SUITE}" for package in COMPILER_PACKAGES), cwd=download)
            for package in download.glob("*.deb"):
                self._run(["dpkg-deb", "-x", package, download / "root"])
            self._run(["rm", "-rf", target])
            (download / "root").rename(target)
        loader = next(path for path in sorted(target.rglob("ld-linux*")) if not path.is_symlink())
        libraries = sorted({str(path.parent) for path in target.rglob("lib*.so.*")})
        return [str(loader), "--library-path", ":".join(libraries), str(target / "usr/bin/thrift")]

    def version(self, package):
        """The upstream version of an installed package, whose files are those that it came with."""
        altered = subprocess.run(["dpkg", "--verify", package], capture_output=True, text=True).stdout.splitlines()
        altered = [line for line in altered if line[2:3] == "5" and " c " not in line]
        if altered:
            raise RuntimeError(f"{package} was overwritten since it was installed (apt-get install --reinstall {package}): {altered}")
        shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True)
        return re.sub(r"^\d+:|-[^-]*$", "", shown.stdout)

    def _clean(self, folder):
        self._run(["rm", "-rf", folder])
        folder.mkdir(parents=True)

    def _apt(self, *words, cwd):
        """One at a time: apt locks its lists."""
        with self._lock:
            self._prepare()
            self._fetch(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *words], cwd=cwd, env={"APT_CONFIG": str(self._config)})

    @property
    def _config(self):
        return self._work / "apt/apt.conf"

    def _prepare(self):
        if self._ready:
            return
        folder = self._work / "apt"
        for name in ("state/lists/partial", "cache/archives/partial", "parts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        address, suite = _system_archive()
        lines = [
            f"{kind} [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {address} {name} main"
            for name in sorted({suite, NEWEST_SUITE})
            for kind in (["deb", "deb-src"] if name == NEWEST_SUITE else ["deb-src"])
        ]
        (folder / "sources.list").write_text("\n".join(lines) + "\n")
        self._config.write_text(
            f'Dir::State "{folder}/state"; Dir::State::status "/var/lib/dpkg/status"; Dir::Cache "{folder}/cache";\n'
            f'Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "{folder}/parts";\n'
            'Acquire::Languages "none"; Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";\n'
            'Acquire::IndexTargets::deb::CNF::DefaultEnabled "false"; Acquire::Retries "3";\n'
        )
        self._fetch(["apt-get", "update", "-qq"], env={"APT_CONFIG": str(self._config)})
        self._ready = True


def _installed(package):
    """A program that is there from elsewhere, such as a newer npm, will do: Debian's would stand in its way."""
    shown = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return shown.stdout.endswith(" installed") or shutil.which(package) is not None


def _system_archive():
    """The address of the archive that this system's packages come from, and the name of its release."""
    shown = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(LABEL) $(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in shown.stdout.splitlines():
        label, _, rest = line.partition(" ")
        codename, _, address = rest.partition(" ")
        if label == "Debian" and "-" not in codename:
            return address, codename
    raise RuntimeError("this system's apt knows no Debian archive: run apt-get update")

"""What the recipes build with: folders, commands, sources, stubs, and builds that are made once."""

import concurrent.futures
import hashlib
import os
import pathlib
import subprocess
import sys
import threading
import time

from debian import Debian
from idl import stub_idl

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAUSES = (5, 20)
DOWNLOAD_WITHIN = 180
"""Seconds."""


class Kit:
    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.debian = Debian(self.work, self.run, self.fetch)
        self._locks = {}
        self._guard = threading.Lock()

    def run(self, command, cwd=None, env=None, timeout=None):
        """Runs a command; its output. A command that fails, or takes longer than `timeout` seconds, is a RuntimeError with what it
        said."""
        words = [str(word) for word in command]
        try:
            done = subprocess.run(
                words,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{' '.join(words)[:300]}: no end within {timeout} s\n{(error.stdout or b'')[-4000:]}") from None
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)[:300]}: exit code {done.returncode}\n{done.stdout[-4000:]}")
        return done.stdout

    def fetch(self, command, **options):
        """Runs a command that downloads; again where it fails, for mirrors and registries have bad minutes."""
        for pause in PAUSES:
            try:
                return self.run(command, timeout=DOWNLOAD_WITHIN, **options)
            except RuntimeError as error:
                print(f"again in {pause} s: {error}", flush=True)
                time.sleep(pause)
        return self.run(command, timeout=DOWNLOAD_WITHIN, **options)

    @property
    def python(self):
        """One that has pip: that of the other tests, or the one that runs this."""
        ours = ROOT / "target/python/bin/python"
        return ours if ours.is_file() else pathlib.Path(sys.executable)

    def run_all(self, commands):
        """Runs commands that do not wait for one another, two at a time."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(self.run, commands))

    def source(self, which):
        """The sources of Thrift: `newest` or `system`."""
        with self.lock(f"source {which}"):
            return self.debian.source(which)

    def release(self, which):
        """The release of those sources, as their build script has it."""
        text = (self.source(which) / "configure.ac").read_text()
        return text.split("AC_INIT([thrift], [")[1].split("]")[0]

    def stubs(self, language, which, uuid=True):
        """The folder with the stubs of one language (`cpp:no_skeleton`) by the compiler of one release."""
        idl = stub_idl((ROOT / "idl/conformance.thrift").read_text(), uuid=uuid and which == "newest")
        name = f"{language.partition(':')[0]}-{which}{'' if uuid else '-plain'}"

        def make(folder):
            (folder / "conformance.thrift").write_text(idl)
            with self.lock(f"compiler {which}"):
                compiler = self.debian.compiler(which)
            self.run([*compiler, "--gen", language, "-out", folder, folder / "conformance.thrift"])

        return self.build(f"stubs/{name}", [language, idl], make)

    def build(self, name, inputs, make):
        """The folder `name`, made by `make(folder)` unless it was made from the same inputs (texts, or files to read)."""
        folder = self.work / name
        stamp = folder / ".made-from"
        digest = hashlib.sha256()
        for item in inputs:
            digest.update(item.read_bytes() if isinstance(item, pathlib.Path) else str(item).encode())
            digest.update(b"\0")
        wanted = digest.hexdigest()
        with self.lock(name):
            if not stamp.is_file() or stamp.read_text() != wanted:
                self.run(["rm", "-rf", folder])
                folder.mkdir(parents=True)
                make(folder)
                stamp.write_text(wanted)
        return folder

    def lock(self, name):
        """One of its own for each name: what is made once is not made by two at a time."""
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

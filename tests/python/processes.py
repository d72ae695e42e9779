"""The programs under test as child processes: started on free ports, known to be ready by what they say."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

from stubs import ROOT

EXAMPLE = ROOT / "examples" / "flask"
READY_WITHIN = 30
"""Seconds. Only a program that never says that it is ready makes anybody wait so long."""


def farthing_binary():
    path = pathlib.Path(os.environ.get("FARTHING_BIN", "target/release/farthing"))
    path = path if path.is_absolute() else ROOT / path
    assert path.is_file(), f"{path} is missing: cargo build --release, or set FARTHING_BIN"
    return path


class Program:
    """A child process whose stderr is read line by line."""

    def __init__(self, command, cwd=None, environment=None):
        # A proxy would take THttpClient's calls elsewhere, and the settings of the example are the test's to choose.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy") and not name.startswith(("FARTHING_", "GUNICORN_"))
        }
        self._changed = threading.Condition()
        self.lines = []
        self._ended = False
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**inherited, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with self.process.stderr as stderr:
            for line in stderr:
                with self._changed:
                    self.lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def matches(self, pattern, count):
        """The first `count` matches in the lines said so far or still to come."""

        def found():
            return [match for line in self.lines if (match := re.search(pattern, line))]

        with self._changed:
            self._changed.wait_for(lambda: len(found()) >= count or self._ended, READY_WITHIN)
            matches = found()
        if len(matches) < count:
            self.kill()
            raise AssertionError(
                f"{self.process.args} did not say {pattern!r} {count} times:\n" + "\n".join(self.lines)
            )
        return matches[:count]

    def stop(self):
        """Ends it politely; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(READY_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        """Ends it and its workers at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill()


class Farthing(Program):
    """`farthing serve`. `address["cache"]` is the (host, port) of the listener given as `cache`,
    `address["unix:cache"]` the "unix:PATH" of one on a Unix socket."""

    def __init__(self, *listeners, flags=()):
        """`listeners`: "SERVICE" on a free port, or "ADDR=SERVICE"; `flags`: further ones."""
        wanted = [text if "=" in text else f"127.0.0.1:0={text}" for text in listeners]
        options = [word for text in wanted for word in ("--listen", text)]
        super().__init__([farthing_binary(), "serve", *options, *flags])
        self.address = {}
        for match in self.matches(r"listening on (\S+) \(([^)]*)\)", len(wanted)):
            where, services = match.group(1), match.group(2).replace(" ", "")
            if where.startswith("unix:"):
                self.address[f"unix:{services}"] = where
            else:
                host, _, port = where.rpartition(":")
                self.address[services] = (host, int(port))

    def url(self, services):
        host, port = self.address[services]
        return f"http://{host}:{port}/"


class Gunicorn(Program):
    """`gunicorn -w 4 MODULE:app` in examples/flask."""

    def __init__(self, module, options=(), **environment):
        command = [sys.executable, "-m", "gunicorn", "-w", "4", "-b", "127.0.0.1:0", *options, f"{module}:app"]
        super().__init__(command, cwd=EXAMPLE, environment=environment)
        self.port = int(self.matches(r"Listening at: http://127\.0\.0\.1:(\d+)", 1)[0].group(1))
        self.matches(r"Booting worker", 4)

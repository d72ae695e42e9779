"""Servers as child processes: `farthing serve`, on one TCP port and one Unix socket for everything, and an official library's."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

READY_WITHIN = 30


class Farthing:
    """`address["tcp"]` is a port, `address["unix"]` a path. TLS is told apart on the TCP port."""

    def __init__(self, binary, folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "farthing.sock"
        path.unlink(missing_ok=True)
        options = ["--listen", "127.0.0.1:0=conformance", "--listen", f"unix:{path}=conformance"]
        self.ca = None
        if "--tls-cert" in subprocess.run([binary, "serve", "--help"], capture_output=True, text=True).stdout:
            certificate, key = make_certificate(folder)
            options += ["--tls-cert", str(certificate), "--tls-key", str(key)]
            self.ca = certificate
        self.log = folder / "farthing.log"
        self._process = subprocess.Popen(
            [binary, "serve", *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self.address = {"unix": str(path)}
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(READY_WITHIN) or "tcp" not in self.address:
            self.stop()
            raise RuntimeError(f"farthing does not listen:\n{self.log.read_text()}")

    def _read(self):
        """Keeps what it says, so that its pipe never fills."""
        listening = 0
        with self.log.open("w") as log:
            for line in self._process.stderr:
                log.write(line)
                log.flush()
                if match := re.search(r"listening on (\S+)", line):
                    listening += 1
                    if port := re.fullmatch(r"127\.0\.0\.1:(\d+)", match.group(1)):
                        self.address["tcp"] = int(port.group(1))
                    if listening == 2:
                        self._ready.set()
        self._ready.set()

    @property
    def alive(self):
        return self._process.poll() is None

    def stop(self):
        """Ends it in an orderly way; its exit code."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(READY_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@dataclasses.dataclass
class OurClient:
    """farthing's client: its program, and what it speaks."""

    command: list
    spoken: set
    """(protocol, transport)"""
    folder: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path

    @classmethod
    def asked(cls, program, folder):
        said = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout
        spoken = {tuple(line.split()) for line in said.splitlines()}
        folder.mkdir(parents=True, exist_ok=True)
        return cls([str(program)], spoken, folder, folder / "server.crt", folder / "server.key")

    @staticmethod
    def protocol(name):
        """A server's C extension speaks what its plain protocol speaks."""
        return {"accel": "binary", "accelc": "compact", "multia": "multi", "multiac": "multic"}.get(name, name)

    @staticmethod
    def transport(name):
        return {"fastframed": "framed"}.get(name, name)

    def speaks(self, protocol, transport, socket):
        return (self.protocol(protocol), self.transport(transport)) in self.spoken and socket in ("tcp", "unix")


class OfficialServer:
    """A server on an official library, for one combination. It says where it listens."""

    def __init__(self, programs, cell, ours):
        protocol, transport, socket = cell
        self._folder = pathlib.Path(tempfile.mkdtemp(dir=ours.folder))
        words = [f"--protocol={protocol}", f"--transport={transport}"]
        self.address = {"unix": str(self._folder / "sock")}
        if socket == "unix":
            words.append(f"--domain-socket={self.address['unix']}")
        else:
            words += ["--host=127.0.0.1", "--port=0"]
        if socket == "tls":
            words += ["--ssl", f"--cert={ours.certificate}", f"--key={ours.key}"]
        self._log = self._folder / "log"
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*programs.server, *words],
                env={**inherited, **programs.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._last = self._log.read_text(errors="replace")
        shutil.rmtree(self._folder)

    def said(self):
        return self._last

    def wait(self, timeout):
        """Returns once it takes connections."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with exit code {self._process.returncode}")
            if match := re.search(r"^listening on (\S+)$", self._log.read_text(errors="replace"), re.M):
                if match.group(1).isdecimal():
                    self.address["tcp"] = int(match.group(1))
                if self._takes_connections():
                    return
            time.sleep(0.01)
        raise RuntimeError(f"the server does not listen within {timeout} s")

    def _takes_connections(self):
        """Some say where they will listen before they do."""
        tcp = self.address.get("tcp")
        family, where = (socket.AF_INET, ("127.0.0.1", tcp)) if tcp else (socket.AF_UNIX, self.address["unix"])
        with socket.socket(family) as probe:
            return probe.connect_ex(where) == 0


def make_certificate(folder):
    """A certificate for 127.0.0.1 and localhost that signs itself, and its key."""
    certificate, key = folder / "server.crt", folder / "server.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    command += ["-subj", "/CN=localhost", "-addext", names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key

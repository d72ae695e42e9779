"""Servers as child processes: `farthing serve`, on one TCP port and one Unix socket for everything, and an official library's."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

READY_WITHIN = 30
TCP_LISTEN = "0A"
UNIX_LISTEN = 0x10000
"""States of a socket as /proc/net has them (proc(5))."""


CERTIFICATES = """
[req]
distinguished_name = subject
prompt = no
[subject]
CN = farthing interop
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
"""


@dataclasses.dataclass
class Identity:
    """The certificate of all servers here, its key, and the authority that signed it and that clients are told to trust."""

    ca: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path

    @classmethod
    def made(cls, folder):
        """New ones for 127.0.0.1 and localhost. Two of them, for a certificate that signs itself is an authority, which strict
        clients do not take for a server's."""
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "openssl.cnf"
        config.write_text(CERTIFICATES)
        names = [folder / name for name in ("ca.crt", "ca.key", "server.crt", "server.key")]
        ca, ca_key, certificate, key = map(str, names)
        make = ["openssl", "req", "-x509", "-config", str(config), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        make += ["-nodes", "-days", "30"]
        authority = ["-extensions", "authority", "-subj", "/CN=farthing interop authority", "-keyout", ca_key, "-out", ca]
        server = ["-extensions", "server", "-CA", ca, "-CAkey", ca_key, "-keyout", key, "-out", certificate]
        for words in (authority, server):
            done = subprocess.run([*make, *words], capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"openssl makes no certificate:\n{done.stderr}")
        return cls(names[0], names[2], names[3])


class Farthing:
    """`address["tcp"]` is a port, `address["unix"]` a path. TLS is told apart on the TCP port."""

    def __init__(self, binary, folder, identity):
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = identity.ca
        self.ended_well = False
        path = folder / "farthing.sock"
        path.unlink(missing_ok=True)
        options = ["--listen", "127.0.0.1:0=conformance", "--listen", f"unix:{path}=conformance"]
        options += ["--tls-cert", str(identity.certificate), "--tls-key", str(identity.key)]
        self.log = folder / "farthing.log"
        self._process = subprocess.Popen(
            [binary, "serve", *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self.address = {"unix": str(path)}
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(READY_WITHIN) or "tcp" not in self.address:
            self._stop()
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

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends it in an orderly way, and says so if it had died before, or does not end well."""
        died = self._process.poll() is not None
        code = self._stop()
        self.ended_well = not died and code == 0
        if not self.ended_well:
            print(f"farthing {'died on the way' if died else 'was asked to stop, and ended'} with exit code {code}; its last words:")
            print("\n".join(self.log.read_text().splitlines()[-20:]))

    def _stop(self):
        if self._process.poll() is None:
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
    identity: Identity

    @classmethod
    def asked(cls, program, folder, identity):
        said = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout
        spoken = {tuple(line.split()) for line in said.splitlines()}
        folder.mkdir(parents=True, exist_ok=True)
        return cls([str(program)], spoken, folder, identity)

    @staticmethod
    def protocol(name):
        """A server's C extension speaks what its plain protocol speaks."""
        return {"accel": "binary", "accelc": "compact", "multia": "multi", "multiac": "multic"}.get(name, name)

    @staticmethod
    def transport(name):
        return {"fastframed": "framed"}.get(name, name)

    def speaks(self, protocol, transport):
        return (self.protocol(protocol), self.transport(transport)) in self.spoken


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
            words += ["--ssl", f"--cert={ours.identity.certificate}", f"--key={ours.identity.key}"]
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
        """Some say where they will listen before they do. The kernel is asked: a connection of ours might be their only one."""
        tcp = self.address.get("tcp")
        if tcp:
            tables = [pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
            sockets = (line.split() for table in tables for line in table)
            return any(words[1].endswith(f":{tcp:04X}") and words[3] == TCP_LISTEN for words in sockets)
        sockets = (line.split() for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:])
        return any(words[-1] == self.address["unix"] and int(words[3], 16) & UNIX_LISTEN for words in sockets)

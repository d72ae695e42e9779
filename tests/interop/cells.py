"""One cell of the matrix: a client run to its end, or to its time limit."""

import dataclasses
import os
import re
import signal
import subprocess
import time


@dataclasses.dataclass
class Outcome:
    library: str
    protocol: str
    transport: str
    socket: str
    passed: bool
    seconds: float
    said: str
    checks: int = 0


def arguments(protocol, transport, socket, address, ca):
    """The arguments that all clients and servers take."""
    words = [f"--protocol={protocol}", f"--transport={transport}"]
    if socket == "unix":
        return [*words, f"--domain-socket={address['unix']}"]
    words += ["--host=127.0.0.1", f"--port={address['tcp']}"]
    return [*words, "--ssl", f"--ca={ca}"] if socket == "tls" else words


def run_client(library, programs, cell, farthing, timeout):
    """Runs a client against the server. It passes if it exits with 0 and says how many checks it made, more than 20 of them."""
    command = [*programs.client, *arguments(*cell, farthing.address, farthing.ca)]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**environment, **programs.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=timeout)
        passed = process.returncode == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        said, passed = f"{said}\nno end within {timeout} s", False
    counted = re.search(r"^(\d+) checks, 0 failed$", said, re.M)
    checks = int(counted.group(1)) if counted else 0
    return Outcome(library.key, *cell, passed and checks > 20, time.monotonic() - begun, said.strip(), checks)

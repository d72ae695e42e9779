"""One cell of a matrix: a client run to its end, or to its time limit."""

import dataclasses
import os
import re
import signal
import subprocess
import time

from served import OfficialServer


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
    """Runs a library's client against farthing."""
    command = [*programs.client, *arguments(*cell, farthing.address, farthing.ca), *library.left_out(cell)]
    begun = time.monotonic()
    passed, checks, said = run_to_the_end(command, programs.env, timeout)
    return Outcome(library.key, *cell, passed, time.monotonic() - begun, said, checks)


def run_server(library, programs, cell, ours, timeout):
    """Runs farthing's client against a library's server, which lives for this cell only."""
    begun = time.monotonic()
    with OfficialServer(programs, cell, ours) as server:
        try:
            server.wait(timeout)
            spoken = (ours.protocol(cell[0]), ours.transport(cell[1]), cell[2])
            command = [*ours.command, *arguments(*spoken, server.address, ours.identity.ca), *library.left_out(cell, served=True)]
            passed, checks, said = run_to_the_end(command, {}, timeout)
        except RuntimeError as error:
            passed, checks, said = False, 0, str(error)
    if not passed:
        said = f"{said}\nthe server said: {server.said()[-600:]}"
    return Outcome(library.key, *cell, passed, time.monotonic() - begun, said, checks)


def environment(added):
    """Ours without proxies, and what a program wants."""
    return {**{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}, **added}


def run_to_the_end(command, env, timeout):
    """Runs a client; whether it passed, its number of checks, its output. It passes if it exits with 0 and has made more than 20."""
    process = subprocess.Popen(
        command,
        env=environment(env),
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
    return passed and checks > 20, checks, said.strip()

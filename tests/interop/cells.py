"""Cells of a matrix: a client run to its end, or to its time limit."""

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


def run_clients(library, programs, cells, farthing, timeout):
    """Runs a library's client against farthing, in one process for all cells. Where that does not go well, each cell gets a process
    of its own, so that it is known which it was."""
    calls = [[*arguments(*cell, farthing.address, farthing.ca), *library.left_out(cell)] for cell in cells]
    outcomes, said = run_together(library, programs, cells, calls, timeout)
    if len(cells) > 1 and not outcomes[0].passed:
        together = said
        outcomes = [
            run_together(library, programs, [cell], [call], timeout)[0][0] for cell, call in zip(cells, calls, strict=True)
        ]
        if all(outcome.passed for outcome in outcomes):
            outcomes[0].passed, outcomes[0].said = False, f"it passes alone, and not together with others: {together}"
    return outcomes


def run_together(library, programs, cells, calls, timeout):
    """One process for some cells: outcomes that are all good or all bad, and what it said."""
    begun = time.monotonic()
    command = [*programs.client, *[word for call in calls for word in ("--", *call)][1:]]
    passed, checks, said = run_to_the_end(command, programs.env, timeout + 5 * len(cells), len(cells))
    seconds = (time.monotonic() - begun) / len(cells)
    checks = checks if passed else [0] * len(cells)
    return [Outcome(library.key, *cell, passed, seconds, said, count) for cell, count in zip(cells, checks, strict=True)], said


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
            passed, checks, said = False, [], str(error)
    if not passed:
        said = f"{said}\nthe server said: {server.said()[-600:]}"
    return Outcome(library.key, *cell, passed, time.monotonic() - begun, said, sum(checks))


def environment(added):
    """Ours without proxies, and what a program wants."""
    return {**{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}, **added}


def run_to_the_end(command, env, timeout, cells=1):
    """Runs a client; whether it passed, its number of checks for each cell, its output. It passes if it exits with 0 and has made more
    than 20 for each."""
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
    checks = [int(count) for count in re.findall(r"^(\d+) checks, 0 failed$", said, re.M)]
    return passed and len(checks) == cells and min(checks) > 20, checks, said.strip()

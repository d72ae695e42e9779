"""Runs servers on one core under the load of `farthing bench` on another, in turns, and reads what each call cost."""

import json
import os
import pathlib
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass, field

import wrk

SERVER_CORE, LOAD_CORE = "0", "1"
START_SECONDS = 10
RUN_SECONDS_MAX = 60
CALIBRATION_SECONDS = 0.3
CALLS_MIN = 20
"""Calls on each connection in a round, at least: opening it is to be a small part."""
SMALL_CALLS_MIN = 10_000
"""Calls in a round: a clock that goes in steps of 10 ms is to be good for 1 µs."""


@dataclass(frozen=True)
class Workload:
    """What is called, how, and how often at once."""

    call: str
    transport: str
    connections: int
    pipeline: int
    size: int = 1024
    connect_per_call: bool = False
    by_wrk: bool = False

    @property
    def name(self):
        size = "" if self.call == "add" else f" {self.size >> 10} KiB" if self.size < 1 << 20 else f" {self.size >> 20} MiB"
        load = f"{self.connections} × {self.pipeline}"
        special = ", a connection each" if self.connect_per_call else ", by wrk" if self.by_wrk else ""
        return f"{self.transport} {self.call}{size}, {load}{special}"

    def options(self):
        words = ["--workload", self.call, "--size", self.size, "--connections", self.connections]
        # One key: what the bare loop answers with is a constant.
        words += ["--keys", 1, "--warmup", 0, "--timeout", "20s", "--json"]
        words += ["--connect-per-call"] if self.connect_per_call else ["--pipeline", self.pipeline]
        return words + (["--transport", self.transport] if self.transport != "http" else [])


@dataclass(frozen=True)
class Server:
    """A program to be measured: `command(port, transport)` starts it; `transports` are those that it offers."""

    name: str
    version: str
    transports: tuple
    command: object
    env: dict = field(default_factory=dict)
    workloads: object = lambda workload: True
    cores: str = SERVER_CORE

    def takes(self, workload):
        return workload.transport in self.transports and self.workloads(workload)


@dataclass
class Run:
    """One round of one server; `invalid` says why it does not count."""

    cpu_us: float
    rate: float
    p50_us: float
    p99_us: float
    invalid: str = ""


class Started:
    """A server that runs, pinned to its core."""

    def __init__(self, server, transport, port, log):
        self.server, self.port = server, port
        command = ["taskset", "-c", server.cores, *map(str, server.command(port, transport))]
        env = {**os.environ, **server.env}
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f"{server.name} did not start: see target/peers/{pathlib.Path(log.name).name}") from None
                time.sleep(0.05)

    def cpu_ns(self):
        """Run time of the threads that are alive. Threads that end take theirs along: the process' own clock has it, in ticks."""
        alive = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                alive += int((task / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
        ticks = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return alive, (int(ticks[11]) + int(ticks[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def bench(generator, workload, port, extra):
    address = f"http://127.0.0.1:{port}/" if workload.transport == "http" else f"127.0.0.1:{port}"
    words = ["taskset", "-c", LOAD_CORE, generator, "bench", address, *workload.options(), *extra]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False)
    try:
        return json.loads(done.stdout)["rounds"][0]
    except (ValueError, KeyError, IndexError):
        raise RuntimeError(f"the generator said: {done.stderr.strip()[-300:]}") from None


def once(generator, workload, started, calls, seconds):
    """`calls` calls, and what the server took for them, from before the first connection until after the last answer."""
    before = started.cpu_ns()
    if workload.by_wrk:
        result = wrk.run(LOAD_CORE, workload, started.port, seconds)
    else:
        result = bench(generator, workload, started.port, ["--requests", calls])
    after = started.cpu_ns()
    # A server with a thread for each connection has lost the threads of this round, and with them their run time.
    lost = after[0] - before[0] < 0.9 * (after[1] - before[1])
    cpu = (after[1] - before[1]) if lost else (after[0] - before[0])
    invalid = ""
    if result["failed"] or result["errors"]:
        invalid = f"{result['failed']} calls failed: {', '.join(result['errors'])}"
    elif result["calls"] < calls:
        invalid = f"{result['calls']} of {calls} calls were answered"
    elif not result["generator"]["kept_up"] and result["generator"]["lag_us"] is not None:
        invalid = f"the generator was late: {result['generator']['remark']}"
    latency = result["latency"]
    return Run(cpu / 1000 / max(result["calls"], 1), result["calls_per_second"], latency["p50_us"], latency["p99_us"], invalid)


def calls_of_a_round(generator, workload, port, seconds):
    """As many as the server answers in about that time."""
    calm = bench(generator, workload, port, ["--duration", f"{int(CALIBRATION_SECONDS * 1000)}ms"])
    least = max(CALLS_MIN * workload.connections, SMALL_CALLS_MIN if workload.size <= 1024 else 0)
    return max(int(calm["calls_per_second"] * seconds), least)


def measure(generator, workload, servers, rounds, seconds, first_port, folder):
    """All servers that take a workload, A B C … A B C …: the runs of each by its name, or why there are none."""
    started, calls, runs = [], {}, {}
    try:
        for index, server in enumerate(server for server in servers if server.takes(workload)):
            with open(pathlib.Path(folder) / f"{server.name.replace(' ', '-')}.log", "w") as log:
                try:
                    one = Started(server, workload.transport, first_port + index, log)
                    started.append(one)
                    calls[server.name] = 1 if workload.by_wrk else calls_of_a_round(generator, workload, one.port, seconds)
                    runs[server.name] = []
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    runs[server.name] = str(error)
        for _ in range(rounds):
            for one in started:
                name = one.server.name
                if name not in calls or isinstance(runs[name], str):
                    continue
                try:
                    runs[name].append(once(generator, workload, one, calls[name], seconds))
                except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                    runs[name] = f"the run ended: {error}"
    finally:
        for one in started:
            one.stop()
    return runs


@dataclass
class Result:
    """The medians of the rounds that count, with the least and the most of the figure that is compared."""

    cpu_us: float
    cpu_min: float
    cpu_max: float
    rate: float
    p50_us: float
    p99_us: float
    rounds: int
    invalid: list


def result(runs):
    """None where no round counts."""
    good = [run for run in runs if not run.invalid]
    if not good:
        return None
    cpu = [run.cpu_us for run in good]
    median = statistics.median
    rate, p50, p99 = (median(getattr(run, name) for run in good) for name in ("rate", "p50_us", "p99_us"))
    return Result(median(cpu), min(cpu), max(cpu), rate, p50, p99, len(good), [run.invalid for run in runs if run.invalid])

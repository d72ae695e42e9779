"""Load by wrk: a generator that is not ours, for HTTP alone. It counts answers and looks at nothing but their status."""

import pathlib
import re
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parent / "http/add.lua"
UNITS = {"us": 1, "ms": 1000, "s": 1_000_000}


def run(core, workload, port, seconds):
    """What `farthing bench --json` says of a round, as far as wrk can tell."""
    threads = ["--threads", 1, "--connections", workload.connections, "--duration", f"{max(1, round(seconds))}s", "--timeout", "20s"]
    words = ["taskset", "-c", core, "wrk", *threads, "--latency", "--script", SCRIPT, f"http://127.0.0.1:{port}/", "--", workload.pipeline]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False)
    total = re.search(r"(\d+) requests in", done.stdout)
    if done.returncode or not total:
        raise RuntimeError(f"wrk said: {(done.stderr or done.stdout).strip()[-300:]}")
    failed = re.findall(r"(?:Non-2xx or 3xx responses: (\d+))|(?:Socket errors: (.*))", done.stdout)
    percentile = {name: float(value) * UNITS[unit] for name, value, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", done.stdout)}
    return {
        "calls": int(total.group(1)),
        "failed": len(failed),
        "errors": ["".join(one) for one in failed],
        "calls_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1)),
        "latency": {"p50_us": percentile["50"], "p99_us": percentile["99"]},
        "generator": {"kept_up": True, "lag_us": None},
    }

"""What a call costs over each transport, connecting for every call and with pooled connections.

    python measure.py [--url http://127.0.0.1:9090/] [--calls 300] [--rounds 31]

One thread calls Calculator.add through the code that the pages use. The rounds of the transports alternate, so that a
disturbance of the machine hits all of them; each figure is the median of its rounds. Flask and gunicorn take no part.
"""

import argparse
import statistics
import sys
import time

from backends import Backend, BackendError
from gen.calculator import Calculator

CONFIGURATIONS = [
    ("http", "every call", {"transport": "http"}),
    ("http-keepalive", "every call", {"transport": "http-keepalive", "pool_size": 0}),
    ("http-keepalive", "pooled", {"transport": "http-keepalive"}),
    ("buffered", "every call", {"transport": "buffered", "pool_size": 0}),
    ("buffered", "pooled", {"transport": "buffered"}),
    ("framed", "every call", {"transport": "framed", "pool_size": 0}),
    ("framed", "pooled", {"transport": "framed"}),
]
"""(transport, when it connects, options of Backend)"""


def measure(backend, calls):
    """(calls per second, p50, p99) of one round; times in microseconds."""
    times = []
    started = time.perf_counter()
    for number in range(calls):
        before = time.perf_counter()
        result = backend.call("add", number, -1)
        times.append(time.perf_counter() - before)
        if result != number - 1:
            raise SystemExit(f"{number} + -1 = {result}: this is no Calculator")
    elapsed = time.perf_counter() - started
    times.sort()
    return calls / elapsed, percentile(times, 0.50), percentile(times, 0.99)


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e6


def main():
    options = arguments()
    backends = [Backend(Calculator.Client, options.url, timeout=10, **chosen) for _, _, chosen in CONFIGURATIONS]
    rounds = [[] for _ in CONFIGURATIONS]
    try:
        for backend in backends:
            measure(backend, max(1, options.calls // 10))
        for _ in range(options.rounds):
            for backend, results in zip(backends, rounds):
                results.append(measure(backend, options.calls))
    except BackendError as error:
        print(error, file=sys.stderr)
        return 1
    print("| transport | connects | calls/s | p50 µs | p99 µs |")
    print("|---|---|---:|---:|---:|")
    for (transport, connects, _), results in zip(CONFIGURATIONS, rounds):
        rate, p50, p99 = (statistics.median(column) for column in zip(*results))
        print(f"| {transport} | {connects} | {rate:,.0f} | {p50:,.0f} | {p99:,.0f} |")
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:9090/", help="the Calculator (default: %(default)s)")
    parser.add_argument("--calls", type=int, default=300, help="calls in each round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=31, help="rounds for each transport (default: %(default)s)")
    options = parser.parse_args()
    if options.calls < 1 or options.rounds < 1:
        parser.error("--calls and --rounds must be at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())

"""Apache's official libraries against one farthing: builds a client for each, runs all combinations, prints the matrix.

    tests/run interop                         everything; writes docs/INTEROP.md
    tests/run interop --language cpp --protocol json --keep-going
"""

import argparse
import concurrent.futures
import importlib
import os
import pathlib
import sys
import time

import report
from cells import run_client
from kit import HERE, ROOT, Kit
from served import Farthing

TIMEOUT = 30
"""Seconds for one client; it normally takes less than one."""


def libraries():
    names = sorted(path.stem for path in (HERE / "recipes").glob("*.py"))
    return [library for name in names for library in importlib.import_module(f"recipes.{name}").LIBRARIES]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for axis in ("language", "protocol", "transport", "socket"):
        parser.add_argument(f"--{axis}", action="append", help="only these; repeat it for several")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="what would be run")
    return parser.parse_args()


def build(chosen, kit, jobs):
    """The programs of each library; what could not be built, with the reason."""
    kit.debian.install({"openssl", "thrift-compiler", "binutils", *(package for library in chosen for package in library.packages)})
    programs, broken = {}, {}

    def one(library):
        begun = time.monotonic()
        try:
            programs[library.key] = library.build(kit)
            state = "built"
        except Exception as error:
            broken[library.key] = f"{type(error).__name__}: {error}"
            state = f"NOT BUILT: {broken[library.key]}"
        print(f"{library.key:12} {time.monotonic() - begun:5.1f} s  {state}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, chosen))
    return programs, broken


def run_cells(chosen, programs, options, farthing):
    """All outcomes by (library, protocol, transport, socket)."""
    wanted = [getattr(options, axis) for axis in ("protocol", "transport", "socket")]
    work = [
        (library, cell)
        for library in chosen
        if library.key in programs
        for cell in library.cells()
        if all(not names or value in names for names, value in zip(wanted, cell, strict=True))
        and (cell[2] != "tls" or farthing.ca)
    ]
    outcomes = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = [pool.submit(run_client, library, programs[library.key], cell, farthing, TIMEOUT) for library, cell in work]
        for future in concurrent.futures.as_completed(running):
            outcome = future.result()
            cell = (outcome.protocol, outcome.transport, outcome.socket)
            outcomes[outcome.library, *cell] = outcome
            if not outcome.passed:
                last = outcome.said.splitlines()[-6:]
                print(f"FAIL {outcome.library} {' '.join(cell)} ({outcome.seconds:.1f} s)", *last, sep="\n     ", flush=True)
    return outcomes


def main():
    options = parse()
    chosen = [library for library in libraries() if not options.language or library.key in options.language]
    if options.list:
        for library in chosen:
            print(f"{library.key:12} {len(library.cells()):4} combinations")
        return 0
    work = ROOT / "target/interop"
    binary = pathlib.Path(os.environ.get("FARTHING_BIN", ROOT / "target/release/farthing")).resolve()
    if not binary.is_file():
        sys.exit(f"{binary} is missing: cargo build --release, or set FARTHING_BIN")
    begun = time.monotonic()
    programs, broken = build(chosen, Kit(work), options.jobs)
    built = time.monotonic()
    farthing = Farthing(binary, work / "run")
    try:
        outcomes = run_cells(chosen, programs, options, farthing)
        died = not farthing.alive
    finally:
        code = farthing.stop()
    versions = {key: program.version for key, program in programs.items()}
    print(report.aligned(report.table(chosen, versions, outcomes)))
    failed = sum(not outcome.passed for outcome in outcomes.values())
    passed = len(outcomes) - failed
    for key, why in broken.items():
        print(f"NOT BUILT {key}: {why}")
    if died or code:
        print(f"farthing {'died on the way' if died else 'stopped'} with exit code {code}: see {farthing.log}")
    if not farthing.ca:
        print("TLS was left out: this farthing has no --tls-cert")
    if not any((options.language, options.protocol, options.transport, options.socket)):
        (ROOT / "docs").mkdir(exist_ok=True)
        (ROOT / "docs/INTEROP.md").write_text(report.markdown(chosen, versions, outcomes, (passed, failed)))
    checks = sum(outcome.checks for outcome in outcomes.values())
    print(f"built in {built - begun:.0f} s, run in {time.monotonic() - built:.0f} s; {checks} checks in {len(outcomes)} combinations")
    print(f"{passed} passed, {failed + len(broken)} failed")
    return 1 if failed or broken or died or code or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())

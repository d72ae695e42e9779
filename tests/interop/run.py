"""Apache's official libraries against farthing, both ways: builds a client and a server for each, runs all combinations, prints two
matrices.

    tests/run interop                         everything; writes docs/INTEROP.md
    tests/run interop --language cpp --protocol json
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import importlib
import os
import pathlib
import sys
import tempfile
import time

import report
from cells import run_clients, run_server
from kit import HERE, ROOT, Kit
from library import packages_of
from served import Farthing, Identity, OurClient

TIMEOUT = 30
"""Seconds for one client; it normally takes less than one."""
AXES = ("protocol", "transport", "socket")


@dataclasses.dataclass
class Direction:
    """Who calls whom: what is to be run, as a library and cells that go together, and what came out, by (library, protocol, transport,
    socket)."""

    title: str
    work: list
    run: object
    outcomes: dict = dataclasses.field(default_factory=dict)


def libraries():
    names = sorted(path.stem for path in (HERE / "recipes").glob("*.py"))
    return [library for name in names for library in importlib.import_module(f"recipes.{name}").LIBRARIES]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for axis in ("language", *AXES):
        parser.add_argument(f"--{axis}", action="append", help="only these; repeat it for several")
    parser.add_argument("--direction", choices=["clients", "servers"], help="only their clients, or only their servers")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="how much is built and run at a time")
    parser.add_argument("--list", action="store_true", help="what would be run")
    return parser.parse_args()


def build(chosen, kit, jobs):
    """The programs of each library; what could not be built, with the reason."""
    kit.debian.install(packages_of(chosen))
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
        list(pool.map(one, sorted(chosen, key=lambda library: -library.effort)))
    return programs, broken


def run_cells(direction, jobs):
    """Runs all cells of one direction and keeps what came out. One more than there are cores: most wait for a while."""
    with concurrent.futures.ThreadPoolExecutor(jobs + 1) as pool:
        running = [pool.submit(direction.run, library, cells) for library, cells in direction.work]
        expected = sum(len(cells) for _, cells in direction.work)
        ended = (outcome for future in concurrent.futures.as_completed(running) for outcome in future.result())
        for done, outcome in enumerate(ended, 1):
            cell = (outcome.protocol, outcome.transport, outcome.socket)
            direction.outcomes[outcome.library, *cell] = outcome
            if done % 200 == 0 or done == expected:
                print(f"{direction.title}: {done} of {expected} combinations", flush=True)
            if not outcome.passed:
                lines = outcome.said.splitlines()
                telling = [line[:240] for line in [*[line for line in lines if line.startswith("FAIL")][:2], *lines[-3:]]]
                print(f"FAIL {direction.title}: {outcome.library} {' '.join(cell)} ({outcome.seconds:.1f} s)", *telling, sep="\n     ", flush=True)


def wanted(options, cell):
    named = [getattr(options, axis) for axis in AXES]
    return all(not names or value in names for names, value in zip(named, cell, strict=True))


def directions(options, chosen, programs, farthing, ours):
    """Their clients against farthing, and farthing's client against their servers."""
    built = [library for library in chosen if library.key in programs]
    calling = [
        (library, cells)
        for library in built
        for cells in batches([cell for cell in library.cells() if wanted(options, cell)], library.at_once)
    ]
    called = [
        (library, [cell])
        for library in built
        if programs[library.key].server
        for cell in library.cells(served=True)
        if wanted(options, cell) and ours.speaks(*cell[:2])
    ]
    return [
        Direction("clients", calling, lambda library, cells: run_clients(library, programs[library.key], cells, farthing, TIMEOUT)),
        Direction("servers", called, lambda library, cells: [run_server(library, programs[library.key], cells[0], ours, TIMEOUT)]),
    ]


def batches(cells, size):
    return [cells[start : start + size] for start in range(0, len(cells), size)]


def program(variable, default, command):
    """A program of farthing's, from the environment or where cargo puts it."""
    path = pathlib.Path(os.environ.get(variable, pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / default)).resolve()
    if not path.is_file():
        sys.exit(f"{path} is missing: {command}, or set {variable}")
    return path


def summarize(page, both, broken, options):
    """Prints what came out, and writes the page of a whole run that is good; whether it is."""
    print(page.terminal())
    outcomes = [outcome for direction in both for outcome in direction.outcomes.values()]
    spent = collections.Counter()
    for outcome in outcomes:
        spent[outcome.library] += outcome.seconds
    print("\nseconds in the cells of each:", ", ".join(f"{key} {seconds:.0f}" for key, seconds in spent.most_common()))
    for key, why in broken.items():
        print(f"NOT BUILT {key}: {why}")
    failed = sum(not outcome.passed for outcome in outcomes)
    checks = sum(outcome.checks for outcome in outcomes)
    print(f"{checks} checks in {len(outcomes)} combinations: {len(outcomes) - failed} passed, {failed} failed; {len(broken)} libraries not built")
    good = bool(outcomes) and not failed and not broken
    if good and not any(getattr(options, axis) for axis in ("language", "direction", *AXES)):
        (ROOT / "docs/INTEROP.md").write_text(page.markdown())
    return good


def main():
    options = parse()
    chosen = [library for library in libraries() if not options.language or library.key in options.language]
    if options.list:
        for library in chosen:
            print(f"{library.key:12} {len(library.cells()):4} combinations of its client, {len(library.cells(served=True)):4} of its server")
        return 0
    binary = program("FARTHING_BIN", "debug/farthing", "cargo build --bin farthing")
    caller = program("INTEROP_CLIENT", "debug/examples/interop-client", "cargo build --example interop-client")
    begun = time.monotonic()
    programs, broken = build(chosen, Kit(ROOT / "target/interop"), options.jobs)
    built = time.monotonic()
    # Where temporary files are, paths are short enough for Unix sockets.
    with tempfile.TemporaryDirectory(prefix="farthing-interop-") as name:
        folder = pathlib.Path(name)
        identity = Identity.made(folder)
        ours = OurClient.asked(caller, folder, identity)
        with Farthing(binary, folder, identity) as farthing:
            both = [each for each in directions(options, chosen, programs, farthing, ours) if options.direction in (None, each.title)]
            for direction in both:
                run_cells(direction, options.jobs)
        good = farthing.ended_well
    versions = {key: program.version for key, program in programs.items()}
    good = summarize(report.Page(chosen, versions, both, ours), both, broken, options) and good
    print(f"built in {built - begun:.0f} s, run in {time.monotonic() - built:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

"""The runner of the interop matrix without any library: what it takes for a failure."""

import pathlib
import sys
import types

import pytest
from folders import importing

INTEROP = pathlib.Path(__file__).resolve().parents[2] / "tests/interop"
MODULES = ("cells", "debian", "idl", "kit", "library", "recipes", "report", "run", "served")


with importing(INTEROP, MODULES):
    import cells as CELLS
    import library as LIBRARY
    import run as RUN

    LIBRARIES = RUN.libraries()



def end_of(code, timeout=20, cells=1):
    return CELLS.run_to_the_end([sys.executable, "-c", code], {}, timeout, cells)


def test_a_client_passes_that_made_its_checks():
    assert end_of("print('21 checks, 0 failed')") == (True, [21], "21 checks, 0 failed")


def test_a_client_of_two_combinations_passes_both_or_none():
    both = "print('21 checks, 0 failed\\n30 checks, 0 failed')"
    assert end_of(both, cells=2)[:2] == (True, [21, 30])
    assert not end_of(both, cells=3)[0]
    assert not end_of("print('21 checks, 0 failed\\n9 checks, 0 failed')", cells=2)[0]


def test_combinations_that_fail_together_are_told_apart_and_never_forgiven():
    """The client of this library fails at `json`, or where it has more than one combination to do."""
    for refused, wanted in (("json", [True, True, False]), ("--", [False, True, True])):
        code = f"import sys; words = ' '.join(sys.argv[1:]); ' {refused} ' in words.replace('=', ' ') and sys.exit('no'); print('30 checks, 0 failed\\n' * 3)"
        code = code.replace("' * 3", "' * (1 + sys.argv.count('--'))")
        programs = LIBRARY.Programs([sys.executable, "-c", code], None, "1")
        library = LIBRARY.Library(name="One", key="one", origin="", protocols=(), transports=(), sockets=(), build=None)
        cells = [(protocol, "framed", "unix") for protocol in ("binary", "compact", "json")]
        farthing = types.SimpleNamespace(address={"unix": "/nowhere"}, ca=None)
        assert [outcome.passed for outcome in CELLS.run_clients(library, programs, cells, farthing, 20)] == wanted


@pytest.mark.parametrize(
    "code",
    [
        "print('3 checks, 0 failed')",
        "print('30 checks, 1 failed')",
        "print('30 checks, 0 failed'); raise SystemExit(1)",
        "print('fine')",
        "import os; print('30 checks, 0 failed', flush=True); os.abort()",
    ],
    ids=["few checks", "a failed check", "exit code", "no count", "a crash"],
)
def test_a_client_fails_that_did_not(code):
    assert not end_of(code)[0]


def test_a_client_that_hangs_is_cut_with_all_that_it_started_and_fails():
    child = "import subprocess, sys; print('30 checks, 0 failed', flush=True); subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    passed, _, said = end_of(child, timeout=0.5)
    assert not passed
    assert "no end within 0.5 s" in said


def test_a_library_that_cannot_be_built_is_a_failure():
    class Kit:
        class debian:
            def install(packages):
                pass

    def broken(kit):
        raise RuntimeError("there is no such package")

    common = {"origin": "", "protocols": (), "transports": (), "sockets": ()}
    one = LIBRARY.Library(name="One", key="one", build=broken, **common)
    programs, failed = RUN.build([one], Kit, 1)
    assert programs == {}
    assert "there is no such package" in failed["one"]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.key)
def test_whatever_a_library_does_not_offer_has_its_reason(library):
    for served in (False, True):
        for protocol in LIBRARY.PROTOCOLS:
            for transport in LIBRARY.TRANSPORTS:
                for socket in LIBRARY.SOCKETS:
                    assert library.reason(protocol, transport, socket, served=served) != ""

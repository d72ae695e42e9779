"""The generated clients, made by Apache's compiler from idl/ when this module is imported.

`cache_bare` is the Cache as an IDL without a `throws` clause describes it.
"""

import atexit
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def compile_idl(source, target):
    """Writes the Python stubs of one .thrift file into a directory."""
    compiler = shutil.which("thrift")
    assert compiler, "Apache's compiler is missing (Debian: apt install thrift-compiler)"
    subprocess.run([compiler, "--gen", "py", "-out", str(target), str(source)], check=True, capture_output=True)


def _generate():
    target = pathlib.Path(tempfile.mkdtemp(prefix="farthing-stubs-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    for service in ("calculator", "cache", "bench"):
        compile_idl(ROOT / "idl" / f"{service}.thrift", target)
    text = (ROOT / "idl" / "cache.thrift").read_text()
    bare = text.replace("namespace py cache", "namespace py cache_bare").replace(" throws (1: KeyNotFound missing)", "")
    assert "throws" not in bare and "cache_bare" in bare
    (target / "cache_bare.thrift").write_text(bare)
    compile_idl(target / "cache_bare.thrift", target)
    sys.path.insert(0, str(target))


_generate()

from bench import Bench  # noqa: E402
from bench import ttypes as bench_types  # noqa: E402
from cache import Cache  # noqa: E402
from cache.ttypes import KeyNotFound  # noqa: E402
from cache_bare import Cache as CacheBare  # noqa: E402
from calculator import Calculator  # noqa: E402

__all__ = ["Bench", "Cache", "CacheBare", "Calculator", "KeyNotFound", "ROOT", "bench_types", "compile_idl"]

"""The stubs that are checked in for the example are what Apache's compiler makes of idl/ today."""

import subprocess

from processes import EXAMPLE


def python_files(root):
    return {path.relative_to(root): path.read_text() for path in root.rglob("*.py")}


def test_checked_in_stubs_match_the_compiler(tmp_path):
    subprocess.run([EXAMPLE / "generate", tmp_path], check=True, capture_output=True)
    fresh = python_files(tmp_path)
    assert fresh, "the compiler wrote nothing"
    assert python_files(EXAMPLE / "gen") == fresh, "run examples/flask/generate"

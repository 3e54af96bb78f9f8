"""The cases of the folder ``cases``: what a command writes, byte for byte, by expectations written by hand."""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.command import run

CASES = sorted(path.parent for path in Path(__file__).with_name("cases").glob("*/cmd"))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_command_writes_what_its_case_expects(case, tmp_path):
    """Standard output, standard error, the status, and the files that it leaves: those expected and no other."""
    given = [path for path in case.iterdir() if path.name != "cmd" and not path.name.startswith("expected_")]
    for path in given:
        shutil.copy(path, tmp_path)
    program, *words = shlex.split((case / "cmd").read_text())
    assert program == "actcli"
    stdin = (tmp_path / "stdin").read_bytes() if (tmp_path / "stdin").exists() else b""
    status, out, error = run(*words, stdin=stdin, cwd=tmp_path)
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    expected = {path.name: path.read_bytes() for path in given}
    expected |= {path.name.removeprefix("expected_"): path.read_bytes() for path in case.glob("expected_*")}
    found = {"stdout": out, "stderr": error, "status": b"%d\n" % status} | left
    assert found == expected


def test_there_are_many_cases_and_a_quarter_must_fail():
    """A folder without a command or a status would be no case."""
    folders = [path for path in CASES[0].parent.iterdir() if path.is_dir()]
    assert len(folders) == len(CASES) >= 120
    failing = [case for case in CASES if int((case / "expected_status").read_text())]
    assert len(failing) >= len(CASES) / 4

"""Run the installed command as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

ACTCLI = str(Path(sys.executable).with_name("actcli"))
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED", "COLUMNS", "LINES"}
}


def actcli(*words: str, stdin: str | bytes = b"", **options: object) -> subprocess.CompletedProcess[str]:
    """Return exit status, standard output and standard error of one run; neither is a terminal."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    options = {"env": ENVIRONMENT, "timeout": 60} | options
    run = subprocess.run([ACTCLI, *words], input=data, capture_output=True, **options)
    return subprocess.CompletedProcess(run.args, run.returncode, run.stdout.decode(), run.stderr.decode())


def output(*words: str, stdin: str | bytes = b"", **options: object) -> str:
    """Return the standard output of a run that succeeds and says nothing on standard error."""
    run = actcli(*words, stdin=stdin, **options)
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    return run.stdout


def complaint(*words: str, stdin: str | bytes = b"", status: int = 2, **options: object) -> str:
    """Return the one line on standard error of a run that fails with that status and writes no data."""
    run = actcli(*words, stdin=stdin, **options)
    assert run.returncode == status, (run.returncode, run.stderr)
    assert run.stdout == ""
    assert run.stderr.startswith("actcli: ")
    assert run.stderr.count("\n") == 1, run.stderr
    return run.stderr.removeprefix("actcli: ").removesuffix("\n")

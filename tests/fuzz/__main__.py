"""Feed the program random files and random command lines: ``python -m tests.fuzz --files 600000 --arguments 400000``.

Prints how many were tried and the peak of memory, and every input that ended in another way than with an answer or a
line of ours. The same seed gives the same inputs. Exit status 1 if there was one.
"""

import argparse
import io
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

from actcli.cli.app import run
from actcli.cli.commands import evaluate
from actcli.cli.messages import one_line
from actcli.errors import ActcliError
from tests.fuzz import inputs

MEMORY = 4 * 2**30  # bytes of address space: an input that wants more is a finding


def ending(options: list[str] | inputs.Call, data: bytes) -> str | None:
    """Return what is wrong with the end of a run, or None for an answer or actcli's own line."""
    os.ftruncate(0, 0)
    os.pwrite(0, data, 0)
    os.lseek(0, 0, os.SEEK_SET)
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(out):
            # Making a command for Typer takes longer than answering; options are what the command lines are for.
            status = run(options) if isinstance(options, list) else evaluate._evaluate(*options[:2], dict(options[2]))
    except ActcliError as error:
        message = one_line(str(error))
        return None if message and len(message.splitlines()) == 1 else f"not one line: {message!r}"
    except KeyboardInterrupt:
        raise
    except BaseException:
        return traceback.format_exc(limit=-4)
    return None if status in (0, 1, None) else f"status {status}"


def fuzz(files: int, arguments: int, seed: int) -> int:
    """Try that many inputs of each kind in a folder of their own; return how many ended badly."""
    findings, start, said = 0, time.monotonic(), set()
    tried = {"files": files, "command lines": arguments}
    for kind, count in tried.items():
        random = Random(f"{seed} {kind}")
        for i in range(count):
            files_first = kind == "files"
            words = inputs.reading(random) if files_first else inputs.arguments(random)
            data = inputs.file(random) if files_first else b"a,b\n1,-2\n"
            if i % 1000 == 0:
                _tidy()
            if found := ending(words, data):
                findings += 1
                place = [line for line in found.splitlines() if "actcli" in line][-1:] or [found[:40]]
                if str(place) not in said:
                    said.add(str(place))
                    print(f"{kind} {i}: {words} {data[:2000]!r}\n{found}", file=sys.__stdout__, flush=True)
            if i % 50000 == 49999:
                print(f"{kind}: {i + 1:,} after {time.monotonic() - start:.0f} s", file=sys.__stdout__, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{files:,} files and {arguments:,} command lines: {findings} findings, peak {peak:.0f} MB")
    return findings


def _tidy() -> None:
    """Empty the folder, but for a small table."""
    for path in Path().iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    Path("x.csv").write_text("a,b\n1,-2\n")


def main() -> int:
    """Read the command line and fuzz."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--files", type=int, default=600_000)
    parser.add_argument("--arguments", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as standard_input:
        deep = Path(folder, "a", "b", "c")  # where ../.. leads nowhere
        deep.mkdir(parents=True)
        os.chdir(deep)
        os.dup2(standard_input.fileno(), 0)
        try:
            return 1 if fuzz(asked.files, asked.arguments, asked.seed) else 0
        finally:
            os.chdir("/")


if __name__ == "__main__":
    sys.exit(main())

"""Run the installed command as a user runs it, or, many times as fast, a fork of a process that has imported it."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.reduction import DupFd
from pathlib import Path

ACTCLI = str(Path(sys.executable).with_name("actcli"))
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED", "COLUMNS", "LINES"}
}

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        "tests.command",
        "typer.rich_utils",
        "rich.console",
        "rich.table",
        "actcli.cli.app",
        "actcli.cli.commands.evaluate",
        "actcli.cli.views.tables",
        "actcli.cli.progress",
        "actcli.formats.arrow.parquet",
        "actcli.formats.arrow.reader",
        "actcli.formats.arrow.writer",
        "actcli.formats.csv.reader",
        "actcli.storage.source",
        "actcli.formats.text",
    ]
)


def shell(command: str, folder: Path, environment: Mapping[str, str] = ENVIRONMENT) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell that finds the command; standard error goes where standard output goes."""
    return subprocess.run(
        ["bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={**environment, "PATH": f"{Path(ACTCLI).parent}{os.pathsep}{os.environ['PATH']}"},
    )


def actcli(
    *words: str,
    stdin: str | bytes = b"",
    env: dict[str, str] = ENVIRONMENT,
    cwd: str | Path = ".",
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Return exit status, standard output and standard error of one run; neither is a terminal."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    status, out, error = run(*words, stdin=data, env=env, cwd=cwd, timeout=timeout)
    return subprocess.CompletedProcess(words, status, out.decode(), error.decode())


def run(
    *words: str, stdin: bytes = b"", env: dict[str, str] = ENVIRONMENT, cwd: str | Path = ".", timeout: float = 60
) -> tuple[int, bytes, bytes]:
    """Return exit status, standard output and standard error, as bytes.

    The process is a fork of one that has imported the program and done nothing else: it has its own pipes, folder and
    environment, and takes a hundredth of the time of a start.
    """
    pipes = [os.pipe() for _ in range(3)]
    reference, actual = zip(*((ends[i > 0], ends[i == 0]) for i, ends in enumerate(pipes)), strict=True)
    child = SERVER.Process(target=_child, args=(words, [DupFd(end) for end in reference], env, os.path.abspath(cwd)))
    child.start()
    for end in reference:
        os.close(end)
    with ThreadPoolExecutor(3) as threads:
        threads.submit(_feed, actual[0], stdin)
        out, error = (threads.submit(_drain, end) for end in actual[1:])
        child.join(timeout)
        if child.exitcode is None:
            child.kill()
            raise TimeoutError(f"actcli {' '.join(words)} takes more than {timeout} s")
    return child.exitcode, out.result(), error.result()


def _feed(end: int, data: bytes) -> None:
    try:
        with open(end, "wb") as pipe:
            pipe.write(data)
    except BrokenPipeError:
        pass


def _drain(end: int) -> bytes:
    with open(end, "rb") as pipe:
        return pipe.read()


def _child(words: list[str], ends: list[DupFd], env: dict[str, str], cwd: str) -> None:
    """Become the command, up to its end."""
    for number, end in enumerate(ends):
        descriptor = end.detach()
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["actcli", *words]
    sys.stdin, sys.stdout = (os.fdopen(i, "rw"[i], encoding="utf-8") for i in range(2))
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace")
    from actcli.__main__ import main

    main()


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

"""Measure files and pipes: wall time and peak memory, side by side with what a user would run instead.

Run: python tests/benchmarks/data.py [--folder DIR] [--rows MILLIONS ...] [--rounds N]
Makes its data (normal(0, 4), six decimals) in the folder, then runs each job with every tool in turn, round after
round; the best round counts, and ratios are to actcli. The function is relu, which all of them can express. What is
not installed is left out. Run it with the Python of an environment that holds actcli installed from its wheel.
actcli syncs a file to the disk before it takes its name; so does the second of the copies, and none of the other tools.
"""

import argparse
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

ACTCLI = str(Path(sys.executable).with_name("actcli"))
# Each takes the input's name and the output's; - and /dev/stdout stand for the pipes.
POLARS = """
import sys, polars as pl
source, target = sys.argv[1:]
parquet = source.endswith(".parquet")
frame = pl.scan_parquet(source) if parquet else pl.scan_csv(sys.stdin.buffer if source == "-" else source)
frame = frame.with_columns(pl.col("^z.*$").clip(0).name.suffix("_relu"))
frame.sink_parquet(target) if parquet else frame.sink_csv(sys.stdout.buffer if source == "-" else target)
"""
DUCKDB = r"""
import sys, duckdb
source, target = (name.replace("-", "/dev/stdin") if name == "-" else name for name in sys.argv[1:])
form = "(format parquet)" if source.endswith(".parquet") else "(header)"
read = f"read_parquet('{source}')" if source.endswith(".parquet") else f"read_csv('{source}')"
duckdb.sql(f"copy (select *, greatest(columns('(z.*)'), 0) as '\\1_relu' from {read}) to '{target}' {form}")
"""
PANDAS = """
import sys, pandas
source, target = sys.argv[1:]
frame = pandas.read_csv(sys.stdin if source == "-" else source)
for name in [name for name in frame if name.startswith("z")]:
    frame[name + "_relu"] = frame[name].clip(0)
frame.to_csv(target, index=False)
"""
MILLER = 'map new = {}; for (k, v in $*) { if (k =~ "^z") { new[k."_relu"] = v > 0 ? v : 0 } } $* = mapsum($*, new)'
MAWK = """
NR == 1 { n = split($0, name, ","); line = $0
          for (i = 1; i <= n; i++) if (name[i] ~ /^z/) line = line "," name[i] "_relu"; print line; next }
{ line = $0; for (i = 1; i <= n; i++) if (name[i] ~ /^z/) line = line "," ($i > 0 ? $i : 0); print line }
"""


class Measured(NamedTuple):
    """One run of a tool."""

    seconds: float
    megabytes: float


def tools() -> dict[str, list[str]]:
    """Return what can be run here on separated values: words to which the input and the output are added."""
    found = {"actcli": [ACTCLI]}
    for package, code in (("polars", POLARS), ("duckdb", DUCKDB), ("pandas", PANDAS)):
        try:
            found[f"{package} {importlib.metadata.version(package)}"] = [sys.executable, "-c", code]
        except importlib.metadata.PackageNotFoundError:
            continue
    if shutil.which("mlr"):
        version = subprocess.run(["mlr", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
        found[f"Miller {version}"] = ["mlr", "--icsv", "--ocsv", "put", MILLER]
    if shutil.which("mawk"):
        found["mawk"] = ["mawk", "-F,", MAWK]
    return found


def run(tool: str, words: list[str], source: Path, target: Path, *, pipe: bool) -> Measured:
    """Run one tool from file to file, or from a pipe to a pipe."""
    if tool == "actcli":
        words = [*words, "relu", *(["-c", "z*"] if source.suffix != ".npy" else [])]
        words += [] if pipe else [str(source), "--output", str(target)]
    elif words[0] not in ("mlr", "mawk"):
        words = [*words, *(("-", "/dev/stdout") if pipe else (str(source), str(target)))]
    start = time.perf_counter()
    if pipe:
        line = subprocess.Popen(["cat", source], stdout=subprocess.PIPE)
        child = subprocess.Popen(words, stdin=line.stdout, stdout=subprocess.PIPE)
        with target.open("wb") as out:
            sink = subprocess.Popen(["cat"], stdin=child.stdout, stdout=out)
        child.stdout.close()  # type: ignore[union-attr]
        line.stdout.close()  # type: ignore[union-attr]
    else:
        with source.open("rb") as data, target.open("wb") as out:
            child = subprocess.Popen(words, stdin=data, stdout=out)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    for process in (line, sink) if pipe else ():
        process.wait()
    seconds = time.perf_counter() - start
    if child.returncode:
        raise SystemExit(f"{tool} failed on {source}")
    return Measured(seconds, usage.ru_maxrss / 1024)


def made(make: Callable[..., Path], *words: object) -> Path:
    """Make data in a process of its own: the memory of this one would count as that of the tools it starts."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(make, *words).result()


def separated(path: Path, rows: int, columns: int) -> Path:
    """Make a table of normal numbers, beside an id and a label if there are several columns."""
    names = ["z"] if columns == 1 else ["id", "label", *(f"z{i}" for i in range(1, columns + 1))]
    generator = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join(names) + "\n")
        for first in range(0, rows, 1_000_000):
            count = min(1_000_000, rows - first)
            numbers = [list(map("{:.6f}".format, generator.normal(0, 4, count))) for _ in range(columns)]
            if columns > 1:
                numbers = [list(map(str, range(first, first + count))), ["red", "green"] * (count // 2), *numbers]
            file.writelines(",".join(row) + "\n" for row in zip(*numbers, strict=True))
    return path


def table(path: Path, rows: int) -> Path:
    """Make a table of normal numbers in Parquet, beside an id."""
    import polars

    numbers = np.random.default_rng(0).normal(0, 4, rows)
    polars.DataFrame({"id": np.arange(rows), "z": numbers}).write_parquet(path)
    return path


def array(path: Path, rows: int) -> Path:
    """Make an array of normal numbers in float32."""
    np.save(path, np.random.default_rng(0).standard_normal(rows, np.float32) * 4)
    return path


COPIES = {"cp": ["cp"], "cp and sync": ["sh", "-c", 'cp "$0" "$1" && sync "$1"']}


def compare(title: str, source: Path, known: dict[str, list[str]], rounds: int, *, pipe: bool = False) -> None:
    """Print the rows of one job."""
    best: dict[str, Measured] = {}
    target = source.with_name("out" + source.suffix)
    for _ in range(rounds):
        for tool, words in known.items():
            measured = run(tool, words, source, target, pipe=pipe)
            target.unlink()
            best[tool] = min(best.get(tool, measured), measured)
    for tool, measured in best.items():
        ratio = best["actcli"].seconds / measured.seconds
        print(f"| {title} | {tool} | {measured.seconds:.2f} | {measured.megabytes:.0f} | {ratio:.2f} |", flush=True)


def main() -> None:
    """Read the command line, make the data and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the data are made (default: a temporary folder)")
    parser.add_argument(
        "--rows", type=float, nargs="+", default=[5, 50], help="millions of rows, or of numbers of an array"
    )
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    known = tools()
    print("| job | tool | seconds | peak MB | actcli / tool |")
    print("| --- | --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for millions in given.rows:
            source = made(separated, Path(folder, f"{millions:g}.csv"), int(millions * 1e6), 1)
            # The slow ones would take minutes, and say no more than with fewer rows.
            some = {tool: words for tool, words in known.items() if millions <= 10 or tool[0] in "apd"}
            for pipe in (False, True):
                kind = "pipe to pipe" if pipe else "file to file"
                compare(f"{millions:g} million rows, {kind}", source, some, given.rounds, pipe=pipe)
            source.unlink()
            source = made(table, Path(folder, f"{millions:g}.parquet"), int(millions * 1e6))
            engines = {tool: words for tool, words in known.items() if tool[:6] in ("actcli", "polars", "duckdb")}
            compare(f"{millions:g} million rows, Parquet to Parquet", source, engines, given.rounds)
            source.unlink()
            source = made(array, Path(folder, f"{millions:g}.npy"), int(millions * 1e6))
            copies = {"actcli": known["actcli"], **COPIES}
            compare(f"{millions:g} million numbers, npy to npy", source, copies, given.rounds)
            source.unlink()
        compare(
            "1 million rows, 6 columns", made(separated, Path(folder, "six.csv"), 1_000_000, 6), known, given.rounds
        )


if __name__ == "__main__":
    main()

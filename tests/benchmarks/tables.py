"""Measure tables with types: wall time, processor time and peak memory of relu from file to file.

Run: python tests/benchmarks/tables.py [--folder DIR] [--rounds N] [--kinds parquet arrow] [ACTCLI ...]
Makes its tables in the folder, by pyarrow and as it writes them unasked but for record batches of 2**17 rows, then runs
each command named, or the one beside this Python, in turn on each table, round after round; the best round counts.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

ACTCLI = str(Path(sys.executable).with_name("actcli"))
BATCH_ROWS = 2**17


class Measured(NamedTuple):
    """One run."""

    seconds: float
    processor_seconds: float
    megabytes: float


def table(path: Path, rows: int, columns: int) -> None:
    """Make a table of one column of normal numbers, or of six: an id, two of text, three of numbers."""
    import pyarrow as pa
    import pyarrow.parquet

    generator = np.random.default_rng(0)
    numbers = {f"z{i}": pa.array(generator.normal(0, 4, rows)) for i in range(1, 2 if columns == 1 else 4)}
    if columns > 1:
        texts = {
            "label": ["red", "green", "blue", "yellow"] * (rows // 4),
            "name": [f"image_{i:08}.png" for i in range(rows)],
        }
        numbers = {"id": pa.array(np.arange(rows)), **{name: pa.array(text) for name, text in texts.items()}, **numbers}
    made = pa.table(numbers)
    if path.suffix == ".parquet":
        pa.parquet.write_table(made, path)
    else:
        with pa.ipc.new_file(path, made.schema) as writer:
            writer.write_table(made, max_chunksize=BATCH_ROWS)


def run(command: str, source: Path, target: Path) -> Measured:
    """Run a command from file to file."""
    start = time.perf_counter()
    child = subprocess.Popen([command, "relu", source, "--columns", "z*", "--output", target])
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} failed on {source}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    """Read the command line, make the tables and print what each command takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", nargs="*", default=[ACTCLI], metavar="ACTCLI")
    parser.add_argument("--folder", type=Path, help="where the tables are made (default: a temporary folder)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", default=["parquet", "arrow"])
    given = parser.parse_args()
    print("| table | command | seconds | processor seconds | peak MB |")
    print("| --- | --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for rows, columns in ((50_000_000, 1), (5_000_000, 6)):
            for kind in given.kinds:
                source, target = Path(folder, f"x.{kind}"), Path(folder, f"y.{kind}")
                with ProcessPoolExecutor(1) as pool:  # the memory of this process would count as that of its children
                    pool.submit(table, source, rows, columns).result()
                best: dict[str, Measured] = {}
                for _ in range(given.rounds):
                    for command in given.commands:
                        measured = run(command, source, target)
                        target.unlink()
                        pairs = zip(measured, best.get(command, measured), strict=True)
                        best[command] = Measured(*map(min, pairs))
                source.unlink()
                for command, measured in best.items():
                    figures = f"{measured.seconds:.2f} | {measured.processor_seconds:.2f} | {measured.megabytes:.0f}"
                    print(f"| {rows / 1e6:g} M x {columns} .{kind} | {command} | {figures} |", flush=True)


if __name__ == "__main__":
    main()

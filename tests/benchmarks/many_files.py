"""Measure many files in one run: wall time and peak memory beside polars, small files, and a plan of millions.

Run: python tests/benchmarks/many_files.py [--folder DIR] [--rounds N] [--shards N] [--small N] [--entries N] [JOB ...]
Jobs: csv and parquet (shards of 100,000 rows: in one process, in two, and by polars' glob into one file), small (files
of two rows; what syncing takes is measured apart), tensors (bfloat16 in safetensors beside float16 in npy), plan (files
that do not exist: planning, recording, reading the record). The best round counts; memory is the most that any process
of a run held. Needs the extras parquet and cluster. actcli syncs and hashes what it writes; polars does neither.
"""

import argparse
import hashlib
import os
import resource
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
ROWS, COLUMNS = 100_000, 4
NUMBERS = 210_000_000
POLARS = """
import sys, polars as pl
pattern, target = sys.argv[1:]
scan = pl.scan_parquet if target.endswith(".parquet") else pl.scan_csv
frame = scan(pattern).with_columns(pl.col("^z.*$").clip(0).name.suffix("_relu"))
frame.sink_parquet(target) if target.endswith(".parquet") else frame.sink_csv(target)
"""


class Measured(NamedTuple):
    """One run of a tool."""

    seconds: float
    megabytes: float


def run(words: list[str], folder: Path) -> Measured:
    """Run a tool to its end, with nothing there from an earlier run."""
    for path in folder.glob("out*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    os.sync()
    start = time.perf_counter()
    child = subprocess.Popen(words, cwd=folder, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if child.returncode:
        raise SystemExit(f"{' '.join(words)} failed")
    return Measured(seconds, usage.ru_maxrss / 1024)


def compare(folder: Path, rounds: int, tools: dict[str, list[str]]) -> None:
    """Run each tool in turn, round after round, and print the best of each with its ratio to the first."""
    found: dict[str, list[Measured]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, words in tools.items():
            found[name].append(run(words, folder))
    best = {name: min(runs) for name, runs in found.items()}
    first = next(iter(best.values())).seconds
    for name, (seconds, megabytes) in best.items():
        print(f"  {name:34} {seconds:8.2f} s {seconds / first:6.2f} {megabytes:8.0f} MB", flush=True)


def make_shards(folder: Path, count: int, ending: str) -> None:
    """Make tables of normal numbers."""
    import polars

    generator = np.random.default_rng(0)
    for i in range(count):
        numbers = {f"z{k}": generator.normal(0, 4, ROWS) for k in range(COLUMNS)}
        frame = polars.DataFrame(numbers)
        if ending == "csv":
            frame.write_csv(folder / f"{i:04}.csv", float_precision=6)
        else:
            frame.write_parquet(folder / f"{i:04}.parquet")


def measure_shards(folder: Path, given: argparse.Namespace, ending: str) -> None:
    """Measure large tables."""
    acts = folder / ending
    acts.mkdir()
    made(make_shards, acts, given.shards, ending)
    size = sum(path.stat().st_size for path in acts.iterdir())
    print(f"{given.shards} {ending} shards of {ROWS:,} rows, {size / 1e6:,.0f} MB")
    actcli = [ACTCLI, "relu", str(acts), "-c", "z*", "--output-dir", "out"]
    polars = [sys.executable, "-c", POLARS, f"{acts}/*.{ending}", f"out.{ending}"]
    tools = {"polars, into one file": polars, "actcli": actcli, "actcli --jobs 2": [*actcli, "--jobs", "2"]}
    compare(folder, given.rounds, tools)
    run(actcli, folder)
    print(f"  of it hashing {measure_hashing(folder / 'out'):.2f} s, syncing {measure_syncing(folder / 'out'):.2f} s")
    shutil.rmtree(acts)


def measure_hashing(folder: Path) -> float:
    """Return how long it takes to hash the results."""
    start = time.perf_counter()
    for path in folder.iterdir():
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
    return time.perf_counter() - start


def measure_syncing(folder: Path) -> float:
    """Return how long it takes to sync as many files of the same sizes as the results, without the writing."""
    seconds = 0.0
    for path in list(folder.iterdir()):
        data = path.read_bytes()
        with (folder / "copy").open("wb") as file:
            file.write(data)
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            seconds += time.perf_counter() - start
    return seconds


def make_small(folder: Path, count: int) -> None:
    """Make files of two rows."""
    for i in range(count):
        (folder / f"{i:06}.csv").write_text(f"a,b\n1,{i}\n-3,4\n")


def measure_small(folder: Path, given: argparse.Namespace) -> None:
    """Measure what each file costs, however small."""
    acts = folder / "small"
    acts.mkdir()
    made(make_small, acts, given.small)
    print(f"{given.small:,} files of two rows")
    words = [ACTCLI, "gelu", str(acts), "--output-dir", "out"]
    start = run([ACTCLI, "gelu", str(acts / "000000.csv"), "--output-dir", "out"], folder).seconds
    for name, more in {"actcli": [], "actcli --jobs 2": ["--jobs", "2"]}.items():
        seconds, megabytes = run(words + more, folder)
        each = (seconds - start) / given.small * 1e3
        print(f"  {name:34} {seconds:8.2f} s, {each:.2f} ms a file, {megabytes:.0f} MB", flush=True)
    syncing = measure_syncing(folder / "out") / given.small * 1e3
    print(f"  of it syncing {syncing:.2f} ms a file")
    shutil.rmtree(acts)


def make_tensors(folder: Path) -> None:
    """Make the same numbers as bfloat16 and as float16."""
    import ml_dtypes
    from safetensors.numpy import save_file

    numbers = np.random.default_rng(0).standard_normal(NUMBERS, np.float32) * 4
    np.save(folder / "x.npy", numbers.astype(np.float16))
    save_file({"x": numbers.astype(ml_dtypes.bfloat16)}, folder / "x.safetensors")


def measure_tensors(folder: Path, given: argparse.Namespace) -> None:
    """Measure an array of many numbers."""
    made(make_tensors, folder)
    print(f"{NUMBERS:,} numbers")
    npy, tensors = ([ACTCLI, "gelu", f"x.{kind}", "-o", f"out.{kind}"] for kind in ("npy", "safetensors"))
    tools = {"npy, float16": [*npy, "--dtype", "float16"], "safetensors, bfloat16": [*tensors, "--dtype", "bfloat16"]}
    compare(folder, given.rounds, tools)


def measure_plan(folder: Path, given: argparse.Namespace) -> None:
    """Measure a plan and a record of files that do not exist."""
    from actcli.pipeline.many_files.find import Found
    from actcli.pipeline.many_files.plan import make_plan
    from actcli.pipeline.many_files.record import Entry, open_record

    count = given.entries
    print(f"{count:,} files that do not exist")
    output = str(folder / "out")
    names = [f"{folder}/acts/layer={i % 96}/{i // 96:07}.npy" for i in range(count)]
    _report("names", 0.0, count)
    start = time.perf_counter()
    steps = make_plan([Found(names, f"{folder}/acts")], output, None)
    _report("planning", time.perf_counter() - start, count)
    start = time.perf_counter()
    with open_record(output, resume=False) as record:
        for step in steps:
            made_up = {
                "source_size": 2**20,
                "source_mtime_ns": 1,
                "target_size": 2**20,
                "sha256": "0" * 64,
                "rows": 1000,
            }
            record.add(Entry(key="0" * 16, source=step.source, target=step.target, **made_up))
    _report("recording", time.perf_counter() - start, count)
    del record
    start = time.perf_counter()
    with open_record(output, resume=True) as record:
        _report("reading the record", time.perf_counter() - start, count)
    print(f"  record {Path(record.path).stat().st_size / 1e6:,.0f} MB")


def _report(what: str, seconds: float, count: int) -> None:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {what:34} {seconds:8.2f} s, {seconds / count * 1e6:6.2f} us each, {megabytes:,.0f} MB so far", flush=True)


def made(make: Callable[..., None], *words: object) -> None:
    """Make data in a process of its own: the memory of this one would count as that of the tools it starts."""
    with ProcessPoolExecutor(1) as pool:
        pool.submit(make, *words).result()


def main() -> None:
    """Run the script."""
    jobs: dict[str, Callable[[Path, argparse.Namespace], None]] = {
        "csv": lambda folder, given: measure_shards(folder, given, "csv"),
        "parquet": lambda folder, given: measure_shards(folder, given, "parquet"),
        "small": measure_small,
        "tensors": measure_tensors,
        "plan": measure_plan,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"default: {' '.join(jobs)}")
    parser.add_argument("--folder", help="where to make the data; default: the system's folder for temporary files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shards", type=int, default=200)
    parser.add_argument("--small", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=10_000_000)
    given = parser.parse_args()
    for name in given.jobs or jobs:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            jobs[name](Path(folder), given)


if __name__ == "__main__":
    main()

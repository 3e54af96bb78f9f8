"""Damage Parquet and Arrow at random places: ``python -m tests.fuzz.tables --files 20000``.

Prints how many were tried, how many of these were read in spite of the damage, and every one that ended in another way
than with an answer or actcli's own line: what is wrong with the process, such as an abort, is found too. The same seed
gives the same files. Exit status 1 if there was such a file.
"""

import argparse
import faulthandler
import os
import resource
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random
from typing import Any

from actcli.api import prepare
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats.arrow.ipc import ArrowFileWriter, ArrowStreamWriter
from actcli.formats.arrow.parquet import ParquetWriter
from actcli.formats.arrow.reader import ArrowReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions, Writer
from actcli.storage.source import Source
from tests import typed_tables
from tests.in_memory import written

MEMORY = 3 * 2**30  # bytes of address space
SECONDS = 60  # for one file
EXTREMES = [0, 1, -1, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 255, 65536]


def seeds() -> list[bytes]:
    """Return whole files of many shapes."""
    both = typed_tables.table(typed_tables.columns())
    every = typed_tables.table(typed_tables.columns() | typed_tables.only_in_arrow())
    few = both.select(["z", "text", "small_index", "list", "uint64"])
    long = few.take([0, 1, 2, 3] * 500)
    made = [typed_tables.stored(table, how) for how in ("arrow", "arrows") for table in (every, few)]
    made += [typed_tables.stored(long, how, 700, compression="lz4") for how in ("arrow", "arrows")]
    made += [typed_tables.stored(both, "parquet"), typed_tables.stored(few, "parquet", compression="none")]
    made += [typed_tables.stored(long, "parquet", 700, data_page_version="2.0", write_page_index=True)]
    made += [typed_tables.stored(few, "parquet", use_dictionary=False, store_schema=False, compression="gzip")]
    return made


def damaged(whole: bytes, random: Random) -> bytes:
    """Return a file with one to four damages, most of them near its ends, where the lengths and types stand."""
    data = bytearray(whole)
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        if len(data) < 100:
            break
        place = random.randrange(min(len(data), random.choice([64, 600, 4000, len(data)])))
        place = random.choice([place, len(data) - 1 - place])
        kind = random.randrange(6)
        if kind == 0:
            data[place] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[place] = random.randrange(256)
        elif kind == 2:
            width = random.choice([4, 8])
            number = random.choice(EXTREMES) % 2 ** (8 * width)
            data[place : place + width] = number.to_bytes(width, "little")
        elif kind == 3:
            other, length = random.randrange(len(data)), random.randrange(1, 64)
            data[place : place + length] = data[other : other + length]
        elif kind == 4:
            del data[place : place + random.randrange(1, 64)]
        else:
            del data[place:]
    return bytes(data)


def ending(path: str, writer: Writer[Any]) -> str | None:
    """Return what is wrong with the end of a run, an empty text for an answer, or None for actcli's own line."""
    try:
        reader = ArrowReader(Source(path), ReadOptions())
        written(Job(prepare("relu", {}, "float32")), reader.batches(), writer)
    except ActcliError as error:
        return None if len(str(error).splitlines()) == 1 else f"not one line: {error}"
    except BaseException:
        return traceback.format_exc(limit=-4)
    return ""


def work(first: int, count: int, seed: int) -> None:
    """Try files in a folder of their own, and note each by its number before it is tried."""
    whole, writers = seeds(), [ParquetWriter(), ArrowFileWriter(), ArrowStreamWriter(), CsvWriter(WriteOptions())]
    read = 0
    for number in range(first, count):
        random = Random(f"{seed} {number}")
        Path("number").write_text(f"{number} {read}")
        Path("x").write_bytes(damaged(random.choice(whole), random))
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        found = ending("x", random.choice(writers))
        faulthandler.cancel_dump_traceback_later()
        read += found == ""
        if found:
            print(f"file {number}: {found}", flush=True)
    Path("number").write_text(f"{count} {read}")


def main() -> int:
    """Start the work, and start it anew behind a file that ended it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.tables")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        work(given.first, given.files, given.seed)
        return 0
    findings, read, first = 0, 0, given.first
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        while first < given.files:
            words = [sys.executable, "-m", "tests.fuzz.tables", "--work", "--first", str(first)]
            words += ["--files", str(given.files), "--seed", str(given.seed)]
            paths = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
            environment = os.environ | {"PYTHONPATH": paths}
            run = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
            number, some = map(int, Path(folder, "number").read_text().split())
            findings += run.stdout.count("\nfile ") + run.stdout.startswith("file ")
            if run.returncode or run.stderr:
                findings += 1
                print(f"file {number}: status {run.returncode}\n{run.stderr[-3000:]}")
            print(run.stdout, end="", flush=True)
            first, read = number + 1 if run.returncode else given.files, read + some
    print(f"{given.files - given.first:,} damaged files, {read:,} of them read: {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

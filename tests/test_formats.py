"""The formats of files: compressed, named by ending or option, and converted into each other."""

import gzip
import os
import subprocess

import pytest

from actcli.storage import compression
from actcli.storage.output import Output
from tests.command import ACTCLI, actcli, complaint, output

CSV = "id,x\np,-1\nq,2.50\n"
RELU = "id,x,x_relu\np,-1,0.0\nq,2.50,2.5\n"
COMPRESS = {".gz": gzip.compress, ".zst": lambda data: compression.zstandard().compress(data)}
DECOMPRESS = {".gz": gzip.decompress, ".zst": lambda data: compression.zstandard().decompress(data)}


def run(*words: str, stdin: bytes = b"", **options: object) -> bytes:
    """Return the bytes on standard output of a run that succeeds."""
    found = subprocess.run([ACTCLI, *words], input=stdin, capture_output=True, timeout=60, **options)
    assert (found.returncode, found.stderr) == (0, b""), found.stderr
    return found.stdout


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_input_is_recognised_by_its_first_bytes(ending, tmp_path):
    """As a file of any name and on standard input; the ending before the compression's names the format."""
    data = COMPRESS[ending](CSV.encode())
    for name in (f"x.csv{ending}", "x.csv", "x.odd"):
        (tmp_path / name).write_bytes(data)
        assert output("relu", name, cwd=tmp_path) == RELU
    assert output("relu", stdin=data) == RELU
    assert output("relu", stdin=data + COMPRESS[ending](b"r,3\n")) == RELU + "r,3,3.0\n"
    (tmp_path / f"x.TSV{ending.upper()}").write_bytes(COMPRESS[ending](CSV.replace(",", "\t").encode()))
    assert output("relu", f"x.TSV{ending.upper()}", cwd=tmp_path) == RELU.replace(",", "\t")
    assert "is empty" in complaint("relu", stdin=COMPRESS[ending](b""))


@pytest.mark.parametrize(("ending", "kind"), [(".gz", "gzip"), (".zst", "Zstandard")])
def test_damaged_compressed_input_is_named(ending, kind, tmp_path):
    """Cut short, or with rubbish in the middle or at its end; the output stays as it was."""
    whole = COMPRESS[ending]((CSV + "r,1.25\n" * 1000).encode())
    (tmp_path / "old.csv").write_text("precious\n")
    for cut in (5, 12, len(whole) - 1):
        (tmp_path / f"x{ending}").write_bytes(whole[:cut])
        found = complaint("relu", f"x{ending}", "-o", "old.csv", cwd=tmp_path)
        assert found == f"x{ending} ends in the middle of its {kind} data"
    for damaged in (whole[:4] + b"\xff" * 8 + whole[12:], whole + b"rubbish that is no member"):
        run = actcli("relu", "-o", "old.csv", stdin=damaged, cwd=tmp_path)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith(f"actcli: standard input is damaged {kind} data: ")
    assert (tmp_path / "old.csv").read_text() == "precious\n"


@pytest.mark.parametrize("ending", COMPRESS)
def test_output_is_compressed_if_its_ending_says_so(ending, tmp_path):
    """In the format of the ending before it, or the one asked for; the same bytes at any time, none on failure."""
    words = ["relu", "-", "--output"]
    output(*words, f"x.csv{ending}", stdin=CSV, cwd=tmp_path)
    output(*words, f"y.csv{ending}", stdin=CSV, cwd=tmp_path)
    output(*words, f"x.json{ending}", stdin=CSV, cwd=tmp_path)
    output(*words, f"x.out{ending}", "--format", "tsv", stdin=CSV, cwd=tmp_path)
    found = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    assert len(found) == 4
    assert found[f"x.csv{ending}"] == found[f"y.csv{ending}"]
    texts = {name: DECOMPRESS[ending](data).decode() for name, data in found.items()}
    assert texts[f"x.csv{ending}"] == RELU
    assert texts[f"x.json{ending}"] == output("relu", "--format", "json", stdin=CSV)
    assert texts[f"x.out{ending}"] == RELU.replace(",", "\t")
    assert "row 2" in complaint(*words, f"x.csv{ending}", "-c", "id", stdin=CSV, cwd=tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == found
    assert f"the ending of 'x{ending}' names no format" in complaint(*words, f"x{ending}", stdin=CSV)


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_output_does_not_depend_on_its_pieces(ending, tmp_path):
    """However the rows come; a gzip file holds no time."""
    text = "".join(f"{i},{i * i}\n" for i in range(30000)).encode()
    found = set()
    for size in (1000, 77777, len(text)):
        with Output(str(tmp_path / f"x.csv{ending}")).opened() as out:
            for start in range(0, len(text), size):
                out.buffer.write(text[start : start + size])
                out.buffer.flush()
        found.add((tmp_path / f"x.csv{ending}").read_bytes())
    (data,) = found
    assert DECOMPRESS[ending](data) == text
    assert ending != ".gz" or data[4:8] == bytes(4)
